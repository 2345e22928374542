import type { Logger } from '@mq/remoting'
import { ConsumeQueue } from '../src/consume-queue/consume-queue.js'
import { consumeQueueUnitSize } from '../src/consume-queue/consume-queue-unit.js'
import type { DispatchRequest } from '../src/dispatch/dispatch-request.js'
import { FileHandleCache } from '../src/file-system/file-handle-cache.js'
import type { FileSystem } from '../src/file-system/file-system.js'

/** Units in a file of {@link queueOn}. */
export const unitsPerFile = 5

export const queueDirectory = '/store/consumequeue/T/0'

/** A queue with files of 5 units. */
export function queueOn(fileSystem: FileSystem, logger?: Logger): ConsumeQueue {
  return new ConsumeQueue({
    topic: 'T',
    queueId: 0,
    fileSystem,
    handles: new FileHandleCache({ fileSystem, maxOpenFiles: 2 }),
    directory: queueDirectory,
    fileSize: unitsPerFile * consumeQueueUnitSize,
    ...(logger === undefined ? {} : { logger }),
  })
}

/** The queue as the next process finds it, not knowing how the last one ended. */
export async function reopened(fileSystem: FileSystem): Promise<ConsumeQueue> {
  const queue = queueOn(fileSystem)
  await queue.load()
  await queue.recover({ isLastExitOk: false })
  return queue
}

/** Record n of a log in which every record has 100 bytes, as the message n of its queue unless said otherwise. */
export function request(n: number, overrides: Partial<DispatchRequest> = {}): DispatchRequest {
  return {
    topic: 'T',
    queueId: 0,
    commitLogOffset: n * 100,
    msgSize: 100,
    tagsCode: n,
    storeTimestamp: 1000 + n,
    consumeQueueOffset: n,
    keys: '',
    uniqKey: undefined,
    sysFlag: 0,
    preparedTransactionOffset: 0,
    properties: new Map(),
    ...overrides,
  }
}

/** Physical offsets of all units from the minimum on; `blank` for blanks, `none` where nothing is. */
export async function contentOf(queue: ConsumeQueue): Promise<readonly (number | 'blank' | 'none')[]> {
  const content: (number | 'blank' | 'none')[] = []
  for (let index = queue.minOffsetInQueue; index < queue.maxOffsetInQueue; index++) {
    const unit = await queue.readUnit(index)
    if (unit === undefined) content.push('none')
    else content.push(unit.msgSize === 0x7fffffff ? 'blank' : unit.commitLogOffset)
  }
  return content
}

/** A logger that keeps its error messages. */
export function recordingLogger(): Logger & { readonly errors: string[] } {
  const errors: string[] = []
  return { errors, debug() {}, info() {}, warn() {}, error: (message) => errors.push(message) }
}

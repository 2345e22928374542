import type { StoreCheckpoint } from './checkpoint/store-checkpoint.js'
import type { CommitLog } from './commit-log/commit-log.js'
import type { ConsumeQueueStore } from './consume-queue/consume-queue-store.js'
import type { ReputMessageService } from './dispatch/reput-message-service.js'
import type { IndexService } from './index-file/index-service.js'
import type { StoreEnvironment } from './message-store-options.js'
import type { AbortFile } from './recovery/abort-file.js'
import type { RunningFlags } from './running-flags.js'

/** The parts of a store that are shut down. */
export interface ShutdownParts {
  readonly environment: StoreEnvironment
  readonly commitLog: CommitLog
  readonly reputMessageService: ReputMessageService
  readonly consumeQueueStore: ConsumeQueueStore
  readonly indexService: IndexService
  readonly checkpoint: StoreCheckpoint
  readonly abortFile: AbortFile
  readonly runningFlags: RunningFlags
}

/**
 * Makes everything durable in the order log, dispatch, consume queues, index, checkpoint, and closes the files.
 *
 * `abort` is removed only if all of it succeeded and nothing is left to dispatch; otherwise the next start recovers. Every part is closed
 * even if one before it failed. Java: DefaultMessageStore#shutdown.
 * @throws the first failure that was not reported before.
 */
export async function shutdownStore(parts: ShutdownParts): Promise<void> {
  const { commitLog, reputMessageService, consumeQueueStore, indexService, checkpoint, runningFlags } = parts
  const hadFailed = !runningFlags.isConsumeQueueWriteable
  const failures: unknown[] = []
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (cause) {
      failures.push(cause)
      parts.environment.logger.error(`closing the store: ${name} failed`, { cause })
    }
  }
  let behindBytes = 0
  await step('the commit log', () => commitLog.shutdown())
  await step('dispatch', async () => {
    behindBytes = await reputMessageService.close()
  })
  await step('the consume queues', () => consumeQueueStore.close())
  await step('the index', () => indexService.close())
  await step('the checkpoint', () => checkpoint.close())
  await step('the commit-log files', () => commitLog.close())
  const isClean = failures.length === 0 && behindBytes === 0 && runningFlags.isWriteable
  if (isClean) await step('the abort file', () => parts.abortFile.remove())
  if (failures.length > 0 && !hadFailed) throw failures[0]
}

import { totalmem } from 'node:os'
import { type MessageExt, readRecord } from '@mq/remoting'
import { readStoredRecord } from './commit-log/stored-message-reader.js'
import { readConsumeQueue } from './consume-queue/read-consume-queue.js'
import { getMessage } from './consume-queue/get-message.js'
import { getOffsetInQueueByTime, storeTimestampOf } from './consume-queue/offset-by-time.js'
import { queryMessage } from './index-file/query-message.js'
import type {
  GetMessageRequest,
  GetMessageResult,
  OffsetByTimeQuery,
  QueryMessageRequest,
  QueryMessageResult,
  ReadConsumeQueueRequest,
  ReadConsumeQueueResult,
} from './message-store.js'
import type { StoreParts } from './store-parts.js'

/** The parts that reads need. */
export type MessageReaderOptions = Pick<
  StoreParts,
  'config' | 'environment' | 'commitLog' | 'consumeQueueStore' | 'indexService' | 'stats'
>

/** The reading half of a store: by queue offset, by physical offset, by key, by time. */
export class MessageReader {
  readonly #options: MessageReaderOptions
  readonly #memoryBytes: number

  constructor(options: MessageReaderOptions) {
    this.#options = options
    this.#memoryBytes = (totalmem() * options.config.accessMessageInMemoryMaxRatio) / 100
  }

  async getMessage(request: GetMessageRequest): Promise<GetMessageResult> {
    const { config, commitLog, consumeQueueStore, stats, environment } = this.#options
    const startedAt = environment.runtime.clock.monotonic()
    const queue = consumeQueueStore.getConsumeQueue(request.topic, request.queueId)
    const keepsRequestedOffset = config.brokerRole === 'SLAVE' && !config.offsetCheckInSlave
    const memoryBytes = this.#memoryBytes
    const trustedFrom = Math.max(commitLog.firstOwnOffset, commitLog.getMaxOffset() - memoryBytes)
    const source = { commitLog, trustedFrom, queue, limits: config, memoryBytes, keepsRequestedOffset }
    const result = await getMessage(source, request)
    stats.countGet(result.count, environment.runtime.clock.monotonic() - startedAt)
    return result
  }

  async readConsumeQueue(request: ReadConsumeQueueRequest): Promise<ReadConsumeQueueResult> {
    const queue = this.#options.consumeQueueStore.getConsumeQueue(request.topic, request.queueId)
    return await readConsumeQueue(queue, request)
  }

  async selectOneMessageByOffset(physicalOffset: number): Promise<Buffer | undefined> {
    const { config, commitLog } = this.#options
    return await readStoredRecord(commitLog, physicalOffset, { fileSize: config.mappedFileSizeCommitLog })
  }

  async lookMessageByOffset(physicalOffset: number): Promise<MessageExt | undefined> {
    const record = await this.selectOneMessageByOffset(physicalOffset)
    return record && readRecord(record, 0, { decompress: false })
  }

  async queryMessage(request: QueryMessageRequest): Promise<QueryMessageResult> {
    const { config, commitLog, indexService } = this.#options
    return await queryMessage({ indexService, commitLog, fileSize: config.mappedFileSizeCommitLog }, request)
  }

  async getOffsetInQueueByTime(queue: QueueName, query: OffsetByTimeQuery): Promise<number> {
    const { commitLog, consumeQueueStore } = this.#options
    const consumeQueue = consumeQueueStore.getConsumeQueue(queue.topic, queue.queueId)
    if (consumeQueue === undefined) return 0
    return await getOffsetInQueueByTime(consumeQueue, commitLog, query)
  }

  async getMessageStoreTimestamp(queue: QueueName, consumeQueueOffset: number): Promise<number> {
    const { commitLog, consumeQueueStore } = this.#options
    const unit = await consumeQueueStore.getConsumeQueue(queue.topic, queue.queueId)?.readUnit(consumeQueueOffset)
    return unit === undefined ? -1 : await storeTimestampOf(commitLog, unit)
  }

  /** Store time in ms of the oldest message kept, −1 if there is none. */
  async earliestMessageTime(): Promise<number> {
    const minOffset = this.#options.commitLog.getMinOffset()
    const message = minOffset < 0 ? undefined : await this.lookMessageByOffset(minOffset)
    return message?.storeTimestamp ?? -1
  }
}

/** A queue of a topic. */
export interface QueueName {
  readonly topic: string
  readonly queueId: number
}

import type { MessageExt, MessageExtBatch, MessageExtBrokerInner, MessageProperties } from '@mq/remoting'
import type { RunningFlags } from './running-flags.js'

/** How a put ended. Java: PutMessageStatus. The three `*_TIMEOUT`/`SLAVE_*` outcomes did store the message. */
export type PutMessageStatus =
  | 'PUT_OK'
  | 'FLUSH_DISK_TIMEOUT'
  | 'FLUSH_SLAVE_TIMEOUT'
  | 'SLAVE_NOT_AVAILABLE'
  | 'SERVICE_NOT_AVAILABLE'
  | 'CREATE_MAPPED_FILE_FAILED'
  | 'MESSAGE_ILLEGAL'
  | 'PROPERTIES_SIZE_EXCEEDED'
  | 'OS_PAGE_CACHE_BUSY'
  | 'UNKNOWN_ERROR'
  | 'IN_SYNC_REPLICAS_NOT_ENOUGH'
  | 'PUT_TO_REMOTE_BROKER_FAIL'
  | 'LMQ_CONSUME_QUEUE_NUM_EXCEEDED'
  | 'WHEEL_TIMER_FLOW_CONTROL'
  | 'WHEEL_TIMER_MSG_ILLEGAL'
  | 'WHEEL_TIMER_NOT_ENABLE'

/** What became of a put message or batch. Java: PutMessageResult with its AppendMessageResult. */
export interface PutMessageResult {
  readonly status: PutMessageStatus
  /** Commit-log offset of the (first) record, −1 if nothing was stored. */
  readonly physicalOffset: number
  /** Index of the (first) message in its queue; 0 if nothing was stored or the message is in no queue. */
  readonly queueOffset: number
  /** Store time in ms since the epoch, 0 if nothing was stored. */
  readonly storeTimestamp: number
  /** Bytes that the records take in the commit log, 0 if nothing was stored. */
  readonly wroteBytes: number
  /** Messages of the batch, 1 for a single message. */
  readonly messageCount: number
  /** Offset message ids joined by `,`; computed when read. Empty if nothing was stored. */
  readonly msgId: string
  /** Why the message was not stored, in a sentence. */
  readonly remark?: string
}

/** A check or a rewrite that runs before a message is stored; the first hook that answers ends the put with that answer. */
export interface PutMessageHook {
  readonly name: string
  /** May change the message; with its properties `propertiesString` has to go. Answers `undefined` to let it pass. Must not keep the message or its buffers. */
  executeBeforePutMessage(message: MessageExtBrokerInner): PutMessageRefusal | undefined
}

/** Why a put was refused before a byte was written. */
export interface PutMessageRefusal {
  readonly status: PutMessageStatus
  readonly remark?: string
}

/** A message to store through `asyncPutMessage`: what is left out gets the value in brackets. */
export interface MessageInput {
  readonly topic: string
  readonly body: Buffer | Uint8Array | string
  /** [0] */
  readonly queueId?: number
  /** Opaque to the store [0]. */
  readonly flag?: number
  /** [0] */
  readonly sysFlag?: number
  /** [none] */
  readonly properties?: MessageProperties | Readonly<Record<string, string>>
  /** ms since the epoch [now] */
  readonly bornTimestamp?: number
  /** `ip:port` [127.0.0.1:0] */
  readonly bornHost?: string
  /** `ip:port` [127.0.0.1:10911] */
  readonly storeHost?: string
  /** [0] */
  readonly reconsumeTimes?: number
  /** [0] */
  readonly preparedTransactionOffset?: number
}

/** How a get ended. Java: GetMessageStatus. */
export type GetMessageStatus =
  | 'FOUND'
  | 'NO_MATCHED_MESSAGE'
  | 'MESSAGE_WAS_REMOVING'
  | 'OFFSET_FOUND_NULL'
  | 'OFFSET_OVERFLOW_BADLY'
  | 'OFFSET_OVERFLOW_ONE'
  | 'OFFSET_TOO_SMALL'
  | 'NO_MATCHED_LOGIC_QUEUE'
  | 'NO_MESSAGE_IN_QUEUE'
  | 'OFFSET_RESET'

/** Which messages of a queue a get wants. Java: MessageFilter. */
export interface MessageFilter {
  /** Decides by the consume-queue unit alone; `tagsCode` is `undefined` where the unit has none. */
  isMatchedByConsumeQueue(tagsCode: number | undefined): boolean
  /** Decides by the stored record, a borrowed view. */
  isMatchedByCommitLog(record: Buffer): boolean
}

/** What a get asks for. */
export interface GetMessageRequest {
  readonly group: string
  readonly topic: string
  readonly queueId: number
  /** Queue offset of the first message wanted. */
  readonly offset: number
  readonly maxMsgNums: number
  /** Bound of the answer in bytes; at least one message is answered whatever its size. Default 128 MiB. */
  readonly maxTotalSize?: number
  readonly filter?: MessageFilter
  /** Where records are put that fit in it: the answer's bytes are then a view of it. Nobody else uses it until the get has ended. */
  readonly target?: Buffer
}

/** What a get answers. */
export interface GetMessageResult {
  readonly status: GetMessageStatus
  readonly nextBeginOffset: number
  readonly minOffset: number
  readonly maxOffset: number
  /** Stored records, one after another; a view of `target`, or owned by the caller. */
  readonly bytes: Buffer
  /** Messages in `bytes` (a stored inner batch counts its members). */
  readonly count: number
  readonly suggestPullingFromSlave: boolean
}

/** Which part of a consume queue to read. */
export interface ReadConsumeQueueRequest {
  readonly topic: string
  readonly queueId: number
  /** Queue offset of the first unit wanted. */
  readonly offset: number
  readonly maxUnits: number
}

/** What a consume queue says of one message. Java: CqUnit. */
export interface QueuedMessage {
  readonly queueOffset: number
  readonly physicalOffset: number
  /** Bytes of the record. */
  readonly size: number
  /** Hash of the tags; in the schedule topic ms since the epoch when the message is due. */
  readonly tagsCode: number
}

/** A part of a consume queue. */
export interface ReadConsumeQueueResult {
  /** In the order of the queue; places that hold no message are left out. */
  readonly messages: readonly QueuedMessage[]
  /** Where to go on; the offset asked for at the end of the queue and outside of it. */
  readonly nextOffset: number
}

/** What a query by key asks for. */
export interface QueryMessageRequest {
  readonly topic: string
  readonly key: string
  readonly maxNum: number
  /** Store times in ms since the epoch, both inclusive. */
  readonly begin: number
  readonly end: number
}

/** What a query by key answers. */
export interface QueryMessageResult {
  /** Stored records in ascending physical offset; owned by the caller. Hash collisions are not filtered out. */
  readonly bytes: Buffer
  readonly count: number
  readonly indexLastUpdateTimestamp: number
  readonly indexLastUpdatePhyoffset: number
}

/** A message became readable in its queue. */
export interface MessageArrival {
  readonly topic: string
  readonly queueId: number
  /** One past the queue offset of the message. */
  readonly maxOffset: number
  readonly tagsCode: number
  /** ms since the epoch */
  readonly storeTimestamp: number
  readonly properties: MessageProperties | undefined
}

/** Whether a search by time wants the first message at or after the time, or the last at or before it. */
export type BoundaryType = 'LOWER' | 'UPPER'

/** Which message of a queue a time means. */
export interface OffsetByTimeQuery {
  /** ms since the epoch */
  readonly timestamp: number
  readonly boundary: BoundaryType
}

/**
 * A store of messages: the contract between broker and store. Java: MessageStore.
 *
 * A completed put promises: with SYNC_FLUSH and status PUT_OK the message survives power loss; with ASYNC_FLUSH and PUT_OK it survives the
 * death of the process. Nothing is promised for any other status.
 */
export interface MessageStore extends AsyncDisposable {
  /**
   * Stores one message, without a promise: the hot path. `message.body` is copied before this returns; `onComplete` runs exactly once,
   * never before this returns unless the message is refused, and must not throw.
   */
  putMessage(message: MessageExtBrokerInner, onComplete: (result: PutMessageResult) => void): void
  /** As `putMessage` for all messages of a batch, contiguous in the log and in their queue. */
  putMessages(batch: MessageExtBatch, onComplete: (result: PutMessageResult) => void): void
  /** As `putMessage` with a promise; never rejects for an outcome that `PutMessageStatus` names. */
  asyncPutMessage(message: MessageInput | MessageExtBrokerInner): Promise<PutMessageResult>
  asyncPutMessages(batch: MessageExtBatch): Promise<PutMessageResult>
  /** Adds a hook behind those that run already. */
  addPutMessageHook(hook: PutMessageHook): void

  getMessage(request: GetMessageRequest): Promise<GetMessageResult>
  /** Where messages of a queue lie and what filters know of them; fewer than `maxUnits` at the end of a file. Java: ConsumeQueue#iterateFrom. */
  readConsumeQueue(request: ReadConsumeQueueRequest): Promise<ReadConsumeQueueResult>
  /** The stored record at a commit-log offset, or `undefined` if no record starts there; owned by the caller. */
  selectOneMessageByOffset(physicalOffset: number): Promise<Buffer | undefined>
  lookMessageByOffset(physicalOffset: number): Promise<MessageExt | undefined>
  queryMessage(request: QueryMessageRequest): Promise<QueryMessageResult>

  /** One past the newest message; 0 for an unknown queue. */
  getMaxOffsetInQueue(topic: string, queueId: number): number
  /** The oldest message kept; 0 for an unknown queue. */
  getMinOffsetInQueue(topic: string, queueId: number): number
  /** The queue offset that a time points to, between minimum and maximum of the queue; 0 for an unknown queue. */
  getOffsetInQueueByTime(topic: string, queueId: number, query: OffsetByTimeQuery): Promise<number>
  /** Store time in ms of the message at a queue offset, −1 if there is none. */
  getMessageStoreTimestamp(topic: string, queueId: number, consumeQueueOffset: number): Promise<number>

  /** One past the last byte handed to the kernel. */
  getMaxPhyOffset(): number
  getMinPhyOffset(): number
  /** One past the last byte known to be durable. */
  flushedWhere(): number
  /** Bytes of the log that consume queues and index have not seen yet. */
  dispatchBehindBytes(): number
  /** The store's keys of GET_BROKER_RUNTIME_INFO. */
  runtimeInfo(): ReadonlyMap<string, string>

  /** Deletes the queues of the topics; the records in the log stay until they expire. */
  deleteTopics(topics: ReadonlySet<string>): Promise<void>
  /** Deletes the queues of topics that are not in `retained`. */
  cleanUnusedTopics(retained: ReadonlySet<string>): Promise<void>
  /** Deletes consume-queue files whose records are gone from the log. */
  deleteExpiredConsumeQueues(): Promise<void>
  onMessageArriving(listener: (arrival: MessageArrival) => void): void

  readonly runningFlags: RunningFlags
  isWriteable(): boolean
  isShutdown(): boolean
  /** Refuses new puts, makes everything durable and releases the directory; bounded in time, and callable twice. */
  close(): Promise<void>
}

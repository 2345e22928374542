import type { CheckedRecord, MessageProperties } from '@mq/remoting'
import { type DelayLevels, deliveryTimeOf } from './delivery-time.js'

/**
 * What consume queues, the index and listeners need to know of one stored record. Java: DispatchRequest.
 *
 * The append loop makes one for every record that it wrote; `ReputMessageService` makes the same from bytes that it reads back.
 * Requests are immutable and may be kept.
 */
export interface DispatchRequest {
  readonly topic: string
  readonly queueId: number
  /** Physical offset of the record's first byte. */
  readonly commitLogOffset: number
  /** Bytes of the record; the next record starts at `commitLogOffset + msgSize` unless a blank lies between. */
  readonly msgSize: number
  /** Hash of the tags (`tagsCodeOf`), or the delivery time of a delayed message (`deliveryTimeOf`). */
  readonly tagsCode: number
  /** Milliseconds since the epoch. */
  readonly storeTimestamp: number
  /** Index of the message in its queue; 0 for prepared and rolled back messages, which have none. */
  readonly consumeQueueOffset: number
  /** The KEYS property as stored, keys separated by single spaces; empty without keys. */
  readonly keys: string
  /** The UNIQ_KEY property. */
  readonly uniqKey: string | undefined
  readonly sysFlag: number
  readonly preparedTransactionOffset: number
  /** All properties; may be decoded on first use. */
  readonly properties: MessageProperties
}

/** One consumer of stored records, called once a record in the order of the log. Java: CommitLogDispatcher. */
export interface CommitLogDispatcher {
  readonly name: string
  /** Takes one record; must not throw and must not block. */
  dispatch(request: DispatchRequest): void
  /** Whether it holds as much as it may; nothing more is dispatched until it is false again. */
  readonly isSaturated: boolean
}

/** What dispatch needs of a record read from the log; keeps nothing of its bytes. Java: CommitLog#checkMessageAndReturnSize. */
export function dispatchRequestOf(record: CheckedRecord, delayLevels: DelayLevels): DispatchRequest {
  return {
    topic: record.topic,
    queueId: record.queueId,
    commitLogOffset: record.physicalOffset,
    msgSize: record.size,
    tagsCode: deliveryTimeOf(record, delayLevels) ?? record.tagsCode,
    storeTimestamp: record.storeTimestamp,
    consumeQueueOffset: record.queueOffset,
    keys: record.keys ?? '',
    uniqKey: record.uniqueKey,
    sysFlag: record.sysFlag,
    preparedTransactionOffset: record.preparedTransactionOffset,
    properties: record.properties,
  }
}

import { createOffsetMessageId, type HostAddress } from '@mq/remoting'
import type { DispatchRequest } from '../dispatch/dispatch-request.js'
import type { PutMessageRefusal, PutMessageResult, PutMessageStatus } from '../message-store.js'

/** A put on its way from the append slab to its acknowledgement. */
export interface AppendedPut {
  /** One request a record, in the order of the log. */
  readonly requests: readonly DispatchRequest[]
  readonly wroteBytes: number
  /** One past the last byte of the last record. */
  readonly nextOffset: number
  readonly storeHost: HostAddress
  /** Whether the records took queue offsets: not those of prepared and rolled back messages. */
  readonly isQueued: boolean
  /** Whether the sender waits for flush and replicas. */
  readonly isWaitStoreMsgOK: boolean
  /** Replicas that must have the records, this one included. */
  readonly needAckNums: number
  onComplete(result: PutMessageResult): void
}

/** The outcome of a put that was stored. */
class StoredPutResult implements PutMessageResult {
  readonly status: PutMessageStatus
  readonly physicalOffset: number
  readonly queueOffset: number
  readonly storeTimestamp: number
  readonly wroteBytes: number
  readonly messageCount: number
  readonly #put: AppendedPut

  constructor(put: AppendedPut, status: PutMessageStatus) {
    const first = put.requests[0] as DispatchRequest
    this.status = status
    this.physicalOffset = first.commitLogOffset
    this.queueOffset = first.consumeQueueOffset
    this.storeTimestamp = first.storeTimestamp
    this.wroteBytes = put.wroteBytes
    this.messageCount = put.requests.length
    this.#put = put
  }

  get msgId(): string {
    const { requests, storeHost } = this.#put
    if (requests.length === 1) return createOffsetMessageId(storeHost, this.physicalOffset)
    return requests.map((request) => createOffsetMessageId(storeHost, request.commitLogOffset)).join(',')
  }
}

/** The result of a put whose bytes are in the log. */
export function storedResult(put: AppendedPut, status: PutMessageStatus): PutMessageResult {
  return new StoredPutResult(put, status)
}

/** The result of a put of which nothing is stored, or whose fate is unknown after a failed write or sync. */
export function refusedResult(refusal: PutMessageRefusal): PutMessageResult {
  return {
    physicalOffset: -1,
    queueOffset: 0,
    storeTimestamp: 0,
    wroteBytes: 0,
    messageCount: 0,
    msgId: '',
    ...refusal,
  }
}

import { booleanMember, decodeJsonBody, encodeJsonBody, listMember, textMember } from '../codec/json-body.js'
import { type MessageQueue, messageQueueKey, readMessageQueue } from './message-queue.js'

/** Queues that a client locks or gives back. Java: LockBatchRequestBody, UnlockBatchRequestBody. */
export interface QueueLockRequest {
  readonly consumerGroup: string
  readonly clientId: string
  readonly mqSet: readonly MessageQueue[]
  /** True when one broker asks another: it must not ask further ones. */
  readonly onlyThisBroker: boolean
}

/** Body of LOCK_BATCH_MQ and UNLOCK_BATCH_MQ. */
export function encodeQueueLockRequest({ clientId, consumerGroup, mqSet, onlyThisBroker }: QueueLockRequest): Buffer {
  return encodeJsonBody({ clientId, consumerGroup, mqSet: mqSet.map(messageQueueKey), onlyThisBroker })
}

/** Body of LOCK_BATCH_MQ and UNLOCK_BATCH_MQ. @throws RemotingCommandError when it is no JSON object. */
export function decodeQueueLockRequest(bytes: Buffer): QueueLockRequest {
  const object = decodeJsonBody(bytes, 'LockBatchRequestBody')
  return {
    consumerGroup: textMember(object, 'consumerGroup') ?? '',
    clientId: textMember(object, 'clientId') ?? '',
    mqSet: listMember(object, 'mqSet', readMessageQueue),
    onlyThisBroker: booleanMember(object, 'onlyThisBroker') ?? false,
  }
}

/** The queues of a request that the client has locked. Java: LockBatchResponseBody. */
export interface LockBatchResponseBody {
  readonly lockOKMQSet: readonly MessageQueue[]
}

/** Body of the answer to LOCK_BATCH_MQ. */
export function encodeLockBatchResponse({ lockOKMQSet }: LockBatchResponseBody): Buffer {
  return encodeJsonBody({ lockOKMQSet: lockOKMQSet.map(messageQueueKey) })
}

/** Body of the answer to LOCK_BATCH_MQ. @throws RemotingCommandError when it is no JSON object. */
export function decodeLockBatchResponse(bytes: Buffer): LockBatchResponseBody {
  return { lockOKMQSet: listMember(decodeJsonBody(bytes, 'LockBatchResponseBody'), 'lockOKMQSet', readMessageQueue) }
}

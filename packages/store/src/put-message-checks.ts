import { type MessageExtBrokerInner, PropertyName, RETRY_TOPIC_PREFIX, SystemFlag } from '@mq/remoting'
import type { PutMessageRefusal } from './message-store.js'

/** What the store is while a message is checked. */
export interface PutState {
  readonly isShutdown: boolean
  readonly isSlave: boolean
  readonly isWriteable: boolean
  /** Why puts are refused, if something failed. */
  readonly failure: Error | undefined
  /** Puts that are not acknowledged yet. */
  readonly pendingPuts: number
  readonly maxPendingPuts: number
}

const maxTopicBytes = 127
const maxRetryTopicBytes = 255
/** Bytes that a UTF-16 unit takes in UTF-8 at most. */
const mostBytesPerUnit = 3

/** The checks before every hook, in Java's order; `undefined` lets the message pass. Java: HookUtils#checkBeforePutMessage. */
export function checkBeforePutMessage(message: MessageExtBrokerInner, state: PutState): PutMessageRefusal | undefined {
  if (state.isShutdown) return { status: 'SERVICE_NOT_AVAILABLE', remark: 'the message store has been shut down' }
  if (state.isSlave)
    return { status: 'SERVICE_NOT_AVAILABLE', remark: 'the message store is a slave, send to its master' }
  if (!state.isWriteable) {
    const reason = state.failure?.message ?? 'its running flags refuse writes'
    return { status: 'SERVICE_NOT_AVAILABLE', remark: `the message store is not writeable: ${reason}` }
  }
  const topicRefusal = checkTopic(message.topic)
  if (topicRefusal !== undefined) return topicRefusal
  if (!Buffer.isBuffer(message.body)) {
    return { status: 'MESSAGE_ILLEGAL', remark: 'the message has no body' }
  }
  if (state.pendingPuts >= state.maxPendingPuts) {
    return { status: 'OS_PAGE_CACHE_BUSY', remark: `${state.pendingPuts} puts wait for the disk; send again later` }
  }
  return undefined
}

/** Inner batches need a topic of type BatchCQ, which this store has not. Java: HookUtils#checkInnerBatch. */
export function checkInnerBatch(message: MessageExtBrokerInner): PutMessageRefusal | undefined {
  const isInnerBatch = (message.sysFlag & SystemFlag.INNER_BATCH) !== 0
  if (message.properties.has(PropertyName.INNER_NUM) && !isInnerBatch) {
    return { status: 'MESSAGE_ILLEGAL', remark: 'the message has the property INNER_NUM but is no inner batch' }
  }
  if (!isInnerBatch) return undefined
  return {
    status: 'MESSAGE_ILLEGAL',
    remark: `the topic ${message.topic} is not of type BatchCQ and takes no inner batch`,
  }
}

function checkTopic(topic: string): PutMessageRefusal | undefined {
  if (topic.length * mostBytesPerUnit <= maxTopicBytes) return undefined
  const size = Buffer.byteLength(topic)
  const limit = topic.startsWith(RETRY_TOPIC_PREFIX) ? maxRetryTopicBytes : maxTopicBytes
  if (size <= limit) return undefined
  return { status: 'MESSAGE_ILLEGAL', remark: `the topic takes ${size} bytes, at most ${limit} are allowed` }
}

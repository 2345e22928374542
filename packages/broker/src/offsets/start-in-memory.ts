import type { MessageStore } from '@mq/store'
import type { QueueOfGroup } from './offset-table.js'

/**
 * Whether the very first message of a queue is still there, and so new that it is read from memory: then a group without an offset
 * begins with it. Java: MessageStore#checkInMemByConsumeOffset of message 0.
 */
export async function isStartInMemory(store: MessageStore, { group, topic, queueId }: QueueOfGroup): Promise<boolean> {
  if (store.getMinOffsetInQueue(topic, queueId) > 0) return false
  const found = await store.getMessage({ group, topic, queueId, offset: 0, maxMsgNums: 1 })
  return found.status === 'FOUND' && !found.suggestPullingFromSlave
}

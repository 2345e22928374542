import { type MessageExt, readRecords } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import { StoredMessage } from './stored-message.js'

/** Which messages of a topic are meant; those that fit everything given. */
export interface MessageSelection {
  /** Exactly this tag. */
  readonly tags?: string
  /** One of the keys. */
  readonly key?: string
  /** This queue only. */
  readonly queueId?: number
}

/** Whom the store knows the test by. */
const CALLER = 'TEST_BROKER'
const MESSAGES_AT_ONCE = 1000

/** Everything in the queues 0 to `queues - 1` of a topic that is selected, in the order in which it was stored. */
export async function readTopic(
  store: MessageStore,
  topic: string,
  { queues, ...selection }: MessageSelection & { readonly queues: number },
): Promise<StoredMessage[]> {
  const messages: MessageExt[] = []
  for (let queueId = 0; queueId < queues; queueId++) messages.push(...(await readQueue(store, topic, queueId)))
  messages.sort((a, b) => a.physicalOffset - b.physicalOffset)
  return messages.map((message) => new StoredMessage(message)).filter((message) => isSelected(message, selection))
}

async function readQueue(store: MessageStore, topic: string, queueId: number): Promise<MessageExt[]> {
  const messages: MessageExt[] = []
  const end = store.getMaxOffsetInQueue(topic, queueId)
  for (let offset = store.getMinOffsetInQueue(topic, queueId); offset < end; ) {
    const got = await store.getMessage({ group: CALLER, topic, queueId, offset, maxMsgNums: MESSAGES_AT_ONCE })
    messages.push(...readRecords(got.bytes))
    offset = Math.max(offset + 1, got.nextBeginOffset)
  }
  return messages
}

function isSelected(message: StoredMessage, { tags, key, queueId }: MessageSelection): boolean {
  if (tags !== undefined && message.tags !== tags) return false
  if (key !== undefined && !message.keys.includes(key)) return false
  return queueId === undefined || message.queueId === queueId
}

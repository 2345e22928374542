import { integerMember, isJsonObject, textMember } from '../codec/json-body.js'
import { parseJavaJson } from '../codec/java-json-parser.js'

/** One queue of a topic on one broker. Java: MessageQueue. */
export interface MessageQueue {
  readonly topic: string
  readonly brokerName: string
  readonly queueId: number
}

/** A queue as a member of a JSON object; undefined when it is none. */
export function readMessageQueue(value: unknown): MessageQueue | undefined {
  if (!isJsonObject(value)) return undefined
  const topic = textMember(value, 'topic')
  const brokerName = textMember(value, 'brokerName')
  if (topic === undefined || brokerName === undefined) return undefined
  return { topic, brokerName, queueId: integerMember(value, 'queueId') }
}

/** The JSON object of a queue, members in Java's order. As the key of a map Java reads several of them in this bare form only. */
export function messageQueueKey({ brokerName, queueId, topic }: MessageQueue): object {
  return { brokerName, queueId, topic }
}

/** Reads a key, bare or as text; undefined when it is no queue. */
export function readMessageQueueKey(key: string): MessageQueue | undefined {
  if (!key.trimStart().startsWith('{')) return undefined
  return readMessageQueue(parseJavaJson(key))
}

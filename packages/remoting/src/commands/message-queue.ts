import { integerMember, isJsonObject, textMember } from '../codec/json-body.js'
import { parseJavaJson } from '../codec/java-json-parser.js'
import { stringifyJavaJson } from '../codec/java-json-writer.js'

/** One queue of a topic on one broker. Java: MessageQueue. */
export interface MessageQueue {
  readonly topic: string
  readonly brokerName: string
  readonly queueId: number
}

/** A queue as a member of a JSON object; undefined when it is none. */
function readMessageQueue(value: unknown): MessageQueue | undefined {
  if (!isJsonObject(value)) return undefined
  const topic = textMember(value, 'topic')
  const brokerName = textMember(value, 'brokerName')
  if (topic === undefined || brokerName === undefined) return undefined
  return { topic, brokerName, queueId: integerMember(value, 'queueId') }
}

/** The JSON object of a queue, members in Java's order. */
function messageQueueRecord({ brokerName, queueId, topic }: MessageQueue): object {
  return { brokerName, queueId, topic }
}

/** Java writes a queue that is a key as a bare object; standard JSON, which Java reads too, as text of that object. */
export function messageQueueKeyText(queue: MessageQueue): string {
  return stringifyJavaJson(messageQueueRecord(queue))
}

/** Reads a key of either form; undefined when it is no queue. */
export function readMessageQueueKey(key: string): MessageQueue | undefined {
  if (!key.trimStart().startsWith('{')) return undefined
  return readMessageQueue(parseJavaJson(key))
}

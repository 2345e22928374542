import {
  isJsonObject,
  type MessageQueue,
  messageQueueKey,
  parseJavaJson,
  readMessageQueueKey,
  stringifyJavaJson,
} from '@mq/remoting'
import { QueueMap } from '../rebalance/queue-map.js'

/** The text of an offset file, laid out as Java lays it out. Java: OffsetSerializeWrapper. */
export function formatOffsets(offsets: Iterable<readonly [MessageQueue, number]>): string {
  const offsetTable = new Map([...offsets].map(([queue, offset]) => [messageQueueKey(queue), offset] as const))
  return stringifyJavaJson({ offsetTable }, { pretty: true })
}

/**
 * Reads an offset file: queues as bare keys or as text, pretty or on one line, offsets as numbers or as text. Throws when it is
 * no JSON object, or when an entry is no queue with an offset: half a table would lose offsets.
 */
export function parseOffsets(text: string): QueueMap<number> {
  const object = parseJavaJson(text)
  if (!isJsonObject(object)) throw new TypeError('it is no JSON object')
  const table = object['offsetTable'] ?? {}
  if (!isJsonObject(table)) throw new TypeError('its offsetTable is no JSON object')
  const offsets = new QueueMap<number>()
  for (const [key, value] of Object.entries(table)) {
    const queue = readMessageQueueKey(key)
    const offset = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN
    if (queue === undefined || value === '' || !Number.isSafeInteger(offset)) {
      throw new TypeError(`the entry ${key}: ${String(value)} is no queue with an offset`)
    }
    offsets.set(queue, offset)
  }
  return offsets
}

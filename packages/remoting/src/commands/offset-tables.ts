import {
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  isJsonObject,
  mapMember,
  numberMember,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { javaDouble } from '../codec/java-json-writer.js'
import { type MessageQueue, messageQueueKey, readMessageQueueKey } from './message-queue.js'

/** First and last offset of a queue. Java: TopicOffset. */
export interface TopicOffset {
  readonly messageQueue: MessageQueue
  readonly minOffset: number
  /** One past the last message. */
  readonly maxOffset: number
  /** Store time of the last message, ms; 0 when there is none. */
  readonly lastUpdateTimestamp: number
}

/** The queues of a topic on a broker. Java: TopicStatsTable. */
export interface TopicStatsTable {
  readonly offsets: readonly TopicOffset[]
  /** Messages a second. */
  readonly topicPutTps: number
}

/** Body of the answer to GET_TOPIC_STATS_INFO. */
export function encodeTopicStatsTable({ offsets, topicPutTps }: TopicStatsTable): Buffer {
  const offsetTable = offsets.map(({ lastUpdateTimestamp, maxOffset, messageQueue, minOffset }) => {
    return [messageQueueKey(messageQueue), { lastUpdateTimestamp, maxOffset, minOffset }] as const
  })
  return encodeJsonBody({ offsetTable: new Map(offsetTable), topicPutTps: javaDouble(topicPutTps) })
}

/** Body of the answer to GET_TOPIC_STATS_INFO. @throws RemotingCommandError when it is no JSON object. */
export function decodeTopicStatsTable(bytes: Buffer): TopicStatsTable {
  const object = decodeJsonBody(bytes, 'TopicStatsTable')
  return {
    offsets: queueTable(object, 'offsetTable', (messageQueue, value) => ({
      messageQueue,
      minOffset: integerMember(value, 'minOffset'),
      maxOffset: integerMember(value, 'maxOffset'),
      lastUpdateTimestamp: integerMember(value, 'lastUpdateTimestamp'),
    })),
    topicPutTps: numberMember(object, 'topicPutTps'),
  }
}

/** Where a group is in a queue. Java: OffsetWrapper. */
export interface ConsumeOffset {
  readonly messageQueue: MessageQueue
  /** One past the last message of the queue. */
  readonly brokerOffset: number
  readonly consumerOffset: number
  readonly pullOffset: number
  /** Store time of the last message consumed, ms. */
  readonly lastTimestamp: number
}

/** Where a group is in all its queues on a broker. Java: ConsumeStats. */
export interface ConsumeStats {
  readonly offsets: readonly ConsumeOffset[]
  /** Messages a second. */
  readonly consumeTps: number
}

/** The JSON object of a group's offsets, members in Java's order. */
export function consumeStatsRecord({ consumeTps, offsets }: ConsumeStats): object {
  const offsetTable = offsets.map(({ brokerOffset, consumerOffset, lastTimestamp, messageQueue, pullOffset }) => {
    return [messageQueueKey(messageQueue), { brokerOffset, consumerOffset, lastTimestamp, pullOffset }] as const
  })
  return { consumeTps: javaDouble(consumeTps), offsetTable: new Map(offsetTable) }
}

/** A group's offsets as a JSON object. */
export function readConsumeStats(object: JsonObject): ConsumeStats {
  return {
    offsets: queueTable(object, 'offsetTable', (messageQueue, value) => ({
      messageQueue,
      brokerOffset: integerMember(value, 'brokerOffset'),
      consumerOffset: integerMember(value, 'consumerOffset'),
      pullOffset: integerMember(value, 'pullOffset'),
      lastTimestamp: integerMember(value, 'lastTimestamp'),
    })),
    consumeTps: numberMember(object, 'consumeTps'),
  }
}

/** Body of the answer to GET_CONSUME_STATS. */
export function encodeConsumeStats(stats: ConsumeStats): Buffer {
  return encodeJsonBody(consumeStatsRecord(stats))
}

/** Body of the answer to GET_CONSUME_STATS. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumeStats(bytes: Buffer): ConsumeStats {
  return readConsumeStats(decodeJsonBody(bytes, 'ConsumeStats'))
}

function queueTable<T>(object: JsonObject, key: string, decode: (queue: MessageQueue, value: JsonObject) => T): T[] {
  const rows: T[] = []
  for (const [text, value] of mapMember(object, key, (member) => (isJsonObject(member) ? member : undefined))) {
    const queue = readMessageQueueKey(text)
    if (queue !== undefined) rows.push(decode(queue, value))
  }
  return rows
}

import { decodeJsonBody, encodeJsonBody, integerOf, isJsonObject, mapMember } from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { type MessageQueue, messageQueueKey, readMessageQueueKey } from './message-queue.js'

/** An offset of a group in a queue. */
export interface QueueOffset {
  readonly messageQueue: MessageQueue
  readonly offset: number
}

/** Where a consumer is to go. Java: ResetOffsetBody. */
export interface ResetOffsetBody {
  readonly offsetTable: readonly QueueOffset[]
}

/** Body of RESET_CONSUMER_CLIENT_OFFSET and of the answer to INVOKE_BROKER_TO_RESET_OFFSET. */
export function encodeResetOffsetBody({ offsetTable }: ResetOffsetBody): Buffer {
  return encodeJsonBody({ offsetTable: queueTableRecord(offsetTable) })
}

/** Body of RESET_CONSUMER_CLIENT_OFFSET and of the answer to INVOKE_BROKER_TO_RESET_OFFSET. @throws RemotingCommandError when it is no JSON object. */
export function decodeResetOffsetBody(bytes: Buffer): ResetOffsetBody {
  return { offsetTable: readQueueTable(decodeJsonBody(bytes, 'ResetOffsetBody'), 'offsetTable') }
}

/** Where a client, or each client of a group, is. Java: GetConsumerStatusBody. */
export interface ConsumerStatusBody {
  readonly messageQueueTable: readonly QueueOffset[]
  /** By client id. */
  readonly consumerTable: ReadonlyMap<string, readonly QueueOffset[]>
}

/** Body of the answers to GET_CONSUMER_STATUS_FROM_CLIENT and INVOKE_BROKER_TO_GET_CONSUMER_STATUS. */
export function encodeConsumerStatusBody({ consumerTable, messageQueueTable }: ConsumerStatusBody): Buffer {
  return encodeJsonBody({
    consumerTable: new Map([...consumerTable].map(([clientId, rows]) => [clientId, queueTableRecord(rows)])),
    messageQueueTable: queueTableRecord(messageQueueTable),
  })
}

/** Body of the answers to GET_CONSUMER_STATUS_FROM_CLIENT and INVOKE_BROKER_TO_GET_CONSUMER_STATUS. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumerStatusBody(bytes: Buffer): ConsumerStatusBody {
  const object = decodeJsonBody(bytes, 'GetConsumerStatusBody')
  return {
    messageQueueTable: readQueueTable(object, 'messageQueueTable'),
    consumerTable: mapMember(object, 'consumerTable', (value) => {
      return isJsonObject(value) ? queueRows(value) : undefined
    }),
  }
}

function queueTableRecord(rows: readonly QueueOffset[]): Map<object, number> {
  return new Map(rows.map(({ messageQueue, offset }) => [messageQueueKey(messageQueue), offset]))
}

function readQueueTable(object: JsonObject, key: string): readonly QueueOffset[] {
  const table = object[key]
  return isJsonObject(table) ? queueRows(table) : []
}

function queueRows(table: JsonObject): readonly QueueOffset[] {
  return Object.entries(table).flatMap(([text, value]) => {
    const messageQueue = readMessageQueueKey(text)
    const offset = integerOf(value)
    return messageQueue === undefined || offset === undefined ? [] : [{ messageQueue, offset }]
  })
}

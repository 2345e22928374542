import {
  asJsonObject,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  isJsonObject,
  listMember,
  mapMember,
  mapRecord,
  nameOf,
  textMember,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { type MessageModel, messageModels } from './heartbeat-data.js'
import { type MessageQueue, messageQueueKey, readMessageQueue } from './message-queue.js'

/** Whether a group pulls a topic or pops it. Java: MessageRequestMode. */
export type MessageRequestMode = 'PULL' | 'POP'

const messageRequestModes: readonly MessageRequestMode[] = ['PULL', 'POP']

/** A client asks which queues it is to consume. Java: QueryAssignmentRequestBody. */
export interface QueryAssignmentRequestBody {
  readonly topic: string
  readonly consumerGroup: string
  readonly clientId: string
  /** Name of an allocation strategy. */
  readonly strategyName: string
  readonly messageModel: MessageModel
}

/** Body of QUERY_ASSIGNMENT. */
export function encodeQueryAssignmentRequest(body: QueryAssignmentRequestBody): Buffer {
  const { clientId, consumerGroup, messageModel, strategyName, topic } = body
  return encodeJsonBody({ clientId, consumerGroup, messageModel, strategyName, topic })
}

/** Body of QUERY_ASSIGNMENT. @throws RemotingCommandError when it is no JSON object. */
export function decodeQueryAssignmentRequest(bytes: Buffer): QueryAssignmentRequestBody {
  const object = decodeJsonBody(bytes, 'QueryAssignmentRequestBody')
  return {
    topic: textMember(object, 'topic') ?? '',
    consumerGroup: textMember(object, 'consumerGroup') ?? '',
    clientId: textMember(object, 'clientId') ?? '',
    strategyName: textMember(object, 'strategyName') ?? '',
    messageModel: nameOf(object['messageModel'], messageModels) ?? 'CLUSTERING',
  }
}

/** A queue that a client is to consume, and how. Java: MessageQueueAssignment. */
export interface MessageQueueAssignment {
  readonly messageQueue: MessageQueue
  readonly mode: MessageRequestMode
}

/** The queues a client is to consume; undefined means that it keeps those it has. Java: QueryAssignmentResponseBody. */
export interface QueryAssignmentResponseBody {
  readonly messageQueueAssignments: readonly MessageQueueAssignment[] | undefined
}

/** Body of the answer to QUERY_ASSIGNMENT. */
export function encodeQueryAssignmentResponse({ messageQueueAssignments }: QueryAssignmentResponseBody): Buffer {
  return encodeJsonBody({
    messageQueueAssignments: messageQueueAssignments?.map(({ messageQueue, mode }) => {
      return { messageQueue: messageQueueKey(messageQueue), mode }
    }),
  })
}

/** Body of the answer to QUERY_ASSIGNMENT. @throws RemotingCommandError when it is no JSON object. */
export function decodeQueryAssignmentResponse(bytes: Buffer): QueryAssignmentResponseBody {
  const object = decodeJsonBody(bytes, 'QueryAssignmentResponseBody')
  const isKnown = Array.isArray(object['messageQueueAssignments'])
  return {
    messageQueueAssignments: isKnown
      ? listMember(object, 'messageQueueAssignments', whenObject(readAssignment))
      : undefined,
  }
}

function readAssignment(object: JsonObject): MessageQueueAssignment | undefined {
  const messageQueue = readMessageQueue(object['messageQueue'])
  return messageQueue && { messageQueue, mode: nameOf(object['mode'], messageRequestModes) ?? 'PULL' }
}

/** How a group is to consume a topic. Java: SetMessageRequestModeRequestBody. */
export interface MessageRequestModeSetting {
  readonly topic: string
  readonly consumerGroup: string
  readonly mode: MessageRequestMode
  /** Clients that share a queue when popping. */
  readonly popShareQueueNum: number
}

/** Body of SET_MESSAGE_REQUEST_MODE. */
export function encodeMessageRequestMode(setting: MessageRequestModeSetting): Buffer {
  return encodeJsonBody(messageRequestModeRecord(setting))
}

/** Body of SET_MESSAGE_REQUEST_MODE. @throws RemotingCommandError when it is no JSON object. */
export function decodeMessageRequestMode(bytes: Buffer): MessageRequestModeSetting {
  return readMessageRequestMode(decodeJsonBody(bytes, 'SetMessageRequestModeRequestBody'))
}

/** Topic to group to how it consumes: the content of messageRequestMode.json. Java: MessageRequestModeManager. */
export type MessageRequestModeTable = ReadonlyMap<string, ReadonlyMap<string, MessageRequestModeSetting>>

/** The JSON object of messageRequestMode.json, members in Java's order. */
export function messageRequestModeTableRecord(table: MessageRequestModeTable): object {
  return { messageRequestModeMap: mapRecord(table, (groups) => mapRecord(groups, messageRequestModeRecord)) }
}

/** Reads messageRequestMode.json. @throws RemotingCommandError when it is no JSON object. */
export function decodeMessageRequestModeTable(bytes: Buffer): MessageRequestModeTable {
  const topics = asJsonObject(decodeJsonBody(bytes, 'MessageRequestModeTable')['messageRequestModeMap'])
  const names = Object.keys(topics).filter((topic) => isJsonObject(topics[topic]))
  return new Map(names.map((topic) => [topic, mapMember(topics, topic, whenObject(readMessageRequestMode))]))
}

function messageRequestModeRecord(setting: MessageRequestModeSetting): object {
  const { consumerGroup, mode, popShareQueueNum, topic } = setting
  return { consumerGroup, mode, popShareQueueNum, topic }
}

function readMessageRequestMode(object: JsonObject): MessageRequestModeSetting {
  return {
    topic: textMember(object, 'topic') ?? '',
    consumerGroup: textMember(object, 'consumerGroup') ?? '',
    mode: nameOf(object['mode'], messageRequestModes) ?? 'PULL',
    popShareQueueNum: integerMember(object, 'popShareQueueNum'),
  }
}

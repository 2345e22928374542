import {
  asJsonObject,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  listMember,
  mapMember,
  mapRecord,
  nameOf,
  textMember,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { defineCommand } from '../schema/command.js'
import { string } from '../schema/field.js'
import {
  type ConsumeFromWhere,
  type ConsumeType,
  consumeFromWheres,
  consumeTypes,
  type MessageModel,
  messageModels,
  readSubscriptionData,
  type SubscriptionData,
  subscriptionDataRecord,
} from './heartbeat-data.js'
import { rpcFields } from './rpc-fields.js'

/** Clients of a consumer group and what they subscribe to. */
export const GetConsumerConnectionList = defineCommand({
  code: 203,
  name: 'GET_CONSUMER_CONNECTION_LIST',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...rpcFields, consumerGroup: string('group to list') },
  responseBody: 'ConsumerConnection',
})

/** Clients of a producer group. */
export const GetProducerConnectionList = defineCommand({
  code: 204,
  name: 'GET_PRODUCER_CONNECTION_LIST',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...rpcFields, producerGroup: string('group to list') },
  responseBody: 'ProducerConnection',
})

/** Clients of all producer groups. */
export const GetAllProducerInfo = defineCommand({
  code: 328,
  name: 'GET_ALL_PRODUCER_INFO',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'ProducerTableInfo',
})

/** A client that is connected. Java: Connection (protocol.body). */
export interface ClientConnection {
  readonly clientId: string
  /** ip:port. */
  readonly clientAddr: string
  /** Name of a LanguageCode. */
  readonly language: string
  readonly version: number
}

/** Clients of a producer group. Java: ProducerConnection. */
export interface ProducerConnection {
  readonly connectionSet: readonly ClientConnection[]
}

/** Clients of a consumer group. Java: ConsumerConnection. */
export interface ConsumerConnection extends ProducerConnection {
  readonly subscriptionTable: ReadonlyMap<string, SubscriptionData>
  readonly consumeType: ConsumeType
  readonly messageModel: MessageModel
  readonly consumeFromWhere: ConsumeFromWhere
}

/** One client in a {@link ProducerTableInfo}. Java: ProducerInfo. */
export interface ProducerInfo {
  readonly clientId: string
  /** ip:port. */
  readonly remoteIP: string
  /** Name of a LanguageCode. */
  readonly language: string
  readonly version: number
  /** Wall clock of the last heartbeat, ms. */
  readonly lastUpdateTimestamp: number
}

/** Clients of all producer groups. Java: ProducerTableInfo. */
export interface ProducerTableInfo {
  readonly data: ReadonlyMap<string, readonly ProducerInfo[]>
}

/** Body of the answer to GET_PRODUCER_CONNECTION_LIST. */
export function encodeProducerConnection({ connectionSet }: ProducerConnection): Buffer {
  return encodeJsonBody({ connectionSet: connectionSet.map(connectionRecord) })
}

/** Body of the answer to GET_PRODUCER_CONNECTION_LIST. @throws RemotingCommandError when it is no JSON object. */
export function decodeProducerConnection(bytes: Buffer): ProducerConnection {
  const object = decodeJsonBody(bytes, 'ProducerConnection')
  return { connectionSet: listMember(object, 'connectionSet', whenObject(readConnection)) }
}

/** Body of the answer to GET_CONSUMER_CONNECTION_LIST. */
export function encodeConsumerConnection(group: ConsumerConnection): Buffer {
  const { consumeFromWhere, consumeType, messageModel } = group
  return encodeJsonBody({
    connectionSet: group.connectionSet.map(connectionRecord),
    consumeFromWhere,
    consumeType,
    messageModel,
    subscriptionTable: mapRecord(group.subscriptionTable, subscriptionDataRecord),
  })
}

/** Body of the answer to GET_CONSUMER_CONNECTION_LIST. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumerConnection(bytes: Buffer): ConsumerConnection {
  const object = decodeJsonBody(bytes, 'ConsumerConnection')
  return {
    connectionSet: listMember(object, 'connectionSet', whenObject(readConnection)),
    subscriptionTable: mapMember(object, 'subscriptionTable', whenObject(readSubscriptionData)),
    consumeType: nameOf(object['consumeType'], consumeTypes) ?? 'CONSUME_PASSIVELY',
    messageModel: nameOf(object['messageModel'], messageModels) ?? 'CLUSTERING',
    consumeFromWhere: nameOf(object['consumeFromWhere'], consumeFromWheres) ?? 'CONSUME_FROM_LAST_OFFSET',
  }
}

/** Body of the answer to GET_ALL_PRODUCER_INFO. */
export function encodeProducerTableInfo({ data }: ProducerTableInfo): Buffer {
  return encodeJsonBody({ data: mapRecord(data, (clients) => clients.map(producerRecord)) })
}

/** Body of the answer to GET_ALL_PRODUCER_INFO. @throws RemotingCommandError when it is no JSON object. */
export function decodeProducerTableInfo(bytes: Buffer): ProducerTableInfo {
  const data = decodeJsonBody(bytes, 'ProducerTableInfo')['data']
  const groups = asJsonObject(data)
  const names = Object.keys(groups)
  return { data: new Map(names.map((name) => [name, listMember(groups, name, whenObject(readProducer))])) }
}

function connectionRecord({ clientAddr, clientId, language, version }: ClientConnection): object {
  return { clientAddr, clientId, language, version }
}

function readConnection(object: JsonObject): ClientConnection {
  return {
    clientId: textMember(object, 'clientId') ?? '',
    clientAddr: textMember(object, 'clientAddr') ?? '',
    language: textMember(object, 'language') ?? 'OTHER',
    version: integerMember(object, 'version'),
  }
}

function producerRecord({ clientId, language, lastUpdateTimestamp, remoteIP, version }: ProducerInfo): object {
  return { clientId, language, lastUpdateTimestamp, remoteIP, version }
}

function readProducer(object: JsonObject): ProducerInfo {
  return {
    clientId: textMember(object, 'clientId') ?? '',
    remoteIP: textMember(object, 'remoteIP') ?? '',
    language: textMember(object, 'language') ?? 'OTHER',
    version: integerMember(object, 'version'),
    lastUpdateTimestamp: integerMember(object, 'lastUpdateTimestamp'),
  }
}

import { decodeJsonBody, encodeJsonBody, listMember, mapMember, textMember, textOf } from '../codec/json-body.js'

/** Names of topics. Java: TopicList. */
export interface TopicList {
  readonly topicList: readonly string[]
  readonly brokerAddr?: string | undefined
}

/** Body of answers that list topics. */
export function encodeTopicList({ brokerAddr, topicList }: TopicList): Buffer {
  return encodeJsonBody({ brokerAddr, topicList })
}

/** Body of answers that list topics. @throws RemotingCommandError when it is no JSON object. */
export function decodeTopicList(bytes: Buffer): TopicList {
  const object = decodeJsonBody(bytes, 'TopicList')
  return { topicList: listMember(object, 'topicList', textOf), brokerAddr: textMember(object, 'brokerAddr') }
}

/** Names of groups. Java: GroupList. */
export interface GroupList {
  readonly groupList: readonly string[]
}

/** Body of answers that list groups. */
export function encodeGroupList({ groupList }: GroupList): Buffer {
  return encodeJsonBody({ groupList })
}

/** Body of answers that list groups. @throws RemotingCommandError when it is no JSON object. */
export function decodeGroupList(bytes: Buffer): GroupList {
  return { groupList: listMember(decodeJsonBody(bytes, 'GroupList'), 'groupList', textOf) }
}

/** Client ids of a group's members. Java: GetConsumerListByGroupResponseBody. */
export interface ConsumerList {
  readonly consumerIdList: readonly string[]
}

/** Body of the answer to GET_CONSUMER_LIST_BY_GROUP. */
export function encodeConsumerList({ consumerIdList }: ConsumerList): Buffer {
  return encodeJsonBody({ consumerIdList })
}

/** Body of the answer to GET_CONSUMER_LIST_BY_GROUP. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumerList(bytes: Buffer): ConsumerList {
  return { consumerIdList: listMember(decodeJsonBody(bytes, 'ConsumerList'), 'consumerIdList', textOf) }
}

/** Names and values. Java: KVTable. */
export interface KVTable {
  readonly table: ReadonlyMap<string, string>
}

/** Body of answers that hold names and values. */
export function encodeKVTable({ table }: KVTable): Buffer {
  return encodeJsonBody({ table })
}

/** Body of answers that hold names and values. @throws RemotingCommandError when it is no JSON object. */
export function decodeKVTable(bytes: Buffer): KVTable {
  return { table: mapMember(decodeJsonBody(bytes, 'KVTable'), 'table', textOf) }
}

import { defineCommand } from '../schema/command.js'
import { int32, string } from '../schema/field.js'

/** Names of all topics. */
export const GetAllTopicListFromNameserver = defineCommand({
  code: 206,
  name: 'GET_ALL_TOPIC_LIST_FROM_NAMESERVER',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'TopicList',
})

/** Names of the topics of a cluster. */
export const GetTopicsByCluster = defineCommand({
  code: 224,
  name: 'GET_TOPICS_BY_CLUSTER',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { cluster: string('cluster to list') },
  responseBody: 'TopicList',
})

/** Names of clusters and brokers, which are topics too, and the address of one broker. */
export const GetSystemTopicListFromNs = defineCommand({
  code: 304,
  name: 'GET_SYSTEM_TOPIC_LIST_FROM_NS',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'TopicList',
})

/** Names of topics of a unit. */
export const GetUnitTopicList = defineCommand({
  code: 311,
  name: 'GET_UNIT_TOPIC_LIST',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'TopicList',
})

/** Names of topics that units subscribe to. */
export const GetHasUnitSubTopicList = defineCommand({
  code: 312,
  name: 'GET_HAS_UNIT_SUB_TOPIC_LIST',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'TopicList',
})

/** Names of topics of no unit that units subscribe to. */
export const GetHasUnitSubUnunitTopicList = defineCommand({
  code: 313,
  name: 'GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'TopicList',
})

/** Takes the write permission of all topics on a broker. */
export const WipeWritePermOfBroker = defineCommand({
  code: 205,
  name: 'WIPE_WRITE_PERM_OF_BROKER',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { brokerName: string('name of the broker') },
  response: { wipeTopicCount: int32('topics changed') },
})

/** Gives the write permission of all topics on a broker back. */
export const AddWritePermOfBroker = defineCommand({
  code: 327,
  name: 'ADD_WRITE_PERM_OF_BROKER',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { brokerName: string('name of the broker') },
  response: { addTopicCount: int32('topics changed') },
})

import { defineCommand } from '../schema/command.js'
import { boolean, enumeration, int32, optional, string, withDefault } from '../schema/field.js'
import { rpcFields, topicFields } from './rpc-fields.js'

/** Java: CreateTopicRequestHeader. */
const createTopic = {
  ...topicFields,
  topic: string('topic to create or change'),
  defaultTopic: string('not used by brokers'),
  readQueueNums: int32('queues consumers read'),
  writeQueueNums: int32('queues producers write'),
  perm: int32('4 readable, 2 writeable, 1 inherited'),
  topicFilterType: enumeration(['SINGLE_TAG', 'MULTI_TAG'], 'not used by brokers'),
  topicSysFlag: optional(int32('bits of TopicSysFlag')),
  order: withDefault(boolean('messages are in order over all queues'), false),
  attributes: optional(string('+key=value,-key of the attributes to set and to drop')),
  force: withDefault(boolean('a static topic is changed though its mapping is newer'), false),
}

/** Creates a topic or changes its settings. */
export const UpdateAndCreateTopic = defineCommand({
  code: 17,
  name: 'UPDATE_AND_CREATE_TOPIC',
  access: 'admin',
  servedBy: ['broker'],
  request: createTopic,
})

/** Creates or changes several topics. */
export const UpdateAndCreateTopicList = defineCommand({
  code: 18,
  name: 'UPDATE_AND_CREATE_TOPIC_LIST',
  access: 'admin',
  servedBy: ['broker'],
  request: rpcFields,
  requestBody: 'CreateTopicListBody',
})

/** Creates or changes a static topic. */
export const UpdateAndCreateStaticTopic = defineCommand({
  code: 513,
  name: 'UPDATE_AND_CREATE_STATIC_TOPIC',
  access: 'admin',
  servedBy: ['broker'],
  request: createTopic,
  requestBody: 'TopicQueueMappingDetail',
})

/** Deletes a topic and what consumers have stored about it. */
export const DeleteTopicInBroker = defineCommand({
  code: 215,
  name: 'DELETE_TOPIC_IN_BROKER',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...topicFields, topic: string('topic to delete') },
})

/** All topics of a broker, or a page of them. */
export const GetAllTopicConfig = defineCommand({
  code: 21,
  name: 'GET_ALL_TOPIC_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    topicSeq: optional(int32('first topic of the page, in order of names')),
    dataVersion: optional(string('DataVersion the pages before had, as JSON')),
    maxTopicNum: optional(int32('topics of a page')),
  },
  response: { totalTopicNum: optional(int32('topics there are; older brokers do not say')) },
  responseBody: 'TopicConfigAndMappingWrapper',
})

/** One topic's settings. */
export const GetTopicConfig = defineCommand({
  code: 351,
  name: 'GET_TOPIC_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...topicFields, topic: string('topic to describe') },
  responseBody: 'TopicConfigAndQueueMapping',
})

/** First and last offset of each queue of a topic. */
export const GetTopicStatsInfo = defineCommand({
  code: 202,
  name: 'GET_TOPIC_STATS_INFO',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...topicFields, topic: string('topic to measure') },
  responseBody: 'TopicStatsTable',
})

/** Names of the topics a broker makes for itself. */
export const GetSystemTopicListFromBroker = defineCommand({
  code: 305,
  name: 'GET_SYSTEM_TOPIC_LIST_FROM_BROKER',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'TopicList',
})

/** Deletes the files of topics that are no more. */
export const CleanUnusedTopic = defineCommand({
  code: 316,
  name: 'CLEAN_UNUSED_TOPIC',
  access: 'admin',
  servedBy: ['broker'],
})

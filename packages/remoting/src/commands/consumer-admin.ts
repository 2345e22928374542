import { defineCommand } from '../schema/command.js'
import { boolean, int32, optional, string, withDefault } from '../schema/field.js'
import { rpcFields, topicFields } from './rpc-fields.js'

/** Where a group is in all its queues on a broker. */
export const GetConsumeStats = defineCommand({
  code: 208,
  name: 'GET_CONSUME_STATS',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    consumerGroup: string('group to measure'),
    topic: optional(string('only this topic')),
    topicList: optional(string('only these topics, each followed by ;')),
  },
  responseBody: 'ConsumeStats',
})

/** Where all groups are on a broker. */
export const GetBrokerConsumeStats = defineCommand({
  code: 317,
  name: 'GET_BROKER_CONSUME_STATS',
  access: 'admin',
  servedBy: ['broker'],
  request: { isOrder: withDefault(boolean('only groups that consume in order'), false) },
  responseBody: 'ConsumeStatsList',
})

/** Groups that consume a topic. */
export const QueryTopicConsumeByWho = defineCommand({
  code: 300,
  name: 'QUERY_TOPIC_CONSUME_BY_WHO',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...topicFields, topic: string('topic consumed') },
  responseBody: 'GroupList',
})

/** Topics that a group consumes. */
export const QueryTopicsByConsumer = defineCommand({
  code: 343,
  name: 'QUERY_TOPICS_BY_CONSUMER',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...rpcFields, group: string('group that consumes') },
  responseBody: 'TopicList',
})

/** A group's subscription to a topic. */
export const QuerySubscriptionByConsumer = defineCommand({
  code: 345,
  name: 'QUERY_SUBSCRIPTION_BY_CONSUMER',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...topicFields, group: string('group that consumes'), topic: optional(string('topic it consumes')) },
  responseBody: 'QuerySubscriptionResponseBody',
})

/** Store times of the first, the next and the last message of each queue. */
export const QueryConsumeTimeSpan = defineCommand({
  code: 303,
  name: 'QUERY_CONSUME_TIME_SPAN',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...topicFields, topic: string('topic consumed'), group: string('group that consumes') },
  responseBody: 'QueryConsumeTimeSpanBody',
})

/** What a consumer does just now; a broker passes the question on to the client. */
export const GetConsumerRunningInfo = defineCommand({
  code: 307,
  name: 'GET_CONSUMER_RUNNING_INFO',
  access: 'admin',
  servedBy: ['broker', 'client'],
  request: {
    ...rpcFields,
    consumerGroup: string('group of the client'),
    clientId: string('id of the client'),
    jstackEnable: withDefault(boolean('stacks of all threads too'), false),
  },
  responseBody: 'ConsumerRunningInfo',
})

/** Makes a client consume one message now; a broker adds the message and passes the request on. */
export const ConsumeMessageDirectly = defineCommand({
  code: 309,
  name: 'CONSUME_MESSAGE_DIRECTLY',
  access: 'admin',
  servedBy: ['broker', 'client'],
  request: {
    ...topicFields,
    consumerGroup: string('group of the client'),
    clientId: optional(string('id of the client')),
    msgId: optional(string('offset message id')),
    brokerName: optional(string('broker that has the message')),
    topic: optional(string('topic of the message')),
    topicSysFlag: optional(int32('flag of the topic')),
    groupSysFlag: optional(int32('flag of the group')),
  },
  requestBody: 'one stored message, to the client',
  responseBody: 'ConsumeMessageDirectlyResult',
})

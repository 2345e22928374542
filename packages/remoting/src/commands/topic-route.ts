import { defineCommand } from '../schema/command.js'
import { boolean, optional, string } from '../schema/field.js'
import { topicFields } from './rpc-fields.js'

/** Where a topic lives; see TopicRouteData. */
export const GetRouteInfoByTopic = defineCommand({
  code: 105,
  name: 'GET_ROUTEINFO_BY_TOPIC',
  access: 'anyone',
  servedBy: ['nameServer'],
  request: {
    ...topicFields,
    topic: string('topic to find'),
    acceptStandardJsonOnly: optional(boolean('answer in standard JSON, whatever the version of the caller')),
  },
  responseBody: 'TopicRouteData',
})

/** Adds a topic to brokers that are registered. */
export const RegisterTopicInNamesrv = defineCommand({
  code: 217,
  name: 'REGISTER_TOPIC_IN_NAMESRV',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { ...topicFields, topic: string('topic to add') },
  requestBody: 'TopicRouteData of which queueDatas are used',
})

/** Forgets where a topic lives. */
export const DeleteTopicInNamesrv = defineCommand({
  code: 216,
  name: 'DELETE_TOPIC_IN_NAMESRV',
  access: 'admin',
  servedBy: ['nameServer'],
  request: {
    ...topicFields,
    topic: string('topic to forget'),
    clusterName: optional(string('only on the brokers of this cluster')),
  },
})

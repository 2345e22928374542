import { type Command, defineCommand } from '../schema/command.js'
import { boolean, optional, string } from '../schema/field.js'
import { topicFields, type TopicRequest } from './rpc-fields.js'

/** Java: GetRouteInfoRequestHeader. */
export interface GetRouteInfoRequest extends TopicRequest {
  topic: string
  acceptStandardJsonOnly?: boolean
}

/** Where a topic lives; see TopicRouteData. */
export const GetRouteInfoByTopic: Command<GetRouteInfoRequest> = defineCommand({
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

/** Java: RegisterTopicRequestHeader. */
export interface RegisterTopicRequest extends TopicRequest {
  topic: string
}

/** Adds a topic to brokers that are registered. */
export const RegisterTopicInNamesrv: Command<RegisterTopicRequest> = defineCommand({
  code: 217,
  name: 'REGISTER_TOPIC_IN_NAMESRV',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { ...topicFields, topic: string('topic to add') },
  requestBody: 'TopicRouteData of which queueDatas are used',
})

/** Java: DeleteTopicFromNamesrvRequestHeader. */
export interface DeleteTopicInNamesrvRequest extends TopicRequest {
  topic: string
  clusterName?: string
}

/** Forgets where a topic lives. */
export const DeleteTopicInNamesrv: Command<DeleteTopicInNamesrvRequest> = defineCommand({
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

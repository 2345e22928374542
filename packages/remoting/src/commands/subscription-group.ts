import { type Command, defineCommand } from '../schema/command.js'
import { boolean, type Default, int32, type NoFields, optional, string, withDefault } from '../schema/field.js'
import { type RpcRequest, rpcFields, topicFields, type TopicRequest } from './rpc-fields.js'

/** Creates a subscription group or changes its settings. */
export const UpdateAndCreateSubscriptionGroup: Command<NoFields> = defineCommand({
  code: 200,
  name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'SubscriptionGroupConfig',
})

/** Creates or changes several subscription groups. */
export const UpdateAndCreateSubscriptionGroupList: Command<NoFields> = defineCommand({
  code: 225,
  name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'SubscriptionGroupList',
})

/** Java: GetAllSubscriptionGroupRequestHeader; versions before 5.3.4 send no fields. */
export interface GetAllSubscriptionGroupRequest {
  groupSeq?: number
  dataVersion?: string
  maxGroupNum?: number
}

/** Java: GetAllSubscriptionGroupResponseHeader. */
export interface GetAllSubscriptionGroupResponse {
  totalGroupNum?: number
}

/** All subscription groups of a broker, or a page of them. */
export const GetAllSubscriptionGroupConfig: Command<GetAllSubscriptionGroupRequest, GetAllSubscriptionGroupResponse> =
  defineCommand({
    code: 201,
    name: 'GET_ALL_SUBSCRIPTIONGROUP_CONFIG',
    access: 'admin',
    servedBy: ['broker'],
    request: {
      groupSeq: optional(int32('first group of the page, in order of names')),
      dataVersion: optional(string('DataVersion the pages before had, as JSON')),
      maxGroupNum: optional(int32('groups of a page')),
    },
    response: { totalGroupNum: optional(int32('groups there are; older brokers do not say')) },
    responseBody: 'SubscriptionGroupWrapper',
  })

/** Java: GetSubscriptionGroupConfigRequestHeader. */
export interface GetSubscriptionGroupConfigRequest extends RpcRequest {
  group: string
}

/** One subscription group's settings. */
export const GetSubscriptionGroupConfig: Command<GetSubscriptionGroupConfigRequest> = defineCommand({
  code: 352,
  name: 'GET_SUBSCRIPTIONGROUP_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...rpcFields, group: string('group to describe') },
  responseBody: 'SubscriptionGroupConfig',
})

/** Java: DeleteSubscriptionGroupRequestHeader. */
export interface DeleteSubscriptionGroupRequest extends RpcRequest {
  groupName: string
  cleanOffset: Default<boolean>
}

/** Deletes a subscription group. */
export const DeleteSubscriptionGroup: Command<DeleteSubscriptionGroupRequest> = defineCommand({
  code: 207,
  name: 'DELETE_SUBSCRIPTIONGROUP',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...rpcFields,
    groupName: string('group to delete'),
    cleanOffset: withDefault(boolean('its offsets too'), false),
  },
})

/** Java: UpdateGroupForbiddenRequestHeader. */
export interface UpdateGroupForbiddenRequest extends TopicRequest {
  group: string
  topic: string
  readable?: boolean
}

/** Forbids a group to read a topic, allows it again, or says which it is. */
export const UpdateAndGetGroupForbidden: Command<UpdateGroupForbiddenRequest> = defineCommand({
  code: 353,
  name: 'UPDATE_AND_GET_GROUP_FORBIDDEN',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    group: string('group that consumes'),
    topic: string('topic it consumes'),
    readable: optional(boolean('whether it may; left out to ask')),
  },
  responseBody: 'GroupForbidden',
})

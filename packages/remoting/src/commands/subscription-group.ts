import { defineCommand } from '../schema/command.js'
import { boolean, int32, optional, string, withDefault } from '../schema/field.js'
import { rpcFields, topicFields } from './rpc-fields.js'

/** Creates a subscription group or changes its settings. */
export const UpdateAndCreateSubscriptionGroup = defineCommand({
  code: 200,
  name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'SubscriptionGroupConfig',
})

/** Creates or changes several subscription groups. */
export const UpdateAndCreateSubscriptionGroupList = defineCommand({
  code: 225,
  name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'SubscriptionGroupList',
})

/** All subscription groups of a broker, or a page of them. */
export const GetAllSubscriptionGroupConfig = defineCommand({
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

/** One subscription group's settings. */
export const GetSubscriptionGroupConfig = defineCommand({
  code: 352,
  name: 'GET_SUBSCRIPTIONGROUP_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  request: { ...rpcFields, group: string('group to describe') },
  responseBody: 'SubscriptionGroupConfig',
})

/** Deletes a subscription group. */
export const DeleteSubscriptionGroup = defineCommand({
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

/** Forbids a group to read a topic, allows it again, or says which it is. */
export const UpdateAndGetGroupForbidden = defineCommand({
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

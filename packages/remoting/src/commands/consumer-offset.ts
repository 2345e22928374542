import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, string, withDefault } from '../schema/field.js'
import { rpcFields, topicFields } from './rpc-fields.js'

/** Where a group is in a queue. */
export const QueryConsumerOffset = defineCommand({
  code: 14,
  name: 'QUERY_CONSUMER_OFFSET',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    consumerGroup: string('group that consumes'),
    topic: string('topic it consumes'),
    queueId: int32('queue of that topic'),
    setZeroIfNotFound: optional(boolean('false: a group without offset is not told 0')),
  },
  response: { offset: int64('next message to consume') },
})

/** Stores where a group is in a queue; usually sent one-way. */
export const UpdateConsumerOffset = defineCommand({
  code: 15,
  name: 'UPDATE_CONSUMER_OFFSET',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    consumerGroup: string('group that consumes'),
    topic: string('topic it consumes'),
    queueId: int32('queue of that topic'),
    commitOffset: int64('next message to consume'),
  },
})

/** All offsets of all groups; slaves keep a copy. */
export const GetAllConsumerOffset = defineCommand({
  code: 43,
  name: 'GET_ALL_CONSUMER_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'content of consumerOffset.json',
})

/** How far each delay level has been delivered; slaves keep a copy. */
export const GetAllDelayOffset = defineCommand({
  code: 45,
  name: 'GET_ALL_DELAY_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'content of delayOffset.json',
})

const resetOffset = {
  ...topicFields,
  group: string('group to reset'),
  topic: string('topic it consumes'),
  queueId: withDefault(int32('queue to reset; -1 for all'), -1),
  offset: optional(int64('offset to set; -1 to go by the time')),
  timestamp: withDefault(int64('store time to go to, ms; negative is the end'), 0),
  isForce: withDefault(boolean('also forward'), false),
}

/** Sets a group's offsets. */
export const InvokeBrokerToResetOffset = defineCommand({
  code: 222,
  name: 'INVOKE_BROKER_TO_RESET_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  request: resetOffset,
  responseBody: 'ResetOffsetBody',
})

/** Makes a consumer go to other offsets. */
export const ResetConsumerClientOffset = defineCommand({
  code: 220,
  name: 'RESET_CONSUMER_CLIENT_OFFSET',
  access: 'internal',
  servedBy: ['client'],
  oneway: true,
  request: resetOffset,
  requestBody: 'ResetOffsetBody',
})

const consumerStatus = {
  ...topicFields,
  topic: string('topic consumed'),
  group: string('group that consumes'),
  clientAddr: optional(string('id of one client; all if left out')),
}

/** Where the clients of a group are, asked of the broker. */
export const InvokeBrokerToGetConsumerStatus = defineCommand({
  code: 223,
  name: 'INVOKE_BROKER_TO_GET_CONSUMER_STATUS',
  access: 'admin',
  servedBy: ['broker'],
  request: consumerStatus,
  responseBody: 'GetConsumerStatusBody, consumerTable',
})

/** Where a client is, asked of the client. */
export const GetConsumerStatusFromClient = defineCommand({
  code: 221,
  name: 'GET_CONSUMER_STATUS_FROM_CLIENT',
  access: 'internal',
  servedBy: ['client'],
  request: consumerStatus,
  responseBody: 'GetConsumerStatusBody, messageQueueTable',
})

/** The lowest offset of some groups, for a group to be compared with. */
export const QueryCorrectionOffset = defineCommand({
  code: 308,
  name: 'QUERY_CORRECTION_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    filterGroups: optional(string('groups, separated by commas')),
    compareGroup: string('group to compare with'),
    topic: string('topic consumed'),
  },
  responseBody: 'QueryCorrectionOffsetBody',
})

/** Copies the offsets of one group to another. */
export const CloneGroupOffset = defineCommand({
  code: 314,
  name: 'CLONE_GROUP_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...rpcFields,
    srcGroup: string('group to copy from'),
    destGroup: string('group to copy to'),
    topic: optional(string('only this topic')),
    offline: withDefault(boolean('the groups are not online'), false),
  },
})

import { type Command, defineCommand } from '../schema/command.js'
import { boolean, type Default, int32, int64, type NoFields, optional, string, withDefault } from '../schema/field.js'
import { type RpcRequest, rpcFields, topicFields, type TopicRequest } from './rpc-fields.js'

/** Java: QueryConsumerOffsetRequestHeader. */
export interface QueryConsumerOffsetRequest extends TopicRequest {
  consumerGroup: string
  topic: string
  queueId: number
  setZeroIfNotFound?: boolean
}

/** Where a group is in a queue. */
export const QueryConsumerOffset: Command<QueryConsumerOffsetRequest, { offset: number }> = defineCommand({
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

/** Java: UpdateConsumerOffsetRequestHeader. */
export interface UpdateConsumerOffsetRequest extends TopicRequest {
  consumerGroup: string
  topic: string
  queueId: number
  commitOffset: number
}

/** Stores where a group is in a queue; usually sent one-way. */
export const UpdateConsumerOffset: Command<UpdateConsumerOffsetRequest> = defineCommand({
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
export const GetAllConsumerOffset: Command<NoFields> = defineCommand({
  code: 43,
  name: 'GET_ALL_CONSUMER_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'content of consumerOffset.json',
})

/** How far each delay level has been delivered; slaves keep a copy. */
export const GetAllDelayOffset: Command<NoFields> = defineCommand({
  code: 45,
  name: 'GET_ALL_DELAY_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'content of delayOffset.json',
})

/** Java: ResetOffsetRequestHeader. */
export interface ResetOffsetRequest extends TopicRequest {
  group: string
  topic: string
  queueId: Default<number>
  offset?: number
  timestamp: Default<number>
  isForce: Default<boolean>
}

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
export const InvokeBrokerToResetOffset: Command<ResetOffsetRequest> = defineCommand({
  code: 222,
  name: 'INVOKE_BROKER_TO_RESET_OFFSET',
  access: 'admin',
  servedBy: ['broker'],
  request: resetOffset,
  responseBody: 'ResetOffsetBody',
})

/** Makes a consumer go to other offsets. */
export const ResetConsumerClientOffset: Command<ResetOffsetRequest> = defineCommand({
  code: 220,
  name: 'RESET_CONSUMER_CLIENT_OFFSET',
  access: 'internal',
  servedBy: ['client'],
  oneway: true,
  request: resetOffset,
  requestBody: 'ResetOffsetBody',
})

/** Java: GetConsumerStatusRequestHeader. */
export interface GetConsumerStatusRequest extends TopicRequest {
  topic: string
  group: string
  clientAddr?: string
}

const consumerStatus = {
  ...topicFields,
  topic: string('topic consumed'),
  group: string('group that consumes'),
  clientAddr: optional(string('id of one client; all if left out')),
}

/** Where the clients of a group are, asked of the broker. */
export const InvokeBrokerToGetConsumerStatus: Command<GetConsumerStatusRequest> = defineCommand({
  code: 223,
  name: 'INVOKE_BROKER_TO_GET_CONSUMER_STATUS',
  access: 'admin',
  servedBy: ['broker'],
  request: consumerStatus,
  responseBody: 'GetConsumerStatusBody, consumerTable',
})

/** Where a client is, asked of the client. */
export const GetConsumerStatusFromClient: Command<GetConsumerStatusRequest> = defineCommand({
  code: 221,
  name: 'GET_CONSUMER_STATUS_FROM_CLIENT',
  access: 'internal',
  servedBy: ['client'],
  request: consumerStatus,
  responseBody: 'GetConsumerStatusBody, messageQueueTable',
})

/** Java: QueryCorrectionOffsetHeader. */
export interface QueryCorrectionOffsetRequest extends TopicRequest {
  filterGroups?: string
  compareGroup: string
  topic: string
}

/** The lowest offset of some groups, for a group to be compared with. */
export const QueryCorrectionOffset: Command<QueryCorrectionOffsetRequest> = defineCommand({
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

/** Java: CloneGroupOffsetRequestHeader. */
export interface CloneGroupOffsetRequest extends RpcRequest {
  srcGroup: string
  destGroup: string
  topic?: string
  offline: Default<boolean>
}

/** Copies the offsets of one group to another. */
export const CloneGroupOffset: Command<CloneGroupOffsetRequest> = defineCommand({
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

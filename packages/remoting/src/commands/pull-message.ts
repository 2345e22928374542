import { defineCommand } from '../schema/command.js'
import { int32, int64, optional, string } from '../schema/field.js'
import { topicFields, type TopicRequest } from './rpc-fields.js'

/** Bits of a pull request's sysFlag. Java: PullSysFlag. */
export const PullSystemFlag = {
  /** commitOffset is to be kept as the group's offset. */
  COMMIT_OFFSET: 1,
  /** Without a message, wait for one. */
  SUSPEND: 2,
  /** The subscription is in the request, not in a heartbeat. */
  SUBSCRIPTION: 4,
  CLASS_FILTER: 8,
  LITE_PULL_MESSAGE: 16,
} as const

/** Java: PullMessageRequestHeader. */
export interface PullMessageRequest extends TopicRequest {
  consumerGroup: string
  topic: string
  queueId: number
  queueOffset: number
  maxMsgNums: number
  sysFlag: number
  commitOffset: number
  suspendTimeoutMillis: number
  subscription?: string
  subVersion: number
  expressionType?: string
  maxMsgBytes?: number
  requestSource?: number
  proxyFrowardClientId?: string
}

/** Java: PullMessageRequestHeader. */
const request = {
  ...topicFields,
  consumerGroup: string('group that consumes'),
  topic: string('topic to read'),
  queueId: int32('queue to read'),
  queueOffset: int64('first message wanted'),
  maxMsgNums: int32('most messages wanted'),
  sysFlag: int32('bits of PullSystemFlag'),
  commitOffset: int64('offset to commit for the group, if sysFlag says so'),
  suspendTimeoutMillis: int64('how long to wait for a message, ms, if sysFlag says so'),
  subscription: optional(string('expression messages have to match')),
  subVersion: int64('when the subscription was made, ms'),
  expressionType: optional(string('TAG or SQL92')),
  maxMsgBytes: optional(int32('most bytes wanted')),
  requestSource: optional(int32('-1 a client, 0 to 2 a proxy')),
  proxyFrowardClientId: optional(string('id of the client a proxy asks for')),
}

/** Java: PullMessageResponseHeader. */
const response = {
  suggestWhichBrokerId: int64('id of the broker to pull from next'),
  nextBeginOffset: int64('offset to pull from next'),
  minOffset: int64('first offset of the queue'),
  maxOffset: int64('one past the last offset of the queue'),
  offsetDelta: optional(int64('to add to the offsets of messages of a static topic')),
  topicSysFlag: optional(int32('flag of the topic')),
  groupSysFlag: optional(int32('flag of the group')),
  forbiddenType: optional(int32('1 broker, 2 group, 3 topic, 4 broadcasting, 5 subscription forbidden')),
}

/** Reads messages of a queue, waiting for the first if there is none. */
export const PullMessage = defineCommand({
  code: 11,
  name: 'PULL_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  request,
  response,
  responseBody: 'stored messages, one after the other',
})

/** Reads messages of a queue for a lite pull consumer. */
export const LitePullMessage = defineCommand({
  code: 361,
  name: 'LITE_PULL_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  request,
  response,
  responseBody: 'stored messages, one after the other',
})

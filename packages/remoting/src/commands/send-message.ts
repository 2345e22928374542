import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, renamed, string, withDefault } from '../schema/field.js'
import { rpcFields, topicFields, type TopicRequest } from './rpc-fields.js'

/** Java: SendMessageRequestHeader; the V2 header is the same under letters. */
export interface SendMessageRequest extends TopicRequest {
  producerGroup: string
  topic: string
  defaultTopic: string
  defaultTopicQueueNums: number
  queueId: number
  sysFlag: number
  bornTimestamp: number
  flag: number
  properties?: string
  reconsumeTimes?: number
  unitMode?: boolean
  batch?: boolean
  maxReconsumeTimes?: number
}

/** Java: SendMessageRequestHeader; the V2 header is the same under letters. */
const request = {
  ...topicFields,
  producerGroup: string('group of the producer'),
  topic: string('topic to append to'),
  defaultTopic: string('topic whose settings a topic made on the fly takes'),
  defaultTopicQueueNums: int32('queues of a topic made on the fly'),
  queueId: int32('queue to append to; negative lets the broker choose'),
  sysFlag: int32('bits of MessageSysFlag'),
  bornTimestamp: int64('client clock when the message was made, ms'),
  flag: int32("the application's own flag"),
  properties: optional(string('properties, names and values separated by 1 and 2')),
  reconsumeTimes: optional(int32('deliveries so far, for retry topics')),
  unitMode: optional(boolean('message of a unit')),
  batch: optional(boolean('the body is a batch')),
  maxReconsumeTimes: optional(int32('deliveries before the dead letter topic, for retry topics')),
}

/** Java: SendMessageResponseHeader. */
const response = {
  msgId: string('offset message id, those of a batch joined by commas'),
  queueId: int32('queue appended to'),
  queueOffset: int64('offset in the queue, of a batch that of its first message'),
  transactionId: optional(string('unique id of a half message')),
  batchUniqId: optional(string('unique id of an inner batch')),
  recallHandle: optional(string('what RECALL_MESSAGE takes to recall a timer message')),
}

/** V1 names to V2 letters. Java: SendMessageRequestHeaderV2. */
const letters = {
  producerGroup: 'a',
  topic: 'b',
  defaultTopic: 'c',
  defaultTopicQueueNums: 'd',
  queueId: 'e',
  sysFlag: 'f',
  bornTimestamp: 'g',
  flag: 'h',
  properties: 'i',
  reconsumeTimes: 'j',
  unitMode: 'k',
  maxReconsumeTimes: 'l',
  batch: 'm',
  bname: 'n',
} as const

const messageBody = 'body of the message, compressed as sysFlag says'

/** Appends a message to a topic; names written out. */
export const SendMessage = defineCommand({
  code: 10,
  name: 'SEND_MESSAGE',
  access: 'publisher',
  servedBy: ['broker'],
  request,
  response,
  requestBody: messageBody,
})

/** Appends a message to a topic; what clients send. */
export const SendMessageV2 = defineCommand({
  code: 310,
  name: 'SEND_MESSAGE_V2',
  access: 'publisher',
  servedBy: ['broker'],
  request: renamed(request, letters),
  response,
  requestBody: messageBody,
})

/** Appends several messages of one topic to one queue. */
export const SendBatchMessage = defineCommand({
  code: 320,
  name: 'SEND_BATCH_MESSAGE',
  access: 'publisher',
  servedBy: ['broker'],
  request: renamed(request, letters),
  response,
  requestBody: 'messages in batch encoding',
})

/** Sends a reply back to the producer that asked; names written out. */
export const SendReplyMessage = defineCommand({
  code: 324,
  name: 'SEND_REPLY_MESSAGE',
  access: 'publisher',
  servedBy: ['broker'],
  request,
  response,
  requestBody: messageBody,
})

/** Sends a reply back to the producer that asked. */
export const SendReplyMessageV2 = defineCommand({
  code: 325,
  name: 'SEND_REPLY_MESSAGE_V2',
  access: 'publisher',
  servedBy: ['broker'],
  request: renamed(request, letters),
  response,
  requestBody: messageBody,
})

/** Hands a reply to the producer that asked, over the connection it sends heartbeats on. */
export const PushReplyMessageToClient = defineCommand({
  code: 326,
  name: 'PUSH_REPLY_MESSAGE_TO_CLIENT',
  access: 'internal',
  servedBy: ['client'],
  request: {
    ...topicFields,
    producerGroup: request.producerGroup,
    topic: request.topic,
    defaultTopic: request.defaultTopic,
    defaultTopicQueueNums: request.defaultTopicQueueNums,
    queueId: request.queueId,
    sysFlag: request.sysFlag,
    bornTimestamp: request.bornTimestamp,
    flag: request.flag,
    properties: request.properties,
    reconsumeTimes: request.reconsumeTimes,
    unitMode: withDefault(boolean('message of a unit'), false),
    bornHost: string('ip:port of the replier'),
    storeHost: string('ip:port of the broker'),
    storeTimestamp: withDefault(int64('broker clock, ms'), 0),
  },
  requestBody: messageBody,
})

/** Gives a message back for a later delivery. */
export const ConsumerSendMsgBack = defineCommand({
  code: 36,
  name: 'CONSUMER_SEND_MSG_BACK',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...rpcFields,
    offset: int64('position in the commit log'),
    group: string('consumer group'),
    delayLevel: int32('level to wait for; 0 lets the broker choose, negative is the dead letter topic'),
    originMsgId: optional(string('offset message id')),
    originTopic: optional(string('topic the message was pulled from')),
    unitMode: withDefault(boolean('message of a unit'), false),
    maxReconsumeTimes: optional(int32('deliveries before the dead letter topic')),
  },
})

/** Recalls a timer message that has not been delivered. */
export const RecallMessage = defineCommand({
  code: 370,
  name: 'RECALL_MESSAGE',
  access: 'publisher',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    producerGroup: optional(string('group of the producer')),
    topic: string('topic of the message'),
    recallHandle: string('handle the send answered with'),
  },
  response: { msgId: string('unique id of the recalled message') },
})

import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, string, withDefault } from '../schema/field.js'
import { topicFields } from './rpc-fields.js'

const groupAndTopic = {
  ...topicFields,
  consumerGroup: string('group that consumes'),
  topic: string('topic to read'),
}

/** Java: PopMessageResponseHeader. */
const popResponse = {
  popTime: withDefault(int64('broker clock, ms'), 0),
  invisibleTime: withDefault(int64('time to acknowledge in, ms'), 0),
  reviveQid: withDefault(int32('queue the check points are in'), 0),
  restNum: withDefault(int64('messages left'), 0),
  startOffsetInfo: optional(string('mark, queue and first offset; entries separated by ;')),
  msgOffsetInfo: optional(string('mark, queue and offsets; entries separated by ;')),
  orderCountInfo: optional(string('mark, queue and deliveries so far; entries separated by ;')),
}

/** Takes messages that come back unless they are acknowledged in time. */
export const PopMessage = defineCommand({
  code: 200_050,
  name: 'POP_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...groupAndTopic,
    queueId: withDefault(int32('queue to read; -1 for any'), 0),
    maxMsgNums: withDefault(int32('most messages wanted'), 0),
    invisibleTime: withDefault(int64('time to acknowledge in, ms'), 0),
    pollTime: withDefault(int64('time to wait for a message, ms'), 0),
    bornTime: withDefault(int64('client clock, ms; 0 is the broker clock'), 0),
    initMode: withDefault(int32('where a new group begins: 0 at the first message, 1 at the end'), 0),
    expType: optional(string('TAG or SQL92')),
    exp: optional(string('expression messages have to match')),
    order: withDefault(boolean('in order'), false),
    attemptId: optional(string('the same for a request sent again')),
  },
  response: popResponse,
  responseBody: 'stored messages, one after the other',
})

/** Reads what a pop would take and leaves it there. */
export const PeekMessage = defineCommand({
  code: 200_052,
  name: 'PEEK_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...groupAndTopic,
    queueId: withDefault(int32('queue to read'), 0),
    maxMsgNums: withDefault(int32('most messages wanted'), 0),
  },
  response: popResponse,
  responseBody: 'stored messages, one after the other',
})

const popped = {
  ...groupAndTopic,
  queueId: int32('queue of the message'),
  extraInfo: string('POP_CK of the message'),
  offset: int64('queue offset of the message'),
}

/** Acknowledges a message. */
export const AckMessage = defineCommand({
  code: 200_051,
  name: 'ACK_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  request: popped,
})

/** Acknowledges several messages. */
export const BatchAckMessage = defineCommand({
  code: 200_151,
  name: 'BATCH_ACK_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  requestBody: 'BatchAckMessageRequestBody',
})

/** Changes when a message comes back. */
export const ChangeMessageInvisibleTime = defineCommand({
  code: 200_053,
  name: 'CHANGE_MESSAGE_INVISIBLETIME',
  access: 'subscriber',
  servedBy: ['broker'],
  request: { ...popped, invisibleTime: int64('time to acknowledge in, ms') },
  response: {
    popTime: withDefault(int64('broker clock, ms'), 0),
    invisibleTime: withDefault(int64('time to acknowledge in, ms'), 0),
    reviveQid: withDefault(int32('queue the check points are in'), 0),
  },
})

/** Waits for a message to pop. */
export const Notification = defineCommand({
  code: 200_054,
  name: 'NOTIFICATION',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...groupAndTopic,
    queueId: withDefault(int32('queue to watch; -1 for any'), 0),
    pollTime: withDefault(int64('time to wait, ms'), 0),
    bornTime: withDefault(int64('client clock, ms'), 0),
    order: withDefault(boolean('in order'), false),
    attemptId: optional(string('the same for a request sent again')),
  },
  response: {
    hasMsg: withDefault(boolean('there is a message'), false),
    pollingFull: withDefault(boolean('too many wait already'), false),
  },
})

/** How many requests wait for a message. */
export const PollingInfo = defineCommand({
  code: 200_055,
  name: 'POLLING_INFO',
  access: 'subscriber',
  servedBy: ['broker'],
  request: { ...groupAndTopic, queueId: withDefault(int32('queue they wait for'), 0) },
  response: { pollingNum: withDefault(int32('requests that wait'), 0) },
})

/** Moves the records of pops from the key-value store back to files. */
export const PopRollback = defineCommand({
  code: 200_056,
  name: 'POP_ROLLBACK',
  access: 'admin',
  servedBy: ['broker'],
})

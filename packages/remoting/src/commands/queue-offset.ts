import { defineCommand } from '../schema/command.js'
import { boolean, enumeration, int32, int64, optional, string, withDefault } from '../schema/field.js'
import { topicFields } from './rpc-fields.js'

const queue = { ...topicFields, topic: string('topic to look in'), queueId: int32('queue of that topic') }

/** Where a queue ends. */
export const GetMaxOffset = defineCommand({
  code: 30,
  name: 'GET_MAX_OFFSET',
  access: 'subscriber',
  servedBy: ['broker'],
  request: { ...queue, committed: withDefault(boolean('not used by brokers'), true) },
  response: { offset: int64('one past the last message') },
})

/** Where a queue begins. */
export const GetMinOffset = defineCommand({
  code: 31,
  name: 'GET_MIN_OFFSET',
  access: 'subscriber',
  servedBy: ['broker'],
  request: queue,
  response: { offset: int64('the first message still kept') },
})

/** Which of two neighbours a time between them finds. Java: BoundaryType. */
export type BoundaryType = 'LOWER' | 'UPPER'

/** The message of a queue that was stored at a time. */
export const SearchOffsetByTimestamp = defineCommand({
  code: 29,
  name: 'SEARCH_OFFSET_BY_TIMESTAMP',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...queue,
    timestamp: int64('store time, ms'),
    boundaryType: optional(
      enumeration(['LOWER', 'UPPER'], 'LOWER if left out: the first message of that time or later'),
    ),
  },
  response: { offset: int64('offset of the message') },
})

/** When the first message of a queue was stored. */
export const GetEarliestMsgStoretime = defineCommand({
  code: 32,
  name: 'GET_EARLIEST_MSG_STORETIME',
  access: 'subscriber',
  servedBy: ['broker'],
  request: queue,
  response: { timestamp: int64('store time, ms') },
})

/** Entries of a consume queue, for finding faults. */
export const QueryConsumeQueue = defineCommand({
  code: 321,
  name: 'QUERY_CONSUME_QUEUE',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    topic: optional(string('topic to look in')),
    queueId: withDefault(int32('queue of that topic'), 0),
    index: withDefault(int64('first entry wanted'), 0),
    count: withDefault(int32('entries wanted'), 0),
    consumerGroup: optional(string('group whose filter is applied')),
  },
  responseBody: 'QueryConsumeQueueResponseBody',
})

import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, string, wireName } from '../schema/field.js'
import { topicFields, type TopicRequest } from './rpc-fields.js'

/** Java: QueryMessageRequestHeader, and the raw entry `_UNIQUE_KEY_QUERY`. */
export interface QueryMessageRequest extends TopicRequest {
  topic: string
  key: string
  maxNum: number
  beginTimestamp: number
  endTimestamp: number
  isUniqueKeyQuery?: boolean
  indexType?: string
}

/** Finds messages by one of their keys. */
export const QueryMessage = defineCommand({
  code: 12,
  name: 'QUERY_MESSAGE',
  access: 'subscriber',
  servedBy: ['broker'],
  request: {
    ...topicFields,
    topic: string('topic to search'),
    key: string('key, or unique id, to find'),
    maxNum: int32('most messages wanted'),
    beginTimestamp: int64('store time of the first message wanted, ms'),
    endTimestamp: int64('store time of the last message wanted, ms'),
    isUniqueKeyQuery: wireName(optional(boolean('key is a unique id')), '_UNIQUE_KEY_QUERY'),
    indexType: optional(string('K a key, U a unique id, T a tag; sent since 5.4.0')),
  },
  response: {
    indexLastUpdateTimestamp: int64('store time of the last message indexed, ms'),
    indexLastUpdatePhyoffset: int64('commit-log offset of the last message indexed'),
  },
  responseBody: 'stored messages, one after the other',
})

/** Reads one message by its place in the commit log. */
export const ViewMessageById = defineCommand({
  code: 33,
  name: 'VIEW_MESSAGE_BY_ID',
  access: 'subscriber',
  servedBy: ['broker'],
  request: { topic: optional(string('topic of the message')), offset: int64('commit-log offset') },
  responseBody: 'one stored message',
})

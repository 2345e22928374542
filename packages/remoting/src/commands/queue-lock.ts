import { defineCommand } from '../schema/command.js'
import { rpcFields } from './rpc-fields.js'

/** Locks queues for a client that consumes in order. */
export const LockBatchMQ = defineCommand({
  code: 41,
  name: 'LOCK_BATCH_MQ',
  access: 'subscriber',
  servedBy: ['broker'],
  request: rpcFields,
  requestBody: 'LockBatchRequestBody',
  responseBody: 'LockBatchResponseBody',
})

/** Gives locked queues back. */
export const UnlockBatchMQ = defineCommand({
  code: 42,
  name: 'UNLOCK_BATCH_MQ',
  access: 'subscriber',
  servedBy: ['broker'],
  request: rpcFields,
  requestBody: 'UnlockBatchRequestBody',
})

/** Asks the broker to share out the queues of a topic. */
export const QueryAssignment = defineCommand({
  code: 400,
  name: 'QUERY_ASSIGNMENT',
  access: 'subscriber',
  servedBy: ['broker'],
  requestBody: 'QueryAssignmentRequestBody',
  responseBody: 'QueryAssignmentResponseBody',
})

/** Says whether a group pulls or pops. */
export const SetMessageRequestMode = defineCommand({
  code: 401,
  name: 'SET_MESSAGE_REQUEST_MODE',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'SetMessageRequestModeRequestBody',
})

/** Which groups pull and which pop; slaves keep a copy. */
export const GetAllMessageRequestMode = defineCommand({
  code: 402,
  name: 'GET_ALL_MESSAGE_REQUEST_MODE',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'content of messageRequestMode.json',
})

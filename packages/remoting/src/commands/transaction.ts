import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, string, withDefault } from '../schema/field.js'
import { rpcFields } from './rpc-fields.js'

/** Commits or rolls back a half message; sent one-way. */
export const EndTransaction = defineCommand({
  code: 37,
  name: 'END_TRANSACTION',
  access: 'publisher',
  servedBy: ['broker'],
  oneway: true,
  request: {
    ...rpcFields,
    topic: optional(string('topic of the message')),
    producerGroup: string('group of the producer'),
    tranStateTableOffset: int64('queue offset of the half message'),
    commitLogOffset: int64('commit-log offset of the half message'),
    commitOrRollback: int32('8 commit, 12 rollback, 0 not known yet'),
    fromTransactionCheck: withDefault(boolean('answers CHECK_TRANSACTION_STATE'), false),
    msgId: string('unique id of the message'),
    transactionId: optional(string('unique id of the message')),
  },
})

/** Asks a producer what became of a transaction; it answers with END_TRANSACTION. */
export const CheckTransactionState = defineCommand({
  code: 39,
  name: 'CHECK_TRANSACTION_STATE',
  access: 'internal',
  servedBy: ['client'],
  oneway: true,
  request: {
    ...rpcFields,
    topic: optional(string('topic of half messages')),
    tranStateTableOffset: int64('queue offset of the half message'),
    commitLogOffset: int64('commit-log offset of the half message'),
    msgId: optional(string('unique id of the message')),
    transactionId: optional(string('unique id of the message')),
    offsetMsgId: optional(string('offset message id')),
  },
  requestBody: 'one stored message',
})

/** Starts checking a half message over. */
export const ResumeCheckHalfMessage = defineCommand({
  code: 323,
  name: 'RESUME_CHECK_HALF_MESSAGE',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    topic: optional(string('topic of the message')),
    msgId: optional(string('offset message id')),
  },
})

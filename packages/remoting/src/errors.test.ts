import { describe, expect, test } from 'vitest'
import {
  CompressionError,
  FrameError,
  MessageFormatError,
  MqError,
  RemotingCommandError,
  RemotingConnectError,
  RemotingSendRequestError,
  RemotingTimeoutError,
  RemotingTooMuchRequestError,
  remotingErrors,
  ResponseCodeError,
} from './errors.js'

const made = [
  new RemotingConnectError('m'),
  new RemotingSendRequestError('m'),
  new RemotingTimeoutError('m'),
  new RemotingTooMuchRequestError('m'),
  new RemotingCommandError('m'),
  new FrameError('m'),
  new MessageFormatError('m'),
  new CompressionError('m'),
  new ResponseCodeError('m', { responseCode: 1 }),
]

describe('the errors of the package', () => {
  test('each is in the table with the retryability it has, and the table has no other', () => {
    const rows = remotingErrors.map(({ code, retryable }) => ({ code, retryable }))
    expect(made.map(({ code, retryable }) => ({ code, retryable }))).toEqual(rows)
  })

  test('each has the name of its class', () => {
    for (const error of made) expect(error.name).toBe(error.constructor.name)
  })
})

describe('MqError', () => {
  test('is recognised by its brand, not by its class', () => {
    const foreign = Object.assign(new Error('of another copy'), { [Symbol.for('mq.error')]: true })
    expect([new FrameError('m'), foreign, new Error('m'), null, 'm'].map((error) => MqError.is(error))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  test('tells its fields and causes as plain data', () => {
    const cause = new RemotingConnectError('no', { cause: new RangeError('port'), fields: { address: 'h:1' } })
    const error = new RemotingTimeoutError('late', { cause, retryable: false })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'RemotingTimeoutError',
      code: 'REMOTING_TIMEOUT',
      message: 'late',
      retryable: false,
      cause: {
        name: 'RemotingConnectError',
        code: 'REMOTING_CONNECT',
        message: 'no',
        retryable: true,
        fields: { address: 'h:1' },
        cause: { name: 'RangeError', message: 'port' },
      },
    })
  })

  test('a response code and where it came from are fields', () => {
    const error = new ResponseCodeError('m', {
      responseCode: 17,
      remark: 'no topic',
      address: 'h:1',
      command: 'PULL_MESSAGE',
    })
    expect(error).toMatchObject({ responseCode: 17, remark: 'no topic', address: 'h:1', command: 'PULL_MESSAGE' })
    expect(error.fields).toEqual({ remark: 'no topic', address: 'h:1', command: 'PULL_MESSAGE' })
  })
})

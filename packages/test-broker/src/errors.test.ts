import { MqError } from '@mq/remoting'
import { expect, test } from 'vitest'
import { TestBrokerError, testBrokerErrors } from './errors.js'

test('every code of the table makes an error that carries it and its retryability', () => {
  expect(testBrokerErrors).toHaveLength(3)
  for (const code of ['TEST_BROKER_ARGUMENT', 'TEST_BROKER_STOPPED', 'TEST_BROKER_WAIT'] as const) {
    const error = new TestBrokerError(code, 'why')
    const row = testBrokerErrors.find((entry) => entry.code === code)
    expect(error).toMatchObject({ code, retryable: row?.retryable, message: 'why', name: 'TestBrokerError' })
    expect(MqError.is(error)).toBe(true)
  }
})

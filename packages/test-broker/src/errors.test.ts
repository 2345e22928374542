import { expect, test } from 'vitest'
import { TestBrokerError, testBrokerErrors } from './errors.js'

test.each(testBrokerErrors.map(({ code }) => code))('%s is what the error carries, never retryable', (code) => {
  const error = new TestBrokerError(code as TestBrokerError['code'] & never, 'why')
  expect(error).toMatchObject({ code, retryable: false, message: 'why', name: 'TestBrokerError' })
})

import { MqError } from '@mq/remoting'
import { expect, test } from 'vitest'
import { clientErrors, MQClientError, NoRouteError } from './errors.js'

test('every code stands once in the table, with a meaning and a remedy', () => {
  expect(new Set(clientErrors.map(({ code }) => code)).size).toBe(clientErrors.length)
  for (const { meaning, remedy } of clientErrors) {
    expect(meaning).not.toBe('')
    expect(remedy).not.toBe('')
  }
})

test('an error has the retryability of its code and ends with what to do', () => {
  const error = new MQClientError('it failed', { code: 'NAME_SERVER_UNREACHABLE' })
  expect(error.retryable).toBe(true)
  expect(error.message).toBe(
    'it failed; check that a name server listens at namesrvAddr and that it can be reached from here',
  )
  expect(MqError.is(error)).toBe(true)
})

test('a code that is not in the table cannot be used', () => {
  expect(() => new NoRouteError('x', { code: 'NONSENSE' })).toThrow(TypeError)
})

import { MqError } from '@mq/remoting'
import { expect, test } from 'vitest'
import { BrokerConfigError, brokerErrors, ConfigFileError } from './errors.js'

const path = '/store/config/topics.json'

test.each([
  new BrokerConfigError('listenPort', '70000 is not a whole number from 0 to 65535'),
  new ConfigFileError('BROKER_CONFIG_FILE_UNREADABLE', 'restore it', { path, cause: undefined }),
  new ConfigFileError('BROKER_CONFIG_FILE_UNWRITABLE', 'free space', { path, cause: undefined }),
])('$code stands in the table and has its retryability', (error) => {
  const row = brokerErrors.find(({ code }) => code === error.code)
  expect(row?.retryable).toBe(error.retryable)
  expect(MqError.is(error)).toBe(true)
})

test('every code stands once in the table', () => {
  expect(brokerErrors).toHaveLength(3)
  expect(new Set(brokerErrors.map(({ code }) => code)).size).toBe(3)
})

test('a configuration error names its key, a file error its file and cause', () => {
  expect(new BrokerConfigError('listenPort', 'too large')).toMatchObject({
    message: 'listenPort: too large',
    fields: { key: 'listenPort' },
  })
  const cause = new Error('ENOSPC')
  const error = new ConfigFileError('BROKER_CONFIG_FILE_UNWRITABLE', 'free space', { path, cause })
  expect(error).toMatchObject({ fields: { path }, cause })
})

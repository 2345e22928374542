import { expect, test } from 'vitest'
import { formatAddress, parseAddress } from './address.js'

test.each([
  ['127.0.0.1:9876', { host: '127.0.0.1', port: 9876 }],
  ['broker.example:10911', { host: 'broker.example', port: 10911 }],
  ['[::1]:9876', { host: '::1', port: 9876 }],
])('%s is read and written alike', (text, endpoint) => {
  expect(parseAddress(text)).toEqual(endpoint)
  expect(formatAddress(endpoint)).toBe(text)
})

test('an IPv4 address that came through an IPv6 socket is written as IPv4', () => {
  expect(formatAddress({ host: '::ffff:10.0.0.1', port: 1 })).toBe('10.0.0.1:1')
})

test.each(['', 'localhost', ':9876', 'host:', 'host:12x', 'host:65536', '[]:1'])('"%s" is refused', (text) => {
  expect(() => parseAddress(text)).toThrow('write host:port')
})

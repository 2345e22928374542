import { expect, test } from 'vitest'
import { namespaceOfAddress, parseNameServerAddresses } from './name-server-address.js'

test.each<[string, string[]]>([
  ['a:1;b:2', ['a:1', 'b:2']],
  [' a:1 ; a:1;', ['a:1']],
  ['http://MQ_INST_1_a.host:80', ['MQ_INST_1_a.host:80']],
  ['[::1]:9876', ['[::1]:9876']],
  ['', []],
])('%j names the addresses %j', (text, addresses) => {
  expect(parseNameServerAddresses(text)).toEqual(addresses)
})

test.each(['localhost', ':9876', 'a:0', 'a:65536', 'a:1;b', 'a:x'])('%j is refused', (text) => {
  expect(() => parseNameServerAddresses(text)).toThrow(expect.objectContaining({ code: 'CLIENT_CONFIG' }) as Error)
})

test('the namespace of an instance address is its host up to the first dot', () => {
  expect(namespaceOfAddress('http://MQ_INST_123_abc.host.com:80')).toBe('MQ_INST_123_abc')
  expect(namespaceOfAddress('MQ_INST_123_abc.host.com:80')).toBe('MQ_INST_123_abc')
  expect(namespaceOfAddress('host.com:80')).toBeUndefined()
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatHostAddress, parseHostAddress, parseIp } from './host-address.js'

it.each([
  ['192.168.1.2:10911', 'c0a80102', 10_911],
  ['[::1]:1', `${'00'.repeat(15)}01`, 1],
  ['::1:1', `${'00'.repeat(15)}01`, 1],
  ['[2001:db8::ff00:42]:0', '20010db800000000000000 00ff000042'.replace(' ', ''), 0],
  ['[::ffff:10.0.0.1]:65535', `${'00'.repeat(10)}ffff0a000001`, 65_535],
  ['[fe80::1%eth0]:2', 'fe800000000000000000000000000001', 2],
])('%s is read', (text, ip, port) => {
  expect(parseHostAddress(text)).toEqual({ ip: Buffer.from(ip, 'hex'), port })
})

it.each([
  '',
  '1.2.3.4',
  '1.2.3.4:',
  '1.2.3:5',
  '1.2.3.256:5',
  '1.2.3.4:65536',
  '1.2.3.4:-1',
  'localhost:9876',
  '[1::2::3]:5',
  '[1:2:3]:5',
])('"%s" is refused', (text) => {
  expect(() => parseHostAddress(text)).toThrow(expect.objectContaining({ code: 'MESSAGE_FORMAT' }))
})

it('an address reads back as it was formatted', () => {
  const ip = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  fc.assert(
    fc.property(ip, fc.nat({ max: 65_535 }), (bytes, port) => {
      const host = { ip: Buffer.from(bytes), port }
      expect(parseHostAddress(formatHostAddress(host))).toEqual(host)
    }),
  )
})

it('what is no address has no bytes', () => {
  expect(parseIp('example.com')).toBeUndefined()
})

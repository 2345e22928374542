import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32 } from './crc32.js'

it('the CRC of "hello" is the one Java computes', () => {
  expect(crc32(Buffer.from('hello'))).toBe(907_060_870)
})

it('short and long bytes, whole or part, have the CRC of zlib without its top bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(), fc.nat(), (bytes, a, b) => {
      const [start, end] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y) as [number, number]
      expect(crc32(bytes, start, end)).toBe(zlibCrc32(bytes.subarray(start, end)) & 0x7fffffff)
    }),
  )
})

it('the CRC of nothing is 0', () => {
  expect(crc32(Buffer.alloc(0))).toBe(0)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BytePattern } from './byte-pattern.js'

const bytes = fc.uint8Array({ maxLength: 20, max: 3 })

test('a pattern is found where its bytes are, and nowhere beyond the end', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.tuple(fc.nat(20), fc.nat(20)), (haystack, needle, [at, end]) => {
      const whole = Buffer.concat([Buffer.alloc(8, 9), haystack, Buffer.alloc(24, 1)])
      const view = new DataView(whole.buffer, whole.byteOffset, whole.length)
      const isThere = at + needle.length <= end && whole.subarray(at, at + needle.length).equals(needle)
      expect(new BytePattern(needle).isAt(view, at, end)).toBe(isThere)
    }),
    { numRuns: 2000 },
  )
})

test('a pattern is a copy', () => {
  const source = Buffer.from('abcdef')
  const pattern = new BytePattern(source)
  source.fill(0)
  const view = new DataView(new TextEncoder().encode('abcdef').buffer)
  expect(pattern.isAt(view, 0, 6)).toBe(true)
})

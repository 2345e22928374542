import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeMessageBatch, encodeMessageBatch } from './message-batch.js'
import { encodeProperties } from './message-properties.js'

const member = fc.record({
  flag: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  body: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  properties: fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 8 }))).map(clean),
})
const malformed: unknown = expect.objectContaining({ code: 'MESSAGE_FORMAT' })

it('members read back as they were encoded', () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 8 }), (members) => {
      const entries = decodeMessageBatch(encodeMessageBatch(members))
      expect(entries.map((entry) => ({ ...entry, properties: entry.properties.toString() }))).toEqual(
        members.map(({ flag, body, properties }) => ({ flag, body, properties: encodeProperties(properties) })),
      )
    }),
  )
})

it('a batch cut inside an entry is refused whole', () => {
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 4 }), fc.nat(), (members, position) => {
      const batch = encodeMessageBatch(members)
      const boundaries = new Set(members.map((_, index) => encodeMessageBatch(members.slice(0, index)).length))
      const at = position % batch.length
      if (boundaries.has(at)) expect(decodeMessageBatch(batch.subarray(0, at)).length).toBeLessThan(members.length)
      else expect(() => decodeMessageBatch(batch.subarray(0, at))).toThrow(malformed)
    }),
  )
})

it.each([
  ['a size of 0', 0, 0],
  ['a negative size', 0, -1],
  ['a size beyond the batch', 0, 25],
  ['a negative body length', 16, -1],
  ['a body length beyond its entry', 16, 3],
  ['a body length that leaves bytes over', 16, 1],
])('%s is refused with the place named', (_name, at, value) => {
  const batch = encodeMessageBatch([{ flag: 0, body: Buffer.from('ab'), properties: new Map() }])
  batch.writeInt32BE(value, at)
  expect(() => decodeMessageBatch(batch)).toThrow(
    expect.objectContaining({ code: 'MESSAGE_FORMAT', fields: { offset: 0, index: 0 } }),
  )
})

it('properties too long for their length field are refused', () => {
  const properties = new Map([['k', 'v'.repeat(32_767)]])
  expect(() => encodeMessageBatch([{ flag: 0, body: Buffer.alloc(0), properties }])).toThrow(malformed)
})

it('arbitrary bytes end in members or a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        decodeMessageBatch(Buffer.from(bytes))
      } catch (error) {
        expect(error).toEqual(malformed)
      }
    }),
  )
})

function clean(entries: [string, string][]): Map<string, string> {
  return new Map(entries.map(([name, value]) => [withoutSeparators(name), withoutSeparators(value)]))
}

function withoutSeparators(text: string): string {
  return text.replaceAll('\x01', '_').replaceAll('\x02', '_')
}

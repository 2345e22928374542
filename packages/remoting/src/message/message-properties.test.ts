import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeProperties, encodeProperties, isEncodingOf } from './message-properties.js'
import { PropertyName, reservedPropertyNames } from './property-name.js'

const pairs = (text: string) => [...decodeProperties(text)]

it('pairs are name, 0x01, value, 0x02 in the order they were put', () => {
  const properties = new Map([
    ['KEYS', 'K1'],
    ['WAIT', 'true'],
  ])
  expect(encodeProperties(properties)).toBe('KEYS\x01K1\x02WAIT\x01true\x02')
  expect(encodeProperties(new Map())).toBe('')
})

it.each([
  ['a missing final separator', 'a\x01b', [['a', 'b']]],
  ['the last of equal names', 'a\x01b\x02a\x01c\x02', [['a', 'c']]],
  ['a value that holds the name separator', 'a\x01b\x01c\x02', [['a', 'b\x01c']]],
])('reading keeps %s', (_name, text, expected) => {
  expect(pairs(text)).toEqual(expected)
})

it.each([
  ['an empty name', '\x01value\x02'],
  ['an empty value', 'name\x01\x02'],
  ['a segment without separator', 'name\x02'],
  ['a segment under three characters', 'a\x01\x02\x01a\x02'],
  ['nothing', ''],
  ['separators only', '\x02\x02\x01\x02'],
])('reading drops %s', (_name, text) => {
  expect(pairs(`${text}x\x01y\x02`).slice(-1)).toEqual([['x', 'y']])
  expect(pairs(text)).toEqual([])
})

it('bytes and text read alike', () => {
  expect(decodeProperties(Buffer.from('k\x01ü€\x02'))).toEqual(new Map([['k', 'ü€']]))
})

it.each([
  ['a\x02b', 'v'],
  ['a\x01b', 'v'],
  ['a', 'v\x02TRAN_MSG\x01true'],
])('a property that would read back as another is refused (%j)', (name, value) => {
  expect(() => encodeProperties(new Map([[name, value]]))).toThrow(expect.objectContaining({ code: 'MESSAGE_FORMAT' }))
})

it('whatever was read can be written and reads the same again', () => {
  const text = fc
    .array(fc.constantFrom('\x01', '\x02', 'a', 'b', '€'), { maxLength: 40 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (encoded) => {
      const properties = decodeProperties(encoded)
      expect(decodeProperties(encodeProperties(properties))).toEqual(properties)
    }),
  )
})

it('users may shard, but not claim a delay or a transaction', () => {
  expect(reservedPropertyNames.has(PropertyName.SHARDING_KEY)).toBe(false)
  expect(reservedPropertyNames.has(PropertyName.DELAY)).toBe(true)
  expect(reservedPropertyNames.has(PropertyName.TRAN_MSG)).toBe(true)
})

it.each([
  ['a\u0001b\u0002c\u0001d\u0002', true],
  ['', true],
  ['a\u0001b', false],
  ['a\u0001b\u0002a\u0001c\u0002', false],
  ['\u0002a\u0001b\u0002', false],
  ['\u0002a\u0001b', false],
  ['a\u0001\u0002c\u0001d\u0002', false],
  ['a\u0001b\u0001c\u0002', true],
])('%j is what its properties are encoded as: %s', (text, expected) => {
  const properties = decodeProperties(text)
  expect(isEncodingOf(text, properties)).toBe(expected)
  expect(encodeProperties(properties) === text).toBe(expected)
})

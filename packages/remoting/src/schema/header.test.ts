import { describe, expect, test } from 'vitest'
import { defineCommand, type RequestInput } from './command.js'
import { createExtFields } from './ext-fields.js'
import { boolean, enumeration, float64, int32, int64, optional, string, withDefault } from './field.js'

const Sample = defineCommand({
  code: 30,
  name: 'SAMPLE',
  access: 'anyone',
  servedBy: ['broker'],
  request: {
    topic: string('a topic'),
    queueId: int32('a queue'),
    offset: int64('an offset'),
    order: boolean('a flag'),
    rate: optional(float64('a rate')),
    boundary: optional(enumeration(['LOWER', 'UPPER'], 'a name')),
    limit: withDefault(int32('a limit'), 32),
  },
  response: { offset: int64('an offset') },
})

const values: RequestInput<typeof Sample> = { topic: 'T', queueId: 3, offset: 7, order: false }

function decodeWith(changes: Record<string, string>): ReturnType<typeof Sample.requestHeader.decode> {
  return Sample.requestHeader.decode(createExtFields({ ...Sample.requestHeader.encode(values), ...changes }))
}

describe('encoding a header', () => {
  test('values become text, defaults are written, optional fields that are left out are not', () => {
    expect({ ...Sample.requestHeader.encode(values) }).toEqual({
      topic: 'T',
      queueId: '3',
      offset: '7',
      order: 'false',
      limit: '32',
    })
  })

  test('doubles are written with a point and names as they are', () => {
    expect(Sample.requestHeader.encode({ ...values, rate: 2, boundary: 'UPPER' })).toMatchObject({
      rate: '2.0',
      boundary: 'UPPER',
    })
  })

  test.each([
    ['queueId', 1.5],
    ['queueId', 2_147_483_648],
    ['queueId', Number.NaN],
    ['offset', Number.MAX_SAFE_INTEGER + 1],
    ['offset', '7'],
    ['topic', 7],
    ['order', 'true'],
    ['boundary', 'MIDDLE'],
    ['topic', undefined],
    ['topic', null],
  ])('a value that %s cannot have is refused: %s', (key, value) => {
    const wrong = { ...values, [key]: value } as RequestInput<typeof Sample>
    expect(() => Sample.requestHeader.encode(wrong)).toThrow(new RegExp(`^SAMPLE: .*${key}`))
  })
})

describe('decoding a header', () => {
  test('text becomes values, what is absent undefined or its default', () => {
    expect(decodeWith({})).toEqual({
      topic: 'T',
      queueId: 3,
      offset: 7,
      order: false,
      rate: undefined,
      boundary: undefined,
      limit: 32,
    })
  })

  test('a boolean is true only for true, in any case', () => {
    expect(['true', 'TRUE', 'yes', '1', ''].map((order) => decodeWith({ order }).order)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  test('a name is read in any case', () => {
    expect(decodeWith({ boundary: 'upper' }).boundary).toBe('UPPER')
  })

  test('integers are read as Java reads them', () => {
    expect(['+5', '-0', '007', '-2147483648'].map((queueId) => decodeWith({ queueId }).queueId)).toEqual([
      5, 0, 7, -2147483648,
    ])
  })

  test('longs beyond the safe integers become the nearest safe one', () => {
    const offsets = ['9223372036854775807', '-9223372036854775808', '9007199254740991', '9007199254740993']
    expect(offsets.map((offset) => decodeWith({ offset }).offset)).toEqual([
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER,
    ])
  })

  test.each([
    ['queueId', ''],
    ['queueId', '1.0'],
    ['queueId', ' 1'],
    ['queueId', '0x1'],
    ['queueId', '2147483648'],
    ['queueId', '-'],
    ['offset', '9223372036854775808'],
    ['offset', '-9223372036854775809'],
    ['offset', '1'.repeat(400)],
    ['rate', 'fast'],
    ['boundary', 'middle'],
  ])('a malformed %s is refused, naming command and field: "%s"', (key, text) => {
    expect(() => decodeWith({ [key]: text })).toThrow(`SAMPLE: the field ${key} is not`)
  })

  test('a missing mandatory field is refused, naming command and field', () => {
    expect(() => Sample.requestHeader.decode(undefined)).toThrow('SAMPLE: the field topic is missing')
    expect(() => Sample.responseHeader.decode(undefined)).toThrow('SAMPLE response: the field offset is missing')
  })

  test('names of Object.prototype are no fields unless they were sent', () => {
    const Odd = defineCommand({
      code: 1,
      name: 'ODD',
      access: 'anyone',
      servedBy: [],
      request: { constructor: optional(string('')), toString: optional(string('')) },
    })
    expect(Odd.requestHeader.decode(createExtFields())).toEqual({ constructor: undefined, toString: undefined })
    expect(Odd.requestHeader.decode(createExtFields({ constructor: 'c' }))).toMatchObject({ constructor: 'c' })
  })
})

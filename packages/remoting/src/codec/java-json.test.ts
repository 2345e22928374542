import { describe, expect, test } from 'vitest'
import { MqError } from '../errors.js'
import { parseJavaJson } from './java-json-parser.js'
import { javaDouble, stringifyJavaJson } from './java-json-writer.js'

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('parseJavaJson', () => {
  test('integer keys without quotes are read', () => {
    expect(plain(parseJavaJson('{0:"a",1:{-2:3}}'))).toEqual({ 0: 'a', 1: { '-2': 3 } })
  })

  test('an object as a key is kept as its JSON text', () => {
    const text = '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:7}}'
    expect(plain(parseJavaJson(text))).toEqual({ offsetTable: { '{"brokerName":"b","queueId":0,"topic":"T"}': 7 } })
  })

  test('an object as a key inside such a key is refused', () => {
    expect(() => parseJavaJson('{{{"a":1}:1}:1}')).toThrow(/where a simple key belongs/)
  })

  test('single quotes, bare keys, stray commas and comments are read', () => {
    expect(plain(parseJavaJson("{,a:'it\\'s',,/* c */ b:[1,,2,], // d\n}"))).toEqual({ a: "it's", b: [1, 2] })
  })

  test('escapes are undone', () => {
    expect(parseJavaJson('"a\\u0001\\n\\/\\x41\\\\"')).toBe('a\u0001\n/A\\')
  })

  test('integers beyond the safe ones become the nearest safe one', () => {
    expect(parseJavaJson('[9223372036854775807,-9223372036854775808,1.5,0.0,12]')).toEqual([
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      1.5,
      0,
      12,
    ])
  })

  test('a reference stands for the value at its path', () => {
    const text = '{"a":{"x.y":[{"t":1}]},"b":{"$ref":"$.a.x\\\\.y[0]"},"c":[{"$ref":"$.nowhere"}]}'
    expect(plain(parseJavaJson(text))).toMatchObject({ b: { t: 1 }, c: [null] })
  })

  test('a reference to an enclosing object makes no circle', () => {
    expect(plain(parseJavaJson('{"a":{"b":{"$ref":"$.a"},"c":{"$ref":"$"}}}'))).toEqual({ a: { b: null, c: null } })
  })

  test('references that multiply are refused', () => {
    let text = `{"l0":[${'1,'.repeat(99)}1]`
    for (let level = 1; level < 8; level++) text += `,"l${level}":[${`{"$ref":"$.l${level - 1}"},`.repeat(100)}]`
    expect(() => parseJavaJson(`${text}}`)).toThrow(/references stand for more than/)
  })

  test('__proto__ is a member and nothing else', () => {
    const object = parseJavaJson('{"__proto__":{"polluted":1},constructor:2}') as Record<string, unknown>
    expect(Object.keys(object)).toEqual(['__proto__', 'constructor'])
    expect(object['polluted']).toBeUndefined()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test.each(['', '{', '[1', '"a', '{"a":}', '{"a" 1}', 'tru', '{"a":1}x', '"\\u12"', '/* ', '1.2.3', '{:1}'])(
    'text that is no JSON is refused: %s',
    (text) => {
      expect(() => parseJavaJson(text)).toThrow(expect.toSatisfy((error) => MqError.is(error)))
    },
  )

  test('nesting deeper than 64 is refused', () => {
    expect(parseJavaJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toHaveLength(1)
    expect(() => parseJavaJson('['.repeat(65))).toThrow(/deeper than 64/)
    expect(() => parseJavaJson('{"a":'.repeat(100_000))).toThrow(/deeper than 64/)
  })
})

describe('stringifyJavaJson', () => {
  test('maps with integer keys have them unquoted, undefined members are left out', () => {
    const value = {
      brokerAddrs: new Map([
        [0, 'a:1'],
        [1, 'b:2'],
      ]),
      zone: undefined,
      names: new Set(['x']),
    }
    expect(stringifyJavaJson(value)).toBe('{"brokerAddrs":{0:"a:1",1:"b:2"},"names":["x"]}')
  })

  test('doubles are written as Java prints them', () => {
    const texts = [0, 5, -1.25, 1e7, 123456789, 0.001, 0.0005, 9999999.5].map((value) =>
      stringifyJavaJson(javaDouble(value)),
    )
    expect(texts).toEqual(['0.0', '5.0', '-1.25', '1.0E7', '1.23456789E8', '0.001', '5.0E-4', '9999999.5'])
  })

  test('the pretty form is that of the files of a Java broker', () => {
    const value = {
      dataVersion: { counter: 3 },
      empty: {},
      groupTopicMap: { g1: new Set(['TopicTest', '%RETRY%g1']) },
      list: ['a', 'b'],
      offsetTable: new Map<unknown, unknown>([
        [
          'TopicTest@g1',
          new Map([
            [0, 12],
            [1, 10],
          ]),
        ],
        [{ queueId: 0 }, 7],
      ]),
    }
    expect(stringifyJavaJson(value, { pretty: true })).toBe(
      '{\n\t"dataVersion":{\n\t\t"counter":3\n\t},\n\t"empty":{\n\t\t\n\t},\n\t"groupTopicMap":{\n\t\t"g1":[\n\t\t\t"TopicTest",\n\t\t\t' +
        '"%RETRY%g1"\n\t\t]\n\t},\n\t"list":[\n\t\t"a",\n\t\t"b"\n\t],\n\t"offsetTable":{\n\t\t"TopicTest@g1":{\n\t\t\t0:12,\n\t\t\t1:10\n\t\t},' +
        '\n\t\t{\n\t\t\t"queueId":0\n\t\t}:7\n\t}\n}',
    )
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonHeaderScanner } from './json-header-scanner.js'
import { languageCode } from './language-code.js'

const scanner = new JsonHeaderScanner()
const scan = (text: string): ReturnType<JsonHeaderScanner['scan']> => scanner.scan(text, 1024)

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\\"',
    '\u0001',
    'KEYS\u0001a\u0002',
    '/',
    'é',
    '\n',
    '__proto__',
    'constructor',
    '{',
    '"}',
  ),
)

const header = fc.record(
  {
    code: fc.integer(),
    flag: fc.integer(),
    opaque: fc.integer(),
    version: fc.integer(),
    language: fc.constantFrom('JAVA', 'GO', 'NODE_JS', 'NOBODY'),
    remark: text,
    serializeTypeCurrentRPC: fc.constant('JSON'),
    extFields: fc.dictionary(text, text, { maxKeys: 6 }),
  },
  { requiredKeys: [] },
)

describe('the scanner of JSON headers', () => {
  test('reads what it accepts as JSON.parse does', () => {
    let accepted = 0
    fc.assert(
      fc.property(header, (content) => {
        const source = JSON.stringify(content)
        const command = scan(source)
        if (command === undefined) return
        accepted++
        const parsed = JSON.parse(source) as typeof content
        expect(command).toMatchObject({
          code: parsed.code ?? 0,
          flag: parsed.flag ?? 0,
          opaque: parsed.opaque ?? 0,
          version: parsed.version ?? 0,
          language: languageCode(parsed.language ?? 'JAVA'),
        })
        expect(command.remark).toBe(parsed.remark)
        expect(Object.entries(command.extFields ?? {})).toEqual(Object.entries(parsed.extFields ?? {}))
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })

  test('accepts a send of a Java client, separators of properties included', () => {
    const source =
      '{"code":310,"extFields":{"a":"g","e":"1","i":"KEYS\\u0001k\\u0002WAIT\\u0001true\\u0002","m":"false"},"flag":0,' +
      '"language":"JAVA","opaque":2147483647,"serializeTypeCurrentRPC":"JSON","version":493}'
    const command = scan(source)
    expect(command).toMatchObject({ code: 310, opaque: 2_147_483_647, version: 493 })
    expect(command?.extFields?.['i']).toBe('KEYS\u0001k\u0002WAIT\u0001true\u0002')
  })

  test('never reads a damaged header as another than JSON.parse does', () => {
    const source = '{"code":10,"extFields":{"a":"\\u0001x","b":"\\"y\\\\"},"flag":-1,"opaque":7,"remark":"r"}'
    const damage = fc.tuple(
      fc.nat(source.length - 1),
      fc.constantFrom('"', '\\', '{', '}', ',', ':', '0', '-', ' ', 'u', ''),
    )
    fc.assert(
      fc.property(damage, ([at, replacement]) => {
        const damaged = source.slice(0, at) + replacement + source.slice(at + 1)
        const command = scan(damaged)
        if (command === undefined) return
        const parsed = JSON.parse(damaged) as { code?: number; remark?: string; extFields?: object }
        expect(command.code).toBe(parsed.code ?? 0)
        expect(command.remark).toBe(parsed.remark)
        expect({ ...command.extFields }).toEqual(parsed.extFields ?? {})
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['more entries than allowed', '{"extFields":{"a":"1","b":"2","c":"3"}}'],
    ['a number as text', '{"extFields":{"a":1}}'],
    ['an unknown member', '{"colour":"red"}'],
    ['a blank', '{"code": 1}'],
    ['a fraction', '{"code":1.5}'],
    ['a leading zero', '{"code":01}'],
    ['an integer beyond 32 bits', '{"code":2147483648}'],
    ['text behind the header', '{"code":1}x'],
    ['no object', '[]'],
    ['nothing', ''],
  ])('leaves %s to the parser', (_, source) => {
    expect(scanner.scan(source, 2)).toBeUndefined()
  })
})

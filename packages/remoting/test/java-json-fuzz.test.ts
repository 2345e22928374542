import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MqError, parseJavaJson, stringifyJavaJson } from '../src/index.js'

const numRuns = Math.min(Number(process.env['MQ_FUZZ_CASES'] ?? 5_000), 20_000)

function saturated(_: string, value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || String(value).includes('e')) return value
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER))
}

test('standard JSON is read as JSON.parse reads it, long integers apart', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const expected: unknown = JSON.parse(text, saturated)
      expect(JSON.stringify(parseJavaJson(text))).toBe(JSON.stringify(expected))
      expect(JSON.stringify(parseJavaJson(stringifyJavaJson(expected)))).toBe(JSON.stringify(expected))
    }),
    { numRuns },
  )
})

test('any text is read or refused, nothing else', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    "'",
    '\\',
    '\\u00',
    '$ref',
    '"$ref"',
    '"$.a"',
    'a',
    '0',
    '-1',
    '1e9',
    'true',
    '/*',
    '*/',
    '//',
    '\n',
    ' ',
    '\u0000',
    'é',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
      try {
        parseJavaJson(parts.join(''))
      } catch (error) {
        expect(error).toSatisfy((refusal) => MqError.is(refusal))
      }
    }),
    { numRuns },
  )
})

import { RemotingCommandError } from '../errors.js'
import { createReferenceResolver, type ReferenceResolver } from './java-json-reference.js'
import { stringifyJavaJson } from './java-json-writer.js'

/** An object read from JSON: it inherits nothing, so that every key is a member and nothing else is. */
export type JsonObject = Record<string, unknown>

/** Objects and arrays nested deeper than this are refused. */
const maxDepth = 64
const lineFeed = 10

const escapes: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\u000b'],
  ['0', '\0'],
])

/**
 * Reads JSON as fastjson writes and reads it: unquoted keys, objects as keys (kept as their JSON text), single quotes, comments,
 * stray commas, `$ref` to a value that came before. Integers beyond the safe ones become the nearest safe one.
 * @throws RemotingCommandError for anything else, and for nesting deeper than 64.
 */
export function parseJavaJson(text: string): unknown {
  return new JavaJsonParser(text).parse()
}

class JavaJsonParser {
  readonly #text: string
  readonly #references: ReferenceResolver = createReferenceResolver()
  #offset = 0
  #depth = 0
  #isInKey = false

  constructor(text: string) {
    this.#text = text
  }

  parse(): unknown {
    this.#skipSpace()
    const value = this.#value()
    this.#skipSpace()
    if (this.#offset < this.#text.length) throw this.#unexpected('after the value')
    return value
  }

  #value(): unknown {
    const first = this.#text[this.#offset]
    switch (first) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
      case "'":
        return this.#string(first)
      default:
        return this.#scalar()
    }
  }

  #object(): unknown {
    const object: JsonObject = Object.create(null) as JsonObject
    this.#enter(object)
    for (;;) {
      this.#skipSpaceAndCommas()
      if (this.#text[this.#offset] === '}') break
      const key = this.#key()
      this.#skipSpace()
      this.#expect(':')
      this.#skipSpace()
      object[key] = this.#value()
    }
    this.#leave()
    const path = object['$ref']
    return typeof path === 'string' && Object.keys(object).length === 1 ? this.#references.resolve(path) : object
  }

  #array(): unknown[] {
    const array: unknown[] = []
    this.#enter(array)
    for (;;) {
      this.#skipSpaceAndCommas()
      if (this.#text[this.#offset] === ']') break
      array.push(this.#value())
    }
    this.#leave()
    return array
  }

  #enter(container: object): void {
    if (++this.#depth > maxDepth) throw new RemotingCommandError(`JSON is nested deeper than ${maxDepth} levels`)
    this.#references.enter(container)
    this.#offset++
  }

  #leave(): void {
    this.#depth--
    this.#references.leave()
    this.#offset++
  }

  #key(): string {
    const first = this.#text[this.#offset]
    if (first === '"' || first === "'") return this.#string(first)
    return first === '{' || first === '[' ? this.#compositeKey() : this.#word('a key')
  }

  /** Text of an object within text of an object would double in length with every level, so one level is read. */
  #compositeKey(): string {
    if (this.#isInKey) throw this.#unexpected('where a simple key belongs')
    this.#isInKey = true
    const key = stringifyJavaJson(this.#value())
    this.#isInKey = false
    return key
  }

  #string(quote: string): string {
    const text = this.#text
    let start = ++this.#offset
    let value = ''
    for (;;) {
      const character = text[this.#offset]
      if (character === undefined) throw this.#unexpected('inside a string')
      if (character === quote) break
      if (character !== '\\') {
        this.#offset++
        continue
      }
      value += text.slice(start, this.#offset) + this.#escape()
      start = this.#offset
    }
    return value + text.slice(start, this.#offset++)
  }

  #escape(): string {
    const kind = this.#text[this.#offset + 1]
    if (kind === undefined) throw this.#unexpected('inside a string')
    if (kind !== 'u' && kind !== 'x') {
      this.#offset += 2
      return escapes.get(kind) ?? kind
    }
    const digitCount = kind === 'u' ? 4 : 2
    const digits = this.#text.slice(this.#offset + 2, this.#offset + 2 + digitCount)
    if (digits.length < digitCount || !/^[0-9a-fA-F]+$/.test(digits)) throw this.#unexpected('inside an escape')
    this.#offset += 2 + digitCount
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  #scalar(): unknown {
    const word = this.#word('a value')
    switch (word) {
      case 'true':
        return true
      case 'false':
        return false
      case 'null':
      case 'undefined':
        return null
      case 'NaN':
        return Number.NaN
    }
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[LSBFD]?$/.test(word))
      throw this.#unexpected(`at "${word.slice(0, 20)}"`)
    const number = Number(/[LSBFD]$/.test(word) ? word.slice(0, -1) : word)
    if (/[.eEFD]/.test(word)) return number
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(number, Number.MAX_SAFE_INTEGER))
  }

  /** A run of characters that are neither punctuation nor space. */
  #word(what: string): string {
    const start = this.#offset
    while (this.#offset < this.#text.length && !isPunctuation(this.#text.charCodeAt(this.#offset))) this.#offset++
    if (this.#offset === start) throw this.#unexpected(`where ${what} belongs`)
    return this.#text.slice(start, this.#offset)
  }

  #expect(character: string): void {
    if (this.#text[this.#offset] !== character) throw this.#unexpected(`where "${character}" belongs`)
    this.#offset++
  }

  #skipSpaceAndCommas(): void {
    this.#skipSpace()
    while (this.#text[this.#offset] === ',') {
      this.#offset++
      this.#skipSpace()
    }
    if (this.#offset >= this.#text.length) throw this.#unexpected('inside an object or array')
  }

  #skipSpace(): void {
    const text = this.#text
    for (;;) {
      while (text.charCodeAt(this.#offset) <= 32) this.#offset++
      if (text[this.#offset] !== '/') return
      if (!this.#skipComment()) return
    }
  }

  #skipComment(): boolean {
    const text = this.#text
    if (text[this.#offset + 1] === '/') {
      while (this.#offset < text.length && text.charCodeAt(this.#offset) !== lineFeed) this.#offset++
      return true
    }
    if (text[this.#offset + 1] !== '*') return false
    const end = text.indexOf('*/', this.#offset + 2)
    if (end === -1) throw this.#unexpected('inside a comment')
    this.#offset = end + 2
    return true
  }

  #unexpected(where: string): RemotingCommandError {
    const found = this.#offset < this.#text.length ? 'unexpected text' : 'the text ends'
    return new RemotingCommandError(`JSON cannot be read: ${found} ${where}, character ${this.#offset}`)
  }
}

function isPunctuation(code: number): boolean {
  switch (code) {
    case 34: // "
    case 39: // '
    case 44: // ,
    case 58: // :
    case 91: // [
    case 93: // ]
    case 123: // {
    case 125: // }
      return true
    default:
      return code <= 32
  }
}

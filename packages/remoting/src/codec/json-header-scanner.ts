import { createExtFields, type ExtFields } from '../schema/ext-fields.js'
import { languageCode } from './language-code.js'
import { RemotingCommand } from './remoting-command.js'

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const COLON = 58
const BACKSLASH = 92
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const LARGEST_INTEGER = 0x7f_ff_ff_ff
const MOST_DIGITS = 10
const noMore = Number.POSITIVE_INFINITY

/**
 * Reads the JSON headers that clients send, faster than JSON.parse: flat, without blanks, text for extFields. At anything else it
 * gives up and the caller parses; what both accept they read alike, which a test holds it to.
 */
export class JsonHeaderScanner {
  #text = ''
  #at = 0
  /** Where the next backslash at or after `#at` is. */
  #escapeAt = noMore

  /** The header, or undefined if its text is anything but what is expected. `maxExtFields` bounds the entries it takes. */
  scan(text: string, maxExtFields: number): RemotingCommand | undefined {
    this.#text = text
    this.#at = 0
    this.#escapeAt = 0
    this.#findEscape()
    const command = this.#header(maxExtFields)
    this.#text = ''
    return command
  }

  #header(maxExtFields: number): RemotingCommand | undefined {
    const command = new RemotingCommand(0)
    command.version = 0
    command.language = 0
    if (!this.#take(OPEN_BRACE)) return undefined
    do {
      const key = this.#string()
      if (key === undefined || !this.#take(COLON) || !this.#member(command, key, maxExtFields)) return undefined
    } while (this.#take(COMMA))
    return this.#take(CLOSE_BRACE) && this.#at === this.#text.length ? command : undefined
  }

  #member(command: RemotingCommand, key: string, maxExtFields: number): boolean {
    switch (key) {
      case 'code':
      case 'flag':
      case 'opaque':
      case 'version': {
        const value = this.#integer()
        if (value === undefined) return false
        command[key] = value
        return true
      }
      case 'language': {
        const name = this.#string()
        if (name === undefined) return false
        command.language = languageCode(name)
        return true
      }
      case 'remark':
        command.remark = this.#string()
        return command.remark !== undefined
      case 'serializeTypeCurrentRPC':
        return this.#string() !== undefined
      case 'extFields':
        command.extFields = this.#extFields(maxExtFields)
        return command.extFields !== undefined
      default:
        return false
    }
  }

  #extFields(maxExtFields: number): ExtFields | undefined {
    const extFields = createExtFields()
    if (!this.#take(OPEN_BRACE)) return undefined
    if (this.#take(CLOSE_BRACE)) return extFields
    let count = 0
    do {
      const key = this.#string()
      if (key === undefined || !this.#take(COLON) || ++count > maxExtFields) return undefined
      const value = this.#string()
      if (value === undefined) return undefined
      extFields[key] = value
    } while (this.#take(COMMA))
    return this.#take(CLOSE_BRACE) ? extFields : undefined
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at++
    return true
  }

  #string(): string | undefined {
    if (!this.#take(QUOTE)) return undefined
    const start = this.#at
    const end = this.#text.indexOf('"', start)
    if (end < 0) return undefined
    if (this.#escapeAt > end) {
      this.#at = end + 1
      return this.#text.substring(start, end)
    }
    return this.#escaped(start)
  }

  /** Text with escapes; of these only \u00XX, which separates properties, and \" and \\ are read here. */
  #escaped(start: number): string | undefined {
    const text = this.#text
    let read = ''
    let from = start
    for (;;) {
      const end = text.indexOf('"', from)
      if (end < 0) return undefined
      if (this.#escapeAt > end) {
        this.#at = end + 1
        return read + text.substring(from, end)
      }
      const at = this.#escapeAt
      const kind = text.charCodeAt(at + 1)
      const isUnicode = kind === 117
      const code = isUnicode ? hexByte(text, at + 2) : kind === QUOTE || kind === BACKSLASH ? kind : -1
      if (code < 0) return undefined
      read += text.substring(from, at) + String.fromCharCode(code)
      from = at + (isUnicode ? 6 : 2)
      this.#escapeAt = from
      this.#findEscape()
    }
  }

  #findEscape(): void {
    const found = this.#text.indexOf('\\', this.#escapeAt)
    this.#escapeAt = found < 0 ? noMore : found
  }

  /** An integer of 32 bits in JSON's form; -2^31 and whatever else is left to the parser. */
  #integer(): number | undefined {
    const text = this.#text
    const isNegative = this.#take(MINUS)
    const start = this.#at
    let value = 0
    for (;;) {
      const digit = text.charCodeAt(this.#at) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
      this.#at++
    }
    const digits = this.#at - start
    if (digits === 0 || digits > MOST_DIGITS || value > LARGEST_INTEGER) return undefined
    if (text.charCodeAt(start) === ZERO && (digits > 1 || isNegative)) return undefined
    return isNegative ? -value : value
  }
}

/** The value of `00XX`, or -1 for other text. */
function hexByte(text: string, at: number): number {
  if (text.charCodeAt(at) !== ZERO || text.charCodeAt(at + 1) !== ZERO) return -1
  const high = hexDigit(text.charCodeAt(at + 2))
  const low = hexDigit(text.charCodeAt(at + 3))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

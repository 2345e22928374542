import type { Field } from '../schema/field.js'
import type { HeaderCodec } from '../schema/header.js'
import { BytePattern } from './byte-pattern.js'
import { languageCode } from './language-code.js'
import { RemotingCommand } from './remoting-command.js'

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const BACKSLASH = 92
const LOWER_U = 117
const CLOSE_BRACE = 125
const LAST_ASCII = 127
const LARGEST_INTEGER = 0x7f_ff_ff_ff
/** Digits of which every number is a safe integer. */
const SAFE_DIGITS = 15
/** Seen fields are bits of one number. */
const MOST_FIELDS = 31
/** Members longer than this are not remembered. */
const LONGEST_KNOWN_MEMBER = 128
/** A member that is never as remembered is remembered anew once in so many times; a power of two. */
const LEARNING_INTERVAL = 1024
const MAX_UNESCAPED_BYTES = 65_536

const ascii = (text: string): BytePattern => new BytePattern(Buffer.from(text, 'ascii'))
const codeMember = ascii('{"code":')
const extFieldsMember = ascii(',"extFields":{')
const flagMember = ascii(',"flag":')
const languageMember = ascii(',"language":"')
const opaqueMember = ascii(',"opaque":')
const serializeTypeMember = ascii(',"serializeTypeCurrentRPC":"JSON"')
const versionMember = ascii(',"version":')
const trueText = ascii('true')
const falseText = ascii('false')

/** A field of the header that a request code has. */
interface ScannedField {
  readonly key: string
  readonly kind: Field['kind']
  /** `"name":"` */
  readonly opening: BytePattern
  readonly bit: number
  /** The member as it came some time ago, from its name to its last quote: clients send most of them alike over and over. */
  knownMember: BytePattern
  /** How often it came in another form. */
  misses: number
}

/** What a request header looks like. */
interface HeaderShape {
  readonly codec: HeaderCodec
  readonly fields: readonly ScannedField[]
  /** The fields in the order they came last: clients write them in the same order over and over. */
  readonly lastOrder: ScannedField[]
  readonly mandatoryBits: number
  /** Every field with its default. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** Every field with the value of its known member, else its default; to be copied. */
  readonly known: Record<string, unknown>
  knownBits: number
}

/** What {@link RequestHeaderScanner} could not read. */
class Unexpected extends Error {}
const unexpected = new Unexpected('not as expected')

/**
 * Reads the JSON headers of requests straight into the values of the code's header, members in the order Java writes them and fields
 * that the header has, without making text of numbers first. At anything else it gives up and the caller reads the text; what
 * both accept they read alike, which a test holds it to.
 */
export class RequestHeaderScanner {
  readonly #headerOf: (code: number) => HeaderCodec | undefined
  readonly #shapes = new Map<number, HeaderShape | undefined>()
  readonly #unescaped = Buffer.allocUnsafeSlow(MAX_UNESCAPED_BYTES)
  #lastLanguage: BytePattern = ascii('JAVA"')
  #lastLanguageCode = languageCode('JAVA')
  #bytes: Buffer = this.#unescaped
  /** Of the memory that the bytes last scanned were part of: nearly all are read into the same. */
  #view: DataView = new DataView(this.#unescaped.buffer)
  /** Where the bytes begin in it. */
  #viewOffset = 0
  #at = 0
  #end = 0

  /** `headerOf` answers the header that a request code has. */
  constructor(headerOf: (code: number) => HeaderCodec | undefined) {
    this.#headerOf = headerOf
  }

  /** The request with its typed header, or undefined if the bytes are anything but what is expected. Keeps nothing of them. */
  scan(bytes: Buffer, start: number, end: number): RemotingCommand | undefined {
    const { buffer } = bytes
    if (buffer !== this.#view.buffer) this.#view = new DataView(buffer)
    this.#viewOffset = bytes.byteOffset
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    try {
      return this.#request()
    } catch (error) {
      if (error instanceof Unexpected) return undefined
      throw error
    } finally {
      this.#bytes = this.#unescaped
    }
  }

  #request(): RemotingCommand | undefined {
    this.#expect(codeMember)
    const command = new RemotingCommand(this.#integer32())
    const shape = this.#shapeOf(command.code)
    if (shape === undefined) return undefined
    this.#expect(extFieldsMember)
    command.setHeader(shape.codec, this.#values(shape))
    this.#expect(flagMember)
    command.flag = this.#integer32()
    this.#expect(languageMember)
    command.language = this.#language()
    this.#expect(opaqueMember)
    command.opaque = this.#integer32()
    this.#expect(serializeTypeMember)
    this.#expect(versionMember)
    command.version = this.#integer32()
    return this.#at === this.#end - 1 && this.#bytes[this.#at] === CLOSE_BRACE ? command : undefined
  }

  #values(shape: HeaderShape): object {
    const { mandatoryBits, lastOrder } = shape
    const values: Record<string, unknown> = { ...shape.known }
    let seen = 0
    let count = 0
    do {
      const expected = lastOrder[count]
      const bit = expected !== undefined && this.#isKnown(expected) ? expected.bit : this.#member(shape, count, values)
      if ((seen & bit) !== 0) throw unexpected
      seen |= bit
      count++
    } while (this.#isTaken(COMMA))
    this.#take(CLOSE_BRACE)
    if ((seen & mandatoryBits) !== mandatoryBits) throw unexpected
    if ((shape.knownBits & ~seen) !== 0) forget(shape, seen, values)
    return values
  }

  /** Whether this field's known member stands here; then moves behind it. */
  #isKnown({ knownMember }: ScannedField): boolean {
    return knownMember.length > 0 && this.#isPassed(knownMember)
  }

  /** Reads a member into `values`; answers the bit of its field. */
  #member(shape: HeaderShape, position: number, values: Record<string, unknown>): number {
    const start = this.#at
    const expected = shape.lastOrder[position]
    const field = expected !== undefined && this.#isPassed(expected.opening) ? expected : this.#field(shape, position)
    const value = this.#value(field)
    values[field.key] = value
    const size = this.#at - start
    if (size <= LONGEST_KNOWN_MEMBER && field.misses++ % LEARNING_INTERVAL === 0) {
      field.knownMember = new BytePattern(this.#bytes.subarray(start, this.#at))
      shape.known[field.key] = value
      shape.knownBits |= field.bit
    }
    return field.bit
  }

  /** The field whose name stands here, where another was expected; moves into its value. */
  #field({ fields, lastOrder }: HeaderShape, position: number): ScannedField {
    const field = fields.find(({ opening }) => this.#isPassed(opening))
    if (field === undefined) throw unexpected
    if (position <= lastOrder.length && position < MOST_FIELDS) lastOrder[position] = field
    return field
  }

  #value(field: ScannedField): unknown {
    switch (field.kind) {
      case 'string':
        return this.#text()
      case 'int32': {
        const value = this.#digits(SAFE_DIGITS)
        if ((value | 0) !== value) throw unexpected
        this.#take(QUOTE)
        return value
      }
      case 'int64': {
        const value = this.#digits(SAFE_DIGITS)
        this.#take(QUOTE)
        return value
      }
      case 'boolean': {
        const isTrue = this.#isPassed(trueText)
        if (!isTrue) this.#expect(falseText)
        this.#take(QUOTE)
        return isTrue
      }
      case 'float64':
      case 'enumeration':
        throw unexpected
    }
  }

  #text(): string {
    const bytes = this.#bytes
    const start = this.#at
    let at = start
    for (;;) {
      const byte = at < this.#end ? (bytes[at] as number) : BACKSLASH
      if (byte === QUOTE) break
      if (byte === BACKSLASH || byte > LAST_ASCII) return this.#escapedText(at)
      at++
    }
    this.#at = at + 1
    return bytes.toString('latin1', start, at)
  }

  /** Text with escapes; of these only \u00XX, which separates properties, and \" and \\ are read here. */
  #escapedText(firstSpecial: number): string {
    const bytes = this.#bytes
    const unescaped = this.#unescaped
    let size = 0
    let isAscii = true
    const end = Math.min(this.#end, this.#at + MAX_UNESCAPED_BYTES)
    for (let at = this.#at; at < end; at++) {
      let byte = bytes[at] as number
      if (at >= firstSpecial) {
        if (byte === QUOTE) {
          this.#at = at + 1
          return isAscii ? unescaped.toString('latin1', 0, size) : unescaped.toString('utf8', 0, size)
        }
        if (byte > LAST_ASCII) isAscii = false
        else if (byte === BACKSLASH) {
          const kind = bytes[++at]
          byte = kind === LOWER_U ? asciiByte(bytes, at + 1) : kind === QUOTE || kind === BACKSLASH ? kind : -1
          if (byte < 0) throw unexpected
          if (kind === LOWER_U) at += 4
        }
      }
      unescaped[size++] = byte
    }
    throw unexpected
  }

  #language(): number {
    if (this.#isPassed(this.#lastLanguage)) return this.#lastLanguageCode
    const start = this.#at
    while (this.#at < this.#end && this.#bytes[this.#at] !== QUOTE) this.#at++
    const name = this.#bytes.toString('latin1', start, this.#at)
    this.#take(QUOTE)
    if (!/^\w+$/.test(name)) throw unexpected
    this.#lastLanguage = ascii(`${name}"`)
    this.#lastLanguageCode = languageCode(name)
    return this.#lastLanguageCode
  }

  /** An integer of 32 bits; -2^31 is left to the parser. */
  #integer32(): number {
    const value = this.#digits(SAFE_DIGITS)
    if (value > LARGEST_INTEGER || value < -LARGEST_INTEGER) throw unexpected
    return value
  }

  /** A number as Java writes it: no plus, no needless zero. */
  #digits(most: number): number {
    const bytes = this.#bytes
    let at = this.#at
    const isNegative = bytes[at] === MINUS
    if (isNegative) at++
    const start = at
    let value = 0
    for (;;) {
      const digit = (bytes[at] as number) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
      at++
    }
    const count = at - start
    if (count === 0 || count > most || at >= this.#end) throw unexpected
    if (bytes[start] === ZERO && (count > 1 || isNegative)) throw unexpected
    this.#at = at
    return isNegative ? -value : value
  }

  #expect(text: BytePattern): void {
    if (!this.#isPassed(text)) throw unexpected
  }

  /** Whether the text stands here; then moves behind it. */
  #isPassed(text: BytePattern): boolean {
    if (!text.isAt(this.#view, this.#viewOffset + this.#at, this.#viewOffset + this.#end)) return false
    this.#at += text.length
    return true
  }

  #take(byte: number): void {
    if (!this.#isTaken(byte)) throw unexpected
  }

  #isTaken(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #shapeOf(code: number): HeaderShape | undefined {
    const known = this.#shapes.get(code)
    if (known !== undefined) return known
    const codec = this.#headerOf(code)
    const shape = codec === undefined ? undefined : shapeOf(codec)
    if (shape !== undefined) this.#shapes.set(code, shape)
    return shape
  }
}

function shapeOf(codec: HeaderCodec): HeaderShape | undefined {
  const entries = Object.entries(codec.fields)
  if (entries.length > MOST_FIELDS) return undefined
  const fields = entries.map(([key, { kind, wireName }], index): ScannedField => {
    return { key, kind, opening: ascii(`"${wireName ?? key}":"`), bit: 1 << index, knownMember: ascii(''), misses: 0 }
  })
  const mandatoryBits = entries.reduce(
    (bits, [, { presence }], index) => (presence === 'mandatory' ? bits | (1 << index) : bits),
    0,
  )
  const defaults = Object.fromEntries(entries.map(([key, { defaultValue }]) => [key, defaultValue]))
  return { codec, fields, lastOrder: [], mandatoryBits, defaults, known: { ...defaults }, knownBits: 0 }
}

/** Fields that are known and did not come have their defaults. */
function forget({ fields, knownBits, defaults }: HeaderShape, seen: number, values: Record<string, unknown>): void {
  for (const { key, bit } of fields) if ((knownBits & ~seen & bit) !== 0) values[key] = defaults[key]
}

/** The value of `00XX` that is ASCII, or -1 for other text. */
function asciiByte(bytes: Buffer, at: number): number {
  if (bytes[at] !== ZERO || bytes[at + 1] !== ZERO) return -1
  const high = hexDigit(bytes[at + 2] as number)
  const low = hexDigit(bytes[at + 3] as number)
  return high < 0 || low < 0 || high > 7 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

import { RemotingCommandError } from '../errors.js'
import { createExtFields, type ExtFields } from './ext-fields.js'
import type { Field, Fields, Presence } from './field.js'
import { parseInt32, parseInt64 } from './integer-text.js'

type Content<F> = F extends Field<infer T> ? T : never
type KeysOf<F, P extends Presence> = { [K in keyof F]: F[K] extends Field<unknown, P> ? K : never }[keyof F]
type Flat<T> = { [K in keyof T]: T[K] }

/** What a decoded header holds: absent optional fields are undefined, defaulted ones have their value. */
export type HeaderValues<F extends Fields> = Flat<
  { [K in KeysOf<F, 'mandatory' | 'defaulted'>]: Content<F[K]> } & {
    [K in KeysOf<F, 'optional'>]?: Content<F[K]> | undefined
  }
>

/** What a header is encoded from: optional and defaulted fields may be left out. */
export type HeaderInput<F extends Fields> = Flat<
  { [K in KeysOf<F, 'mandatory'>]: Content<F[K]> } & {
    [K in KeysOf<F, 'optional' | 'defaulted'>]?: Content<F[K]> | undefined
  }
>

/** Both directions of one header, made once from its table of fields. */
export interface HeaderCodec<Values = unknown, Input = unknown> {
  readonly fields: Fields
  /** Whether there are none. */
  readonly isEmpty: boolean
  /** @throws RemotingCommandError for a missing or impossible value. */
  check(values: Input): void
  /** Adds the header's fields to `target` (a new map if left out). @throws RemotingCommandError for a missing or impossible value. */
  encode(values: Input, target?: ExtFields): ExtFields
  /** Reads the header's fields, others are left alone. @throws RemotingCommandError for a missing mandatory field or a malformed number. */
  decode(extFields: ExtFields | undefined): Values
}

interface FieldCodec {
  readonly key: string
  readonly wire: string
  readonly field: Field
  readonly isPossible: (value: unknown) => boolean
  /** Of a possible value. */
  readonly textOf: (value: unknown) => string
  readonly decode: (text: string) => unknown
}

const emptyExtFields: ExtFields = createExtFields()

/** Makes the codec of a table of fields; `owner` names the command in errors. */
export function compileHeader<const F extends Fields>(
  owner: string,
  fields: F,
): HeaderCodec<HeaderValues<F>, HeaderInput<F>> {
  const codecs = Object.entries(fields).map(([key, field]) => compileField(key, field))
  const check = (values: HeaderInput<F>): void => {
    const source = values as Record<string, unknown>
    for (let index = 0; index < codecs.length; index++) {
      const { key, wire, field, isPossible } = codecs[index] as FieldCodec
      const value = source[key] ?? field.defaultValue
      if (value === undefined && field.presence === 'mandatory') throw missingField(owner, wire)
      if (value !== undefined && !isPossible(value)) throw impossibleValue(owner, key, field)
    }
  }
  return {
    fields,
    isEmpty: codecs.length === 0,
    check,
    encode(values: HeaderInput<F>, target: ExtFields = createExtFields()): ExtFields {
      check(values)
      const source = values as Record<string, unknown>
      for (const { key, wire, field, textOf } of codecs) {
        const value = source[key] ?? field.defaultValue
        if (value !== undefined) target[wire] = textOf(value)
      }
      return target
    },
    decode(extFields: ExtFields = emptyExtFields): HeaderValues<F> {
      const values: Record<string, unknown> = {}
      for (const { key, wire, field, decode } of codecs) {
        const text = extFields[wire]
        if (text === undefined) {
          if (field.presence === 'mandatory') throw missingField(owner, wire)
          values[key] = field.defaultValue
          continue
        }
        const value = decode(text)
        if (value === undefined) throw malformedField(owner, wire, field)
        values[key] = value
      }
      return values as HeaderValues<F>
    },
  }
}

function compileField(key: string, field: Field): FieldCodec {
  return { key, wire: field.wireName ?? key, field, ...kindCodec(field) }
}

function kindCodec(field: Field): Pick<FieldCodec, 'isPossible' | 'textOf' | 'decode'> {
  switch (field.kind) {
    case 'string':
      return { isPossible: isString, textOf: String, decode: (text) => text }
    case 'int32':
      return { isPossible: isInt32, textOf: String, decode: parseInt32 }
    case 'int64':
      return { isPossible: Number.isSafeInteger, textOf: String, decode: parseInt64 }
    case 'boolean':
      return { isPossible: isBoolean, textOf: String, decode: isTrueText }
    case 'float64':
      return { isPossible: isNumber, textOf: float64Text, decode: parseFloat64 }
    case 'enumeration':
      return enumerationCodec(field.values ?? [])
  }
}

const isString = (value: unknown): boolean => typeof value === 'string'
const isInt32 = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value
const isBoolean = (value: unknown): boolean => typeof value === 'boolean'
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isTrueText = (text: string): boolean => text === 'true' || text.toLowerCase() === 'true'
const float64Text = (value: unknown): string => (Number.isInteger(value) ? (value as number).toFixed(1) : String(value))

function parseFloat64(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

function enumerationCodec(names: readonly string[]): Pick<FieldCodec, 'isPossible' | 'textOf' | 'decode'> {
  const byUpperCase = new Map(names.map((name) => [name.toUpperCase(), name]))
  const isPossible = (value: unknown): boolean => names.includes(value as string)
  return { isPossible, textOf: String, decode: (text) => byUpperCase.get(text.toUpperCase()) }
}

function missingField(owner: string, wire: string): RemotingCommandError {
  return new RemotingCommandError(`${owner}: the field ${wire} is missing; the sender has to set it`, {
    fields: { command: owner, field: wire },
  })
}

function malformedField(owner: string, wire: string, field: Field): RemotingCommandError {
  return new RemotingCommandError(`${owner}: the field ${wire} is not ${admitted(field)}`, {
    fields: { command: owner, field: wire },
  })
}

function impossibleValue(owner: string, key: string, field: Field): RemotingCommandError {
  return new RemotingCommandError(`${owner}: ${key} has to be ${admitted(field)}`, {
    fields: { command: owner, field: key },
  })
}

function admitted(field: Field): string {
  switch (field.kind) {
    case 'string':
      return 'a string'
    case 'int32':
      return 'an integer of 32 bits'
    case 'int64':
      return 'an integer of 64 bits (in code: a safe integer)'
    case 'boolean':
      return 'a boolean'
    case 'float64':
      return 'a number'
    case 'enumeration':
      return `one of ${(field.values ?? []).join(', ')}`
  }
}

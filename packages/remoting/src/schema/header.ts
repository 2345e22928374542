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
  /** Adds the header's fields to `target` (a new map if left out). @throws RemotingCommandError for a missing or impossible value. */
  encode(values: Input, target?: ExtFields): ExtFields
  /** Reads the header's fields, others are left alone. @throws RemotingCommandError for a missing mandatory field or a malformed number. */
  decode(extFields: ExtFields | undefined): Values
}

interface FieldCodec {
  readonly key: string
  readonly wire: string
  readonly field: Field
  readonly encode: (value: unknown) => string | undefined
  readonly decode: (text: string) => unknown
}

const emptyExtFields: ExtFields = createExtFields()

/** Makes the codec of a table of fields; `owner` names the command in errors. */
export function compileHeader<const F extends Fields>(
  owner: string,
  fields: F,
): HeaderCodec<HeaderValues<F>, HeaderInput<F>> {
  const codecs = Object.entries(fields).map(([key, field]) => compileField(key, field))
  return {
    fields,
    encode(values: HeaderInput<F>, target: ExtFields = createExtFields()): ExtFields {
      const source = values as Record<string, unknown>
      for (const { key, wire, field, encode } of codecs) {
        const value = source[key] ?? field.defaultValue
        if (value === undefined) {
          if (field.presence === 'mandatory') throw missingField(owner, wire)
          continue
        }
        const text = encode(value)
        if (text === undefined) throw impossibleValue(owner, key, field)
        target[wire] = text
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
  const wire = field.wireName ?? key
  switch (field.kind) {
    case 'string':
      return { key, wire, field, encode: stringText, decode: (text) => text }
    case 'int32':
      return { key, wire, field, encode: int32Text, decode: parseInt32 }
    case 'int64':
      return { key, wire, field, encode: int64Text, decode: parseInt64 }
    case 'boolean':
      return {
        key,
        wire,
        field,
        encode: booleanText,
        decode: (text) => text === 'true' || text.toLowerCase() === 'true',
      }
    case 'float64':
      return { key, wire, field, encode: float64Text, decode: parseFloat64 }
    case 'enumeration':
      return { key, wire, field, ...enumerationText(field.values ?? []) }
  }
}

function stringText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function int32Text(value: unknown): string | undefined {
  return typeof value === 'number' && (value | 0) === value ? `${value}` : undefined
}

function int64Text(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? `${value as number}` : undefined
}

function booleanText(value: unknown): string | undefined {
  if (typeof value !== 'boolean') return undefined
  return value ? 'true' : 'false'
}

function float64Text(value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined
  return Number.isInteger(value) ? value.toFixed(1) : `${value}`
}

function parseFloat64(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

function enumerationText(names: readonly string[]): Pick<FieldCodec, 'encode' | 'decode'> {
  const byUpperCase = new Map(names.map((name) => [name.toUpperCase(), name]))
  return {
    encode: (value) => (names.includes(value as string) ? (value as string) : undefined),
    decode: (text) => byUpperCase.get(text.toUpperCase()),
  }
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

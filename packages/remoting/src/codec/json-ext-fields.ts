import type { ExtFields } from '../schema/ext-fields.js'
import type { Field } from '../schema/field.js'
import type { HeaderCodec } from '../schema/header.js'
import type { RemotingCommand, TypedHeader } from './remoting-command.js'

/** A field with the text that stands before its value. */
interface FieldText {
  readonly key: string
  readonly wireName: string
  readonly kind: Field['kind']
  readonly isMandatory: boolean
  readonly defaultValue: unknown
  /** `,"name":"` */
  readonly opening: string
}

/** A header's fields, ready to be written. */
interface HeaderText {
  readonly fields: readonly FieldText[]
  readonly wireNames: ReadonlySet<string>
}

const headerTexts = new WeakMap<HeaderCodec, HeaderText>()

/** The fields that stood beside the last typed header, which do not change: a broker adds the same to every answer. */
let lastOthers: ExtFields | undefined
let lastHeader: HeaderText | undefined
let lastOthersText = ''

/** `,"extFields":{…}`, or nothing when the command has none. @throws RemotingCommandError for a value that has no text. */
export function jsonExtFields(command: RemotingCommand): string {
  const typed = command.typedHeader
  if (typed === undefined) {
    const { extFields } = command
    return extFields === undefined ? '' : `,"extFields":{${textsOf(extFields).slice(1)}}`
  }
  const header = headerTextOf(typed.codec)
  const others = command.otherFields
  if (others === undefined) return `,"extFields":{${valuesOf(typed, header).slice(1)}}`
  if (others !== lastOthers || header !== lastHeader) {
    // Reading extFields merges both, the typed ones winning.
    if (overlaps(others, header)) return `,"extFields":{${textsOf(command.extFields ?? others).slice(1)}}`
    lastOthers = others
    lastHeader = header
    lastOthersText = textsOf(others).slice(1)
  }
  const values = valuesOf(typed, header)
  return `,"extFields":{${lastOthersText}${lastOthersText === '' ? values.slice(1) : values}}`
}

function overlaps(extFields: ExtFields, { wireNames }: HeaderText): boolean {
  for (const key in extFields) if (wireNames.has(key)) return true
  return false
}

/** Every entry with a comma before it. */
function textsOf(extFields: ExtFields): string {
  let text = ''
  for (const key in extFields) {
    const value = extFields[key]
    if (value !== undefined) text += `,"${jsonText(key)}":"${jsonText(value)}"`
  }
  return text
}

/** Every field with a comma before it. */
function valuesOf({ codec, values }: TypedHeader, { fields }: HeaderText): string {
  const source = values as Readonly<Record<string, unknown>>
  let text = ''
  for (const field of fields) {
    const value = source[field.key] ?? field.defaultValue
    if (value === undefined && !field.isMandatory) continue
    text += `${field.opening}${valueText(field, value) ?? jsonText(textOf(codec, values, field.wireName))}"`
  }
  return text
}

/** The text of the most frequent kinds; undefined for any other, and for a value the field cannot have. */
function valueText({ kind }: FieldText, value: unknown): string | undefined {
  if (kind === 'string' && typeof value === 'string') return jsonText(value)
  if (kind === 'int64' && Number.isSafeInteger(value)) return `${value as number}`
  if (kind === 'int32' && ((value as number) | 0) === value) return `${value}`
  if (kind === 'boolean' && typeof value === 'boolean') return value ? 'true' : 'false'
  return undefined
}

/** @throws RemotingCommandError for a missing or impossible value. */
function textOf(codec: HeaderCodec, values: object, wireName: string): string {
  return codec.encode(values)[wireName] as string
}

function headerTextOf(codec: HeaderCodec): HeaderText {
  const existing = headerTexts.get(codec)
  if (existing !== undefined) return existing
  const fields = Object.entries(codec.fields).map(([key, { wireName = key, kind, presence, defaultValue }]) => {
    const isMandatory = presence === 'mandatory'
    return { key, wireName, kind, isMandatory, defaultValue, opening: `,${JSON.stringify(wireName)}:"` }
  })
  const header = { fields, wireNames: new Set(fields.map(({ wireName }) => wireName)) }
  headerTexts.set(codec, header)
  return header
}

/** Text that is its own JSON. */
const plainText = /^[ !#-[\]-~]*$/

/** Text as the inside of a JSON string. */
export function jsonText(text: string): string {
  return plainText.test(text) ? text : JSON.stringify(text).slice(1, -1)
}

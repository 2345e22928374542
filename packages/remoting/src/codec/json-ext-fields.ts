import type { ExtFields } from '../schema/ext-fields.js'
import type { Field } from '../schema/field.js'
import type { HeaderCodec } from '../schema/header.js'
import { ByteWriter } from './byte-writer.js'
import type { RemotingCommand, TypedHeader } from './remoting-command.js'

/** A field with the text that stands before its value. */
interface FieldText {
  readonly key: string
  readonly wireName: string
  readonly kind: Field['kind']
  readonly isMandatory: boolean
  readonly defaultValue: unknown
  /** `"name":"`, if it is the first one. */
  readonly opening: Buffer
  /** `","name":"`, behind another one. */
  readonly nextOpening: Buffer
}

/** A header's fields, ready to be written. */
interface HeaderText {
  readonly fields: readonly FieldText[]
  readonly wireNames: ReadonlySet<string>
}

/** Fields beside a typed header, as bytes. */
interface OtherFields {
  readonly extFields: ExtFields
  readonly header: HeaderText
  /** A field of the header has the name of one of these: that one wins. */
  readonly overlaps: boolean
  /** `,"extFields":{"name":"value`, the last quote missing, or only up to the brace. */
  readonly opened: Buffer
}

const headerTexts = new WeakMap<HeaderCodec, HeaderText>()
const membersOpening = Buffer.from(',"extFields":{')
const trueText = Buffer.from('true')
const falseText = Buffer.from('false')
const comma = 0x2c
const quote = 0x22
const colon = 0x3a
const closingBrace = 0x7d
const lastClosing = Buffer.from('"}')

/** The fields that stood beside the last typed header, which do not change: a broker adds the same to every answer. */
let lastOthers: OtherFields | undefined

/** Appends `,"extFields":{…}`, or nothing when the command has none. @throws RemotingCommandError for a value that has no text. */
export function writeJsonExtFields(command: RemotingCommand, target: ByteWriter): void {
  const typed = command.typedHeader
  const others = command.otherFields
  if (typed === undefined) {
    if (others !== undefined) writeMembers(others, target)
    return
  }
  const header = headerTextOf(typed.codec)
  const beside = others && othersOf(others, header)
  if (beside?.overlaps === true) {
    // Reading extFields merges both, the typed ones winning.
    writeMembers(command.extFields ?? beside.extFields, target)
    return
  }
  const opened = beside?.opened ?? membersOpening
  target.writeBytes(opened)
  const hasMembers = writeValues(typed, header, { target, hasMembers: opened.length > membersOpening.length })
  if (hasMembers) target.writeBytes(lastClosing)
  else target.writeUint8(closingBrace)
}

function othersOf(extFields: ExtFields, header: HeaderText): OtherFields {
  if (lastOthers?.extFields === extFields && lastOthers.header === header) return lastOthers
  const writer = new ByteWriter()
  writer.writeBytes(membersOpening)
  writeEntries(extFields, writer)
  if (writer.length > membersOpening.length) writer.truncate(writer.length - 1)
  lastOthers = { extFields, header, overlaps: overlaps(extFields, header), opened: writer.bytes() }
  return lastOthers
}

function overlaps(extFields: ExtFields, { wireNames }: HeaderText): boolean {
  for (const key in extFields) if (wireNames.has(key)) return true
  return false
}

function writeMembers(extFields: ExtFields, target: ByteWriter): void {
  target.writeBytes(membersOpening)
  writeEntries(extFields, target)
  target.writeUint8(closingBrace)
}

function writeEntries(extFields: ExtFields, target: ByteWriter): void {
  let isFirst = true
  for (const key in extFields) {
    const value = extFields[key]
    if (value === undefined) continue
    if (!isFirst) target.writeUint8(comma)
    isFirst = false
    target.writeUint8(quote)
    target.writeJsonText(key)
    target.writeUint8(quote)
    target.writeUint8(colon)
    target.writeUint8(quote)
    target.writeJsonText(value)
    target.writeUint8(quote)
  }
}

/** Each member without its last quote, which stands before the next one. `hasMembers`: whether there are others before; answers whether there are any now. */
function writeValues(
  { codec, values }: TypedHeader,
  { fields }: HeaderText,
  { target, hasMembers }: { readonly target: ByteWriter; readonly hasMembers: boolean },
): boolean {
  const source = values as Readonly<Record<string, unknown>>
  let isFirst = !hasMembers
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as FieldText
    const value = source[field.key] ?? field.defaultValue
    if (value === undefined && !field.isMandatory) continue
    target.writeBytes(isFirst ? field.opening : field.nextOpening)
    isFirst = false
    if (!writeValue(field.kind, value, target)) target.writeJsonText(textOf(codec, values, field.wireName))
  }
  return !isFirst
}

/** Writes the most frequent kinds; false for any other, and for a value the field cannot have. */
function writeValue(kind: Field['kind'], value: unknown, target: ByteWriter): boolean {
  if (kind === 'string' && typeof value === 'string') target.writeJsonText(value)
  else if (kind === 'int64' && Number.isSafeInteger(value)) target.writeDecimal(value as number)
  else if (kind === 'int32' && ((value as number) | 0) === value) target.writeDecimal(value)
  else if (kind === 'boolean' && typeof value === 'boolean') target.writeBytes(value ? trueText : falseText)
  else return false
  return true
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
    const opening = `${JSON.stringify(wireName)}:"`
    const openings = { opening: Buffer.from(opening), nextOpening: Buffer.from(`",${opening}`) }
    return { key, wireName, kind, isMandatory, defaultValue, ...openings }
  })
  const header = { fields, wireNames: new Set(fields.map(({ wireName }) => wireName)) }
  headerTexts.set(codec, header)
  return header
}

import type { ExtFields } from '../schema/ext-fields.js'
import type { Field } from '../schema/field.js'
import type { HeaderCodec } from '../schema/header.js'
import type { ByteWriter } from './byte-writer.js'
import type { RemotingCommand, TypedHeader } from './remoting-command.js'

const BLANK = 32
const QUOTE = 34
const BACKSLASH = 92
const LAST_ASCII = 126

/** A field with the text that stands before its value. */
interface FieldText {
  readonly key: string
  readonly field: Field
  /** `"name":"` */
  readonly opening: string
}

/** A header's fields, ready to be written. */
interface HeaderText {
  readonly fields: readonly FieldText[]
  readonly wireNames: ReadonlySet<string>
}

const headerTexts = new WeakMap<HeaderCodec, HeaderText>()

/** Appends `,"extFields":{…}`, or nothing when the command has none. @throws RemotingCommandError for a value that has no text. */
export function writeJsonExtFields(command: RemotingCommand, target: ByteWriter): void {
  const typed = command.typedHeader
  const header = typed && headerTextOf(typed.codec)
  const others = command.otherFields
  const isApart = header === undefined || others === undefined || !overlaps(others, header)
  // Reading extFields merges both, the typed ones winning.
  const extFields = isApart ? others : command.extFields
  if (typed === undefined && extFields === undefined) return
  target.writeAscii(',"extFields":{')
  const start = target.length
  if (extFields !== undefined) writeTexts(extFields, target, start)
  if (header !== undefined && isApart) writeValues(typed as TypedHeader, header, { target, start })
  target.writeAscii('}')
}

function overlaps(extFields: ExtFields, { wireNames }: HeaderText): boolean {
  for (const key in extFields) if (wireNames.has(key)) return true
  return false
}

function writeTexts(extFields: ExtFields, target: ByteWriter, start: number): void {
  for (const key in extFields) {
    const value = extFields[key]
    if (value === undefined) continue
    target.writeAscii(target.length === start ? '"' : ',"')
    writeJsonText(key, target)
    target.writeAscii('":"')
    writeJsonText(value, target)
    target.writeAscii('"')
  }
}

function writeValues(
  { codec, values }: TypedHeader,
  { fields }: HeaderText,
  { target, start }: { readonly target: ByteWriter; readonly start: number },
): void {
  const source = values as Readonly<Record<string, unknown>>
  for (const { key, field, opening } of fields) {
    const value = source[key] ?? field.defaultValue
    if (value === undefined && field.presence !== 'mandatory') continue
    if (target.length > start) target.writeAscii(',')
    target.writeAscii(opening)
    if (!writeValue(field, value, target)) writeJsonText(textOf(codec, values, field.wireName ?? key), target)
    target.writeAscii('"')
  }
}

/** Writes the kinds that need no text made first; false for any other, and for a value the field cannot have. */
function writeValue({ kind }: Field, value: unknown, target: ByteWriter): boolean {
  if (kind === 'string' && typeof value === 'string') writeJsonText(value, target)
  else if (kind === 'int64' && Number.isSafeInteger(value)) target.writeDecimal(value as number)
  else if (kind === 'int32' && ((value as number) | 0) === value) target.writeDecimal(value)
  else if (kind === 'boolean' && typeof value === 'boolean') target.writeAscii(value ? 'true' : 'false')
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
  const fields = Object.entries(codec.fields).map(([key, field]) => {
    return { key, field, opening: `${JSON.stringify(field.wireName ?? key)}:"` }
  })
  const header = { fields, wireNames: new Set(fields.map(({ key, field }) => field.wireName ?? key)) }
  headerTexts.set(codec, header)
  return header
}

/** Appends text as the inside of a JSON string. */
export function writeJsonText(text: string, target: ByteWriter): void {
  if (isPlain(text)) target.writeAscii(text)
  else target.writeUtf8(JSON.stringify(text).slice(1, -1))
}

/** Whether text is its own JSON, in ASCII. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < BLANK || unit > LAST_ASCII || unit === QUOTE || unit === BACKSLASH) return false
  }
  return true
}

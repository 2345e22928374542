import { FrameError } from '../errors.js'
import { createExtFields, type ExtFields } from '../schema/ext-fields.js'
import type { ByteWriter } from './byte-writer.js'
import { writeJsonExtFields } from './json-ext-fields.js'
import { JsonHeaderScanner } from './json-header-scanner.js'
import { LanguageCode, languageCode, languageName } from './language-code.js'
import { RemotingCommand } from './remoting-command.js'

/** The most entries extFields may have in a frame received. */
export const maxExtFieldCount = 1024

const codeOpening = Buffer.from('{"code":')
const remarkOpening = Buffer.from(',"remark":"')
const quote = 0x22

/** The members that are the same in most frames one way. */
interface CommonMembers {
  readonly flag: number
  readonly language: number
  readonly version: number
  /** `,"flag":1,"language":"JAVA","opaque":` */
  readonly beforeOpaque: Buffer
  /** `,"serializeTypeCurrentRPC":"JSON","version":473}` */
  readonly last: Buffer
}

/** Those of the last request, one-way request and answer. */
const commonMembers: (CommonMembers | undefined)[] = [undefined, undefined, undefined, undefined]

/** Appends the JSON header, keys in the order of Java's, and returns its size in bytes. @throws RemotingCommandError for a value that has no text. */
export function writeJsonHeader(command: RemotingCommand, target: ByteWriter): number {
  const start = target.length
  target.writeBytes(codeOpening)
  target.writeDecimal(command.code)
  writeJsonExtFields(command, target)
  const { beforeOpaque, last } = commonMembersOf(command)
  target.writeBytes(beforeOpaque)
  target.writeDecimal(command.opaque)
  if (command.remark !== undefined) {
    target.writeBytes(remarkOpening)
    target.writeJsonText(command.remark)
    target.writeUint8(quote)
  }
  target.writeBytes(last)
  return target.length - start
}

function commonMembersOf({ flag, language, version }: RemotingCommand): CommonMembers {
  const kind = flag & (commonMembers.length - 1)
  const known = commonMembers[kind]
  if (known?.flag === flag && known.language === language && known.version === version) return known
  const beforeOpaque = Buffer.from(`,"flag":${flag},"language":"${languageName(language)}","opaque":`)
  const last = Buffer.from(`,"serializeTypeCurrentRPC":"JSON","version":${version}}`)
  const members = { flag, language, version, beforeOpaque, last }
  commonMembers[kind] = members
  return members
}

const scanner = new JsonHeaderScanner()

/** Reads a JSON header. @throws FrameError for text that is no header. */
export function readJsonHeader(bytes: Buffer, start: number, end: number): RemotingCommand {
  const text = bytes.toString('utf8', start, end)
  return scanner.scan(text, maxExtFieldCount) ?? parseHeader(text)
}

function parseHeader(text: string): RemotingCommand {
  const header = parseObject(text)
  const command = new RemotingCommand(integerField(header, 'code', 0))
  command.flag = integerField(header, 'flag', 0)
  command.opaque = integerField(header, 'opaque', 0)
  command.version = integerField(header, 'version', 0)
  command.language = languageField(header['language'])
  command.remark = textOf(header['remark'], 'remark')
  command.extFields = extFieldsOf(header['extFields'])
  return command
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FrameError(
      'the header is not JSON; the peer does not speak RocketMQ remoting, or its bytes were damaged',
      {
        cause,
      },
    )
  }
  if (!isObject(value)) throw new FrameError('the JSON header is not an object')
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function integerField(header: Record<string, unknown>, key: string, absent: number): number {
  const value = header[key]
  if (value === undefined || value === null) return absent
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || (number | 0) !== number) {
    throw new FrameError(`the header's ${key} is not an integer of 32 bits`, { fields: { field: key } })
  }
  return number
}

function languageField(value: unknown): number {
  if (value === undefined || value === null) return LanguageCode.JAVA
  if (typeof value === 'number') return languageCode(languageName(value))
  return typeof value === 'string' ? languageCode(value) : LanguageCode.OTHER
}

/** Java reads numbers and booleans where text belongs; null is as good as absent. */
function textOf(value: unknown, key: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
      return String(value)
    case 'undefined':
      return undefined
    default:
      if (value === null) return undefined
      throw new FrameError(`the header's ${key} is not text`, { fields: { field: key } })
  }
}

function extFieldsOf(value: unknown): ExtFields | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw new FrameError("the header's extFields is not an object")
  // What JSON.parse made has every key as its own; without a prototype it has no others.
  Object.setPrototypeOf(value, null)
  let count = 0
  let isText = true
  for (const key in value) {
    count++
    if (typeof value[key] !== 'string') isText = false
  }
  if (count > maxExtFieldCount) {
    throw new FrameError(`the header has ${count} extFields; at most ${maxExtFieldCount} are read`)
  }
  return isText ? (value as ExtFields) : textFieldsOf(value)
}

function textFieldsOf(value: Record<string, unknown>): ExtFields {
  const extFields = createExtFields()
  for (const key in value) {
    const text = textOf(value[key], key)
    if (text !== undefined) extFields[key] = text
  }
  return extFields
}

import { FrameError, RemotingCommandError } from '../errors.js'
import { createExtFields, type ExtFields } from '../schema/ext-fields.js'
import type { ByteWriter } from './byte-writer.js'
import { maxExtFieldCount } from './header-json.js'
import { RemotingCommand } from './remoting-command.js'

const minInt16 = -32_768
const maxInt16 = 32_767
/** code, language, version, opaque, flag, remark length and extFields length. */
const fixedSize = 21
/** extFields up to this size are cut from one string, which their values then keep alive. */
const maxSharedTextBytes = 4096
const nonAscii = /[\x80-\xff]/

/** Appends the binary header and returns its size. @throws RemotingCommandError when the code or a key does not fit 16 bits. */
export function writeBinaryHeader(command: RemotingCommand, target: ByteWriter): number {
  if (command.code > maxInt16 || command.code < minInt16) {
    throw new RemotingCommandError(
      `code ${command.code} does not fit a ROCKETMQ header; send it with serializeType JSON`,
      {
        fields: { code: command.code },
      },
    )
  }
  const start = target.length
  target.writeInt16(command.code)
  target.writeUint8(command.language)
  target.writeInt16(command.version)
  target.writeInt32(command.opaque)
  target.writeInt32(command.flag)
  writeText32(command.remark ?? '', target)
  const sizeOffset = target.skip(4)
  if (command.extFields !== undefined) writeExtFields(command.extFields, target)
  target.setInt32(sizeOffset, target.length - sizeOffset - 4)
  return target.length - start
}

function writeExtFields(extFields: ExtFields, target: ByteWriter): void {
  for (const key in extFields) {
    const value = extFields[key]
    if (value === undefined) continue
    const sizeOffset = target.skip(2)
    const size = target.writeUtf8(key)
    if (size > maxInt16) {
      throw new RemotingCommandError(
        `a key of extFields takes ${size} bytes; a ROCKETMQ header holds at most ${maxInt16}`,
      )
    }
    target.setInt16(sizeOffset, size)
    writeText32(value, target)
  }
}

function writeText32(text: string, target: ByteWriter): void {
  const sizeOffset = target.skip(4)
  target.setInt32(sizeOffset, target.writeUtf8(text))
}

/** Reads a binary header. @throws FrameError when a length points outside the header. */
export function readBinaryHeader(bytes: Buffer, start: number, end: number): RemotingCommand {
  if (end - start < fixedSize)
    throw new FrameError(`a ROCKETMQ header of ${end - start} bytes is shorter than ${fixedSize}`)
  const command = new RemotingCommand(bytes.readInt16BE(start))
  command.serializeType = 'ROCKETMQ'
  command.language = bytes.readUInt8(start + 2)
  command.version = bytes.readInt16BE(start + 3)
  command.opaque = bytes.readInt32BE(start + 5)
  command.flag = bytes.readInt32BE(start + 9)
  const remarkSize = bytes.readInt32BE(start + 13)
  const remarkEnd = start + 17 + remarkSize
  if (remarkSize < 0 || remarkEnd + 4 > end) throw outside('remark', remarkSize)
  if (remarkSize > 0) command.remark = bytes.toString('utf8', start + 17, remarkEnd)
  const extFieldsSize = bytes.readInt32BE(remarkEnd)
  const extFieldsStart = remarkEnd + 4
  if (extFieldsSize < 0 || extFieldsStart + extFieldsSize > end) throw outside('extFields', extFieldsSize)
  if (extFieldsSize > 0) command.extFields = readExtFields(bytes, extFieldsStart, extFieldsStart + extFieldsSize)
  return command
}

function readExtFields(bytes: Buffer, start: number, end: number): ExtFields {
  const extFields = createExtFields()
  const shared = end - start <= maxSharedTextBytes ? bytes.toString('latin1', start, end) : ''
  const isShared = shared !== '' && !nonAscii.test(shared)
  const textAt = (from: number, to: number): string =>
    isShared ? shared.slice(from - start, to - start) : bytes.toString('utf8', from, to)
  let count = 0
  let offset = start
  while (offset < end) {
    if (++count > maxExtFieldCount) throw new FrameError(`the header has more than ${maxExtFieldCount} extFields`)
    const keyStart = offset + 2
    const keyEnd = keyStart <= end ? keyStart + bytes.readInt16BE(offset) : -1
    if (keyEnd < keyStart || keyEnd + 4 > end) throw outside('a key of extFields', keyEnd - keyStart)
    const valueStart = keyEnd + 4
    const valueEnd = valueStart + bytes.readInt32BE(keyEnd)
    if (valueEnd < valueStart || valueEnd > end) throw outside('a value of extFields', valueEnd - valueStart)
    // An empty key or value stands for null, which a map of texts does not hold.
    if (keyEnd > keyStart && valueEnd > valueStart) {
      extFields[textAt(keyStart, keyEnd)] = textAt(valueStart, valueEnd)
    }
    offset = valueEnd
  }
  return extFields
}

function outside(what: string, size: number): FrameError {
  return new FrameError(`the size of ${what}, ${size}, points outside the ROCKETMQ header`, { fields: { size } })
}

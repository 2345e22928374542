import { RemotingCommandError } from '../errors.js'
import { ByteWriter } from './byte-writer.js'
import { writeBinaryHeader } from './header-binary.js'
import { writeJsonHeader } from './header-json.js'
import type { RemotingCommand, SerializeType } from './remoting-command.js'

const lengthSize = 4
const headerWordSize = 4
const maxHeaderSize = 0xff_ff_ff
const serializeTypeByte = { JSON: 0, ROCKETMQ: 1 } as const

/** Appends a whole frame, body copied. On an error `target` is as it was. @throws RemotingCommandError for a command that has no frame. */
export function encodeFrameInto(
  command: RemotingCommand,
  target: ByteWriter,
  serializeType: SerializeType = 'JSON',
): void {
  encodeFrameHeadInto(command, target, serializeType)
  if (command.body !== undefined) target.writeBytes(command.body)
}

/** Appends a frame up to its body, for a body that is sent without being copied; its length is already counted. */
export function encodeFrameHeadInto(
  command: RemotingCommand,
  target: ByteWriter,
  serializeType: SerializeType = 'JSON',
): void {
  const start = target.skip(lengthSize + headerWordSize)
  try {
    const headerSize =
      serializeType === 'ROCKETMQ' ? writeBinaryHeader(command, target) : writeJsonHeader(command, target)
    if (headerSize > maxHeaderSize) {
      throw new RemotingCommandError(`the header takes ${headerSize} bytes; at most ${maxHeaderSize} can be sent`)
    }
    target.setInt32(start, headerWordSize + headerSize + (command.body?.length ?? 0))
    target.setInt32(start + lengthSize, (serializeTypeByte[serializeType] << 24) | headerSize)
  } catch (error) {
    target.truncate(start)
    throw error
  }
}

/** A frame in a buffer of its own. @throws RemotingCommandError for a command that has no frame. */
export function encodeFrame(command: RemotingCommand, serializeType: SerializeType = 'JSON'): Buffer {
  const writer = new ByteWriter(1024 + (command.body?.length ?? 0))
  encodeFrameInto(command, writer, serializeType)
  return writer.bytes()
}

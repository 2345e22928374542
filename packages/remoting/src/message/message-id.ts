import { MessageFormatError } from '../errors.js'
import { putInt32, putInt64, readInt32, readInt64 } from './big-endian.js'
import type { HostAddress } from './host-address.js'

/** What an offset message id says. */
export interface OffsetMessageId {
  /** The broker that stored the message. */
  readonly host: HostAddress
  readonly physicalOffset: number
}

const PORT_AND_OFFSET_SIZE = 12
const IPV4_ID_LENGTH = 2 * (4 + PORT_AND_OFFSET_SIZE)
const IPV6_ID_LENGTH = 2 * (16 + PORT_AND_OFFSET_SIZE)

/** Upper-case hex of address, port and commit-log offset: 32 characters, or 56 for IPv6. Java: MessageDecoder#createMessageId. */
export function createOffsetMessageId(host: HostAddress, physicalOffset: number): string {
  const id = Buffer.allocUnsafe(host.ip.length + PORT_AND_OFFSET_SIZE)
  const at = putInt32(id, host.ip.copy(id), host.port)
  putInt64(id, at, physicalOffset)
  return id.toString('hex').toUpperCase()
}

/**
 * Reads an offset message id. Java: MessageDecoder#decodeMessageId.
 * @throws MessageFormatError if the text is none, such as a client's unique id of another length.
 */
export function decodeOffsetMessageId(text: string): OffsetMessageId {
  const hasLength = text.length === IPV4_ID_LENGTH || text.length === IPV6_ID_LENGTH
  if (!hasLength || !/^[0-9a-fA-F]+$/.test(text)) {
    throw new MessageFormatError(
      `"${text.slice(0, IPV6_ID_LENGTH)}" is no offset message id: give the offsetMsgId, ` +
        `${IPV4_ID_LENGTH} hexadecimal digits, or ${IPV6_ID_LENGTH} for a broker with an IPv6 address`,
    )
  }
  const bytes = Buffer.from(text, 'hex')
  const portAt = bytes.length - PORT_AND_OFFSET_SIZE
  return {
    host: { ip: bytes.subarray(0, portAt), port: readInt32(bytes, portAt) },
    physicalOffset: readInt64(bytes, portAt + 4),
  }
}

import { MessageFormatError } from '../errors.js'
import { readInt32, readInt64 } from './big-endian.js'
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

/** Bytes of the log whose ids differ in their last four digits only. */
const stretchSize = 0x1_00_00
const stretchDigits = 4
const hexDigits = '0123456789ABCDEF'

/** What the id made last begins with: a broker names itself, and the same stretch of its log, over and over. */
let lastHost: HostAddress | undefined
let lastStretch = -1
const lastId = Buffer.alloc(IPV6_ID_LENGTH)
let lastIdLength = 0

/** Upper-case hex of address, port and commit-log offset: 32 characters, or 56 for IPv6. Java: MessageDecoder#createMessageId. */
export function createOffsetMessageId(host: HostAddress, physicalOffset: number): string {
  const stretch = Math.floor(physicalOffset / stretchSize)
  if (host !== lastHost || stretch !== lastStretch) {
    const high = hex32(Math.floor(stretch / stretchSize)) + hex32(stretch).slice(4)
    const prefix = host.ip.toString('hex').toUpperCase() + hex32(host.port) + high
    lastIdLength = lastId.write(prefix, 'latin1') + stretchDigits
    lastHost = host
    lastStretch = stretch
  }
  for (let digit = 1, rest = physicalOffset; digit <= stretchDigits; digit++, rest >>>= 4) {
    lastId[lastIdLength - digit] = hexDigits.charCodeAt(rest & 0xf)
  }
  // From bytes: put together from strings it would be a rope, which whoever reads it has to flatten.
  return lastId.toString('latin1', 0, lastIdLength)
}

/** Eight digits of the lowest 32 bits. */
function hex32(value: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(8, '0')
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

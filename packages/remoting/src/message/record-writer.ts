import { MessageFormatError } from '../errors.js'
import { putInt16, putInt32, putInt64 } from './big-endian.js'
import { type HostAddress, isIPv6Address } from './host-address.js'
import { MAX_PROPERTIES_BYTES } from './message-properties.js'
import {
  BLANK_HEAD_SIZE,
  BLANK_MAGIC_CODE,
  MESSAGE_MAGIC_CODE_V1,
  MESSAGE_MAGIC_CODE_V2,
  recordFieldOffset,
  recordSize,
  topicLengthSize,
} from './record-layout.js'
import { SystemFlag } from './system-flag.js'

/** Everything a record holds. Text may be given as its UTF-8 bytes, which saves encoding it; nothing is kept. */
export interface RecordFields {
  /** At most 127 bytes of UTF-8, or 32,767 for topics longer than 127 UTF-16 units. */
  readonly topic: string | Buffer
  /** Bytes of the topic, if they have been counted. */
  readonly topicSize?: number
  readonly queueId: number
  readonly flag: number
  /** The IPv6 bits are set from the hosts, whatever this says. */
  readonly sysFlag: number
  readonly body: Buffer
  /** See crc32; 0 for an empty body. */
  readonly bodyCrc: number
  /** The encoded properties, at most 32,767 bytes. */
  readonly properties: string | Buffer
  /** Bytes of the properties, if they have been counted. */
  readonly propertiesSize?: number
  readonly queueOffset: number
  readonly physicalOffset: number
  readonly bornTimestamp: number
  readonly bornHost: HostAddress
  readonly storeTimestamp: number
  readonly storeHost: HostAddress
  readonly reconsumeTimes: number
  readonly preparedTransactionOffset: number
}

const IPV6_HOSTS = SystemFlag.BORNHOST_V6 | SystemFlag.STOREHOST_V6
const QUEUE_OFFSET = recordFieldOffset('QUEUEOFFSET', 0)
const PHYSICAL_OFFSET = recordFieldOffset('PHYSICALOFFSET', 0)
const SYS_FLAG = recordFieldOffset('SYSFLAG', 0)
const STORE_TIMESTAMP = recordFieldOffset('STORETIMESTAMP', 0)
const STORE_TIMESTAMP_V6 = recordFieldOffset('STORETIMESTAMP', SystemFlag.BORNHOST_V6)

/** Size in bytes of the record {@link writeRecord} would write. */
export function encodedRecordSize(fields: RecordFields): number {
  const { topic, properties, topicSize = byteLength(topic), propertiesSize = byteLength(properties) } = fields
  return sizeOf(fields, topicSize, propertiesSize)
}

/**
 * Writes a record at `offset` of `target` and returns its size; the body is copied. Java: MessageExtEncoder#encode.
 * @throws MessageFormatError if topic or properties exceed their length field, or `target` is too small; then the bytes
 * after `offset` are unspecified.
 */
export function writeRecord(target: Buffer, offset: number, fields: RecordFields): number {
  const { topic, body, properties, bornHost, storeHost } = fields
  const { topicSize = byteLength(topic), propertiesSize = byteLength(properties) } = fields
  const lengthSize = topicLengthSize(topic.length)
  const size = sizeOf(fields, topicSize, propertiesSize)
  if (topicSize > (lengthSize === 1 ? 0x7f : 0x7fff)) throw tooLong('topic', topicSize)
  if (propertiesSize > MAX_PROPERTIES_BYTES) throw tooLong('properties', propertiesSize)
  if (offset + size > target.length) throw tooLong('record', size)

  let at = putInt32(target, offset, size)
  at = putInt32(target, at, lengthSize === 1 ? MESSAGE_MAGIC_CODE_V1 : MESSAGE_MAGIC_CODE_V2)
  at = putInt32(target, at, fields.bodyCrc)
  at = putInt32(target, at, fields.queueId)
  at = putInt32(target, at, fields.flag)
  at = putInt64(target, at, fields.queueOffset)
  at = putInt64(target, at, fields.physicalOffset)
  at = putInt32(target, at, sysFlagFor(fields))
  at = putInt64(target, at, fields.bornTimestamp)
  at = putHost(target, at, bornHost)
  at = putInt64(target, at, fields.storeTimestamp)
  at = putHost(target, at, storeHost)
  at = putInt32(target, at, fields.reconsumeTimes)
  at = putInt64(target, at, fields.preparedTransactionOffset)
  at = putInt32(target, at, body.length)
  at += body.copy(target, at)
  if (lengthSize === 1) target[at++] = topicSize
  else at = putInt16(target, at, topicSize)
  at = putText(target, at, topic)
  at = putInt16(target, at, propertiesSize)
  putText(target, at, properties)
  return size
}

/** Writes the 8 bytes of a blank that covers the remaining `size` bytes of a segment. */
export function writeBlank(target: Buffer, offset: number, size: number): void {
  putInt32(target, offset, size)
  putInt32(target, offset + BLANK_HEAD_SIZE / 2, BLANK_MAGIC_CODE)
}

/** Changes the queue offset of the record that begins at `recordOffset`. */
export function patchQueueOffset(target: Buffer, recordOffset: number, queueOffset: number): void {
  putInt64(target, recordOffset + QUEUE_OFFSET, queueOffset)
}

/** Changes the commit-log offset of the record that begins at `recordOffset`. */
export function patchPhysicalOffset(target: Buffer, recordOffset: number, physicalOffset: number): void {
  putInt64(target, recordOffset + PHYSICAL_OFFSET, physicalOffset)
}

/** Changes the store timestamp of the record that begins at `recordOffset`. */
export function patchStoreTimestamp(target: Buffer, recordOffset: number, storeTimestamp: number): void {
  // The flag's last byte holds the bit of the born host, which lies before the timestamp.
  const isBornV6 = ((target[recordOffset + SYS_FLAG + 3] as number) & SystemFlag.BORNHOST_V6) !== 0
  putInt64(target, recordOffset + (isBornV6 ? STORE_TIMESTAMP_V6 : STORE_TIMESTAMP), storeTimestamp)
}

function sizeOf(fields: RecordFields, topicSize: number, propertiesSize: number): number {
  const { bornHost, storeHost, body, topic } = fields
  return recordSize({
    bornHost,
    storeHost,
    bodySize: body.length,
    topicSize,
    topicLength: topic.length,
    propertiesSize,
  })
}

function sysFlagFor({ sysFlag, bornHost, storeHost }: RecordFields): number {
  const born = isIPv6Address(bornHost) ? SystemFlag.BORNHOST_V6 : 0
  const store = isIPv6Address(storeHost) ? SystemFlag.STOREHOST_V6 : 0
  return (sysFlag & ~IPV6_HOSTS) | born | store
}

function putHost(target: Buffer, offset: number, host: HostAddress): number {
  const { ip, port } = host
  for (let at = 0; at < ip.length; at++) target[offset + at] = ip[at] as number
  return putInt32(target, offset + ip.length, port)
}

function putText(target: Buffer, offset: number, text: string | Buffer): number {
  return offset + (typeof text === 'string' ? target.write(text, offset) : text.copy(target, offset))
}

function byteLength(text: string | Buffer): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length
}

function tooLong(what: string, size: number): MessageFormatError {
  return new MessageFormatError(`the ${what} of ${size} bytes does not fit: shorten the message`, {
    fields: { what, size },
  })
}

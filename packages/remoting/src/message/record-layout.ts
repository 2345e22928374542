import { type HostAddress, isIPv6Address } from './host-address.js'
import { SystemFlag } from './system-flag.js'

/** A fixed-size field of a stored record. */
export interface RecordField {
  readonly name: string
  /** Position when every host before it is IPv4. */
  readonly offset: number
  /** Size in bytes; of a host, the IPv4 size. */
  readonly size: number
  /** How many hosts lie before it, each of which moves it by 12 bytes if it is IPv6. */
  readonly hostsBefore: 0 | 1 | 2
}

/**
 * The fixed head of a stored message; body, topic length, topic, properties length and properties follow.
 * Checked against records written by Apache RocketMQ (test/golden-records.test.ts). Java: MessageDecoder.
 */
export const recordLayout = [
  { name: 'TOTALSIZE', offset: 0, size: 4, hostsBefore: 0 },
  { name: 'MAGICCODE', offset: 4, size: 4, hostsBefore: 0 },
  { name: 'BODYCRC', offset: 8, size: 4, hostsBefore: 0 },
  { name: 'QUEUEID', offset: 12, size: 4, hostsBefore: 0 },
  { name: 'FLAG', offset: 16, size: 4, hostsBefore: 0 },
  { name: 'QUEUEOFFSET', offset: 20, size: 8, hostsBefore: 0 },
  { name: 'PHYSICALOFFSET', offset: 28, size: 8, hostsBefore: 0 },
  { name: 'SYSFLAG', offset: 36, size: 4, hostsBefore: 0 },
  { name: 'BORNTIMESTAMP', offset: 40, size: 8, hostsBefore: 0 },
  { name: 'BORNHOST', offset: 48, size: 8, hostsBefore: 0 },
  { name: 'STORETIMESTAMP', offset: 56, size: 8, hostsBefore: 1 },
  { name: 'STOREHOST', offset: 64, size: 8, hostsBefore: 1 },
  { name: 'RECONSUMETIMES', offset: 72, size: 4, hostsBefore: 2 },
  { name: 'PREPAREDTRANSACTIONOFFSET', offset: 76, size: 8, hostsBefore: 2 },
  { name: 'BODYLENGTH', offset: 84, size: 4, hostsBefore: 2 },
] as const satisfies readonly RecordField[]

/** Name of a fixed field of a record. */
export type RecordFieldName = (typeof recordLayout)[number]['name']

/** Size of the head with two IPv4 hosts: where the body begins. */
const RECORD_HEAD_SIZE = 88
/** Magic of records with a one-byte topic length. */
export const MESSAGE_MAGIC_CODE_V1 = -626_843_481
/** Magic of records with a two-byte topic length. */
export const MESSAGE_MAGIC_CODE_V2 = -626_843_477
/** Magic of the blank that fills the end of a segment. */
export const BLANK_MAGIC_CODE = -875_286_124
/** Size and magic of a blank; the bytes after them mean nothing. */
export const BLANK_HEAD_SIZE = 8
/** The smallest record: two IPv4 hosts, no body, no topic, no properties. */
export const MIN_RECORD_SIZE = RECORD_HEAD_SIZE + 1 + 2
/** Topics of more UTF-16 units than this are written with a two-byte length. Java: Byte.MAX_VALUE. */
export const MAX_V1_TOPIC_LENGTH = 127
/** How much an IPv6 host is larger than an IPv4 one. */
export const IPV6_EXTRA_SIZE = 12

assertLayout()

/** Position of a field relative to its record, given the record's system flag. */
export function recordFieldOffset(name: RecordFieldName, sysFlag: number): number {
  const field = fieldOf(name)
  const born = field.hostsBefore > 0 && (sysFlag & SystemFlag.BORNHOST_V6) !== 0 ? IPV6_EXTRA_SIZE : 0
  const store = field.hostsBefore > 1 && (sysFlag & SystemFlag.STOREHOST_V6) !== 0 ? IPV6_EXTRA_SIZE : 0
  return field.offset + born + store
}

/** What decides the size of a record; sizes in bytes, `topicLength` in UTF-16 units. */
export interface RecordSizes {
  readonly bornHost: HostAddress
  readonly storeHost: HostAddress
  readonly bodySize: number
  readonly topicSize: number
  readonly topicLength: number
  readonly propertiesSize: number
}

/** Size in bytes of a record. Java: MessageExtEncoder#calMsgLength. */
export function recordSize(sizes: RecordSizes): number {
  const hosts =
    (isIPv6Address(sizes.bornHost) ? IPV6_EXTRA_SIZE : 0) + (isIPv6Address(sizes.storeHost) ? IPV6_EXTRA_SIZE : 0)
  const topicField = topicLengthSize(sizes.topicLength) + sizes.topicSize
  return RECORD_HEAD_SIZE + hosts + sizes.bodySize + topicField + 2 + sizes.propertiesSize
}

/** Size of the topic's length field: 1 byte in version 1, 2 in version 2. */
export function topicLengthSize(topicLength: number): 1 | 2 {
  return topicLength > MAX_V1_TOPIC_LENGTH ? 2 : 1
}

function fieldOf(name: RecordFieldName): RecordField {
  const field = recordLayout.find((candidate) => candidate.name === name)
  if (field === undefined) throw new Error(`no record field ${name}`)
  return field
}

function assertLayout(): void {
  let end = 0
  for (const { name, offset, size } of recordLayout) {
    if (offset !== end) throw new Error(`record field ${name} begins at ${offset}, the one before it ends at ${end}`)
    end = offset + size
  }
  if (end !== RECORD_HEAD_SIZE) throw new Error(`the record head has ${end} bytes, not ${RECORD_HEAD_SIZE}`)
}

import { readInt16, readInt32, readInt64 } from './big-endian.js'
import { crc32 } from './crc32.js'
import type { HostAddress } from './host-address.js'
import { decodeProperties, type MessageProperties } from './message-properties.js'
import { PropertyName } from './property-name.js'
import {
  BLANK_HEAD_SIZE,
  BLANK_MAGIC_CODE,
  IPV6_EXTRA_SIZE,
  MESSAGE_MAGIC_CODE_V1,
  MESSAGE_MAGIC_CODE_V2,
  recordFieldOffset,
} from './record-layout.js'
import { SystemFlag } from './system-flag.js'
import { tagsCodeOf } from './tags-code.js'

const MAGIC = recordFieldOffset('MAGICCODE', 0)
const BODY_CRC = recordFieldOffset('BODYCRC', 0)
const QUEUE_ID = recordFieldOffset('QUEUEID', 0)
const FLAG = recordFieldOffset('FLAG', 0)
const QUEUE_OFFSET = recordFieldOffset('QUEUEOFFSET', 0)
const PHYSICAL_OFFSET = recordFieldOffset('PHYSICALOFFSET', 0)
const SYS_FLAG = recordFieldOffset('SYSFLAG', 0)
const BORN_TIMESTAMP = recordFieldOffset('BORNTIMESTAMP', 0)
const BORN_HOST = recordFieldOffset('BORNHOST', 0)
const STORE_TIMESTAMP = recordFieldOffset('STORETIMESTAMP', 0)
const STORE_HOST = recordFieldOffset('STOREHOST', 0)
const RECONSUME_TIMES = recordFieldOffset('RECONSUMETIMES', 0)
const PREPARED_TRANSACTION_OFFSET = recordFieldOffset('PREPAREDTRANSACTIONOFFSET', 0)
const BODY_LENGTH = recordFieldOffset('BODYLENGTH', 0)

const IPV4_SIZE = 4

/** How {@link checkRecord} looks at a record. */
export interface CheckRecordOptions {
  /** Whether the body is compared with its CRC. Java: checkCRCOnRecover. Default true. */
  readonly checkCrc?: boolean
  /** Where the bytes to look at end. Default: the end of `bytes`. */
  readonly end?: number
}

/** The end of a segment: nothing follows in it. */
export interface BlankRecord {
  readonly kind: 'blank'
  /** The bytes it says it covers, its own 8 included. */
  readonly size: number
}

/** No record: torn, corrupt, or never written. */
export interface InvalidRecord {
  readonly kind: 'invalid'
  /** The size it announces if its lengths merely contradict that; -1 if nothing in it can be believed. */
  readonly size: number
  readonly reason: string
}

/** Where the variable parts of a record lie, as positions in its buffer. */
interface RecordBounds {
  readonly size: number
  readonly bodyStart: number
  readonly bodyEnd: number
  readonly topicStart: number
  readonly topicEnd: number
  readonly propertiesStart: number
}

/**
 * A record whose lengths were checked, read field by field from the bytes it lies in. It borrows them: it is valid for
 * as long as they are.
 */
export class CheckedRecord {
  readonly kind = 'record'
  readonly bytes: Buffer
  /** Where it begins in `bytes`. */
  readonly offset: number
  readonly #bounds: RecordBounds
  readonly #bornExtra: number
  readonly #hostsExtra: number
  #body: Buffer | undefined
  #topic: string | undefined
  #properties: MessageProperties | undefined

  /** Made by {@link checkRecord} only. */
  constructor(bytes: Buffer, offset: number, bounds: RecordBounds) {
    this.bytes = bytes
    this.offset = offset
    this.#bounds = bounds
    this.#bornExtra = extraSize(this.sysFlag, SystemFlag.BORNHOST_V6)
    this.#hostsExtra = this.#bornExtra + extraSize(this.sysFlag, SystemFlag.STOREHOST_V6)
  }

  /** Bytes of the whole record. */
  get size(): number {
    return this.#bounds.size
  }
  get bodyCrc(): number {
    return readInt32(this.bytes, this.offset + BODY_CRC)
  }
  get queueId(): number {
    return readInt32(this.bytes, this.offset + QUEUE_ID)
  }
  get flag(): number {
    return readInt32(this.bytes, this.offset + FLAG)
  }
  get queueOffset(): number {
    return readInt64(this.bytes, this.offset + QUEUE_OFFSET)
  }
  get physicalOffset(): number {
    return readInt64(this.bytes, this.offset + PHYSICAL_OFFSET)
  }
  get sysFlag(): number {
    return readInt32(this.bytes, this.offset + SYS_FLAG)
  }
  get bornTimestamp(): number {
    return readInt64(this.bytes, this.offset + BORN_TIMESTAMP)
  }
  /** Owns its bytes, which records of the same host share: nobody changes them. */
  get bornHost(): HostAddress {
    return bornHosts.read(this.bytes, this.offset + BORN_HOST, this.#bornExtra)
  }
  get storeTimestamp(): number {
    return readInt64(this.bytes, this.offset + STORE_TIMESTAMP + this.#bornExtra)
  }
  /** As `bornHost`. */
  get storeHost(): HostAddress {
    return storeHosts.read(this.bytes, this.offset + STORE_HOST + this.#bornExtra, this.#hostsExtra - this.#bornExtra)
  }
  get reconsumeTimes(): number {
    return readInt32(this.bytes, this.offset + RECONSUME_TIMES + this.#hostsExtra)
  }
  get preparedTransactionOffset(): number {
    return readInt64(this.bytes, this.offset + PREPARED_TRANSACTION_OFFSET + this.#hostsExtra)
  }
  /** The body as it is stored, perhaps compressed: a view of the record's bytes. */
  get body(): Buffer {
    this.#body ??= this.bytes.subarray(this.#bounds.bodyStart, this.#bounds.bodyEnd)
    return this.#body
  }
  get topic(): string {
    this.#topic ??= this.bytes.toString('utf8', this.#bounds.topicStart, this.#bounds.topicEnd)
    return this.#topic
  }
  get properties(): MessageProperties {
    const { propertiesStart, size } = this.#bounds
    this.#properties ??= decodeProperties(this.bytes.toString('utf8', propertiesStart, this.offset + size))
    return this.#properties
  }
  /** The KEYS property: index keys separated by spaces. */
  get keys(): string | undefined {
    return this.properties.get(PropertyName.KEYS)
  }
  get uniqueKey(): string | undefined {
    return this.properties.get(PropertyName.UNIQ_KEY)
  }
  /** See tagsCodeOf; the schedule topic's meaning is left to the store. */
  get tagsCode(): number {
    return tagsCodeOf(this.properties.get(PropertyName.TAGS))
  }
}

/** What lies at a position of a segment. */
export type RecordCheck = CheckedRecord | BlankRecord | InvalidRecord

/**
 * Looks at the record that begins at `offset`; never throws, whatever the bytes are. Whether the record's own physical
 * offset is the position it was found at is left to the caller. Java: CommitLog#checkMessageAndReturnSize.
 */
export function checkRecord(bytes: Buffer, offset: number, options: CheckRecordOptions = {}): RecordCheck {
  const end = options.end ?? bytes.length
  if (offset + BLANK_HEAD_SIZE > end) return invalid(-1, 'fewer bytes than a size and a magic code')
  const size = readInt32(bytes, offset)
  const magic = readInt32(bytes, offset + MAGIC)
  if (magic === BLANK_MAGIC_CODE) {
    // Like Java, a blank counts only if all it covers is there.
    return size >= BLANK_HEAD_SIZE && offset + size <= end ? { kind: 'blank', size } : invalid(-1, 'torn blank')
  }
  if (magic !== MESSAGE_MAGIC_CODE_V1 && magic !== MESSAGE_MAGIC_CODE_V2) return invalid(-1, 'unknown magic code')
  if (size <= 0 || offset + size > end) return invalid(-1, 'torn: its size reaches beyond the bytes')

  const bounds = readBounds(bytes, offset, end)
  if (bounds === undefined) return invalid(-1, 'a length is negative or reaches beyond the bytes')
  if (bounds.size !== size) return invalid(size, `its lengths add up to ${bounds.size}, not to its size ${size}`)
  const record = new CheckedRecord(bytes, offset, bounds)
  const isIntact = options.checkCrc === false || hasIntactBody(record, bounds)
  return isIntact ? record : invalid(-1, 'its body does not fit its CRC')
}

/** Walks the variable parts; undefined if one is negative or leaves `[offset, end)`. */
function readBounds(bytes: Buffer, offset: number, end: number): RecordBounds | undefined {
  const bodyLengthAt = offset + BODY_LENGTH + hostsExtra(bytes, offset, end)
  const bodyStart = bodyLengthAt + 4
  if (bodyStart > end) return undefined
  const bodySize = readInt32(bytes, bodyLengthAt)
  const bodyEnd = bodyStart + bodySize

  const topicLengthSize = readInt32(bytes, offset + MAGIC) === MESSAGE_MAGIC_CODE_V1 ? 1 : 2
  const topicStart = bodyEnd + topicLengthSize
  if (bodySize < 0 || topicStart > end) return undefined
  const topicSize = topicLengthSize === 1 ? ((bytes[bodyEnd] as number) << 24) >> 24 : readInt16(bytes, bodyEnd)
  const topicEnd = topicStart + topicSize

  const propertiesStart = topicEnd + 2
  if (topicSize < 0 || propertiesStart > end) return undefined
  const propertiesSize = readInt16(bytes, topicEnd)
  const recordEnd = propertiesStart + propertiesSize
  if (propertiesSize < 0 || recordEnd > end) return undefined
  return { size: recordEnd - offset, bodyStart, bodyEnd, topicStart, topicEnd, propertiesStart }
}

function hostsExtra(bytes: Buffer, offset: number, end: number): number {
  if (offset + SYS_FLAG + 4 > end) return 0
  const sysFlag = readInt32(bytes, offset + SYS_FLAG)
  return extraSize(sysFlag, SystemFlag.BORNHOST_V6) + extraSize(sysFlag, SystemFlag.STOREHOST_V6)
}

function hasIntactBody(record: CheckedRecord, { bodyStart, bodyEnd }: RecordBounds): boolean {
  return bodyStart === bodyEnd || crc32(record.body) === record.bodyCrc
}

function extraSize(sysFlag: number, bit: number): number {
  return (sysFlag & bit) === 0 ? 0 : IPV6_EXTRA_SIZE
}

/** Reads addresses, and remembers the last one: records that follow each other mostly name the same. */
class HostReader {
  #last: HostAddress | undefined

  read(bytes: Buffer, offset: number, extra: number): HostAddress {
    const portAt = offset + IPV4_SIZE + extra
    const port = readInt32(bytes, portAt)
    const last = this.#last
    if (
      last !== undefined &&
      last.port === port &&
      last.ip.length === portAt - offset &&
      isAt(bytes, offset, last.ip)
    ) {
      return last
    }
    const host = { ip: Buffer.from(bytes.subarray(offset, portAt)), port }
    this.#last = host
    return host
  }
}

function isAt(bytes: Buffer, offset: number, ip: Buffer): boolean {
  for (let at = 0; at < ip.length; at++) if (ip[at] !== bytes[offset + at]) return false
  return true
}

const bornHosts = new HostReader()
const storeHosts = new HostReader()

function invalid(size: number, reason: string): InvalidRecord {
  return { kind: 'invalid', size, reason }
}

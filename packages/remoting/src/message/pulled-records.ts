import { MessageFormatError } from '../errors.js'
import { readInt32, readInt64 } from './big-endian.js'
import { checkRecord } from './checked-record.js'
import type { HostAddress } from './host-address.js'
import type { MessageExt } from './message.js'
import { createOffsetMessageId } from './message-id.js'
import { messageOfRecord, type ReadRecordOptions } from './message-record.js'
import { MESSAGE_MAGIC_CODE_V1, MESSAGE_MAGIC_CODE_V2, MIN_RECORD_SIZE, recordFieldOffset } from './record-layout.js'
import { type CompressionType, compressionTypeOf, SystemFlag } from './system-flag.js'

const TOTAL_SIZE_BYTES = 4
const MAGIC = recordFieldOffset('MAGICCODE', 0)
const QUEUE_OFFSET = recordFieldOffset('QUEUEOFFSET', 0)
const PHYSICAL_OFFSET = recordFieldOffset('PHYSICALOFFSET', 0)
const SYS_FLAG = recordFieldOffset('SYSFLAG', 0)
const IPV4_BYTES = 4
const IPV6_BYTES = 16
const PORT_BYTES = 4

/** How {@link readPulledRecords} reads. */
export interface ReadPulledRecordsOptions extends ReadRecordOptions {
  /** Whether bodies are compared with their CRC. Default true. */
  readonly checkCrc?: boolean
}

/** Where a record says that it lies in the store. */
interface RecordPlace {
  /** Offset in its queue; undefined if the record is too damaged to tell. */
  readonly queueOffset: number | undefined
  /** Position in the commit log; undefined if the record is too damaged to tell. */
  readonly physicalOffset: number | undefined
  /** Id by its place; undefined if the record is too damaged to tell. */
  readonly offsetMsgId: string | undefined
}

/** A record that holds no readable message. */
export interface UndecodableRecord extends RecordPlace {
  /** Where it begins in the bytes. */
  readonly offset: number
  /** The bytes it costs. */
  readonly size: number
  readonly cause: Error
}

/** What a pull answer holds. */
export interface PulledRecords {
  /** In the order they were stored; they own their bytes. */
  readonly messages: readonly MessageExt[]
  readonly undecodable: readonly UndecodableRecord[]
}

/**
 * Reads the records of a pull answer; never throws, whatever the bytes are. A record that cannot be decoded costs itself alone:
 * its size leads to the next one. Where even the size cannot be used, the rest is one undecodable record. Java's
 * MessageDecoder#decodesBatch drops such a record and everything after it.
 */
export function readPulledRecords(bytes: Buffer, options: ReadPulledRecordsOptions = {}): PulledRecords {
  const messages: MessageExt[] = []
  const undecodable: UndecodableRecord[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const size = usableSizeAt(bytes, offset)
    try {
      if (size === undefined) throw damaged(bytes, offset, 'its size cannot be used')
      const end = offset + size
      const checked = checkRecord(bytes, offset, { end, checkCrc: options.checkCrc !== false && readsBody(options) })
      if (checked.kind !== 'record') throw damaged(bytes, offset, checked.kind === 'blank' ? 'a blank' : checked.reason)
      messages.push(messageOfRecord(checked, options))
    } catch (cause) {
      undecodable.push({
        ...placeOf(bytes, offset),
        offset,
        size: size ?? bytes.length - offset,
        cause: cause as Error,
      })
    }
    offset += size ?? bytes.length
  }
  return { messages, undecodable }
}

/** The compressions the bodies of a pull answer need, found without decoding it. */
export function compressionTypesOfRecords(bytes: Buffer): ReadonlySet<CompressionType> {
  const types = new Set<CompressionType>()
  for (let offset = 0; offset < bytes.length; ) {
    const size = usableSizeAt(bytes, offset)
    if (size === undefined) break
    const sysFlag = readInt32(bytes, offset + SYS_FLAG)
    const type = (sysFlag & SystemFlag.COMPRESSED) === 0 ? undefined : compressionTypeOf(sysFlag)
    if (type !== undefined) types.add(type)
    offset += size
  }
  return types
}

function readsBody({ readBody }: ReadRecordOptions): boolean {
  return readBody !== false
}

/** TOTALSIZE, if a record of that size fits into the bytes. */
function usableSizeAt(bytes: Buffer, offset: number): number | undefined {
  if (offset + TOTAL_SIZE_BYTES > bytes.length) return undefined
  const size = readInt32(bytes, offset)
  return size >= MIN_RECORD_SIZE && offset + size <= bytes.length ? size : undefined
}

function damaged(bytes: Buffer, offset: number, reason: string): MessageFormatError {
  return new MessageFormatError(
    `the record at byte ${offset} of ${bytes.length} cannot be decoded (${reason}): look at the broker's store, or at what lies between`,
    { fields: { offset, reason } },
  )
}

/** What the head of a record tells about its place; nothing of it is believed without the magic code. */
function placeOf(bytes: Buffer, offset: number): RecordPlace {
  const hasHead = offset + MIN_RECORD_SIZE <= bytes.length
  const magic = hasHead ? readInt32(bytes, offset + MAGIC) : 0
  if (magic !== MESSAGE_MAGIC_CODE_V1 && magic !== MESSAGE_MAGIC_CODE_V2) {
    return { queueOffset: undefined, physicalOffset: undefined, offsetMsgId: undefined }
  }
  const physicalOffset = readInt64(bytes, offset + PHYSICAL_OFFSET)
  const storeHost = storeHostAt(bytes, offset)
  return {
    queueOffset: readInt64(bytes, offset + QUEUE_OFFSET),
    physicalOffset,
    offsetMsgId: storeHost && createOffsetMessageId(storeHost, physicalOffset),
  }
}

function storeHostAt(bytes: Buffer, offset: number): HostAddress | undefined {
  const sysFlag = readInt32(bytes, offset + SYS_FLAG)
  const start = offset + recordFieldOffset('STOREHOST', sysFlag)
  const portAt = start + ((sysFlag & SystemFlag.STOREHOST_V6) === 0 ? IPV4_BYTES : IPV6_BYTES)
  if (portAt + PORT_BYTES > bytes.length) return undefined
  return { ip: bytes.subarray(start, portAt), port: readInt32(bytes, portAt) }
}

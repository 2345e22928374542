import { readInt64, writeInt64 } from '../int64.js'

/** The header's fields. Java: IndexHeader. */
export const indexHeaderLayout = [
  { name: 'beginTimestamp', offset: 0, size: 8 },
  { name: 'endTimestamp', offset: 8, size: 8 },
  { name: 'beginPhyOffset', offset: 16, size: 8 },
  { name: 'endPhyOffset', offset: 24, size: 8 },
  { name: 'hashSlotCount', offset: 32, size: 4 },
  { name: 'indexCount', offset: 36, size: 4 },
] as const

/** Bytes of the header; hash slots follow. */
export const indexHeaderSize = 40

/** Bytes of a hash slot: the number of the newest item of its chain, 0 if it has none. */
export const hashSlotSize = 4

/** The fields of an item. Java: IndexFile, "index". */
export const indexItemLayout = [
  { name: 'keyHash', offset: 0, size: 4 },
  { name: 'phyOffset', offset: 4, size: 8 },
  { name: 'timeDiff', offset: 12, size: 4 },
  { name: 'prevIndex', offset: 16, size: 4 },
] as const

/** Bytes of an item; items follow the slots, and item 0 is never used. */
export const indexItemSize = 20

/** What the header says of its file. */
export interface IndexHeader {
  /** Store time of the first record, ms. */
  beginTimestamp: number
  /** Store time of the last record, ms. */
  endTimestamp: number
  beginPhyOffset: number
  endPhyOffset: number
  /** Slots in use. */
  hashSlotCount: number
  /** Number of the next item; 1 in an empty file. */
  indexCount: number
}

/** Bytes of a file with so many slots and items. */
export function indexFileSize(maxHashSlotNum: number, maxIndexNum: number): number {
  return indexHeaderSize + maxHashSlotNum * hashSlotSize + maxIndexNum * indexItemSize
}

/** Reads the header at the start of `bytes`; a count that was never written is 1. */
export function readIndexHeader(bytes: Buffer): IndexHeader {
  return {
    beginTimestamp: readInt64(bytes, 0),
    endTimestamp: readInt64(bytes, 8),
    beginPhyOffset: readInt64(bytes, 16),
    endPhyOffset: readInt64(bytes, 24),
    hashSlotCount: bytes.readInt32BE(32),
    indexCount: Math.max(1, bytes.readInt32BE(36)),
  }
}

/** The header as bytes. A file without keys has a count of 0 there. */
export function encodeIndexHeader(header: IndexHeader): Buffer {
  const bytes = Buffer.alloc(indexHeaderSize)
  writeInt64(bytes, 0, header.beginTimestamp)
  writeInt64(bytes, 8, header.endTimestamp)
  writeInt64(bytes, 16, header.beginPhyOffset)
  writeInt64(bytes, 24, header.endPhyOffset)
  bytes.writeInt32BE(header.hashSlotCount, 32)
  bytes.writeInt32BE(header.indexCount > 1 ? header.indexCount : 0, 36)
  return bytes
}

/** Local time as `yyyyMMddHHmmssSSS`, the name of an index file. Java: UtilAll#timeMillisToHumanString. */
export function indexFileName(timestamp: number): string {
  const time = new Date(timestamp)
  const parts: readonly (readonly [number, number])[] = [
    [time.getFullYear(), 4],
    [time.getMonth() + 1, 2],
    [time.getDate(), 2],
    [time.getHours(), 2],
    [time.getMinutes(), 2],
    [time.getSeconds(), 2],
    [time.getMilliseconds(), 3],
  ]
  return parts.map(([value, digits]) => String(value).padStart(digits, '0')).join('')
}

import { readInt64, writeInt64 } from '../integers.js'

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
export const indexHeaderSize: number = sizeOf(indexHeaderLayout)

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
export const indexItemSize: number = sizeOf(indexItemLayout)

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

/** A key of one record, in the chain of its slot. */
export interface IndexItem {
  readonly keyHash: number
  readonly phyOffset: number
  /** Whole seconds from the file's begin to the record's store time. */
  readonly timeDiff: number
  /** The item before it in the chain, 0 if it is the oldest. */
  readonly prevIndex: number
}

/** The header of a file that was never written. */
export const emptyHeader: Readonly<IndexHeader> = {
  beginTimestamp: 0,
  endTimestamp: 0,
  beginPhyOffset: 0,
  endPhyOffset: 0,
  hashSlotCount: 0,
  indexCount: 1,
}

/** Bytes of a file with so many slots and items. */
export function indexFileSize(maxHashSlotNum: number, maxIndexNum: number): number {
  return indexHeaderSize + maxHashSlotNum * hashSlotSize + maxIndexNum * indexItemSize
}

/** Reads the header at the start of `bytes`; a count that was never written is 1. */
export function readIndexHeader(bytes: Buffer): IndexHeader {
  const header = { ...emptyHeader }
  for (const { name, offset, size } of indexHeaderLayout) {
    header[name] = size === 8 ? readInt64(bytes, offset) : bytes.readInt32BE(offset)
  }
  return { ...header, indexCount: Math.max(1, header.indexCount) }
}

/** The header as bytes. A file without keys has a count of 0 there. */
export function encodeIndexHeader(header: IndexHeader): Buffer {
  const bytes = Buffer.alloc(indexHeaderSize)
  const stored = { ...header, indexCount: header.indexCount > 1 ? header.indexCount : 0 }
  for (const { name, offset, size } of indexHeaderLayout) {
    if (size === 8) writeInt64(bytes, offset, stored[name])
    else bytes.writeInt32BE(stored[name], offset)
  }
  return bytes
}

/** The item's integers as they lie in the file: two for the physical offset. */
export function encodeIndexItem(item: IndexItem): readonly number[] {
  const { keyHash, phyOffset, timeDiff, prevIndex } = item
  return [keyHash, Math.floor(phyOffset / 0x1_0000_0000), phyOffset | 0, timeDiff, prevIndex]
}

/** Reads the item at the start of `bytes`. */
export function readIndexItem(bytes: Buffer): IndexItem {
  const [keyHash, phyOffset, timeDiff, prevIndex] = indexItemLayout
  return {
    keyHash: bytes.readInt32BE(keyHash.offset),
    phyOffset: readInt64(bytes, phyOffset.offset),
    timeDiff: bytes.readInt32BE(timeDiff.offset),
    prevIndex: bytes.readInt32BE(prevIndex.offset),
  }
}

function sizeOf(layout: readonly { readonly size: number }[]): number {
  return layout.reduce((sum, { size }) => sum + size, 0)
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

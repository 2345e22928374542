import { extendJavaStringHash, javaStringHash } from '@mq/remoting'
import { StoreWriteError } from '../errors.js'
import type { FileHandleCache } from '../file-system/file-handle-cache.js'
import {
  encodeIndexHeader,
  encodeIndexItem,
  hashSlotSize,
  type IndexHeader,
  type IndexItem,
  indexFileSize,
  indexHeaderSize,
  indexItemSize,
  readIndexItem,
} from './index-layout.js'
import { PageCache, pageSize } from './page-cache.js'

/** Where the file lies and how much it holds. */
export interface IndexFileOptions {
  readonly path: string
  readonly handles: FileHandleCache
  readonly maxHashSlotNum: number
  /** Items, the unused item 0 included. */
  readonly maxIndexNum: number
  /** Bytes of the file kept in memory while it is written. */
  readonly maxPageCacheBytes: number
  /** As it is on disk, or of a new file: begin and end are those of the file before it. */
  readonly header: IndexHeader
  /** The file is to be made. */
  readonly isFresh: boolean
}

/** One key of a stored record. */
export interface IndexKey {
  /** See {@link indexKeyHash}. */
  readonly keyHash: number
  readonly phyOffset: number
  /** ms since the epoch */
  readonly storeTimestamp: number
}

/** What a search in one file looks for. */
export interface IndexSelection {
  /** See {@link indexKeyHash}. */
  readonly keyHash: number
  /** Store times in ms, both inclusive; kept in the file with a resolution of a second. */
  readonly begin: number
  readonly end: number
  readonly maxNum: number
}

const maxTimeDiff = 0x7fffffff

/**
 * A hash table on disk from keys to physical offsets: slots that name the newest item of a chain, items that name the one before.
 *
 * Keys are added in memory and reach the disk when memory is short and with {@link flush}; the header is written before any other page, so
 * that a file left behind by a killed process shows that it is newer than the checkpoint. Java: IndexFile.
 */
export class IndexFile {
  readonly path: string
  readonly header: IndexHeader
  readonly #options: IndexFileOptions
  readonly #cache: PageCache
  #isChanged = false

  constructor(options: IndexFileOptions) {
    this.#options = options
    this.path = options.path
    this.header = options.header
    const size = indexFileSize(options.maxHashSlotNum, options.maxIndexNum)
    if (options.isFresh) options.handles.borrow(options.path, { create: true, size })
    this.#cache = new PageCache({
      handle: () => options.handles.borrow(options.path),
      use: (action) => options.handles.use(options.path, action),
      isFresh: options.isFresh,
      fileSize: size,
      maxPages: Math.max(8, Math.floor(options.maxPageCacheBytes / pageSize)),
      header: () => encodeIndexHeader(this.header),
    })
  }

  /** Whether no key can be added. */
  get isWriteFull(): boolean {
    return this.header.indexCount >= this.#options.maxIndexNum
  }

  /** Adds a key; answers false if the file is full. @throws StoreWriteError if pages cannot be written. */
  putKey(key: IndexKey): boolean {
    if (this.isWriteFull) return false
    const { header } = this
    const { keyHash } = key
    const slotPosition = this.#slotPosition(keyHash)
    const slotValue = this.#cache.readInt32(slotPosition)
    const prevIndex = slotValue > 0 && slotValue <= header.indexCount ? slotValue : 0
    this.#writeItem({ keyHash, phyOffset: key.phyOffset, timeDiff: this.#timeDiff(key.storeTimestamp), prevIndex })
    this.#cache.writeInt32(slotPosition, header.indexCount)
    if (header.indexCount <= 1) {
      header.beginPhyOffset = key.phyOffset
      header.beginTimestamp = key.storeTimestamp
    }
    if (prevIndex === 0) header.hashSlotCount++
    header.indexCount++
    header.endPhyOffset = key.phyOffset
    header.endTimestamp = key.storeTimestamp
    this.#isChanged = true
    return true
  }

  /** Whether the file may hold records of a stretch of time. */
  isTimeMatched(begin: number, end: number): boolean {
    const { beginTimestamp, endTimestamp } = this.header
    if (begin < beginTimestamp && end > endTimestamp) return true
    return (begin >= beginTimestamp && begin <= endTimestamp) || (end >= beginTimestamp && end <= endTimestamp)
  }

  /** Adds the physical offsets of records with the key, newest first; other keys with the same hash are among them. */
  async selectPhyOffset(selection: IndexSelection, phyOffsets: Set<number>): Promise<void> {
    const { keyHash, begin, end, maxNum } = selection
    if (this.header.indexCount <= 1) return
    let index = (await this.#read(this.#slotPosition(keyHash), hashSlotSize)).readInt32BE(0)
    if (index > this.header.indexCount) return
    while (index > 0 && phyOffsets.size < maxNum) {
      const item = await this.#readItem(index)
      if (item.timeDiff < 0) return
      const storeTimestamp = this.header.beginTimestamp + item.timeDiff * 1000
      const isInTime = storeTimestamp >= begin && storeTimestamp <= end
      if (item.keyHash === keyHash && isInTime) phyOffsets.add(item.phyOffset)
      // A chain only leads to older items; anything else is damage and must not become an endless walk.
      if (item.prevIndex >= index || storeTimestamp < begin) return
      index = item.prevIndex
    }
  }

  /** Makes every key durable; no key may be added before the promise settles. @throws StoreWriteError */
  async flush(): Promise<void> {
    if (!this.#isChanged) return
    this.#isChanged = false
    const { handles, path } = this.#options
    try {
      await this.#cache.writeBack()
      await handles.use(path, (handle) => handle.datasync())
    } catch (cause) {
      throw writeError(path, cause)
    }
  }

  /** Gives the memory back; the file must have been flushed. */
  release(): void {
    this.#cache.clear()
  }

  #timeDiff(storeTimestamp: number): number {
    const { beginTimestamp } = this.header
    if (beginTimestamp <= 0) return 0
    return Math.min(maxTimeDiff, Math.max(0, Math.trunc((storeTimestamp - beginTimestamp) / 1000)))
  }

  #slotPosition(keyHash: number): number {
    return indexHeaderSize + (keyHash % this.#options.maxHashSlotNum) * hashSlotSize
  }

  #itemPosition(index: number): number {
    return indexHeaderSize + this.#options.maxHashSlotNum * hashSlotSize + index * indexItemSize
  }

  #writeItem(item: IndexItem): void {
    let position = this.#itemPosition(this.header.indexCount)
    for (const value of encodeIndexItem(item)) {
      this.#cache.writeInt32(position, value)
      position += 4
    }
  }

  async #readItem(index: number): Promise<IndexItem> {
    return readIndexItem(await this.#read(this.#itemPosition(index), indexItemSize))
  }

  /** Reads integers through the cache where it holds their pages, from the file otherwise. */
  async #read(position: number, size: number): Promise<Buffer> {
    const bytes = Buffer.alloc(size)
    const isInMemory = this.#peek(position, bytes)
    if (isInMemory) return bytes
    await this.#options.handles.use(this.path, (handle) => handle.read(bytes, position))
    this.#peek(position, bytes)
    return bytes
  }

  #peek(position: number, target: Buffer): boolean {
    let isWhole = true
    for (let at = 0; at < target.length; at += 4) {
      const value = this.#cache.peekInt32(position + at)
      if (value === undefined) isWhole = false
      else target.writeInt32BE(value, at)
    }
    return isWhole
  }
}

let lastTopic = ''
let lastTopicHash = javaStringHash('#')

/** The hash of `topic#key` that an item keeps, never negative. Java: IndexFile#indexKeyHashMethod. */
export function indexKeyHash(topic: string, key: string): number {
  // Records that follow each other are often of one topic.
  if (topic !== lastTopic) {
    lastTopic = topic
    lastTopicHash = javaStringHash(`${topic}#`)
  }
  const hash = Math.abs(extendJavaStringHash(lastTopicHash, key))
  return hash > 0x7fffffff ? 0 : hash
}

function writeError(path: string, cause: unknown): StoreWriteError {
  if (cause instanceof StoreWriteError) return cause
  return new StoreWriteError(`The index file ${path} could not be written; free or repair the disk and restart`, {
    cause,
  })
}

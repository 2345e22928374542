import { StoreClosedError, StoreWriteError } from '../errors.js'
import type { FileHandle, FileSystem } from '../file-system/file-system.js'
import { type ZeroExtent, zeroTail } from '../file-system/zero-tail.js'
import { ChunksAhead, type ChunksAheadSizes } from './chunks-ahead.js'
import { zeroAhead, zeroDurably, zeroedStretch } from './zero-ahead.js'

/** Bytes of a page: the unit in which RocketMQ counts what is left to flush. */
export const pageSize = 4096

/** What a segment file is made of. */
export interface MappedFileOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** The file's name: the queue offset of its first byte, in 20 decimal digits. */
  readonly name: string
  /** Exact length of the file in bytes. */
  readonly fileSize: number
  /** Zeros are written this far ahead of the write position; without it the file stays sparse ahead. */
  readonly zeroAhead?: ChunksAheadSizes
}

/**
 * One fixed-size segment file of a queue.
 *
 * Invariant: `0 <= flushedPosition <= wrotePosition <= fileSize`. Bytes from `wrotePosition` on are zeros or stale and are never read.
 * Written with positional writes, not mapped; Java: DefaultMappedFile with writeWithoutMmap.
 */
export class MappedFile {
  readonly path: string
  readonly name: string
  readonly fileSize: number
  /** Queue offset of the file's first byte. */
  readonly fileFromOffset: number
  readonly #fileSystem: FileSystem
  readonly #directory: string
  readonly #handle: FileHandle
  readonly #zeroAhead: ChunksAhead | undefined
  #wrotePosition = 0
  #flushedPosition = 0
  #dirty = false
  #nameDurable: boolean
  #failure: StoreWriteError | undefined
  #closed = false

  private constructor(options: MappedFileOptions, handle: FileHandle, nameDurable: boolean) {
    this.#fileSystem = options.fileSystem
    this.#directory = options.directory
    this.#handle = handle
    this.#nameDurable = nameDurable
    this.name = options.name
    this.path = handle.path
    this.fileSize = options.fileSize
    this.fileFromOffset = Number(options.name)
    const { fileSize, zeroAhead: zeros } = options
    this.#zeroAhead = zeros && new ChunksAhead(fileSize, zeros, zeroAhead(handle))
  }

  /**
   * Makes (or opens) the file at its full size, blocking. The size is durable before the name can be: a power loss never leaves a segment of
   * another size, which no start would accept.
   */
  static createSync(options: MappedFileOptions): MappedFile {
    options.fileSystem.makeDirectorySync(options.directory)
    const path = `${options.directory}/${options.name}`
    const handle = options.fileSystem.openSync(path, { create: true, size: options.fileSize })
    handle.datasyncSync()
    return new MappedFile(options, handle, false)
  }

  /** Makes (or opens) the file at its full size; size and name are durable. */
  static async create(options: MappedFileOptions): Promise<MappedFile> {
    await options.fileSystem.makeDirectory(options.directory)
    const path = `${options.directory}/${options.name}`
    const handle = await options.fileSystem.open(path, { create: true, size: options.fileSize })
    await handle.datasync()
    await options.fileSystem.syncDirectory(options.directory)
    return new MappedFile(options, handle, true)
  }

  /** Opens an existing file; its positions are at its end until recovery lowers them. */
  static async open(options: MappedFileOptions): Promise<MappedFile> {
    const handle = await options.fileSystem.open(`${options.directory}/${options.name}`)
    const file = new MappedFile(options, handle, true)
    file.#wrotePosition = options.fileSize
    file.#flushedPosition = options.fileSize
    return file
  }

  /** First byte not handed to the kernel yet. */
  get wrotePosition(): number {
    return this.#wrotePosition
  }

  /** First byte not known to be durable. */
  get flushedPosition(): number {
    return this.#flushedPosition
  }

  get isFull(): boolean {
    return this.#wrotePosition === this.fileSize
  }

  get freeBytes(): number {
    return this.fileSize - this.#wrotePosition
  }

  /** Whether the file must be synced for everything written to be durable. */
  get needsFlush(): boolean {
    return this.#dirty || this.#flushedPosition < this.#wrotePosition
  }

  /** Settles when the next `size` bytes may be appended; `undefined` if they may be now, which is nearly always so. */
  blocksAppend(size: number): Promise<void> | undefined {
    return this.#zeroAhead?.blocks(this.#wrotePosition, this.#wrotePosition + size)
  }

  /** Zeroes the next stretch of the first `position` bytes, where zeros are wanted: while nothing is written here yet. Does not block. */
  prepareTo(position: number): void {
    this.#zeroAhead?.reach(position, zeroedStretch, zeroDurably(this.#handle))
  }

  /**
   * Appends `bytes` at the write position with one write; the position moves only after the whole write returned.
   * @throws StoreWriteError on a failed or short write; the file then refuses every later write and sync.
   */
  append(bytes: Buffer): void {
    this.#assertFits(bytes)
    this.#writeFully(bytes, this.#wrotePosition)
    this.#advanceBy(bytes.length)
  }

  /**
   * As `append` without blocking: for writes that are worth the way to another thread. One at a time, and nothing else is appended meanwhile; the
   * caller leaves `bytes` alone until it settles.
   */
  async appendLater(bytes: Buffer): Promise<void> {
    this.#assertFits(bytes)
    this.#assertUsable()
    const position = this.#wrotePosition
    let written: number
    try {
      written = await this.#handle.write(bytes, position)
      if (written < bytes.length) written += await this.#handle.write(bytes.subarray(written), position + written)
    } catch (cause) {
      throw this.#writeFailed(bytes, position, cause)
    }
    this.#assertWhole(bytes, position, written)
    this.#advanceBy(bytes.length)
  }

  /**
   * Writes `bytes` at `position` in place; the write position becomes at least the end of what was written.
   * @throws StoreWriteError as `append`.
   */
  write(position: number, bytes: Buffer): void {
    if (position < 0 || position + bytes.length > this.fileSize) {
      throw new RangeError(`[${position}, ${position + bytes.length}) is outside of ${this.path}`)
    }
    this.#writeFully(bytes, position)
    this.#dirty = true
    this.#wrotePosition = Math.max(this.#wrotePosition, position + bytes.length)
  }

  /** Ends the segment: the rest counts as written and stays as it is. */
  seal(): void {
    this.#wrotePosition = this.fileSize
  }

  /** A copy of `size` bytes from `position`, or `undefined` if they are not all written. Blocks: for bytes near the tail. */
  readSync(position: number, size: number): Buffer | undefined {
    if (!this.#isReadable(position, size)) return undefined
    const target = Buffer.allocUnsafe(size)
    return this.#handle.readSync(target, position) === size ? target : undefined
  }

  /** Reads into the whole of `target` from `position`, blocking; `false` if the bytes are not all written. */
  readIntoSync(target: Buffer, position: number): boolean {
    return this.#isReadable(position, target.length) && this.#handle.readSync(target, position) === target.length
  }

  /** A copy of `size` bytes from `position`, or `undefined` if they are not all written. Does not block. */
  async read(position: number, size: number): Promise<Buffer | undefined> {
    if (!this.#isReadable(position, size)) return undefined
    const target = Buffer.allocUnsafe(size)
    return (await this.#handle.read(target, position)) === size ? target : undefined
  }

  /** As `readIntoSync` where the bytes are in memory, as far as that is known; otherwise it does not block. */
  readCached(target: Buffer, position: number): boolean | Promise<boolean> {
    if (!this.#isReadable(position, target.length)) return false
    const read = this.#handle.readCached(target, position)
    return typeof read === 'number' ? read === target.length : read.then((count) => count === target.length)
  }

  /**
   * Makes durable what was written before this call and moves the flushed position there.
   * @throws StoreWriteError if the sync failed; it is never tried again, because the kernel may have dropped the bytes.
   */
  async flush(): Promise<void> {
    if (!this.needsFlush) return
    this.#assertUsable()
    const target = this.#wrotePosition
    this.#dirty = false
    try {
      await this.#handle.datasync()
      if (!this.#nameDurable) {
        await this.#fileSystem.syncDirectory(this.#directory)
        this.#nameDurable = true
      }
    } catch (cause) {
      throw this.#fail(`The sync of ${this.path} failed`, cause)
    }
    this.#flushedPosition = Math.max(this.#flushedPosition, target)
  }

  /**
   * Sets all positions to `position` and zeroes what lies behind, so that no stale record can come back after a later crash.
   * Java keeps the stale bytes.
   */
  async truncate(position: number, extent: ZeroExtent = 'all'): Promise<void> {
    await zeroTail(this.#handle, { from: position, to: this.fileSize, extent })
    this.#wrotePosition = position
    this.#flushedPosition = position
  }

  /** Releases the descriptor; what was not flushed may be lost. A second call does nothing. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#zeroAhead?.settled()
    await this.#handle.close()
  }

  /** Closes the file and removes it from its directory. */
  async destroy(): Promise<void> {
    await this.close()
    await this.#fileSystem.unlink(this.path)
  }

  #isReadable(position: number, size: number): boolean {
    return !this.#closed && position >= 0 && size >= 0 && position + size <= this.#wrotePosition
  }

  #assertFits(bytes: Buffer): void {
    if (bytes.length <= this.freeBytes) return
    throw new RangeError(`${bytes.length} bytes do not fit into the ${this.freeBytes} left in ${this.path}`)
  }

  #advanceBy(size: number): void {
    this.#wrotePosition += size
    this.#zeroAhead?.advance(this.#wrotePosition)
  }

  #writeFully(bytes: Buffer, position: number): void {
    this.#assertUsable()
    let written: number
    try {
      written = this.#handle.writeSync(bytes, position)
      // A write that is cut short does not say why; the next one does.
      if (written < bytes.length) written += this.#handle.writeSync(bytes.subarray(written), position + written)
    } catch (cause) {
      throw this.#writeFailed(bytes, position, cause)
    }
    this.#assertWhole(bytes, position, written)
  }

  #writeFailed(bytes: Buffer, position: number, cause: unknown): StoreWriteError {
    return this.#fail(`The write of ${bytes.length} bytes at ${position} of ${this.path} failed`, cause)
  }

  #assertWhole(bytes: Buffer, position: number, written: number): void {
    if (written === bytes.length) return
    throw this.#fail(`A write at ${position} of ${this.path} was cut short after ${written} of ${bytes.length} bytes`)
  }

  #assertUsable(): void {
    if (this.#failure) throw this.#failure
    if (this.#closed) throw new StoreClosedError(`${this.path} is closed; open the store again`)
  }

  #fail(message: string, cause?: unknown): StoreWriteError {
    const details = cause === undefined ? {} : { cause }
    this.#failure = new StoreWriteError(`${message}; free or repair the disk and restart the store`, details)
    return this.#failure
  }
}

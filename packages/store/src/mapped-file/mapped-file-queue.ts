import { StoreLoadError } from '../errors.js'
import type { FileSystem } from '../file-system/file-system.js'
import type { AllocateMappedFileService } from './allocate-mapped-file-service.js'
import type { ZeroExtent } from '../file-system/zero-tail.js'
import { MappedFile, type MappedFileOptions, pageSize } from './mapped-file.js'
import type { ChunksAheadSizes } from './chunks-ahead.js'

/** Where a queue of segments lies and how long each is. */
export interface MappedFileQueueOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** Bytes of every segment; files of another length are refused at load. */
  readonly fileSize: number
  /** The configuration key that set `fileSize`, named when files of another size are found. */
  readonly fileSizeOption: string
  /** Makes the next segment ahead of need; without it segments are made when a write needs them. */
  readonly allocator?: AllocateMappedFileService
  /** Zeros are written this far ahead of the write position; without it the files stay sparse ahead. */
  readonly zeroAhead?: ChunksAheadSizes
}

/**
 * An endless byte queue kept in fixed-size segment files, each named by the offset of its first byte.
 *
 * Offsets are absolute in the queue. Invariant: `flushedWhere <= maxOffset`. Java: MappedFileQueue.
 */
export class MappedFileQueue {
  readonly directory: string
  readonly fileSize: number
  readonly #options: MappedFileQueueOptions
  readonly #files: MappedFile[] = []
  #flushedWhere = 0

  constructor(options: MappedFileQueueOptions) {
    this.#options = options
    this.directory = options.directory
    this.fileSize = options.fileSize
  }

  /** The segments in ascending order; borrowed, changes with the queue. */
  get files(): readonly MappedFile[] {
    return this.#files
  }

  /** First byte not known to be durable. */
  get flushedWhere(): number {
    return this.#flushedWhere
  }

  /** Offset of the first byte still kept; 0 for a queue without segments. */
  get minOffset(): number {
    return this.#files[0]?.fileFromOffset ?? 0
  }

  /** One past the last byte handed to the kernel; 0 for a queue without segments. */
  get maxOffset(): number {
    const last = this.lastFile
    return last === undefined ? 0 : last.fileFromOffset + last.wrotePosition
  }

  get lastFile(): MappedFile | undefined {
    return this.#files[this.#files.length - 1]
  }

  /**
   * Opens the segments found on disk. A last file of length 0 is removed; sub-directories are skipped.
   * @throws StoreLoadError for a file of another length than `fileSize`, or one that is not named as a segment.
   */
  async load(): Promise<void> {
    const { fileSystem } = this.#options
    const names = (await fileSystem.list(this.directory))
      .filter((entry) => !entry.isDirectory)
      .map((entry) => entry.name)
    for (const [index, name] of names.entries()) {
      const path = `${this.directory}/${name}`
      const sizeBytes = (await fileSystem.stat(path))?.sizeBytes ?? 0
      if (sizeBytes === 0 && index === names.length - 1) {
        await fileSystem.unlink(path)
        continue
      }
      this.#assertSegment(path, name, sizeBytes)
      this.#files.push(await MappedFile.open(this.#segment(Number(name))))
    }
    this.#flushedWhere = this.maxOffset
  }

  /** The segment that holds `offset`, or `undefined` outside of the kept range or in a gap. */
  findByOffset(offset: number): MappedFile | undefined {
    const first = this.#files[0]
    if (first === undefined || offset < first.fileFromOffset) return undefined
    const guess = this.#files[Math.floor((offset - first.fileFromOffset) / this.fileSize)]
    if (guess !== undefined && holds(guess, offset)) return guess
    return this.#files.find((file) => holds(file, offset))
  }

  /** The segment after `file`, or `undefined` at the end. */
  nextFile(file: MappedFile): MappedFile | undefined {
    return this.#files[this.#files.indexOf(file) + 1]
  }

  /**
   * The segment that takes the next write: the last one if it has room, else a new one behind it, or, in an empty queue, the one that
   * contains `startOffset`. Blocks for the creation of a file that was not made ahead.
   * @throws the system's cause if the file cannot be made.
   */
  writableFile(startOffset = 0): MappedFile {
    const last = this.lastFile
    if (last !== undefined && !last.isFull) return last
    const fileFromOffset =
      last === undefined ? startOffset - (startOffset % this.fileSize) : last.fileFromOffset + this.fileSize
    const options = this.#segment(fileFromOffset)
    const file = this.#options.allocator?.take(options.name) ?? MappedFile.createSync(options)
    this.#files.push(file)
    void this.#options.allocator?.prepare(this.#segment(fileFromOffset + this.fileSize))
    return file
  }

  /** Makes the segment behind the last one ahead of need, if an allocator was given. */
  async prepareNextFile(): Promise<void> {
    const last = this.lastFile
    await this.#options.allocator?.prepare(this.#segment(last === undefined ? 0 : last.fileFromOffset + this.fileSize))
  }

  /**
   * Zeroes the segment made ahead, if zeros are wanted, in step with the last one: it is ready when that one is three quarters full. What is zeroed
   * while it is written holds up its syncs, since a sync waits for all of a file.
   */
  prepareAhead(): void {
    const written = this.lastFile?.wrotePosition ?? 0
    this.#options.allocator?.ready?.prepareTo(Math.ceil(written / 0.75))
  }

  /** A copy of written bytes inside of one segment, or `undefined`. Blocks: for bytes near the tail. */
  readSync(offset: number, size: number): Buffer | undefined {
    const file = this.findByOffset(offset)
    return file?.readSync(offset - file.fileFromOffset, size)
  }

  /**
   * Fills `target` with written bytes inside of one segment, at once where they are in memory, as far as that is known; false if they are not all
   * there.
   */
  readCached(target: Buffer, offset: number): boolean | Promise<boolean> {
    const file = this.findByOffset(offset)
    return file === undefined ? false : file.readCached(target, offset - file.fileFromOffset)
  }

  /** As `readCached`, always blocking. */
  readIntoSync(target: Buffer, offset: number): boolean {
    const file = this.findByOffset(offset)
    return file !== undefined && file.readIntoSync(target, offset - file.fileFromOffset)
  }

  /** A copy of written bytes inside of one segment, or `undefined`. Does not block. */
  async read(offset: number, size: number): Promise<Buffer | undefined> {
    const file = this.findByOffset(offset)
    return file?.read(offset - file.fileFromOffset, size)
  }

  /**
   * Makes written bytes durable, segment after segment, at least up to the end as it was at the call. With `leastPages` > 0 a partly filled
   * segment is synced only if at least that many pages are unflushed. Answers whether anything was synced (Java answers the opposite).
   * @throws StoreWriteError if a sync failed; the flushed position stays.
   */
  async flush(leastPages = 0): Promise<boolean> {
    let flushed = false
    for (const file of this.#unflushedFiles()) {
      if (!isFlushable(file, leastPages)) break
      await file.flush()
      flushed = true
      // Not cut at the end as it was at the call: what a later segment took while an earlier one was synced is durable now, and no
      // later flush would find it unflushed.
      this.#flushedWhere = Math.max(this.#flushedWhere, file.fileFromOffset + file.flushedPosition)
    }
    return flushed
  }

  /** Removes every byte from `offset` on: later segments are deleted, the rest of the segment that holds it is zeroed as `extent` says. */
  async truncateDirtyFiles(offset: number, extent: ZeroExtent = 'all'): Promise<void> {
    for (const file of this.#files.filter((candidate) => candidate.fileFromOffset > offset)) {
      this.#files.splice(this.#files.indexOf(file), 1)
      await file.destroy()
    }
    const file = this.findByOffset(offset)
    if (file !== undefined) await file.truncate(offset - file.fileFromOffset, extent)
    this.#flushedWhere = offset
  }

  /** Sets the flushed position without I/O: for an empty queue that starts above 0. */
  setFlushedWhere(offset: number): void {
    this.#flushedWhere = offset
  }

  /** Deletes one segment, usually the first (expiry) or the last (a queue cut back). */
  async deleteFile(file: MappedFile): Promise<void> {
    const index = this.#files.indexOf(file)
    if (index >= 0) this.#files.splice(index, 1)
    await file.destroy()
  }

  /** Closes and deletes every segment and the directory itself if nothing else lies in it. */
  async destroy(): Promise<void> {
    for (const file of this.#files.splice(0)) await file.destroy()
    this.#flushedWhere = 0
    const entries = await this.#options.fileSystem.list(this.directory)
    if (entries.length === 0) await this.#options.fileSystem.removeDirectory(this.directory)
  }

  /** Releases every descriptor without flushing. A second call does nothing. */
  async close(): Promise<void> {
    for (const file of this.#files) await file.close()
  }

  #segment(fileFromOffset: number): MappedFileOptions {
    const { fileSystem, directory, fileSize, zeroAhead } = this.#options
    const name = offsetToFileName(fileFromOffset)
    return { fileSystem, directory, name, fileSize, ...(zeroAhead && { zeroAhead }) }
  }

  *#unflushedFiles(): Generator<MappedFile> {
    for (const file of [...this.#files]) if (file.needsFlush) yield file
  }

  #assertSegment(path: string, name: string, sizeBytes: number): void {
    const { fileSize, fileSizeOption } = this.#options
    if (!/^\d{20}$/.test(name)) {
      throw new StoreLoadError(`${path} is not a segment file of the store; move it out of the directory`, {
        fields: { path },
      })
    }
    if (sizeBytes !== fileSize) {
      throw new StoreLoadError(
        `${path} has ${sizeBytes} bytes, but ${fileSizeOption} is ${fileSize}; set ${fileSizeOption}=${sizeBytes} to open this store`,
        { fields: { path, sizeBytes, fileSize, option: fileSizeOption } },
      )
    }
  }
}

/** The name of the segment that starts at `offset`. Java: UtilAll#offset2FileName. */
export function offsetToFileName(offset: number): string {
  return String(offset).padStart(20, '0')
}

function holds(file: MappedFile, offset: number): boolean {
  return offset >= file.fileFromOffset && offset < file.fileFromOffset + file.fileSize
}

function isFlushable(file: MappedFile, leastPages: number): boolean {
  if (leastPages <= 0 || file.isFull) return true
  const pages = Math.floor(file.wrotePosition / pageSize) - Math.floor(file.flushedPosition / pageSize)
  return pages >= leastPages
}

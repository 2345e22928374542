import { StoreLoadError, StoreWriteError } from '../errors.js'
import type { FileSystem } from '../file-system/file-system.js'
import { zeroTail } from '../file-system/zero-tail.js'
import { offsetToFileName } from '../mapped-file/mapped-file-queue.js'
import { consumeQueueUnitSize, fillBlankUnits } from './consume-queue-unit.js'
import type { FileHandleCache } from '../file-system/file-handle-cache.js'

/** Where the files of one queue lie. */
export interface ConsumeQueueFilesOptions {
  readonly fileSystem: FileSystem
  readonly handles: FileHandleCache
  /** `<root>/consumequeue/<topic>/<queueId>`. */
  readonly directory: string
  /** Bytes of every file, a multiple of the unit size. */
  readonly fileSize: number
}

/** Bytes that file systems allocate at least. */
const blockSize = 4096

/** Units of a blank stretch written by one call. */
const blankChunkUnits = 3276

/**
 * The files of one queue, addressed by byte position in the queue; each is named by the position of its first byte.
 *
 * Files are made when their first unit is written, sparse at their full size, and are open only while the cache keeps them.
 * Java: MappedFileQueue, as ConsumeQueue uses it.
 */
export class ConsumeQueueFiles {
  readonly #options: ConsumeQueueFilesOptions
  /** Positions of the files' first bytes, ascending. */
  readonly #starts: number[] = []
  readonly #undurableNames = new Set<number>()

  constructor(options: ConsumeQueueFilesOptions) {
    this.#options = options
  }

  get fileSize(): number {
    return this.#options.fileSize
  }

  /** Positions of the first bytes of the files, ascending; borrowed. */
  get starts(): readonly number[] {
    return this.#starts
  }

  /**
   * Finds the files on disk. A last file of length 0 is removed.
   * @throws StoreLoadError for a file of another length than `fileSize`, or one that is not named as a segment.
   */
  async load(): Promise<void> {
    const { fileSystem, directory, fileSize } = this.#options
    const names = (await fileSystem.list(directory)).filter((entry) => !entry.isDirectory).map((entry) => entry.name)
    for (const [index, name] of names.entries()) {
      const path = `${directory}/${name}`
      const sizeBytes = (await fileSystem.stat(path))?.sizeBytes ?? 0
      if (sizeBytes === 0 && index === names.length - 1) {
        await fileSystem.unlink(path)
        continue
      }
      assertQueueFile({ path, name, sizeBytes, fileSize })
      this.#starts.push(Number(name))
    }
  }

  /** First byte of the file that holds `position`, whether or not it exists: files lie at multiples of their size. */
  startOf(position: number): number {
    return position - (position % this.#options.fileSize)
  }

  /** Whether the file that holds `position` exists. */
  has(position: number): boolean {
    return this.#starts.includes(this.startOf(position))
  }

  /** Reads units from `position` into `target`, at most to the end of the file; answers the bytes read, 0 without a file. */
  async read(target: Buffer, position: number): Promise<number> {
    const start = this.startOf(position)
    if (!this.#starts.includes(start)) return 0
    const wanted = target.subarray(0, Math.min(target.length, start + this.fileSize - position))
    return this.#options.handles.use(this.#path(start), (handle) => handle.read(wanted, position - start))
  }

  /** As `read`, and at once where the bytes are in memory, as far as that is known. */
  readCached(target: Buffer, position: number): number | Promise<number> {
    const start = this.startOf(position)
    if (!this.#starts.includes(start)) return 0
    const wanted = target.subarray(0, Math.min(target.length, start + this.fileSize - position))
    return this.#options.handles.readCached(this.#path(start), wanted, position - start)
  }

  /**
   * Hands `bytes` to the kernel at `position`, making files as needed.
   * @throws StoreWriteError if a file cannot be made or a write fails or is cut short.
   */
  write(position: number, bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      const start = this.startOf(position + done)
      const room = start + this.fileSize - (position + done)
      const part = bytes.subarray(done, done + Math.min(room, bytes.length - done))
      this.#writeInFile(start, position + done - start, part)
      done += part.length
    }
  }

  /** Fills [from, to) with blank units. @throws StoreWriteError as `write`. */
  writeBlanks(from: number, to: number): void {
    const chunk = fillBlankUnits(Buffer.alloc(Math.min(to - from, blankChunkUnits * consumeQueueUnitSize)))
    for (let position = from; position < to; position += chunk.length) {
      this.write(position, chunk.subarray(0, Math.min(chunk.length, to - position)))
    }
  }

  /**
   * Makes durable what was written in [from, to) before this call. Directories that got new names are added to `directories` for the caller
   * to sync.
   * @throws the system's cause if a sync fails.
   */
  async sync(from: number, to: number, directories: Set<string>): Promise<void> {
    for (const start of this.#starts.filter((each) => each < to && each + this.fileSize > from)) {
      await this.#options.handles.use(this.#path(start), (handle) => handle.datasync())
      if (this.#undurableNames.delete(start)) directories.add(this.#options.directory)
    }
  }

  /** Deletes the files that lie wholly at or behind `end`. */
  async deleteBehind(end: number): Promise<void> {
    while (this.#starts.length > 0 && (this.#starts.at(-1) as number) >= end) {
      // The only file of a queue that starts above 0 is kept: it remembers the numbering.
      if (this.#starts.length === 1 && end > 0) break
      await this.#delete(this.#starts.pop() as number)
    }
  }

  /** As `deleteBehind`, and makes the rest of the file that holds `end` read as zeros: what lay there cannot come back. */
  async truncate(end: number): Promise<void> {
    await this.deleteBehind(end)
    const start = this.#starts.find((each) => each <= end && end < each + this.fileSize)
    if (start === undefined) return
    await this.#zeroBehind(start, end - start)
  }

  /** Deletes the first file. */
  async deleteFirst(): Promise<void> {
    const start = this.#starts.shift()
    if (start !== undefined) await this.#delete(start)
  }

  /** Deletes every file and the directory if nothing else lies in it. */
  async destroy(): Promise<void> {
    const { fileSystem, directory } = this.#options
    for (const start of this.#starts.splice(0)) await this.#delete(start)
    if ((await fileSystem.list(directory)).length === 0) await fileSystem.removeDirectory(directory)
  }

  #path(start: number): string {
    return `${this.#options.directory}/${offsetToFileName(start)}`
  }

  async #delete(start: number): Promise<void> {
    this.#undurableNames.delete(start)
    this.#options.handles.forget(this.#path(start))
    await this.#options.fileSystem.unlink(this.#path(start))
  }

  /** Makes a file zeros behind a position, without reading all of it if the system says that there is nothing. */
  async #zeroBehind(start: number, position: number): Promise<void> {
    const { fileSystem, handles } = this.#options
    const path = this.#path(start)
    const blockEnd = Math.ceil(position / blockSize) * blockSize
    const zero = (from: number, to: number): Promise<void> =>
      handles.use(path, (handle) => zeroTail(handle, { from, to: Math.min(to, this.fileSize), extent: 'all' }))
    await zero(position, blockEnd)
    const allocatedBytes = (await fileSystem.stat(path))?.allocatedBytes ?? this.fileSize
    if (allocatedBytes > blockEnd) await zero(blockEnd, this.fileSize)
  }

  #writeInFile(start: number, positionInFile: number, bytes: Buffer): void {
    const path = this.#path(start)
    let written: number
    try {
      if (!this.#starts.includes(start)) this.#make(start, path)
      written = this.#options.handles.borrow(path).writeSync(bytes, positionInFile)
    } catch (cause) {
      throw new StoreWriteError(`${bytes.length} bytes could not be written to ${path}; ${remedy}`, { cause })
    }
    if (written !== bytes.length) {
      throw new StoreWriteError(`A write to ${path} was cut short after ${written} of ${bytes.length} bytes; ${remedy}`)
    }
  }

  #make(start: number, path: string): void {
    this.#options.fileSystem.makeDirectorySync(this.#options.directory)
    this.#options.handles.borrow(path, { create: true, size: this.fileSize })
    this.#starts.push(start)
    this.#starts.sort((one, other) => one - other)
    this.#undurableNames.add(start)
  }
}

const remedy = 'free or repair the disk, then restart: the unit is built again from the commit log'

function assertQueueFile(file: { path: string; name: string; sizeBytes: number; fileSize: number }): void {
  const { path, name, sizeBytes, fileSize } = file
  if (!/^\d{20}$/.test(name)) {
    throw new StoreLoadError(`${path} is not a file of a consume queue; move it out of the directory`, {
      fields: { path },
    })
  }
  if (sizeBytes !== fileSize || Number(name) % fileSize !== 0) {
    throw new StoreLoadError(
      `${path} has ${sizeBytes} bytes, but mappedFileSizeConsumeQueue is ${fileSize}; ` +
        `set mappedFileSizeConsumeQueue=${sizeBytes} to open this store`,
      { fields: { path, sizeBytes, fileSize, option: 'mappedFileSizeConsumeQueue' } },
    )
  }
}

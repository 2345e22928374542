import { silentLogger, type Logger } from '@mq/remoting'
import type { FileHandle, FileSystem, OpenOptions } from './file-system.js'

/** How many files may be open, and where they lie. */
export interface FileHandleCacheOptions {
  readonly fileSystem: FileSystem
  /** Files kept open, at least 1; more only while that many reads and syncs run at once. */
  readonly maxOpenFiles: number
  readonly logger?: Logger
}

interface Entry {
  readonly handle: FileHandle
  /** Of the uses of the cache, counted from 1. */
  lastUse: number
  /** Reads and syncs that run on the handle; it is closed only at 0. */
  pins: number
  isForgotten: boolean
}

/** One in so many open files is closed together with one that has to be. */
const evictedFraction = 8

/** Open files, the least recently used one closed first, so that thousands of queues need few descriptors. */
export class FileHandleCache {
  readonly #options: FileHandleCacheOptions
  readonly #logger: Logger
  readonly #entries = new Map<string, Entry>()
  #uses = 0
  readonly #closing = new Set<Promise<void>>()

  constructor(options: FileHandleCacheOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
  }

  /** Files open now. */
  get openFiles(): number {
    return this.#entries.size
  }

  /** The open file, to be used before the caller returns to the event loop: it may be closed after that. */
  borrow(path: string, options?: OpenOptions): FileHandle {
    return this.#entry(path, options).handle
  }

  /** Runs `action` with the open file, which stays open until the action has settled. */
  async use<Result>(path: string, action: (handle: FileHandle) => Promise<Result>): Promise<Result> {
    const entry = this.#entry(path)
    entry.pins++
    try {
      return await action(entry.handle)
    } finally {
      entry.pins--
      if (entry.isForgotten) this.#closeUnused(entry)
      else this.#evict()
    }
  }

  /** See FileHandle#readCached. */
  readCached(path: string, target: Buffer, position: number): number | Promise<number> {
    const read = this.#entry(path).handle.readCached(target, position)
    // The pin is set before anything else can run.
    return typeof read === 'number' ? read : this.use(path, () => read)
  }

  /** Closes the file once nothing runs on it: it is going to be deleted. */
  forget(path: string): void {
    const entry = this.#entries.get(path)
    if (entry === undefined) return
    this.#entries.delete(path)
    entry.isForgotten = true
    this.#closeUnused(entry)
  }

  /** Closes every file and waits for it; the cache may be used again. */
  async close(): Promise<void> {
    for (const path of [...this.#entries.keys()]) this.forget(path)
    await Promise.all(this.#closing)
  }

  #entry(path: string, options?: OpenOptions): Entry {
    const present = this.#entries.get(path)
    if (present !== undefined) {
      present.lastUse = ++this.#uses
      return present
    }
    const handle = this.#options.fileSystem.openSync(path, options)
    const entry = { handle, lastUse: ++this.#uses, pins: 0, isForgotten: false }
    this.#entries.set(path, entry)
    this.#evict()
    return entry
  }

  /**
   * Closes what was not used for the longest time, some files more than it must, so that it need not look for them with every file;
   * never the one used last, nor one that something runs on.
   */
  #evict(): void {
    const { maxOpenFiles } = this.#options
    const surplus = this.#entries.size - maxOpenFiles
    if (surplus <= 0) return
    const unused = [...this.#entries].filter(([, { pins, lastUse }]) => pins === 0 && lastUse !== this.#uses)
    unused.sort(([, one], [, other]) => one.lastUse - other.lastUse)
    for (const [path] of unused.slice(0, surplus + Math.floor(maxOpenFiles / evictedFraction))) this.forget(path)
  }

  #closeUnused(entry: Entry): void {
    if (entry.pins > 0) return
    const closing = entry.handle
      .close()
      .catch((cause: unknown) => {
        this.#logger.warn('a file could not be closed', { path: entry.handle.path, cause })
      })
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}

import { StoreWriteError } from '../errors.js'
import type { FileHandle, FileSystem } from '../file-system/file-system.js'
import { readInt64, writeInt64 } from '../integers.js'

/** Bytes of the file; only the first {@link checkpointSize} have a meaning. */
const fileSize = 4096

/** The five longs of the file. Java: StoreCheckpoint. */
const checkpointLayout = [
  { name: 'physicMsgTimestamp', offset: 0, size: 8 },
  { name: 'logicsMsgTimestamp', offset: 8, size: 8 },
  { name: 'indexMsgTimestamp', offset: 16, size: 8 },
  { name: 'masterFlushedOffset', offset: 24, size: 8 },
  { name: 'confirmPhyOffset', offset: 32, size: 8 },
] as const

/** Bytes of the five longs. */
const checkpointSize = 40

/** Abnormal recovery starts this much before the oldest of the timestamps. */
const safetyMarginMs = 3000

/** Where the checkpoint lies. */
export interface StoreCheckpointOptions {
  readonly fileSystem: FileSystem
  /** Usually `<storePathRootDir>/checkpoint`. */
  readonly path: string
}

/**
 * How far each part of the store was durable, as store timestamps: the hint that tells abnormal recovery where to start.
 *
 * The fields are changed freely in memory and reach the disk with {@link flush}. Java: StoreCheckpoint.
 */
export class StoreCheckpoint {
  /** Store time of the last flushed commit-log record, ms. */
  physicMsgTimestamp = 0
  /** Store time of the last record whose consume-queue unit is durable, ms. */
  logicsMsgTimestamp = 0
  /** End time of the last full index file, ms. */
  indexMsgTimestamp = 0
  masterFlushedOffset = 0
  confirmPhyOffset = 0
  readonly #options: StoreCheckpointOptions
  #handle: FileHandle | undefined
  #flushing: Promise<void> | undefined
  #again: Promise<void> | undefined

  constructor(options: StoreCheckpointOptions) {
    this.#options = options
  }

  /** Reads the file; a missing, short or unreadable field counts as 0. Creates the file at its full length. */
  async load(): Promise<void> {
    const { fileSystem, path } = this.#options
    const bytes = Buffer.alloc(checkpointSize)
    ;(await fileSystem.readFile(path))?.copy(bytes)
    for (const { name, offset } of checkpointLayout) {
      const value = readInt64(bytes, offset)
      this[name] = Number.isSafeInteger(value) && value > 0 ? value : 0
    }
    this.#handle ??= await fileSystem.open(path, { create: true, size: fileSize })
  }

  /** Store time from which on records may be missing in the log's flushed part or in consume queues, less a margin of 3 s. */
  get minTimestamp(): number {
    return Math.max(0, Math.min(this.physicMsgTimestamp, this.logicsMsgTimestamp) - safetyMarginMs)
  }

  /** As `minTimestamp`, index included. Java: StoreCheckpoint#getMinTimestampIndex. */
  get minTimestampIndex(): number {
    return Math.min(this.minTimestamp, this.indexMsgTimestamp)
  }

  /**
   * Makes the present values durable. Calls that overlap share one later write.
   * @throws StoreWriteError if the write or the sync fails; the values on disk are then the old or the new ones.
   */
  flush(): Promise<void> {
    if (this.#flushing === undefined) {
      this.#flushing = this.#writeThrough().finally(() => {
        this.#flushing = undefined
      })
      return this.#flushing
    }
    this.#again ??= this.#flushing.then(
      () => this.#next(),
      () => this.#next(),
    )
    return this.#again
  }

  /** Flushes and releases the file; a second call does nothing. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.release()
    }
  }

  /** Releases the file without writing: for a store that failed to load. */
  async release(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  #next(): Promise<void> {
    this.#again = undefined
    return this.flush()
  }

  async #writeThrough(): Promise<void> {
    const handle = this.#handle
    if (handle === undefined) return
    const bytes = Buffer.alloc(checkpointSize)
    for (const { name, offset } of checkpointLayout) writeInt64(bytes, offset, this[name])
    try {
      if ((await handle.write(bytes, 0)) !== bytes.length) throw new Error('the write was cut short')
      await handle.datasync()
    } catch (cause) {
      throw new StoreWriteError(
        `The checkpoint ${handle.path} could not be written; free or repair the disk and restart`,
        {
          cause,
        },
      )
    }
  }
}

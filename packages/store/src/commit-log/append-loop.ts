import { BLANK_HEAD_SIZE, type Timers, writeBlank } from '@mq/remoting'
import { StoreWriteError } from '../errors.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import type { AppendedPut } from './appended-put.js'

/** Where the next record goes: encode it into `target` from `position` on, its final place in the log being `physicalOffset`. */
export interface AppendSlot {
  readonly target: Buffer
  readonly position: number
  readonly physicalOffset: number
}

/** What the loop appends to and whom it tells. */
export interface AppendLoopOptions {
  readonly queue: MappedFileQueue
  readonly timers: Timers
  /** Bytes gathered before a write is forced; at least the longest record. */
  readonly slabSize: number
  /** The puts whose bytes the kernel has taken since the last call, in their order; called once a turn. */
  onWritten(puts: readonly AppendedPut[]): void
  /** A write failed: nothing of these puts may be acknowledged, dispatched or counted. Called before any later `reserve`. */
  onFailed(error: StoreWriteError, puts: readonly AppendedPut[]): void
}

/**
 * Gathers the records of one turn of the event loop and hands them to the kernel with one write.
 *
 * Reserving, encoding and pushing happen without a break: that stretch is what Java's put lock protects.
 * Invariant: `queue.maxOffset <= appendedOffset`, equal when nothing is gathered. Java: CommitLog.DefaultAppendMessageCallback.
 */
export class AppendLoop {
  readonly #options: AppendLoopOptions
  readonly #slab: Buffer
  #slabUsed = 0
  #gathered: AppendedPut[] = []
  #written: AppendedPut[] = []
  #isTurnEndScheduled = false

  constructor(options: AppendLoopOptions) {
    this.#options = options
    // Not from the pool and never filled: pages that no record touched take no memory.
    this.#slab = Buffer.allocUnsafeSlow(options.slabSize)
  }

  /** One past the last byte accepted, written or not. */
  get appendedOffset(): number {
    return this.#options.queue.maxOffset + this.#slabUsed
  }

  /** Puts that are not handed to `onWritten` yet. */
  get pendingCount(): number {
    return this.#gathered.length + this.#written.length
  }

  /**
   * The place for a record of `size` bytes, in the next segment if this one has no room for it and a blank. What was gathered may be written.
   * The slot is used up by `push` before anything else is asked of the loop.
   * @throws StoreWriteError if a write or the creation of a segment fails.
   */
  reserve(size: number): AppendSlot {
    if (this.#freeBytesInSegment() < size + BLANK_HEAD_SIZE) this.#roll()
    if (this.#slabUsed + size > this.#slab.length) this.#write()
    return { target: this.#slab, position: this.#slabUsed, physicalOffset: this.appendedOffset }
  }

  /** Accepts the record(s) encoded at the slot reserved last; they are written at the end of this turn at the latest. */
  push(put: AppendedPut): void {
    this.#slabUsed += put.wroteBytes
    this.#gathered.push(put)
    if (this.#isTurnEndScheduled) return
    this.#isTurnEndScheduled = true
    this.#options.timers.turnEnd(() => this.#turnEnd())
  }

  /** Writes what is gathered and reports everything written, without waiting for the end of the turn. */
  drain(): void {
    this.#isTurnEndScheduled = false
    try {
      this.#write()
    } catch {
      // onFailed has taken the puts and the cause.
    }
    const written = this.#written
    this.#written = []
    if (written.length > 0) this.#options.onWritten(written)
  }

  #turnEnd(): void {
    if (this.#isTurnEndScheduled) this.drain()
  }

  #freeBytesInSegment(): number {
    const file = this.#writableFile()
    return file.freeBytes - this.#slabUsed
  }

  /** Ends the segment with a blank and makes the next one current. */
  #roll(): void {
    const rest = this.#freeBytesInSegment()
    if (this.#slabUsed + BLANK_HEAD_SIZE > this.#slab.length) this.#write()
    writeBlank(this.#slab, this.#slabUsed, rest)
    this.#slabUsed += BLANK_HEAD_SIZE
    this.#write()
    this.#options.queue.lastFile?.seal()
    this.#writableFile()
  }

  #writableFile(): ReturnType<MappedFileQueue['writableFile']> {
    try {
      return this.#options.queue.writableFile()
    } catch (cause) {
      const directory = this.#options.queue.directory
      throw this.#fail(
        new StoreWriteError(`The next segment in ${directory} cannot be made; free or repair the disk`, { cause }),
      )
    }
  }

  #write(): void {
    if (this.#slabUsed === 0) return
    const bytes = this.#slab.subarray(0, this.#slabUsed)
    try {
      this.#writableFile().append(bytes)
    } catch (error) {
      throw this.#fail(error as StoreWriteError)
    }
    this.#slabUsed = 0
    const gathered = this.#gathered
    this.#gathered = []
    if (this.#written.length === 0) this.#written = gathered
    else this.#written.push(...gathered)
  }

  #fail(error: StoreWriteError): StoreWriteError {
    const failed = this.#gathered
    this.#gathered = []
    this.#slabUsed = 0
    this.#options.onFailed(error, failed)
    return error
  }
}

import { BLANK_HEAD_SIZE, type Timers, writeBlank } from '@mq/remoting'
import { StoreWriteError } from '../errors.js'
import type { MappedFile } from '../mapped-file/mapped-file.js'
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

/** From so many bytes on, handing a write to another thread costs less than the write: new pages take most of its time. */
const largeWrite = 64 * 1024

/**
 * Gathers the records of one turn of the event loop and hands them to the kernel with one write.
 *
 * Reserving, encoding and pushing happen without a break: that stretch is what Java's put lock protects.
 * Invariant: `queue.maxOffset <= appendedOffset`, equal when nothing is gathered or in flight. Java: CommitLog.DefaultAppendMessageCallback.
 */
export class AppendLoop {
  readonly #options: AppendLoopOptions
  /** Where records are gathered. */
  #slab: Buffer
  /** Where they are gathered during a write of the other one. */
  #otherSlab: Buffer | undefined
  #slabUsed = 0
  /** Bytes on their way to the kernel on another thread, and their puts. */
  #bytesInFlight = 0
  #inFlight: AppendedPut[] = []
  #gathered: AppendedPut[] = []
  #written: AppendedPut[] = []
  #isTurnEndScheduled = false
  #blockedBy: Promise<void> | undefined

  constructor(options: AppendLoopOptions) {
    this.#options = options
    // Not from the pool and never filled: pages that no record touched take no memory.
    this.#slab = Buffer.allocUnsafeSlow(options.slabSize)
  }

  /** One past the last byte accepted, written or not. */
  get appendedOffset(): number {
    return this.#options.queue.maxOffset + this.#bytesInFlight + this.#slabUsed
  }

  /** Puts that are not handed to `onWritten` yet. */
  get pendingCount(): number {
    return this.#gathered.length + this.#inFlight.length + this.#written.length
  }

  /**
   * The place for a record of `size` bytes, in the next segment if this one has no room for it and a blank. What was gathered may be written.
   * The slot is used up by `push` before anything else is asked of the loop. `undefined` if no more can be gathered before the disk has caught up.
   * @throws StoreWriteError if a write or the creation of a segment fails.
   */
  reserve(size: number): AppendSlot | undefined {
    if (this.#freeBytesInSegment() < size + BLANK_HEAD_SIZE && !this.#roll()) return undefined
    if (this.#slabUsed + size > this.#slab.length && !this.#write()) return undefined
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

  /** Writes what is gathered and reports everything written; settles when nothing is left. */
  async drain(): Promise<void> {
    this.#turnEnd()
    while (this.#blockedBy !== undefined) await this.#blockedBy
  }

  #turnEnd(): void {
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

  #freeBytesInSegment(): number {
    const file = this.#writableFile()
    return file.freeBytes - this.#bytesInFlight - this.#slabUsed
  }

  /** Ends the segment with a blank and makes the next one current; `false` if the disk has to catch up first. */
  #roll(): boolean {
    if (!this.#write()) return false
    writeBlank(this.#slab, 0, this.#freeBytesInSegment())
    this.#slabUsed = BLANK_HEAD_SIZE
    if (!this.#write()) {
      this.#slabUsed = 0
      return false
    }
    this.#options.queue.lastFile?.seal()
    this.#writableFile()
    return true
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

  /** Hands what is gathered to the kernel; `false` if zeros or records before are being written, after which it is tried again. */
  #write(): boolean {
    if (this.#slabUsed === 0) return true
    if (this.#bytesInFlight > 0) return false
    const file = this.#writableFile()
    const blocking = file.blocksAppend(this.#slabUsed)
    if (blocking !== undefined) {
      if (this.#blockedBy === undefined) this.#goOnAfter(blocking)
      return false
    }
    if (this.#slabUsed >= largeWrite && file.freeBytes >= 2 * this.#slab.length) {
      this.#goOnAfter(this.#writeLater(file))
      return true
    }
    try {
      file.append(this.#slab.subarray(0, this.#slabUsed))
    } catch (error) {
      throw this.#fail(error as StoreWriteError)
    }
    this.#slabUsed = 0
    const gathered = this.#gathered
    this.#gathered = []
    this.#onAppended(gathered)
    return true
  }

  /** Until then nothing is written; `drain` waits for it. */
  #goOnAfter(settled: Promise<void>): void {
    const blockedBy = settled.then(() => {
      if (this.#blockedBy === blockedBy) this.#blockedBy = undefined
      this.#turnEnd()
    })
    this.#blockedBy = blockedBy
  }

  /** Writes the slab on another thread, while the other one is filled. */
  async #writeLater(file: MappedFile): Promise<void> {
    const slab = this.#slab
    const bytes = slab.subarray(0, this.#slabUsed)
    this.#slab = this.#otherSlab ?? Buffer.allocUnsafeSlow(slab.length)
    this.#otherSlab = slab
    this.#slabUsed = 0
    this.#inFlight = this.#gathered
    this.#gathered = []
    this.#bytesInFlight = bytes.length
    try {
      await file.appendLater(bytes)
      this.#onAppended(this.#inFlight)
    } catch (error) {
      this.#gathered = [...this.#inFlight, ...this.#gathered]
      this.#fail(error as StoreWriteError)
    }
    this.#inFlight = []
    this.#bytesInFlight = 0
  }

  /** Takes the puts, and the list of them, that the kernel has now. */
  #onAppended(puts: AppendedPut[]): void {
    this.#options.queue.prepareAhead()
    if (this.#written.length === 0) this.#written = puts
    else for (const put of puts) this.#written.push(put)
  }

  #fail(error: StoreWriteError): StoreWriteError {
    const failed = this.#gathered
    this.#gathered = []
    this.#slabUsed = 0
    this.#options.onFailed(error, failed)
    return error
  }
}

import { BLANK_HEAD_SIZE, type Timers } from '@mq/remoting'
import { StoreWriteError } from '../errors.js'
import type { MappedFile } from '../mapped-file/mapped-file.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import { AppendSlab } from './append-slab.js'
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

/** Bytes of all slabs together, as far as they are more than one: what may wait for a disk that is busy. */
const slabBudget = 32 * 1024 * 1024

/**
 * Gathers the records of one turn of the event loop and hands them to the kernel with one write. While that write, or zeros that are on their
 * way to the place of the next one, take longer than the turn, further slabs are filled, and written in their order.
 *
 * Reserving, encoding and pushing happen without a break: that stretch is what Java's put lock protects.
 * Invariant: `queue.maxOffset <= appendedOffset`, equal when nothing is gathered or in flight. Java: CommitLog.DefaultAppendMessageCallback.
 */
export class AppendLoop {
  readonly #options: AppendLoopOptions
  readonly #slabSize: number
  readonly #mostSlabs: number
  /** In the order of the log; the first is written next or in flight, the last is the one being filled. */
  readonly #slabs: AppendSlab[]
  /** Kept for the next time that one is not enough. */
  #spare: AppendSlab | undefined
  /** Bytes that the log grows by once everything in the slabs is written. */
  #unwrittenBytes = 0
  #isInFlight = false
  #written: AppendedPut[] = []
  #isTurnEndScheduled = false
  #blockedBy: Promise<void> | undefined

  constructor(options: AppendLoopOptions) {
    this.#options = options
    this.#slabSize = Math.min(options.slabSize, options.queue.fileSize)
    this.#mostSlabs = Math.max(2, Math.floor(slabBudget / this.#slabSize))
    this.#slabs = [new AppendSlab(this.#slabSize)]
  }

  /** One past the last byte accepted, written or not. */
  get appendedOffset(): number {
    return this.#options.queue.maxOffset + this.#unwrittenBytes
  }

  /** Puts that are not handed to `onWritten` yet. */
  get pendingCount(): number {
    let count = this.#written.length
    for (const slab of this.#slabs) count += slab.puts.length
    return count
  }

  /**
   * The place for a record of `size` bytes, in the next segment if this one has no room for it and a blank. What was gathered may be written.
   * The slot is used up by `push` before anything else is asked of the loop. `undefined` if no more can be gathered before the disk has caught up.
   * @throws StoreWriteError if a write or the creation of a segment fails.
   */
  reserve(size: number): AppendSlot | undefined {
    const rest = this.#restOfSegment()
    if (rest < size + BLANK_HEAD_SIZE) {
      if (!this.#endSegment(rest)) return undefined
    } else if (!this.#current.hasRoomFor(size) && !this.#startSlab()) return undefined
    const { buffer, used } = this.#current
    return { target: buffer, position: used, physicalOffset: this.appendedOffset }
  }

  /** Accepts the record(s) encoded at the slot reserved last; they are written at the end of this turn at the latest. */
  push(put: AppendedPut): void {
    this.#current.push(put)
    this.#unwrittenBytes += put.wroteBytes
    if (this.#isTurnEndScheduled) return
    this.#isTurnEndScheduled = true
    this.#options.timers.turnEnd(() => this.#turnEnd())
  }

  /** Writes what is gathered and reports everything written; settles when nothing is left. */
  async drain(): Promise<void> {
    this.#turnEnd()
    while (this.#blockedBy !== undefined) await this.#blockedBy
  }

  get #current(): AppendSlab {
    return this.#slabs[this.#slabs.length - 1] as AppendSlab
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

  /** Bytes left in the segment behind what was accepted. */
  #restOfSegment(): number {
    const { fileSize } = this.#options.queue
    return fileSize - (this.appendedOffset % fileSize)
  }

  /** Ends the segment with a blank, the next slab begins the next one; `false` if the disk has to catch up first. */
  #endSegment(rest: number): boolean {
    if (this.#slabs.length >= this.#mostSlabs) this.#write()
    if (this.#slabs.length >= this.#mostSlabs) return false
    this.#current.endSegment(rest)
    this.#unwrittenBytes += rest
    return this.#startSlab()
  }

  /** Makes an empty slab the current one, the same one if it could be written; `false` if the disk has to catch up first. */
  #startSlab(): boolean {
    this.#write()
    if (this.#current.used === 0) return true
    if (this.#slabs.length >= this.#mostSlabs) return false
    this.#addSlab()
    return true
  }

  #addSlab(): void {
    this.#slabs.push(this.#spare ?? new AppendSlab(this.#slabSize))
    this.#spare = undefined
  }

  /** Hands to the kernel what is gathered, as far as it can be: not during a write on another thread, nor where zeros are being written. */
  #write(): void {
    while (!this.#isInFlight) {
      const slab = this.#slabs[0] as AppendSlab
      if (slab.used === 0) return
      const file = this.#writableFile()
      const blocking = file.blocksAppend(slab.used)
      if (blocking !== undefined) {
        if (this.#blockedBy === undefined) this.#goOnAfter(blocking)
        return
      }
      if (slab.used >= largeWrite) {
        this.#goOnAfter(this.#writeLater(file, slab))
        return
      }
      try {
        file.append(slab.bytes)
      } catch (error) {
        throw this.#fail(error as StoreWriteError)
      }
      this.#onAppended(file, slab)
    }
  }

  #writableFile(): MappedFile {
    try {
      return this.#options.queue.writableFile()
    } catch (cause) {
      const directory = this.#options.queue.directory
      throw this.#fail(
        new StoreWriteError(`The next segment in ${directory} cannot be made; free or repair the disk`, { cause }),
      )
    }
  }

  /** Until then nothing is written; `drain` waits for it. */
  #goOnAfter(settled: Promise<void>): void {
    const blockedBy = settled.then(() => {
      if (this.#blockedBy === blockedBy) this.#blockedBy = undefined
      this.#turnEnd()
    })
    this.#blockedBy = blockedBy
  }

  /** Writes the slab on another thread, while the next one is filled. */
  async #writeLater(file: MappedFile, slab: AppendSlab): Promise<void> {
    this.#isInFlight = true
    if (this.#slabs.length === 1) this.#addSlab()
    try {
      await file.appendLater(slab.bytes)
      this.#onAppended(file, slab)
    } catch (error) {
      this.#fail(error as StoreWriteError)
    }
    this.#isInFlight = false
  }

  /** Takes the puts that the kernel has now from the first slab. */
  #onAppended(file: MappedFile, slab: AppendSlab): void {
    this.#unwrittenBytes -= slab.growth
    if (slab.endsSegment) file.seal()
    const puts = slab.clear()
    if (this.#slabs.length > 1) this.#spare = this.#slabs.shift()
    this.#options.queue.prepareAhead()
    if (this.#written.length === 0) this.#written = puts
    else for (const put of puts) this.#written.push(put)
  }

  #fail(error: StoreWriteError): StoreWriteError {
    const failed = this.#slabs.flatMap((slab) => slab.clear())
    this.#slabs.length = 1
    this.#unwrittenBytes = 0
    this.#options.onFailed(error, failed)
    return error
  }
}

import { type Logger, silentLogger } from '@mq/remoting'
import type { DispatchRequest } from '../dispatch/dispatch-request.js'
import { ConsumeQueueFiles, type ConsumeQueueFilesOptions } from './consume-queue-files.js'
import { type ConsumeQueueUnit, consumeQueueUnitSize, readConsumeQueueUnits } from './consume-queue-unit.js'
import { findEndOfUnits, findFirstUnitFrom, findUnitsEndBefore } from './unit-search.js'
import { UnitWindow } from './unit-window.js'

/** Which queue, and where its files lie. */
export interface ConsumeQueueOptions extends ConsumeQueueFilesOptions {
  readonly topic: string
  readonly queueId: number
  readonly logger?: Logger
}

/** What is known of the last process. */
export interface RecoverOptions {
  /** It closed the store in order: everything it had written was durable. */
  readonly isLastExitOk: boolean
}

/** Bytes that are read from a file at once and kept until others are: a consumer asks for the next units soon. */
const chunkSize = 200 * consumeQueueUnitSize

/** Bytes that count as a page when deciding whether a flush is worth it. */
const pageSize = 4096

/**
 * The messages of one queue as 20-byte units that point into the commit log. Java: ConsumeQueue.
 *
 * Units are kept in memory until {@link writePending} hands them to the kernel; reads see both. Positions are bytes in the queue:
 * `minLogicOffset <= end`, `flushedWhere <= wroteWhere <= end`. A queue without messages has no file.
 */
export class ConsumeQueue {
  readonly topic: string
  readonly queueId: number
  readonly #files: ConsumeQueueFiles
  readonly #logger: Logger
  readonly #window = new UnitWindow()
  /** Units read last from a file. */
  #chunk: { readonly position: number; readonly bytes: Buffer } | undefined
  /** Holds the chunk, and is read into again; absent before the first read and while one is on its way. */
  #chunkBuffer: Buffer | undefined
  #chunkDrops = 0
  /** Start of a stretch of blanks, up to the first unwritten unit, that is not written yet. */
  #blanksFrom: number | undefined
  #flushedWhere = 0
  #minLogicOffset = 0
  #maxPhysicOffset = -1

  constructor(options: ConsumeQueueOptions) {
    this.topic = options.topic
    this.queueId = options.queueId
    this.#files = new ConsumeQueueFiles(options)
    this.#logger = options.logger ?? silentLogger
  }

  /** Queue offset of the oldest message kept. */
  get minOffsetInQueue(): number {
    return this.#minLogicOffset / consumeQueueUnitSize
  }

  /** One past the queue offset of the newest message. */
  get maxOffsetInQueue(): number {
    return this.#window.end / consumeQueueUnitSize
  }

  /** Physical offset behind the newest record of the queue; -1 for a queue that has seen none. */
  get maxPhysicOffset(): number {
    return this.#maxPhysicOffset
  }

  /** Units in one file. */
  get unitsPerFile(): number {
    return this.#files.fileSize / consumeQueueUnitSize
  }

  /** Queue offsets of the first units of the files, ascending. */
  get fileStarts(): readonly number[] {
    return this.#files.starts.map((start) => start / consumeQueueUnitSize)
  }

  /** Units in memory only. */
  get pendingUnits(): number {
    return (this.#window.end - this.#window.wroteWhere) / consumeQueueUnitSize
  }

  /** Whether a thorough flush would have something to make durable. */
  get isDirty(): boolean {
    return this.#blanksFrom !== undefined || this.#flushedWhere < this.#window.end
  }

  /** Finds the files. @throws StoreLoadError for files that do not fit the configuration. */
  async load(): Promise<void> {
    await this.#files.load()
    this.#minLogicOffset = this.#files.starts[0] ?? 0
    this.#setEnd((this.#files.starts.at(-1) ?? -this.#files.fileSize) + this.#files.fileSize)
  }

  /**
   * Adds the unit of a dispatched record, in memory; answers false if it was built already. Java: ConsumeQueue#putMessagePositionInfo.
   *
   * A record further on than the queue's end leaves blank units between, so that every later message keeps its offset (Java shifts
   * them); across more than a file's worth the offset is not believed and the unit goes to the end, as in Java.
   * @throws StoreWriteError if units in front of a gap cannot be written.
   */
  put(request: DispatchRequest): boolean {
    const { commitLogOffset, msgSize, tagsCode, consumeQueueOffset } = request
    if (commitLogOffset + msgSize <= this.#maxPhysicOffset) return false
    const expected = consumeQueueOffset * consumeQueueUnitSize
    if (this.#isUnused()) this.#startAt(expected)
    else if (expected < this.#window.end && consumeQueueOffset !== 0) return false
    else if (expected !== this.#window.end) this.#handleGap(request, expected)
    this.#maxPhysicOffset = commitLogOffset + msgSize
    this.#window.append({ commitLogOffset, msgSize, tagsCode })
    return true
  }

  /** Hands every unit to the kernel. @throws StoreWriteError if that fails; the units stay readable in memory. */
  writePending(): void {
    if (this.#blanksFrom !== undefined) this.#files.writeBlanks(this.#blanksFrom, this.#window.wroteWhere)
    this.#blanksFrom = undefined
    const unwritten = this.#window.unwritten()
    if (unwritten.length === 0) return
    this.#files.write(this.#window.wroteWhere, unwritten)
    this.#window.markWritten()
  }

  /**
   * Makes written units durable if they dirtied at least `leastPages` pages; 0 means always. Directories that got new names are added to
   * `directories`, for the caller to sync before it counts the units as durable.
   * @throws the system's cause if a sync fails; it must not be tried again.
   */
  async flush(leastPages: number, directories: Set<string>): Promise<void> {
    const { wroteWhere } = this.#window
    const pages = Math.floor(wroteWhere / pageSize) - Math.floor(this.#flushedWhere / pageSize)
    if (wroteWhere <= this.#flushedWhere || pages < leastPages) return
    await this.#files.sync(this.#flushedWhere, wroteWhere, directories)
    this.#flushedWhere = Math.max(this.#flushedWhere, wroteWhere)
  }

  /** The unit at a queue offset, or `undefined` if the queue has none there. */
  async readUnit(index: number): Promise<ConsumeQueueUnit | undefined> {
    const [unit] = await this.readUnits(index, 1)
    return unit
  }

  /**
   * Units from a queue offset on: at most `maxUnits`, fewer at the end of a file or of the queue, none outside of the queue. Answers at once,
   * without a promise, for units in memory.
   */
  readUnits(index: number, maxUnits: number): ConsumeQueueUnit[] | Promise<ConsumeQueueUnit[]> {
    const position = index * consumeQueueUnitSize
    const toFileEnd = this.#files.startOf(position) + this.#files.fileSize - position
    const maxBytes = Math.min(maxUnits * consumeQueueUnitSize, toFileEnd)
    if (index < 0 || maxBytes <= 0) return []
    return (
      this.#window.units(position, maxBytes) ??
      this.#unitsOfChunk(position, maxBytes) ??
      this.#readChunk(position, maxBytes)
    )
  }

  /**
   * Finds the end of the queue by reading its last three files. After an abnormal exit what lies behind the end is cut off, and what lies in
   * front of it is synced by the next flush. Java: ConsumeQueue#recover; blanks do not count as records here, so that a queue that holds only
   * blanks is dispatched to again.
   */
  async recover(options: RecoverOptions): Promise<void> {
    const files = this.#files
    const found = await findEndOfUnits(files, files.starts.slice(-3))
    this.#maxPhysicOffset = found.maxPhysicOffset
    if (options.isLastExitOk) {
      await files.deleteBehind(found.end)
      this.#setEnd(found.end)
    } else {
      await this.#cutAt(found.end)
      this.#flushedWhere = Math.min(found.end, files.starts.at(-3) ?? files.starts[0] ?? 0)
    }
    this.#minLogicOffset = Math.min(this.#minLogicOffset, found.end)
  }

  /** Removes the units of records at or behind a physical offset: the log ends there. Java: ConsumeQueue#truncateDirtyLogicFiles. */
  async truncateDirtyLogicFiles(phyOffset: number): Promise<void> {
    this.writePending()
    const found = await findUnitsEndBefore(this.#files, this.#window.end, phyOffset)
    this.#maxPhysicOffset = found.maxPhysicOffset
    if (found.end < this.#window.end) await this.#cutAt(found.end)
  }

  /** Moves the minimum to the first unit whose record is still in the log. Java: ConsumeQueue#correctMinOffset. */
  async correctMinOffset(phyMinOffset: number): Promise<void> {
    const end = this.#window.end
    if (this.#minLogicOffset >= end) return
    this.writePending()
    const from = Math.max(this.#minLogicOffset, this.#files.starts[0] ?? end)
    this.#minLogicOffset = await findFirstUnitFrom(this.#files, { from, end, phyMinOffset })
  }

  /** Deletes files, never the last, whose last record is gone from the log; answers how many. Java: ConsumeQueue#deleteExpiredFile. */
  async deleteExpiredFiles(phyMinOffset: number): Promise<number> {
    let deleted = 0
    while (this.#files.starts.length > 1) {
      const last = await this.readUnit(this.#firstFileEnd() / consumeQueueUnitSize - 1)
      if (last === undefined || last.commitLogOffset >= phyMinOffset) break
      this.#minLogicOffset = Math.max(this.#minLogicOffset, this.#firstFileEnd())
      await this.#files.deleteFirst()
      this.#dropChunk()
      deleted++
    }
    await this.correctMinOffset(phyMinOffset)
    return deleted
  }

  /** Deletes the queue with its files. */
  async destroy(): Promise<void> {
    this.#setEnd(0)
    this.#blanksFrom = undefined
    this.#minLogicOffset = 0
    this.#maxPhysicOffset = -1
    await this.#files.destroy()
  }

  #firstFileEnd(): number {
    return (this.#files.starts[0] as number) + this.#files.fileSize
  }

  #isUnused(): boolean {
    return this.#files.starts.length === 0 && this.#window.end === this.#window.start
  }

  #startAt(expected: number): void {
    const fileStart = this.#files.startOf(expected)
    if (fileStart < expected) this.#blanksFrom = fileStart
    this.#setEnd(expected)
    this.#minLogicOffset = expected
  }

  #handleGap(request: DispatchRequest, expected: number): void {
    const { topic, queueId, commitLogOffset, consumeQueueOffset } = request
    const fields = { topic, queueId, commitLogOffset, consumeQueueOffset, maxOffsetInQueue: this.maxOffsetInQueue }
    if (expected < this.#window.end || expected - this.#window.end > this.#files.fileSize) {
      this.#logger.error('a record does not fit its queue by its offset; its unit goes to the end of the queue', fields)
      return
    }
    this.#logger.error(
      'units of a queue are missing; their places stay blank and their messages are not consumed',
      fields,
    )
    this.writePending()
    this.#blanksFrom = this.#window.end
    this.#window.reset(expected)
    this.writePending()
  }

  #dropChunk(): void {
    this.#chunk = undefined
    this.#chunkDrops++
  }

  #unitsOfChunk(position: number, maxBytes: number): ConsumeQueueUnit[] | undefined {
    const from = position - (this.#chunk?.position ?? Number.POSITIVE_INFINITY)
    if (this.#chunk === undefined || from < 0 || from >= this.#chunk.bytes.length) return undefined
    return readConsumeQueueUnits(this.#chunk.bytes, from, from + maxBytes)
  }

  #readChunk(position: number, maxBytes: number): ConsumeQueueUnit[] | Promise<ConsumeQueueUnit[]> {
    const { wroteWhere } = this.#window
    if (position >= wroteWhere) return []
    const fileStart = this.#files.startOf(position)
    const start = position - ((position - fileStart) % chunkSize)
    this.#dropChunk()
    const drops = this.#chunkDrops
    const buffer = this.#chunkBuffer ?? Buffer.allocUnsafeSlow(chunkSize)
    this.#chunkBuffer = undefined
    const cut = (size: number): ConsumeQueueUnit[] => {
      const bytes = buffer.subarray(0, size - (size % consumeQueueUnitSize))
      // What was read may be gone if the queue was cut meanwhile, and another read may have set a chunk.
      if (this.#chunkDrops === drops) {
        this.#chunk = { position: start, bytes }
        this.#chunkBuffer = buffer
      }
      return readConsumeQueueUnits(bytes, position - start, position - start + maxBytes)
    }
    const read = this.#files.readCached(buffer.subarray(0, Math.min(chunkSize, wroteWhere - start)), start)
    return typeof read === 'number' ? cut(read) : read.then(cut)
  }

  async #cutAt(end: number): Promise<void> {
    await this.#files.truncate(end)
    this.#setEnd(end)
    this.#minLogicOffset = Math.min(this.#minLogicOffset, end)
  }

  /** Forgets what is in memory; the queue ends at `position`, durable up to there. */
  #setEnd(position: number): void {
    this.#dropChunk()
    this.#window.reset(position)
    this.#flushedWhere = position
  }
}

import { checkRecord } from '@mq/remoting'
import type { CommitLogReader } from '../dispatch/commit-log-reader.js'
import type { ConsumeQueueUnit } from './consume-queue-unit.js'

/** Bytes between two records that are read and dropped instead of reading the records one by one. */
const maxGap = 4096

/** What may be read together with a record. */
export interface RunPlan {
  /** Units of which some will be wanted next, the present one first. */
  readonly units: Iterable<ConsumeQueueUnit>
  isWanted(unit: ConsumeQueueUnit): boolean
  readonly maxRecords: number
  readonly maxBytes: number
}

/**
 * Records of the commit log, read in runs: those that lie next to each other, or almost, are read at once.
 *
 * Java maps the log and needs no reads.
 */
export class RecordRuns {
  readonly #commitLog: CommitLogReader
  readonly #pieces: Buffer[] = []
  #run: { readonly from: number; readonly bytes: Buffer } | undefined
  /** Where the last piece ends in the log, if it was cut from the present run. */
  #pieceEnd = -1
  #size = 0
  #count = 0

  constructor(commitLog: CommitLogReader) {
    this.#commitLog = commitLog
  }

  /** Bytes of the records kept. */
  get size(): number {
    return this.#size
  }

  /** Records kept. */
  get count(): number {
    return this.#count
  }

  /** The record of a unit, a view, if it was read together with one before it. */
  peek(unit: ConsumeQueueUnit): Buffer | undefined {
    if (this.#run === undefined) return undefined
    const start = unit.commitLogOffset - this.#run.from
    if (start < 0 || start + unit.msgSize > this.#run.bytes.length) return undefined
    const record = this.#run.bytes.subarray(start, start + unit.msgSize)
    return isRecordOf(unit, record) ? record : undefined
  }

  /** The record of a unit, a view, or `undefined` if it is not in the log (any more) or damaged. */
  async read(unit: ConsumeQueueUnit, plan: RunPlan): Promise<Buffer | undefined> {
    await this.#readRun(unit.commitLogOffset, this.#endOfRun(unit, plan))
    if (this.#run === undefined) await this.#readRun(unit.commitLogOffset, endOf(unit))
    return this.peek(unit)
  }

  /** Adds the record of a unit, read just now, to the answer. */
  keep(unit: ConsumeQueueUnit, record: Buffer): void {
    const previous = this.#pieces.at(-1)
    this.#size += record.length
    this.#count++
    if (previous !== undefined && this.#pieceEnd === unit.commitLogOffset && this.#run !== undefined) {
      const start = unit.commitLogOffset - this.#run.from - previous.length
      this.#pieces[this.#pieces.length - 1] = this.#run.bytes.subarray(start, start + previous.length + record.length)
    } else {
      this.#pieces.push(record)
    }
    this.#pieceEnd = endOf(unit)
  }

  /** The records kept, one after the other; owned by the caller. */
  toBuffer(): Buffer {
    const [only] = this.#pieces
    return this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces, this.#size)
  }

  #endOfRun(first: ConsumeQueueUnit, plan: RunPlan): number {
    const segmentEnd = this.#commitLog.rollNextFile(first.commitLogOffset)
    let end = endOf(first)
    let records = 0
    for (const unit of plan.units) {
      if (unit.commitLogOffset < end || !plan.isWanted(unit)) continue
      const unitEnd = endOf(unit)
      const isTooMuch = ++records >= plan.maxRecords || unitEnd - first.commitLogOffset > plan.maxBytes
      if (isTooMuch || unit.commitLogOffset - end > maxGap || unitEnd > segmentEnd) break
      end = unitEnd
    }
    return end
  }

  async #readRun(from: number, end: number): Promise<void> {
    const commitLog = this.#commitLog
    this.#run = undefined
    this.#pieceEnd = -1
    if (from < commitLog.getMinOffset() || end > commitLog.getMaxOffset()) return
    const read = commitLog.readCached(from, end - from)
    const bytes = read instanceof Promise ? await read : read
    if (bytes !== undefined) this.#run = { from, bytes }
  }
}

function endOf(unit: ConsumeQueueUnit): number {
  return unit.commitLogOffset + unit.msgSize
}

/** Whether the bytes are the undamaged record that the unit means, and not something that took its place. */
function isRecordOf(unit: ConsumeQueueUnit, bytes: Buffer): boolean {
  const record = checkRecord(bytes, 0)
  return record.kind === 'record' && record.size === unit.msgSize && record.physicalOffset === unit.commitLogOffset
}

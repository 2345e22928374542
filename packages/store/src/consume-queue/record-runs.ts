import { checkRecord, MESSAGE_MAGIC_CODE_V1, MESSAGE_MAGIC_CODE_V2 } from '@mq/remoting'
import type { CommitLogReader } from '../dispatch/commit-log-reader.js'
import { readInt32, readInt64 } from '../integers.js'
import type { ConsumeQueueUnit } from './consume-queue-unit.js'

/** Which record is read, and what may be read together with it. */
export interface RunPlan {
  /** Units of a queue in their order, of which some will be wanted next. */
  readonly units: readonly ConsumeQueueUnit[]
  /** Index of the unit whose record is read. */
  readonly from: number
  isWanted(unit: ConsumeQueueUnit): boolean
  readonly maxRecords: number
  readonly maxBytes: number
}

/** What {@link RecordRuns} reads from. */
export interface RecordSource {
  readonly commitLog: CommitLogReader
  /**
   * Bodies of records from here on are not compared with their CRC: this process wrote them and the kernel has them in memory. Java compares
   * none.
   */
  readonly trustedFrom: number
}

/** Records that were read at once, one after the other. */
interface Run {
  readonly bytes: Buffer
  /** In the order of the log. */
  readonly units: readonly ConsumeQueueUnit[]
  /** Where the record of each begins in `bytes`; absent if it is not in the log. */
  readonly positions: readonly number[]
}

const absent = -1

/**
 * Records of the commit log, read in runs: those that will be wanted together are read together, into the buffer that is answered. Units
 * are asked for in the order of their queue.
 *
 * Java maps the log and needs no reads.
 */
export class RecordRuns {
  readonly #source: RecordSource
  /** Takes the runs one behind the other, as long as it has room. */
  readonly #target: Buffer | undefined
  #targetUsed = 0
  readonly #pieces: Buffer[] = []
  #run: Run | undefined
  /** Index in the run of the first unit that was not passed. */
  #next = 0
  /** The piece that grows: where it begins and ends in the run. */
  #pieceFrom = 0
  #pieceTo = 0
  #size = 0
  #count = 0

  /** Records are gathered in `target` as long as they fit in it. */
  constructor(source: RecordSource, target?: Buffer) {
    this.#source = source
    this.#target = target
  }

  /** Bytes of the records kept. */
  get size(): number {
    return this.#size
  }

  /** Records kept. */
  get count(): number {
    return this.#count
  }

  /** Where the record of a unit begins in the run, if it was read together with one before it; -1 if not. */
  find({ commitLogOffset, msgSize }: ConsumeQueueUnit): number {
    if (this.#run === undefined) return absent
    const { bytes, units, positions } = this.#run
    while (this.#next < units.length && (units[this.#next] as ConsumeQueueUnit).commitLogOffset < commitLogOffset) {
      this.#next++
    }
    if (units[this.#next]?.commitLogOffset !== commitLogOffset) return absent
    const at = positions[this.#next] as number
    return at !== absent && this.#isRecord(bytes, at, { commitLogOffset, msgSize }) ? at : absent
  }

  /** Where the record of a unit begins in a run read anew; -1 if it is not in the log (any more) or damaged. */
  async read(plan: RunPlan): Promise<number> {
    await this.#readRun(unitsOfRun(plan))
    return this.find(plan.units[plan.from] as ConsumeQueueUnit)
  }

  /** The bytes from a position in the run on: a view, valid until the next `read`. */
  view(at: number, size: number): Buffer {
    return (this.#run as Run).bytes.subarray(at, at + size)
  }

  /** Adds a record, just found at this position in the run, to the answer. */
  keep(at: number, size: number): void {
    if (at !== this.#pieceTo) {
      this.#endPiece()
      this.#pieceFrom = at
    }
    this.#pieceTo = at + size
    this.#size += size
    this.#count++
  }

  /** The records kept, one after the other; a view of the target or owned by the caller. */
  toBuffer(): Buffer {
    this.#endPiece()
    const [only] = this.#pieces
    return this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces, this.#size)
  }

  #endPiece(): void {
    if (this.#pieceTo > this.#pieceFrom) {
      this.#pieces.push(this.view(this.#pieceFrom, this.#pieceTo - this.#pieceFrom))
    }
    this.#pieceFrom = 0
    this.#pieceTo = 0
  }

  /** Where a run of so many bytes goes: a buffer, and a position in it. */
  #placeFor(size: number): { readonly bytes: Buffer; readonly from: number } {
    const from = this.#targetUsed
    if (this.#target === undefined || from + size > this.#target.length) {
      return { bytes: Buffer.allocUnsafe(size), from: 0 }
    }
    this.#targetUsed += size
    return { bytes: this.#target, from }
  }

  async #readRun(units: readonly ConsumeQueueUnit[]): Promise<void> {
    const { commitLog } = this.#source
    const { bytes, from } = this.#placeFor(sizeOf(units))
    if (bytes !== this.#run?.bytes) this.#endPiece()
    this.#run = undefined
    this.#next = 0
    const positions: number[] = []
    let at = from
    while (positions.length < units.length) {
      const first = positions.length
      const last = lastAdjacent(units, first)
      const { commitLogOffset: offset } = units[first] as ConsumeQueueUnit
      const size = endOf(units[last] as ConsumeQueueUnit) - offset
      const read = this.#isInLog(offset, size) && commitLog.readInto(bytes, at, { offset, size })
      const isRead = typeof read === 'boolean' ? read : await read
      for (let index = first; index <= last; index++) {
        positions.push(isRead ? at : absent)
        at += (units[index] as ConsumeQueueUnit).msgSize
      }
    }
    this.#run = { bytes, units, positions }
  }

  #isInLog(offset: number, size: number): boolean {
    const { commitLog } = this.#source
    return offset >= commitLog.getMinOffset() && offset + size <= commitLog.getMaxOffset()
  }

  /** Whether the bytes are the undamaged record that the unit means, and not something that took its place. */
  #isRecord(bytes: Buffer, at: number, unit: Pick<ConsumeQueueUnit, 'commitLogOffset' | 'msgSize'>): boolean {
    const { commitLogOffset, msgSize } = unit
    const checkCrc = commitLogOffset < this.#source.trustedFrom
    if (!checkCrc) return isHeadOfRecord(bytes, at, unit)
    const record = checkRecord(bytes, at, { end: at + msgSize, checkCrc })
    return record.kind === 'record' && record.size === msgSize && record.physicalOffset === commitLogOffset
  }
}

const magicPosition = 4
const physicalOffsetPosition = 28
const leastRecordSize = physicalOffsetPosition + 8

/** Whether a record that this process wrote whole begins there. */
function isHeadOfRecord(
  bytes: Buffer,
  at: number,
  { commitLogOffset, msgSize }: Pick<ConsumeQueueUnit, 'commitLogOffset' | 'msgSize'>,
): boolean {
  if (msgSize < leastRecordSize) return false
  const magic = readInt32(bytes, at + magicPosition)
  return (
    readInt32(bytes, at) === msgSize &&
    (magic === MESSAGE_MAGIC_CODE_V1 || magic === MESSAGE_MAGIC_CODE_V2) &&
    readInt64(bytes, at + physicalOffsetPosition) === commitLogOffset
  )
}

/** The unit at the start of a plan, and those that are read together with it. */
function unitsOfRun(plan: RunPlan): ConsumeQueueUnit[] {
  const { units, from, maxRecords, maxBytes } = plan
  const first = units[from] as ConsumeQueueUnit
  const run = [first]
  let end = endOf(first)
  let size = first.msgSize
  for (let index = from + 1; index < units.length; index++) {
    const unit = units[index] as ConsumeQueueUnit
    if (unit.commitLogOffset < end || !plan.isWanted(unit)) continue
    if (run.length >= maxRecords || size + unit.msgSize > maxBytes) break
    run.push(unit)
    size += unit.msgSize
    end = endOf(unit)
  }
  return run
}

function sizeOf(units: readonly ConsumeQueueUnit[]): number {
  let size = 0
  for (const { msgSize } of units) size += msgSize
  return size
}

/** Index of the last unit whose record lies, together with those between, right behind the one at `index`, and in its segment. */
function lastAdjacent(units: readonly ConsumeQueueUnit[], index: number): number {
  let last = index
  while (units[last + 1]?.commitLogOffset === endOf(units[last] as ConsumeQueueUnit)) last++
  return last
}

function endOf(unit: ConsumeQueueUnit): number {
  return unit.commitLogOffset + unit.msgSize
}

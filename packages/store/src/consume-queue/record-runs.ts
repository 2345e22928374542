import { checkRecord } from '@mq/remoting'
import type { CommitLogReader } from '../dispatch/commit-log-reader.js'
import type { ConsumeQueueUnit } from './consume-queue-unit.js'

/** What may be read together with a record. */
export interface RunPlan {
  /** Units of which some will be wanted next, in their order. */
  readonly units: Iterable<ConsumeQueueUnit>
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
  /** Where the record that begins at a physical offset lies in `bytes`. */
  readonly positions: ReadonlyMap<number, number>
}

/**
 * Records of the commit log, read in runs: those that will be wanted together are read together, into the buffer that is answered.
 *
 * Java maps the log and needs no reads.
 */
export class RecordRuns {
  readonly #source: RecordSource
  readonly #pieces: Buffer[] = []
  #run: Run | undefined
  /** Where the last piece begins and ends in the present run, if it was cut from it. */
  #piece: { from: number; to: number } | undefined
  #size = 0
  #count = 0

  constructor(source: RecordSource) {
    this.#source = source
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
    const at = this.#run?.positions.get(unit.commitLogOffset)
    if (this.#run === undefined || at === undefined) return undefined
    const { bytes } = this.#run
    return this.#isRecordOf(unit, bytes, at) ? bytes.subarray(at, at + unit.msgSize) : undefined
  }

  /** The record of a unit, a view, or `undefined` if it is not in the log (any more) or damaged. */
  async read(unit: ConsumeQueueUnit, plan: RunPlan): Promise<Buffer | undefined> {
    await this.#readRun(this.#unitsOfRun(unit, plan))
    return this.peek(unit)
  }

  /** Adds the record of a unit, read just now, to the answer. */
  keep(unit: ConsumeQueueUnit, record: Buffer): void {
    const at = this.#run?.positions.get(unit.commitLogOffset) ?? -1
    this.#size += record.length
    this.#count++
    if (this.#run !== undefined && this.#piece !== undefined && this.#piece.to === at) {
      this.#piece.to += record.length
      this.#pieces[this.#pieces.length - 1] = this.#run.bytes.subarray(this.#piece.from, this.#piece.to)
    } else {
      this.#piece = { from: at, to: at + record.length }
      this.#pieces.push(record)
    }
  }

  /** The records kept, one after the other; owned by the caller. */
  toBuffer(): Buffer {
    const [only] = this.#pieces
    return this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces, this.#size)
  }

  #unitsOfRun(first: ConsumeQueueUnit, plan: RunPlan): ConsumeQueueUnit[] {
    const units = [first]
    let end = endOf(first)
    let size = first.msgSize
    for (const unit of plan.units) {
      if (unit.commitLogOffset < end || !plan.isWanted(unit)) continue
      if (units.length >= plan.maxRecords || size + unit.msgSize > plan.maxBytes) break
      units.push(unit)
      size += unit.msgSize
      end = endOf(unit)
    }
    return units
  }

  async #readRun(units: readonly ConsumeQueueUnit[]): Promise<void> {
    const { commitLog } = this.#source
    this.#run = undefined
    this.#piece = undefined
    const bytes = Buffer.allocUnsafe(units.reduce((size, unit) => size + unit.msgSize, 0))
    const positions = new Map<number, number>()
    let at = 0
    for (let index = 0; index < units.length; ) {
      const last = lastAdjacent(units, index)
      const { commitLogOffset: offset } = units[index] as ConsumeQueueUnit
      const size = endOf(units[last] as ConsumeQueueUnit) - offset
      const read = this.#isInLog(offset, size) && commitLog.readInto(bytes, at, { offset, size })
      const isRead = typeof read === 'boolean' ? read : await read
      for (; index <= last; index++) {
        const unit = units[index] as ConsumeQueueUnit
        if (isRead) positions.set(unit.commitLogOffset, at)
        at += unit.msgSize
      }
    }
    this.#run = { bytes, positions }
  }

  #isInLog(offset: number, size: number): boolean {
    const { commitLog } = this.#source
    return offset >= commitLog.getMinOffset() && offset + size <= commitLog.getMaxOffset()
  }

  /** Whether the bytes are the undamaged record that the unit means, and not something that took its place. */
  #isRecordOf({ commitLogOffset, msgSize }: ConsumeQueueUnit, bytes: Buffer, at: number): boolean {
    const checkCrc = commitLogOffset < this.#source.trustedFrom
    const record = checkRecord(bytes, at, { end: at + msgSize, checkCrc })
    return record.kind === 'record' && record.size === msgSize && record.physicalOffset === commitLogOffset
  }
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

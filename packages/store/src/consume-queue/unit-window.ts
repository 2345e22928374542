import {
  consumeQueueUnitSize,
  type ConsumeQueueUnit,
  readConsumeQueueUnits,
  writeConsumeQueueUnit,
} from './consume-queue-unit.js'

const firstCapacity = 32 * consumeQueueUnitSize

/** Written units that stay in memory for consumers that are close behind. */
const keptBytes = 32 * consumeQueueUnitSize

/**
 * The newest units of a queue in memory: those not written yet and some that are.
 *
 * Positions are bytes in the queue. Invariant: `start <= wroteWhere <= end`; [start, end) is in memory, [wroteWhere, end) only there.
 */
export class UnitWindow {
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #wroteWhere = 0
  #end = 0

  get start(): number {
    return this.#start
  }

  get wroteWhere(): number {
    return this.#wroteWhere
  }

  get end(): number {
    return this.#end
  }

  /** Empties the window and sets all its positions. */
  reset(position: number): void {
    this.#start = position
    this.#wroteWhere = position
    this.#end = position
  }

  /** Adds a unit at the end. */
  append(unit: ConsumeQueueUnit): void {
    if (this.#end - this.#start + consumeQueueUnitSize > this.#bytes.length) this.#makeRoom()
    writeConsumeQueueUnit(this.#bytes, this.#end - this.#start, unit)
    this.#end += consumeQueueUnitSize
  }

  /** The units that are not written yet; borrowed until the next `append`. */
  unwritten(): Buffer {
    return this.#bytes.subarray(this.#wroteWhere - this.#start, this.#end - this.#start)
  }

  /** Says that everything in the window is written. */
  markWritten(): void {
    this.#wroteWhere = this.#end
  }

  /** The units in at most `maxBytes` from `position` on, or `undefined` if that position is not in memory. */
  units(position: number, maxBytes: number): ConsumeQueueUnit[] | undefined {
    if (position < this.#start || position > this.#end) return undefined
    const from = position - this.#start
    return readConsumeQueueUnits(this.#bytes, from, Math.min(from + maxBytes, this.#end - this.#start))
  }

  #makeRoom(): void {
    const keepFrom = Math.max(this.#start, this.#wroteWhere - keptBytes)
    const kept = this.#bytes.subarray(keepFrom - this.#start, this.#end - this.#start)
    const isRoomy = kept.length + keptBytes <= this.#bytes.length
    const target = isRoomy ? this.#bytes : Buffer.allocUnsafeSlow(Math.max(firstCapacity, this.#bytes.length * 2))
    kept.copy(target)
    this.#bytes = target
    this.#start = keepFrom
  }
}

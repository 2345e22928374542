import { ByteWriter } from '../codec/byte-writer.js'

/** Small, for there may be thousands at once; those that grew are kept and used again. */
const INITIAL_CAPACITY = 4_096
const MAX_KEPT_CAPACITY = 262_144
const MAX_KEPT_BYTES = 4_194_304

/** Frames of one connection that leave in one write. */
export class WriteSlab {
  readonly writer: ByteWriter = new ByteWriter(INITIAL_CAPACITY)
  /** How many of its frames hold a one-way permit. */
  oneways = 0
}

/** Slabs that no connection is using: there are as many in use as connections with something to write, not as connections. */
export class SlabPool {
  readonly #free: WriteSlab[] = []
  #freeBytes = 0

  /** An empty slab. */
  take(): WriteSlab {
    const slab = this.#free.pop()
    if (slab === undefined) return new WriteSlab()
    this.#freeBytes -= slab.writer.capacity
    return slab
  }

  /** Gives a slab back once its bytes have left. */
  giveBack(slab: WriteSlab): void {
    const { capacity } = slab.writer
    if (capacity > MAX_KEPT_CAPACITY || this.#freeBytes + capacity > MAX_KEPT_BYTES) return
    slab.writer.reset()
    slab.oneways = 0
    this.#free.push(slab)
    this.#freeBytes += capacity
  }
}

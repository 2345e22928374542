import { BLANK_HEAD_SIZE, writeBlank } from '@mq/remoting'
import type { AppendedPut } from './appended-put.js'

/** Records gathered for one write, all in one segment, and the puts they came from. */
export class AppendSlab {
  readonly #buffer: Buffer
  #used = 0
  #restOfSegment = 0
  #endsSegment = false
  #puts: AppendedPut[] = []

  /** Takes records of `size` bytes altogether, and a blank. */
  constructor(size: number) {
    // Not from the pool and never filled: pages that no record touched take no memory.
    this.#buffer = Buffer.allocUnsafeSlow(size + BLANK_HEAD_SIZE)
  }

  /** Where records are encoded, from `used` on. */
  get buffer(): Buffer {
    return this.#buffer
  }

  /** Bytes to write. */
  get used(): number {
    return this.#used
  }

  /** The bytes to write; a view. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  /** Bytes that the log grows by with the write. */
  get growth(): number {
    return this.#used + this.#restOfSegment
  }

  /** Whether the segment is full with the write. */
  get endsSegment(): boolean {
    return this.#endsSegment
  }

  get puts(): readonly AppendedPut[] {
    return this.#puts
  }

  hasRoomFor(size: number): boolean {
    return this.#used + size <= this.#buffer.length - BLANK_HEAD_SIZE
  }

  /** Takes the records that were encoded at `used`. */
  push(put: AppendedPut): void {
    this.#used += put.wroteBytes
    this.#puts.push(put)
  }

  /** Fills the rest of the segment, so many bytes, with a blank, of which only the head is written. */
  endSegment(rest: number): void {
    writeBlank(this.#buffer, this.#used, rest)
    this.#used += BLANK_HEAD_SIZE
    this.#restOfSegment = rest - BLANK_HEAD_SIZE
    this.#endsSegment = true
  }

  /** Empties the slab for its next use; the puts, and the list of them, are the caller's. */
  clear(): AppendedPut[] {
    const puts = this.#puts
    this.#used = 0
    this.#restOfSegment = 0
    this.#endsSegment = false
    this.#puts = []
    return puts
  }
}

import type { FileHandle } from '../file-system/file-system.js'

/** How much is zeroed ahead of the write position, in bytes. */
export interface ZeroAheadSizes {
  /** Written by one call. */
  readonly chunk: number
  /** Zeroed space that is kept ahead of the write position. */
  readonly distance: number
  /** Left out when the writes have overtaken the zeros, so that the next chunk is not overtaken again. */
  readonly gap: number
}

const mebibyte = 1024 * 1024

/** Enough for some hundredths of a second at the speed of a disk. */
export const defaultZeroAheadSizes: ZeroAheadSizes = { chunk: 4 * mebibyte, distance: 8 * mebibyte, gap: 2 * mebibyte }

/**
 * Writes zeros into a segment ahead of its write position, a chunk at a time, so that a sync finds its blocks allocated already: about half the
 * time of a sync that has to allocate them. A segment is sparse at first and takes room only as it is used.
 *
 * One chunk is in flight. Nothing may be written into it before it has settled: the kernel might put the zeros on top.
 */
export class ZeroAhead {
  readonly #handle: FileHandle
  readonly #fileSize: number
  readonly #sizes: ZeroAheadSizes
  #zeroedTo = 0
  #inFlight: { readonly from: number; readonly to: number; readonly done: Promise<void> } | undefined

  constructor(handle: FileHandle, fileSize: number, sizes: ZeroAheadSizes) {
    this.#handle = handle
    this.#fileSize = fileSize
    this.#sizes = sizes
  }

  /** Starts the next chunk if less than the distance is left ahead of the write position. */
  advance(wrotePosition: number): void {
    const { chunk, distance, gap } = this.#sizes
    if (this.#inFlight !== undefined || this.#zeroedTo >= this.#fileSize) return
    if (this.#zeroedTo - wrotePosition >= distance) return
    const from = this.#zeroedTo > wrotePosition ? this.#zeroedTo : wrotePosition + gap
    const to = Math.min(this.#fileSize, from + chunk)
    if (from < to) this.#inFlight = { from, to, done: this.#fill(from, to) }
  }

  /** Settles when [from, to) may be written; `undefined` if it may be written now. */
  blocks(from: number, to: number): Promise<void> | undefined {
    const inFlight = this.#inFlight
    return inFlight !== undefined && from < inFlight.to && to > inFlight.from ? inFlight.done : undefined
  }

  /** Settles when no chunk is in flight. */
  async settled(): Promise<void> {
    await this.#inFlight?.done
  }

  async #fill(from: number, to: number): Promise<void> {
    try {
      const written = await this.#handle.write(Buffer.alloc(to - from), from)
      this.#zeroedTo = from + written
    } catch {
      // Zeros ahead only save time: a disk that cannot take them says so again when it is written in earnest.
      this.#zeroedTo = this.#fileSize
    } finally {
      this.#inFlight = undefined
    }
  }
}

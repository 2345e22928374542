import type { FileHandle } from '../file-system/file-system.js'

/** How much is read ahead of the write position, in bytes. */
export interface PageAheadSizes {
  /** Read by one call. */
  readonly chunk: number
  /** Kept in memory ahead of the write position. */
  readonly distance: number
  /** Left out when the writes have overtaken the reads, so that the next chunk is not overtaken again. */
  readonly gap: number
}

const mebibyte = 1024 * 1024

/** Enough for some hundredths of a second at the speed at which one process writes. */
export const defaultPageAheadSizes: PageAheadSizes = { chunk: mebibyte, distance: 8 * mebibyte, gap: mebibyte / 2 }

/**
 * Has the kernel bring the pages of a segment to memory that will be written next, by reading them on another thread: a write that finds its
 * page there takes a tenth of the time of one that needs a new one, and the event loop waits for each write. What lies there is a hole, so
 * nothing is read from a disk, and nothing is written.
 */
export class PageAhead {
  readonly #handle: FileHandle
  readonly #fileSize: number
  readonly #sizes: PageAheadSizes
  #readTo = 0
  #reading: Promise<void> | undefined
  #bytes: Buffer | undefined

  constructor(handle: FileHandle, fileSize: number, sizes: PageAheadSizes) {
    this.#handle = handle
    this.#fileSize = fileSize
    this.#sizes = sizes
  }

  /** Starts the next chunk if less than the distance is left ahead of the write position. */
  advance(wrotePosition: number): void {
    const { chunk, distance, gap } = this.#sizes
    if (this.#reading !== undefined || this.#readTo >= this.#fileSize) return
    if (this.#readTo - wrotePosition >= distance) return
    const from = this.#readTo > wrotePosition ? this.#readTo : wrotePosition + gap
    const to = Math.min(this.#fileSize, from + chunk)
    if (from < to) this.#reading = this.#read(from, to)
  }

  /** Settles when no chunk is being read. */
  async settled(): Promise<void> {
    await this.#reading
  }

  async #read(from: number, to: number): Promise<void> {
    this.#bytes ??= Buffer.allocUnsafeSlow(this.#sizes.chunk)
    try {
      await this.#handle.read(this.#bytes.subarray(0, to - from), from)
      this.#readTo = to
    } catch {
      // Reading ahead only saves time.
      this.#readTo = this.#fileSize
    } finally {
      this.#reading = undefined
      if (this.#readTo >= this.#fileSize) this.#bytes = undefined
    }
  }
}

/** How far ahead of the write position a segment is prepared, in bytes. */
export interface ChunksAheadSizes {
  /** Prepared by one call. */
  readonly chunk: number
  /** Prepared space that is kept ahead of the write position. */
  readonly distance: number
  /** Left out when the writes have overtaken the preparation, so that the next chunk is not overtaken again. */
  readonly gap: number
}

/** Prepares the bytes [from, to) of a segment; answers how many of them are prepared. */
export type PrepareChunk = (from: number, to: number) => Promise<number>

/** Prepares a segment ahead of its write position, a chunk at a time; one chunk is in flight. It only saves time: after a failure it stops. */
export class ChunksAhead {
  readonly #fileSize: number
  readonly #sizes: ChunksAheadSizes
  readonly #prepare: PrepareChunk
  #preparedTo = 0
  #inFlight: { readonly from: number; readonly to: number; readonly done: Promise<void> } | undefined

  constructor(fileSize: number, sizes: ChunksAheadSizes, prepare: PrepareChunk) {
    this.#fileSize = fileSize
    this.#sizes = sizes
    this.#prepare = prepare
  }

  /** Starts the next chunk if less than the distance is left ahead of the write position. */
  advance(wrotePosition: number): void {
    const { chunk, distance, gap } = this.#sizes
    if (this.#inFlight !== undefined || this.#preparedTo >= this.#fileSize) return
    if (this.#preparedTo - wrotePosition >= distance) return
    const from = this.#preparedTo > wrotePosition ? this.#preparedTo : wrotePosition + gap
    const to = Math.min(this.#fileSize, from + chunk)
    if (from < to) this.#inFlight = { from, to, done: this.#run(from, to, this.#prepare) }
  }

  /**
   * Starts to prepare the next `size` bytes, its own way, if fewer than `position` are prepared. For a segment that nothing is written to yet; until
   * it has settled nothing may be.
   */
  reach(position: number, size: number, prepare: PrepareChunk): void {
    const from = this.#preparedTo
    if (this.#inFlight !== undefined || from >= Math.min(position, this.#fileSize)) return
    const done = this.#run(from, Math.min(this.#fileSize, from + size), prepare)
    this.#inFlight = { from: 0, to: this.#fileSize, done }
  }

  /** Settles when the chunk in flight has nothing of [from, to) any more; `undefined` if it has nothing of it now. */
  blocks(from: number, to: number): Promise<void> | undefined {
    const inFlight = this.#inFlight
    return inFlight !== undefined && from < inFlight.to && to > inFlight.from ? inFlight.done : undefined
  }

  /** Settles when no chunk is in flight. */
  async settled(): Promise<void> {
    await this.#inFlight?.done
  }

  async #run(from: number, to: number, prepare: PrepareChunk): Promise<void> {
    try {
      this.#preparedTo = from + (await prepare(from, to))
    } catch {
      // A disk that cannot be prepared says so again when it is written in earnest.
      this.#preparedTo = this.#fileSize
    } finally {
      this.#inFlight = undefined
    }
  }
}

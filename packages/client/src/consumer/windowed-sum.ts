/** A sum over the last while: what is older than `bucketMs` × `buckets` milliseconds no longer counts. */
export class WindowedSum {
  readonly #bucketMs: number
  readonly #sums: number[]
  #current = 0

  constructor(window: { bucketMs: number; buckets: number }) {
    this.#bucketMs = window.bucketMs
    this.#sums = Array.from({ length: window.buckets }, () => 0)
  }

  /** Adds what happened at this monotonic time, which never goes back. */
  add(value: number, nowMs: number): void {
    const at = this.#roll(nowMs)
    this.#sums[at] = (this.#sums[at] as number) + value
  }

  sumAt(nowMs: number): number {
    this.#roll(nowMs)
    return this.#sums.reduce((total, value) => total + value, 0)
  }

  /** Empties the buckets that time has passed over, and returns the index of the present one. */
  #roll(nowMs: number): number {
    const now = Math.floor(nowMs / this.#bucketMs)
    const passed = Math.min(now - this.#current, this.#sums.length)
    for (let step = 1; step <= passed; step++) this.#sums[(this.#current + step) % this.#sums.length] = 0
    this.#current = now
    return now % this.#sums.length
  }
}

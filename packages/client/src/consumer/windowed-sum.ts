import type { Clock } from '@mq/remoting'

/** A sum over the last while: what is older than `bucketMs` × `buckets` milliseconds no longer counts. */
export class WindowedSum {
  readonly #clock: Clock
  readonly #bucketMs: number
  readonly #sums: number[]
  #current = 0

  constructor(clock: Clock, window: { bucketMs: number; buckets: number }) {
    this.#clock = clock
    this.#bucketMs = window.bucketMs
    this.#sums = Array.from({ length: window.buckets }, () => 0)
  }

  add(value: number): void {
    const at = this.#roll()
    this.#sums[at] = (this.#sums[at] as number) + value
  }

  get sum(): number {
    this.#roll()
    return this.#sums.reduce((total, value) => total + value, 0)
  }

  /** Empties the buckets that time has passed over, and returns the index of the present one. */
  #roll(): number {
    const now = Math.floor(this.#clock.monotonic() / this.#bucketMs)
    const passed = Math.min(now - this.#current, this.#sums.length)
    for (let step = 1; step <= passed; step++) this.#sums[(this.#current + step) % this.#sums.length] = 0
    this.#current = now
    return now % this.#sums.length
  }
}

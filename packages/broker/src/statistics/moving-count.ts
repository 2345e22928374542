/** A count that knows how fast it grew: it is sampled at fixed intervals and keeps the last few samples. Java: StatsItem. */
export class MovingCount {
  readonly #samples: number[] = [0]
  readonly #capacity: number
  readonly #intervalMs: number
  #total = 0

  /** Keeps `capacity` samples, taken every `intervalMs` by the owner's call of {@link sample}. */
  constructor({ capacity, intervalMs }: { readonly capacity: number; readonly intervalMs: number }) {
    this.#capacity = capacity
    this.#intervalMs = intervalMs
  }

  /** Everything counted so far. */
  get total(): number {
    return this.#total
  }

  /** Counts. */
  add(amount: number): void {
    this.#total += amount
  }

  /** Takes a sample; call it every `intervalMs`. */
  sample(): void {
    this.#samples.push(this.#total)
    if (this.#samples.length > this.#capacity) this.#samples.shift()
  }

  /** What the newest and the oldest sample differ by. */
  get windowSum(): number {
    return (this.#samples.at(-1) ?? 0) - (this.#samples[0] ?? 0)
  }

  /** Growth a second over the samples kept, 0 before the second sample. */
  get perSecond(): number {
    const intervals = this.#samples.length - 1
    return intervals === 0 ? 0 : (this.windowSum * 1000) / (intervals * this.#intervalMs)
  }
}

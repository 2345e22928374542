/** Samples kept: ten minutes of one a second, and the one before. */
const maxSamples = 601

/** Turns a growing counter, sampled once a second, into rates over the last seconds. Java: StoreStatsService.CallSnapshot. */
export class RateSampler {
  readonly #samples: { readonly atMs: number; readonly total: number }[] = []

  /** Notes the counter's value at a time in ms. */
  sample(atMs: number, total: number): void {
    this.#samples.push({ atMs, total })
    if (this.#samples.length > maxSamples) this.#samples.shift()
  }

  /** Events a second over the last `seconds`, or over what is known of them; 0 before two samples. */
  ratePerSecond(seconds: number): number {
    const last = this.#samples.at(-1)
    const first = this.#samples.at(Math.max(-this.#samples.length, -1 - seconds))
    if (last === undefined || first === undefined || last.atMs <= first.atMs) return 0
    return ((last.total - first.total) / (last.atMs - first.atMs)) * 1000
  }

  /** Rates over 10 s, 1 min and 10 min, as brokers report them. */
  format(): string {
    return [10, 60, 600].map((seconds) => formatDouble(this.ratePerSecond(seconds))).join(' ')
  }
}

function formatDouble(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}

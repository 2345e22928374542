import type { BrokerStatsData, BrokerStatsItem } from '@mq/remoting'

/** Milliseconds between two samples of the last minute; those of the hour and of the day are 60 and 360 times further apart. */
export const SAMPLE_MS = 10_000
const SAMPLES_PER_HOUR_SAMPLE = 60
const SAMPLES_PER_DAY_SAMPLE = 360

/** The newest samples of a count, the first of which is nothing. */
class SampleWindow {
  readonly #values: number[] = [0]
  readonly #times: number[] = [0]
  readonly #capacity: number
  readonly #intervalMs: number

  constructor(capacity: number, intervalMs: number) {
    this.#capacity = capacity
    this.#intervalMs = intervalMs
  }

  add(value: number, times: number): void {
    this.#values.push(value)
    this.#times.push(times)
    if (this.#values.length <= this.#capacity) return
    this.#values.shift()
    this.#times.shift()
  }

  /** What the newest and the oldest sample differ by. */
  get growth(): BrokerStatsItem {
    const sum = difference(this.#values)
    const times = difference(this.#times)
    const intervals = this.#values.length - 1
    const tps = intervals === 0 ? 0 : (sum * 1000) / (intervals * this.#intervalMs)
    return { sum, tps, avgpt: times === 0 ? 0 : sum / times }
  }
}

function difference(samples: readonly number[]): number {
  return (samples.at(-1) ?? 0) - (samples[0] ?? 0)
}

/** A count that knows how fast it grew in the last minute, hour and day. Java: StatsItem. */
export class StatsItem {
  readonly #minute = new SampleWindow(7, SAMPLE_MS)
  readonly #hour = new SampleWindow(7, SAMPLE_MS * SAMPLES_PER_HOUR_SAMPLE)
  readonly #day = new SampleWindow(25, SAMPLE_MS * SAMPLES_PER_DAY_SAMPLE)
  #value = 0
  #times = 0

  /** Counts. */
  add(amount: number): void {
    this.#value += amount
    this.#times++
  }

  /** Takes the samples that are due; call it every {@link SAMPLE_MS}, with the number of the call. */
  sample(round: number): void {
    this.#minute.add(this.#value, this.#times)
    if (round % SAMPLES_PER_HOUR_SAMPLE === 0) this.#hour.add(this.#value, this.#times)
    if (round % SAMPLES_PER_DAY_SAMPLE === 0) this.#day.add(this.#value, this.#times)
  }

  /** Growth a second in the last minute. */
  get perSecond(): number {
    return this.#minute.growth.tps
  }

  /** Growth in the last minute, hour and day, as far as they have been sampled. */
  get data(): BrokerStatsData {
    return { statsMinute: this.#minute.growth, statsHour: this.#hour.growth, statsDay: this.#day.growth }
  }
}

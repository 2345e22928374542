import type { Clock, Timer, Timers } from '@mq/remoting'
import { RateSampler } from './rate-sampler.js'

/** Upper ends in ms of the classes in which puts are counted by their time, and the names that brokers report. */
const timeClasses: readonly (readonly [number, string])[] = [
  [0, '[<=0ms]'],
  [10, '[0~10ms]'],
  [50, '[10~50ms]'],
  [100, '[50~100ms]'],
  [200, '[100~200ms]'],
  [500, '[200~500ms]'],
  [1000, '[500ms~1s]'],
  [2000, '[1~2s]'],
  [3000, '[2~3s]'],
  [4000, '[3~4s]'],
  [5000, '[4~5s]'],
  [10_000, '[5~10s]'],
  [Number.POSITIVE_INFINITY, '[10s~]'],
]

/** Counts what a store does. Java: StoreStatsService. */
export class StoreStatsService {
  readonly #clock: Clock
  readonly #bootTimestamp: number
  readonly #putTimes: number[] = timeClasses.map(() => 0)
  readonly #putRate = new RateSampler()
  readonly #getFoundRate = new RateSampler()
  readonly #getMissRate = new RateSampler()
  readonly #getTotalRate = new RateSampler()
  readonly #transferredRate = new RateSampler()
  #sampling: Timer | undefined
  #putMessages = 0
  #putBytes = 0
  #putFailures = 0
  #putTimeMaxMs = 0
  #getFound = 0
  #getMiss = 0
  #getTransferred = 0
  #getTimeMaxMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#bootTimestamp = clock.now()
  }

  /** Starts to sample rates once a second. */
  start(timers: Timers): void {
    this.#sampling = timers.every(1000, () => this.#sample(), { firstDelayMs: 0 })
  }

  stop(): void {
    this.#sampling?.cancel()
  }

  /** Counts messages that were stored and acknowledged together. */
  countPut(messageCount: number, bytes: number, elapsedMs: number): void {
    this.#putMessages += messageCount
    this.#putBytes += bytes
    if (elapsedMs > this.#putTimeMaxMs) this.#putTimeMaxMs = elapsedMs
    const index = elapsedMs <= 0 ? 0 : timeClasses.findIndex(([end]) => elapsedMs <= end)
    this.#putTimes[index] = (this.#putTimes[index] ?? 0) + 1
  }

  /** Counts a put that did not end with PUT_OK. */
  countPutFailure(): void {
    this.#putFailures++
  }

  /** Counts a get, with the messages that it answered. */
  countGet(messageCount: number, elapsedMs: number): void {
    if (messageCount > 0) this.#getFound++
    else this.#getMiss++
    this.#getTransferred += messageCount
    if (elapsedMs > this.#getTimeMaxMs) this.#getTimeMaxMs = elapsedMs
  }

  /** The counters under the keys of GET_BROKER_RUNTIME_INFO. */
  runtimeInfo(): Map<string, string> {
    const average = this.#putMessages === 0 ? 0 : this.#putBytes / this.#putMessages
    return new Map([
      ['bootTimestamp', String(this.#bootTimestamp)],
      ['runtime', this.#formatRuntime()],
      ['putMessageEntireTimeMax', String(this.#putTimeMaxMs)],
      ['putMessageTimesTotal', String(this.#putMessages)],
      ['putMessageFailedTimes', String(this.#putFailures)],
      ['putMessageSizeTotal', String(this.#putBytes)],
      ['putMessageDistributeTime', timeClasses.map(([, name], index) => `${name}:${this.#putTimes[index]}`).join(' ')],
      ['putMessageAverageSize', Number.isInteger(average) ? average.toFixed(1) : String(average)],
      ['getMessageEntireTimeMax', String(this.#getTimeMaxMs)],
      ['putTps', this.#putRate.format()],
      ['getFoundTps', this.#getFoundRate.format()],
      ['getMissTps', this.#getMissRate.format()],
      ['getTotalTps', this.#getTotalRate.format()],
      ['getTransferredTps', this.#transferredRate.format()],
      ['putLatency99', String(this.#putTimeBelow(0.99))],
      ['putLatency999', String(this.#putTimeBelow(0.999))],
    ])
  }

  #sample(): void {
    const now = this.#clock.now()
    this.#putRate.sample(now, this.#putMessages)
    this.#getFoundRate.sample(now, this.#getFound)
    this.#getMissRate.sample(now, this.#getMiss)
    this.#getTotalRate.sample(now, this.#getFound + this.#getMiss)
    this.#transferredRate.sample(now, this.#getTransferred)
  }

  /** The end in ms of the class below which the given share of all puts lies, at most the longest time seen. */
  #putTimeBelow(share: number): number {
    const total = this.#putTimes.reduce((sum, count) => sum + count, 0)
    let counted = 0
    for (const [index, [end]] of timeClasses.entries()) {
      counted += this.#putTimes[index] ?? 0
      if (counted >= total * share) return Math.min(end, this.#putTimeMaxMs)
    }
    return this.#putTimeMaxMs
  }

  #formatRuntime(): string {
    const seconds = Math.floor((this.#clock.now() - this.#bootTimestamp) / 1000)
    const [days, hours, minutes] = [
      Math.floor(seconds / 86_400),
      Math.floor(seconds / 3600) % 24,
      Math.floor(seconds / 60) % 60,
    ]
    return `[ ${days} days, ${hours} hours, ${minutes} minutes, ${seconds % 60} seconds ]`
  }
}

import type { Clock, Timer, Timers } from '@mq/remoting'
import { MovingCount } from './moving-count.js'

const SAMPLE_MS = 10_000
/** Six intervals: rates are those of the last minute. */
const SAMPLES = 7
const DAY_MS = 86_400_000

/** What a BrokerStatistics works with. */
export interface BrokerStatisticsOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** Topics counted one by one; further ones are counted in the totals only. */
  readonly maxTopics: number
}

/** Totals a day ago, at the last midnight and now. */
export interface DailyTotals {
  readonly yesterdayMorning: number
  readonly todayMorning: number
  readonly todayNow: number
}

/** Counts of messages put and read, in total and by topic. Java: BrokerStats, BrokerStatsManager. */
export class BrokerStatistics {
  readonly #clock: Clock
  readonly #maxTopics: number
  readonly #putByTopic = new Map<string, MovingCount>()
  readonly #sampler: Timer
  #put = 0
  #putFailures = 0
  #got = 0
  #day: number
  #putMornings = { yesterday: 0, today: 0 }
  #getMornings = { yesterday: 0, today: 0 }

  constructor({ clock, timers, maxTopics }: BrokerStatisticsOptions) {
    this.#clock = clock
    this.#maxTopics = maxTopics
    this.#day = this.#today()
    this.#sampler = timers.every(SAMPLE_MS, () => this.#sample())
  }

  #today(): number {
    const now = this.#clock.now()
    return Math.floor((now - new Date(now).getTimezoneOffset() * 60_000) / DAY_MS)
  }

  #sample(): void {
    for (const count of this.#putByTopic.values()) count.sample()
    const today = this.#today()
    if (today === this.#day) return
    this.#day = today
    this.#putMornings = { yesterday: this.#putMornings.today, today: this.#put }
    this.#getMornings = { yesterday: this.#getMornings.today, today: this.#got }
  }

  /** Counts messages stored. */
  countPut(topic: string, messages: number): void {
    this.#put += messages
    let count = this.#putByTopic.get(topic)
    if (count === undefined) {
      if (this.#putByTopic.size >= this.#maxTopics) return
      count = new MovingCount({ capacity: SAMPLES, intervalMs: SAMPLE_MS })
      this.#putByTopic.set(topic, count)
    }
    count.add(messages)
  }

  /** Counts a send that was not stored. */
  countPutFailure(): void {
    this.#putFailures++
  }

  /** Counts messages handed to consumers. */
  countGet(messages: number): void {
    this.#got += messages
  }

  /** Sends that were not stored since the start. */
  get putFailures(): number {
    return this.#putFailures
  }

  /** Messages stored a second in the last minute, of one topic. */
  topicPutTps(topic: string): number {
    return this.#putByTopic.get(topic)?.perSecond ?? 0
  }

  /** Messages stored since the start, by day. */
  get putTotals(): DailyTotals {
    return { yesterdayMorning: this.#putMornings.yesterday, todayMorning: this.#putMornings.today, todayNow: this.#put }
  }

  /** Messages read since the start, by day. */
  get getTotals(): DailyTotals {
    return { yesterdayMorning: this.#getMornings.yesterday, todayMorning: this.#getMornings.today, todayNow: this.#got }
  }

  /** Forgets a topic's counts. */
  forgetTopic(topic: string): void {
    this.#putByTopic.delete(topic)
  }

  /** Stops sampling. */
  close(): void {
    this.#sampler.cancel()
  }
}

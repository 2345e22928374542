import type { Clock, Timer, Timers } from '@mq/remoting'
import { SAMPLE_MS, StatsItem } from './stats-item.js'

const DAY_MS = 86_400_000

/** Names of statistics that are counted by a key. Java: Stats. */
const statsNames = [
  'TOPIC_PUT_NUMS',
  'TOPIC_PUT_SIZE',
  'BROKER_PUT_NUMS',
  'GROUP_GET_NUMS',
  'GROUP_GET_SIZE',
  'BROKER_GET_NUMS',
  'SNDBCK_PUT_NUMS',
] as const

/** The name of a statistic; its keys are topics, `topic@group`, or the cluster's name for a whole broker. */
export type StatsName = (typeof statsNames)[number]

/** What a BrokerStatistics works with. */
export interface BrokerStatisticsOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** Key of the statistics of a whole broker. */
  readonly clusterName: string
  /** Keys counted one by one, of each statistic; further ones are counted in the totals only. */
  readonly maxKeys: number
}

/** Messages and their bytes. */
export interface MessageCount {
  readonly messages: number
  readonly bytes: number
}

/** Totals a day ago, at the last midnight and now. */
export interface DailyTotals {
  readonly yesterdayMorning: number
  readonly todayMorning: number
  readonly todayNow: number
}

interface PutItems {
  readonly numbers: StatsItem | undefined
  readonly sizes: StatsItem | undefined
  readonly ofBroker: StatsItem | undefined
}

/** Counts of messages put and read, in total, by topic and by group. Java: BrokerStats, BrokerStatsManager. */
export class BrokerStatistics {
  readonly #options: BrokerStatisticsOptions
  readonly #items = new Map(statsNames.map((name) => [name as string, new Map<string, StatsItem>()]))
  /** Looked up once a topic: every send counts in them. */
  readonly #putItems = new Map<string, PutItems>()
  readonly #sampler: Timer
  #round = 0
  #put = 0
  #putFailures = 0
  #got = 0
  #day: number
  #putMornings = { yesterday: 0, today: 0 }
  #getMornings = { yesterday: 0, today: 0 }

  constructor(options: BrokerStatisticsOptions) {
    this.#options = options
    this.#day = this.#today()
    this.#sampler = options.timers.every(SAMPLE_MS, () => this.#sample())
  }

  #today(): number {
    const now = this.#options.clock.now()
    return Math.floor((now - new Date(now).getTimezoneOffset() * 60_000) / DAY_MS)
  }

  #sample(): void {
    this.#round++
    for (const items of this.#items.values()) for (const item of items.values()) item.sample(this.#round)
    const today = this.#today()
    if (today === this.#day) return
    this.#day = today
    this.#putMornings = { yesterday: this.#putMornings.today, today: this.#put }
    this.#getMornings = { yesterday: this.#getMornings.today, today: this.#got }
  }

  /** Counts messages stored. */
  countPut(topic: string, { messages, bytes }: MessageCount): void {
    this.#put += messages
    const items = this.#putItems.get(topic) ?? this.#putItemsOf(topic)
    items.numbers?.add(messages)
    items.sizes?.add(bytes)
    items.ofBroker?.add(messages)
  }

  #putItemsOf(topic: string): PutItems {
    const items = {
      numbers: this.#item('TOPIC_PUT_NUMS', topic),
      sizes: this.#item('TOPIC_PUT_SIZE', topic),
      ofBroker: this.#item('BROKER_PUT_NUMS', this.#options.clusterName),
    }
    if (items.numbers !== undefined && items.sizes !== undefined) this.#putItems.set(topic, items)
    return items
  }

  /** Counts a send that was not stored. */
  countPutFailure(): void {
    this.#putFailures++
  }

  /** Counts messages handed to consumers. */
  countGet(topic: string, group: string, { messages, bytes }: MessageCount): void {
    if (messages === 0) return
    this.#got += messages
    const key = groupKey(topic, group)
    this.add('GROUP_GET_NUMS', key, messages)
    this.add('GROUP_GET_SIZE', key, bytes)
    this.add('BROKER_GET_NUMS', this.#options.clusterName, messages)
  }

  /** Counts a message that a consumer gave back. */
  countSendBack(topic: string, group: string): void {
    this.add('SNDBCK_PUT_NUMS', groupKey(topic, group), 1)
  }

  /** Adds to one statistic. */
  add(name: StatsName, key: string, amount: number): void {
    this.#item(name, key)?.add(amount)
  }

  /** Undefined when too many keys are counted. */
  #item(name: StatsName, key: string): StatsItem | undefined {
    const items = this.#items.get(name) as Map<string, StatsItem>
    const existing = items.get(key)
    if (existing !== undefined || items.size >= this.#options.maxKeys) return existing
    const item = new StatsItem()
    items.set(key, item)
    return item
  }

  /** One statistic; undefined when nothing of that key was counted, or there is no such statistic. */
  find(name: string, key: string): StatsItem | undefined {
    return this.#items.get(name)?.get(key)
  }

  /** Sends that were not stored since the start. */
  get putFailures(): number {
    return this.#putFailures
  }

  /** Messages stored a second in the last minute, of one topic. */
  topicPutTps(topic: string): number {
    return this.find('TOPIC_PUT_NUMS', topic)?.perSecond ?? 0
  }

  /** Messages that a group read a second in the last minute, of one topic. */
  groupGetTps(topic: string, group: string): number {
    return this.find('GROUP_GET_NUMS', groupKey(topic, group))?.perSecond ?? 0
  }

  /** Messages stored since the start, by day. */
  get putTotals(): DailyTotals {
    return { yesterdayMorning: this.#putMornings.yesterday, todayMorning: this.#putMornings.today, todayNow: this.#put }
  }

  /** Messages read since the start, by day. */
  get getTotals(): DailyTotals {
    return { yesterdayMorning: this.#getMornings.yesterday, todayMorning: this.#getMornings.today, todayNow: this.#got }
  }

  /** Forgets a topic's counts. Java: onTopicDeleted. */
  forgetTopic(topic: string): void {
    this.#forget((key) => key === topic || key.startsWith(`${topic}@`))
  }

  /** Forgets a group's counts. Java: onGroupDeleted. */
  forgetGroup(group: string): void {
    this.#forget((key) => key.endsWith(`@${group}`))
  }

  #forget(isGone: (key: string) => boolean): void {
    for (const items of this.#items.values()) for (const key of items.keys()) if (isGone(key)) items.delete(key)
    this.#putItems.clear()
  }

  /** Stops sampling. */
  close(): void {
    this.#sampler.cancel()
  }
}

function groupKey(topic: string, group: string): string {
  return `${topic}@${group}`
}

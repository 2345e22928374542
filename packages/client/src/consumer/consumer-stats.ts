import type { Clock, ConsumeStatus } from '@mq/remoting'
import { WindowedSum } from './windowed-sum.js'

const minute = { bucketMs: 10_000, buckets: 6 }
const hour = { bucketMs: 600_000, buckets: 6 }
const secondsPerMinute = 60

class TopicStats {
  readonly pulls: WindowedSum
  readonly pullMs: WindowedSum
  readonly pulled: WindowedSum
  readonly consumed: WindowedSum
  readonly failed: WindowedSum
  readonly failedInHour: WindowedSum
  readonly calls: WindowedSum
  readonly callMs: WindowedSum

  constructor(clock: Clock) {
    const perMinute = (): WindowedSum => new WindowedSum(clock, minute)
    this.pulls = perMinute()
    this.pullMs = perMinute()
    this.pulled = perMinute()
    this.consumed = perMinute()
    this.failed = perMinute()
    this.failedInHour = new WindowedSum(clock, hour)
    this.calls = perMinute()
    this.callMs = perMinute()
  }
}

/** How fast a consumer pulls and consumes each topic. Java: ConsumerStatsManager. */
export class ConsumerStats {
  readonly #clock: Clock
  readonly #topics = new Map<string, TopicStats>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A pull ended with this many messages after this many milliseconds. */
  pulled(topic: string, count: number, durationMs: number): void {
    const stats = this.#of(topic)
    stats.pulls.add(1)
    stats.pullMs.add(durationMs)
    stats.pulled.add(count)
  }

  /** A handler ended after this many milliseconds. */
  consumed(topic: string, counts: { ok: number; failed: number }, durationMs: number): void {
    const stats = this.#of(topic)
    stats.calls.add(1)
    stats.callMs.add(durationMs)
    if (counts.ok > 0) stats.consumed.add(counts.ok)
    if (counts.failed === 0) return
    stats.failed.add(counts.failed)
    stats.failedInHour.add(counts.failed)
  }

  /** What tools show: times in ms a call, counts a second over the last minute, failures of the last hour. */
  statusOf(topic: string): ConsumeStatus {
    const stats = this.#of(topic)
    return {
      pullRT: ratio(stats.pullMs.sum, stats.pulls.sum),
      pullTPS: stats.pulled.sum / secondsPerMinute,
      consumeRT: ratio(stats.callMs.sum, stats.calls.sum),
      consumeOKTPS: stats.consumed.sum / secondsPerMinute,
      consumeFailedTPS: stats.failed.sum / secondsPerMinute,
      consumeFailedMsgs: stats.failedInHour.sum,
    }
  }

  #of(topic: string): TopicStats {
    let stats = this.#topics.get(topic)
    if (stats === undefined) {
      stats = new TopicStats(this.#clock)
      this.#topics.set(topic, stats)
    }
    return stats
  }
}

function ratio(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count
}

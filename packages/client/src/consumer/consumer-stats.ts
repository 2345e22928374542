import type { ConsumeStatus } from '@mq/remoting'
import { WindowedSum } from './windowed-sum.js'

const minute = { bucketMs: 10_000, buckets: 6 }
const hour = { bucketMs: 600_000, buckets: 6 }
const secondsPerMinute = 60

class TopicStats {
  readonly pulls = new WindowedSum(minute)
  readonly pullMs = new WindowedSum(minute)
  readonly pulled = new WindowedSum(minute)
  readonly consumed = new WindowedSum(minute)
  readonly failed = new WindowedSum(minute)
  readonly failedInHour = new WindowedSum(hour)
  readonly calls = new WindowedSum(minute)
  readonly callMs = new WindowedSum(minute)
}

/** How something that was counted went; both are monotonic. */
export interface Timed {
  readonly startedMs: number
  readonly endedMs: number
}

/** How fast a consumer pulls and consumes each topic. Java: ConsumerStatsManager. */
export class ConsumerStats {
  readonly #topics = new Map<string, TopicStats>()

  /** A pull ended with this many messages. */
  pulled(topic: string, count: number, { startedMs, endedMs }: Timed): void {
    const stats = this.#of(topic)
    stats.pulls.add(1, endedMs)
    stats.pullMs.add(endedMs - startedMs, endedMs)
    stats.pulled.add(count, endedMs)
  }

  /** A handler ended. */
  consumed(topic: string, counts: { ok: number; failed: number }, { startedMs, endedMs }: Timed): void {
    const stats = this.#of(topic)
    stats.calls.add(1, endedMs)
    stats.callMs.add(endedMs - startedMs, endedMs)
    if (counts.ok > 0) stats.consumed.add(counts.ok, endedMs)
    if (counts.failed === 0) return
    stats.failed.add(counts.failed, endedMs)
    stats.failedInHour.add(counts.failed, endedMs)
  }

  /** What tools show at this monotonic time: ms a call, counts a second over the last minute, failures of the last hour. */
  statusOf(topic: string, nowMs: number): ConsumeStatus {
    const stats = this.#of(topic)
    return {
      pullRT: ratio(stats.pullMs.sumAt(nowMs), stats.pulls.sumAt(nowMs)),
      pullTPS: stats.pulled.sumAt(nowMs) / secondsPerMinute,
      consumeRT: ratio(stats.callMs.sumAt(nowMs), stats.calls.sumAt(nowMs)),
      consumeOKTPS: stats.consumed.sumAt(nowMs) / secondsPerMinute,
      consumeFailedTPS: stats.failed.sumAt(nowMs) / secondsPerMinute,
      consumeFailedMsgs: stats.failedInHour.sumAt(nowMs),
    }
  }

  #of(topic: string): TopicStats {
    let stats = this.#topics.get(topic)
    if (stats === undefined) {
      stats = new TopicStats()
      this.#topics.set(topic, stats)
    }
    return stats
  }
}

function ratio(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count
}

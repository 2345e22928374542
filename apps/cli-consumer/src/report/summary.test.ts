import { describe, expect, it } from 'vitest'
import { ConsumeStatistics } from './consume-statistics.js'
import { summaryText } from './summary.js'

const startedAt = 10_000
const facts = { ending: 'STOPPED', count: undefined, timeoutMs: undefined } as const

/** Consumes messages that were stored at the start, each so many milliseconds later. */
function statisticsOf(latencies: readonly number[], storeTimestamp = startedAt): ConsumeStatistics {
  const statistics = new ConsumeStatistics(startedAt)
  for (const ms of latencies) {
    const times = { bornTimestamp: storeTimestamp - 5, storeTimestamp, receivedTimestamp: storeTimestamp + ms }
    statistics.count(10, times)
  }
  return statistics
}

describe('ConsumeStatistics', () => {
  it('gives percentiles since messages were stored and since they were sent', () => {
    const statistics = statisticsOf(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(statistics.sinceStored).toEqual({ p50: 50, p90: 90, p99: 99, 'p99.9': 100, max: 100 })
    expect(statistics.sinceBorn).toEqual({ p50: 55, p90: 95, p99: 104, 'p99.9': 105, max: 105 })
  })

  it('takes the age of a message stored before the start for no latency', () => {
    const statistics = statisticsOf([1, 2], startedAt - 1)
    expect([statistics.consumed, statistics.measured, statistics.sinceStored]).toEqual([2, 0, undefined])
  })

  it('takes a message from a clock that is ahead as received at once', () => {
    expect(statisticsOf([-50]).sinceStored).toMatchObject({ p50: 0, max: 0 })
  })
})

describe('summaryText', () => {
  it('counts, and tells both latencies', () => {
    expect(summaryText(statisticsOf([1, 2, 4]), facts)).toBe(
      '3 consumed\n' +
        'since stored, in ms: p50 2  p90 4  p99 4  p99.9 4  max 4\n' +
        'since sent, in ms:   p50 7  p90 9  p99 9  p99.9 9  max 9\n',
    )
  })

  it('tells a rate once there are enough messages for one', () => {
    const many = Array.from({ length: 100 }, () => 1)
    expect(summaryText(statisticsOf(many), facts)).toMatch(
      /^100 consumed in \d+\.\d\d s: [\d,]+ messages\/s, [\d.]+ MiB\/s\n/,
    )
  })

  it('says which messages have a latency, when some have none', () => {
    const statistics = statisticsOf([1])
    statistics.count(10, { bornTimestamp: 0, storeTimestamp: 0, receivedTimestamp: startedAt })
    expect(summaryText(statistics, facts)).toContain('(of the 1 stored since the start)')
  })

  it('says what is missing of the messages asked for, and why', () => {
    const statistics = statisticsOf([1])
    expect(summaryText(statistics, { ...facts, ending: 'IDLE', count: 1000, timeoutMs: 2000 })).toMatch(
      /\n1 of 1,000 messages came: no more for 2,000 ms\n$/,
    )
    expect(summaryText(statistics, { ...facts, count: 1000 })).toMatch(/\n1 of 1,000 messages came: interrupted\n$/)
    expect(summaryText(statistics, facts)).not.toContain('interrupted')
  })

  it('counts what could not be read', () => {
    const statistics = statisticsOf([])
    statistics.countUnreadable()
    expect(summaryText(statistics, facts)).toBe('0 consumed\n1 could not be read and were skipped\n')
  })
})

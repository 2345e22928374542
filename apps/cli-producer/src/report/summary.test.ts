import { describe, expect, it } from 'vitest'
import { resultsOfMessages, resultText } from './result-text.js'
import { SendStatistics } from './send-statistics.js'
import { summaryJson, summaryText } from './summary.js'

const facts = { topic: 'T', requested: 5, interrupted: false, unanswered: 0 }

function statisticsOf(latencies: readonly number[]): SendStatistics {
  const statistics = new SendStatistics()
  for (const latencyMs of latencies) statistics.countSent('SEND_OK', { messages: 1, bytes: 10, latencyMs })
  statistics.end()
  return statistics
}

describe('SendStatistics', () => {
  it('gives percentiles within a thousandth of the true ones', () => {
    const latencies = statisticsOf(Array.from({ length: 1000 }, (_, index) => index + 1)).latencies!
    const expected = { p50: 500, p90: 900, p99: 990, 'p99.9': 999, max: 1000 }
    for (const [name, ms] of Object.entries(expected)) {
      expect(Math.abs(latencies[name as keyof typeof expected] - ms)).toBeLessThanOrEqual(ms / 1000)
    }
  })

  it('has no percentiles before anything was sent', () => {
    expect(statisticsOf([]).latencies).toBeUndefined()
  })

  it('tells the first failure of each code', () => {
    const statistics = new SendStatistics()
    expect([statistics.countFailed('A', 2), statistics.countFailed('A', 1), statistics.countFailed('B', 1)]).toEqual([
      true,
      false,
      true,
    ])
    expect([statistics.failed, [...statistics.errors]]).toEqual([
      4,
      [
        ['A', 3],
        ['B', 1],
      ],
    ])
  })

  it('counts no time after its end', () => {
    const statistics = statisticsOf([1])
    expect(statistics.durationMs).toBe(statistics.durationMs)
  })
})

describe('summaryText', () => {
  it('names statuses, failures and percentiles', () => {
    const statistics = statisticsOf([1, 2, 4])
    statistics.countFailed('SEND_TIMEOUT', 1200)
    const text = summaryText(statistics, facts)
    expect(text).toMatch(/^3 sent in .* messages\/s/)
    expect(text).toContain('SEND_OK 3\n')
    expect(text).toContain('1,200 failed: SEND_TIMEOUT 1,200\n')
    expect(text).toMatch(/latency in ms: p50 2\.00 {2}p90 .* max 4\.00\n$/)
  })

  it('says that an interrupted run left messages of which nothing is known', () => {
    const text = summaryText(statisticsOf([1]), { ...facts, interrupted: true, unanswered: 3 })
    expect(text).toContain('interrupted before all 5 were sent; 3 more may have been stored')
  })
})

describe('summaryJson', () => {
  it('is one line with every number', () => {
    const json = summaryJson(statisticsOf([1, 2]), facts)
    expect(json).not.toContain('\n')
    expect(JSON.parse(json)).toMatchObject({ ...facts, sent: 2, failed: 0, statuses: { SEND_OK: 2 }, bytes: 20 })
  })
})

describe('resultsOfMessages', () => {
  it("takes a batch's answer apart", () => {
    const messageQueue = { topic: 'T', brokerName: 'a', queueId: 3 }
    const batch = {
      sendStatus: 'SEND_OK',
      msgId: 'm1,m2',
      offsetMsgId: 'o1,o2',
      messageQueue,
      queueOffset: 7,
      transactionId: undefined,
      recallHandle: undefined,
      regionId: 'r',
      traceOn: false,
    } as const
    expect(resultsOfMessages(batch, 2).map(resultText)).toEqual([
      'SEND_OK topic=T broker=a queue=3 offset=7 msgId=m1 offsetMsgId=o1',
      'SEND_OK topic=T broker=a queue=3 offset=8 msgId=m2 offsetMsgId=o2',
    ])
  })
})

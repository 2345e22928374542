import { silentLogger } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { TopicPublishInfo } from '../routes/topic-publish-info.js'
import { LatencyFaultTolerance } from './latency-fault-tolerance.js'
import { computeNotAvailableDuration, MQFaultStrategy } from './mq-fault-strategy.js'

const runtime = new SimulatedRuntime({ seed: 3 })
const infoOf = (...brokerNames: string[]): TopicPublishInfo => {
  const messageQueues = brokerNames.map((brokerName, queueId) => ({ topic: 'T', brokerName, queueId }))
  return new TopicPublishInfo({ messageQueues, orderTopic: false }, runtime.random)
}
const strategyWith = (sendLatencyEnable: boolean): { strategy: MQFaultStrategy; faults: LatencyFaultTolerance } => {
  const faults = new LatencyFaultTolerance({
    clock: runtime.clock,
    timers: runtime.timers,
    logger: silentLogger,
    detectTimeout: 200,
    detectInterval: 2000,
    detector: { resolve: () => undefined, detect: async () => false },
  })
  return {
    faults,
    strategy: new MQFaultStrategy({ latencyFaultTolerance: faults, sendLatencyEnable, startDetectorEnable: false }),
  }
}
const chosen = (strategy: MQFaultStrategy, info: TopicPublishInfo, lastBrokerName?: string): Set<string | undefined> =>
  new Set(
    Array.from(
      { length: 8 },
      () => strategy.selectOneMessageQueue(info, { lastBrokerName, resetIndex: true })?.brokerName,
    ),
  )

test.each([
  [49, 0],
  [50, 0],
  [549, 0],
  [550, 2000],
  [1800, 5000],
  [3000, 6000],
  [5000, 10_000],
  [14_999, 10_000],
  [15_000, 30_000],
])('a latency of %d ms keeps a broker out for %d ms', (latencyMs, notAvailableMs) => {
  expect(computeNotAvailableDuration(latencyMs)).toBe(notAvailableMs)
})

test('without latency measurement only the last broker is avoided, and only if there is another', () => {
  const { strategy } = strategyWith(false)
  expect(chosen(strategy, infoOf('a', 'b'), 'a')).toEqual(new Set(['b']))
  expect(chosen(strategy, infoOf('a', 'a'), 'a')).toEqual(new Set(['a']))
})

test('without latency measurement nothing is recorded', () => {
  const { strategy, faults } = strategyWith(false)
  strategy.updateFaultItem('a', { latencyMs: 99_000, isolation: true, reachable: false })
  expect(faults.latencyOf('a')).toBeUndefined()
})

test('with latency measurement an isolated broker is avoided for 10 s', async () => {
  const { strategy, faults } = strategyWith(true)
  strategy.updateFaultItem('a', { latencyMs: 3, isolation: true, reachable: true })
  expect(chosen(strategy, infoOf('a', 'b'))).toEqual(new Set(['b']))
  await runtime.advance(9999)
  expect(faults.isAvailable('a')).toBe(false)
  await runtime.advance(1)
  expect(chosen(strategy, infoOf('a', 'b'))).toEqual(new Set(['a', 'b']))
})

test('when no broker is available a reachable one that did not just fail is taken', () => {
  const { strategy } = strategyWith(true)
  strategy.updateFaultItem('a', { latencyMs: 1, isolation: true, reachable: false })
  strategy.updateFaultItem('b', { latencyMs: 1, isolation: true, reachable: true })
  strategy.updateFaultItem('c', { latencyMs: 1, isolation: true, reachable: true })
  expect(chosen(strategy, infoOf('a', 'b', 'c'), 'c')).toEqual(new Set(['b']))
})

test('when every broker is to be avoided the next queue in turn is taken all the same', () => {
  const { strategy } = strategyWith(true)
  strategy.updateFaultItem('a', { latencyMs: 1, isolation: true, reachable: false })
  expect(chosen(strategy, infoOf('a'), 'a')).toEqual(new Set(['a']))
})

import { silentLogger } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import type { MQConsumerInner } from '../consumer/mq-consumer-inner.js'
import { RebalanceService } from './rebalance-service.js'

/** A started service over one consumer, and when it rebalanced, in seconds. */
function scene(isBalanced: () => boolean | Promise<boolean>): {
  runtime: SimulatedRuntime
  service: RebalanceService
  rounds: number[]
} {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const rounds: number[] = []
  const consumer: MQConsumerInner = {
    topics: () => [],
    heartbeatData: () => {
      throw new Error('nobody asks')
    },
    consumerRunningInfo: () => {
      throw new Error('nobody asks')
    },
    persistConsumerOffset: async () => {},
    doRebalance: async () => {
      rounds.push(runtime.clock.monotonic() / 1000)
      return isBalanced()
    },
  }
  const { clock, timers } = runtime
  const service = new RebalanceService({ clock, timers, logger: silentLogger, consumers: () => [consumer] })
  service.start()
  return { runtime, service, rounds }
}

test('rounds come every 20 s, and every second while something is left to do', async () => {
  let isBalanced = true
  const { runtime, service, rounds } = scene(() => isBalanced)
  await runtime.advance(40_000)
  expect(rounds).toEqual([20, 40])
  isBalanced = false
  await runtime.advance(22_000)
  expect(rounds).toEqual([20, 40, 60, 61, 62])
  await service.shutdown()
  await runtime.advance(60_000)
  expect(rounds).toHaveLength(5)
})

test('a wake-up is answered at once, and another within a second once that has passed', async () => {
  const { runtime, service, rounds } = scene(() => true)
  await runtime.advance(5000)
  service.wakeup()
  await runtime.advance(100)
  service.wakeup()
  service.wakeup()
  await runtime.advance(5000)
  expect(rounds).toEqual([5, 6])
  service.wakeupAfter(500)
  await runtime.advance(1000)
  expect(rounds).toEqual([5, 6, 10.6])
  await service.shutdown()
})

test('a consumer that throws leaves something to do', async () => {
  const { runtime, service, rounds } = scene(() => {
    throw new Error('no')
  })
  service.wakeup()
  await runtime.advance(2500)
  expect(rounds).toEqual([0, 1, 2])
  await service.shutdown()
})

test('a round that takes long is not joined by another', async () => {
  let finish!: (isBalanced: boolean) => void
  const { runtime, service, rounds } = scene(() => {
    return new Promise<boolean>((resolve) => {
      finish = resolve
    })
  })
  service.wakeup()
  await runtime.advance(10)
  service.wakeup()
  await runtime.advance(50_000)
  expect(rounds).toEqual([0])
  finish(true)
  await runtime.advance(2000)
  expect(rounds).toHaveLength(2)
  finish(true)
  await service.shutdown()
})

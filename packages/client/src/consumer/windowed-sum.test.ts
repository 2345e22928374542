import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { WindowedSum } from './windowed-sum.js'

test('what is older than the window no longer counts', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const sum = new WindowedSum(runtime.clock, { bucketMs: 10, buckets: 3 })
  sum.add(1)
  await runtime.advance(10)
  sum.add(10)
  await runtime.advance(10)
  sum.add(100)
  expect(sum.sum).toBe(111)
  await runtime.advance(10)
  expect(sum.sum).toBe(110)
  await runtime.advance(1000)
  expect(sum.sum).toBe(0)
})

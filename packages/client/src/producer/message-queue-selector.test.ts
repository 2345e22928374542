import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { selectMessageQueueByHash, selectMessageQueueByRandom, type HashArgument } from './message-queue-selector.js'

const message = { topic: 'T', body: 'x' }
const queues = (count: number): { topic: string; brokerName: string; queueId: number }[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName: 'b', queueId }))

// Chosen by SelectMessageQueueByHash of Apache RocketMQ 5.4.0 among 1, 4, 7, 8 and 16 queues.
test.each<[HashArgument, number[]]>([
  ['customer-9', [0, 2, 4, 6, 6]],
  ['polygenelubricants', [0, 0, 2, 0, 0]],
  ['', [0, 0, 0, 0, 0]],
  ['ü€😀', [0, 3, 0, 3, 3]],
  ['order-1234567890', [0, 2, 2, 2, 10]],
  [7, [0, 3, 0, 7, 7]],
  [-7, [0, 3, 0, 7, 7]],
  [-2_147_483_648, [0, 0, 2, 0, 0]],
  [2_147_483_647, [0, 3, 1, 7, 15]],
  [4_294_967_301, [0, 0, 4, 4, 4]],
  [-1n, [0, 0, 0, 0, 0]],
  [-9_223_372_036_854_775_808n, [0, 0, 2, 0, 0]],
  [1.5, [0, 0, 6, 0, 0]],
  [-0.25, [0, 0, 6, 0, 0]],
  [true, [0, 3, 6, 7, 15]],
  [false, [0, 1, 5, 5, 5]],
])('%s is hashed to the queues that Java chooses', (arg, expected) => {
  const ids = [1, 4, 7, 8, 16].map((count) => selectMessageQueueByHash(queues(count), message, arg)?.queueId)
  expect(ids).toEqual(expected)
})

test('without queues the hash selector chooses none', () => {
  expect(selectMessageQueueByHash([], message, 'a')).toBeUndefined()
})

test('the random selector reaches every queue and nothing else', () => {
  const select = selectMessageQueueByRandom(new SimulatedRuntime({ seed: 5 }).random)
  const seen = new Set(Array.from({ length: 100 }, () => select(queues(4), message, undefined)?.queueId))
  expect([...seen].sort()).toEqual([0, 1, 2, 3])
})

import {
  decodeLockBatchResponse,
  encodeQueueLockRequest,
  LockBatchMQ,
  type MessageQueue,
  ResponseCode,
  UnlockBatchMQ,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

const queues = (...ids: readonly number[]): MessageQueue[] =>
  ids.map((queueId) => ({ topic: 'Orders', brokerName: 'broker-a', queueId }))

async function lock(rig: SimulatedBroker, clientId: string, mqSet: readonly MessageQueue[]): Promise<MessageQueue[]> {
  const body = encodeQueueLockRequest({ consumerGroup: 'billing', clientId, mqSet, onlyThisBroker: false })
  const answered = await rig.call(LockBatchMQ, {}, { body })
  expect(answered.code).toBe(ResponseCode.SUCCESS)
  return [...decodeLockBatchResponse(answered.body ?? Buffer.alloc(0)).lockOKMQSet]
}

async function unlock(rig: SimulatedBroker, clientId: string, mqSet: readonly MessageQueue[]): Promise<void> {
  const body = encodeQueueLockRequest({ consumerGroup: 'billing', clientId, mqSet, onlyThisBroker: false })
  expect((await rig.call(UnlockBatchMQ, {}, { body })).code).toBe(ResponseCode.SUCCESS)
}

test('a queue is locked by one client of the group, which is told of those it got', async () => {
  await using rig = await SimulatedBroker.started()
  expect(await lock(rig, 'c1', queues(0, 1))).toEqual(queues(0, 1))
  expect(await lock(rig, 'c2', queues(1, 2))).toEqual(queues(2))
  expect(await lock(rig, 'c1', queues(0, 1, 2))).toEqual(queues(0, 1))
})

test('queues are told apart by the broker name that the client sent', async () => {
  await using rig = await SimulatedBroker.started()
  await lock(rig, 'c1', queues(0))
  const other = [{ topic: 'Orders', brokerName: 'logical', queueId: 0 }]
  expect(await lock(rig, 'c2', other)).toEqual(other)
})

test('a lock given back is free at once, and only its owner can give it back', async () => {
  await using rig = await SimulatedBroker.started()
  await lock(rig, 'c1', queues(0))
  await unlock(rig, 'c2', queues(0))
  expect(await lock(rig, 'c2', queues(0))).toEqual([])
  await unlock(rig, 'c1', queues(0))
  expect(await lock(rig, 'c2', queues(0))).toEqual(queues(0))
})

test('a lock is kept by asking again, and free for others 60 s after its owner last asked', async () => {
  await using rig = await SimulatedBroker.started()
  await lock(rig, 'c1', queues(0))
  await rig.runtime.advance(40_000)
  await lock(rig, 'c1', queues(0))
  await rig.runtime.advance(59_000)
  expect(await lock(rig, 'c2', queues(0))).toEqual([])
  await rig.runtime.advance(1100)
  expect(await lock(rig, 'c2', queues(0))).toEqual(queues(0))
  expect(await lock(rig, 'c1', queues(0))).toEqual([])
})

test('a broker with as many locks as it may keep locks nothing new until some have expired', async () => {
  await using rig = await SimulatedBroker.started({ maxQueueLockNums: 2 })
  expect(await lock(rig, 'c1', queues(0, 1, 2))).toEqual(queues(0, 1))
  expect(await lock(rig, 'c1', queues(0, 1, 2))).toEqual(queues(0, 1))
  await rig.runtime.advance(130_000)
  expect(await lock(rig, 'c2', queues(3, 4))).toEqual(queues(3, 4))
})

import { decodeConsumerList, GetConsumerListByGroup, createRequest, PullMessage, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { startTestBroker } from '../src/index.js'
import { RawClient } from './raw-client.js'

const group = 'billing'
/** A pull that waits for 15 s, with a subscription of its own. */
const pullHeader = {
  consumerGroup: group,
  topic: 'Orders',
  queueId: 0,
  queueOffset: 0,
  maxMsgNums: 32,
  sysFlag: 6,
  commitOffset: 0,
  suspendTimeoutMillis: 15_000,
  subVersion: 0,
  subscription: '*',
}

test('a group that has told no offset has everything in front of it, and less with each commit', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 2 }] })
  await using client = new RawClient(broker)
  await client.join(group)
  for (const queueId of [0, 0, 1]) await client.send('Orders', 'hello', { queueId })
  expect([await broker.consumed(group, 'Orders'), await broker.lag(group, 'Orders')]).toEqual([0, 3])
  await client.commit(group, { topic: 'Orders', queueId: 0, offset: 1 })
  expect([await broker.consumed(group, 'Orders'), await broker.lag(group, 'Orders')]).toEqual([1, 2])
  expect((await broker.consumerProgress(group, 'Orders')).queues).toEqual([
    { queueId: 0, consumerOffset: 1, brokerOffset: 2, lag: 1 },
    { queueId: 1, consumerOffset: undefined, brokerOffset: 1, lag: 1 },
  ])
})

test('waiting until a group has consumed settles with its last commit', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 1 }] })
  await using client = new RawClient(broker)
  await client.join(group)
  await client.send('Orders', 'hello')
  const waiting = broker.waitUntilConsumed(group, 'Orders')
  await client.commit(group, { topic: 'Orders', queueId: 0, offset: 1 })
  expect(await waiting).toMatchObject({ consumed: 1, lag: 0 })
})

test('waiting in vain until a group has consumed tells where it is in each queue', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 2 }] })
  await using client = new RawClient(broker)
  await client.join(group)
  await client.send('Orders', 'hello', { queueId: 1 })
  await client.commit(group, { topic: 'Orders', queueId: 0, offset: 0 })
  const waiting = broker.waitUntilConsumed(group, 'Orders', { timeoutMs: 1 })
  await expect(waiting).rejects.toThrow(
    'group billing has not consumed topic Orders within 1 ms; 0 messages are behind it, 1 in front of it\n' +
      '  queue 0: the group is at 0 of 0\n' +
      '  queue 1: the group has told no offset of 1',
  )
  await expect(broker.waitUntilConsumed(group, 'Order')).rejects.toThrow('there is no topic Order')
})

test('a pull held for 15 s is answered once 15 s were advanced, and not after 14', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 1 }] })
  await using client = new RawClient(broker)
  await client.join(group)
  const pull = client.remoting.invokeSync(broker.address, createRequest(PullMessage, pullHeader), { timeoutMs: 30_000 })
  const state = { code: -1 }
  void pull.then(({ code }) => void (state.code = code))
  await broker.advance({ seconds: 14 })
  expect(state.code).toBe(-1)
  await broker.advance({ seconds: 1 })
  expect(state.code).toBe(ResponseCode.PULL_NOT_FOUND)
})

test('a member that sends no heartbeats, living in real time, is still one after an hour of advance', async () => {
  await using broker = await startTestBroker()
  await using client = new RawClient(broker)
  await client.join(group)
  await broker.advance({ hours: 1 })
  const header = { consumerGroup: group }
  const { body } = await client.remoting.invoke(broker.address, GetConsumerListByGroup, header, { timeoutMs: 3000 })
  expect(decodeConsumerList(body ?? Buffer.alloc(0)).consumerIdList).toEqual(['raw@1'])
})

test('with a channelExpiredTimeout of its own a broker forgets the same member', async () => {
  await using broker = await startTestBroker({ config: { channelExpiredTimeout: 120_000 } })
  await using client = new RawClient(broker)
  await client.join(group)
  await broker.advance({ minutes: 3 })
  const asking = client.remoting.invoke(
    broker.address,
    GetConsumerListByGroup,
    { consumerGroup: group },
    { timeoutMs: 3000 },
  )
  await expect(asking).rejects.toThrow('no consumer of group billing')
})

test('waiting for consumers settles once every queue was pulled from, and tells from which it was not', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 2 }] })
  await using client = new RawClient(broker)
  await client.join(group)
  const pull = async (queueId: number): Promise<unknown> => {
    const request = createRequest(PullMessage, { ...pullHeader, queueId, suspendTimeoutMillis: 0 })
    return client.remoting.invokeSync(broker.address, request, { timeoutMs: 3000 })
  }
  await pull(0)
  await expect(broker.waitForConsumers(group, 'Orders', { timeoutMs: 1 })).rejects.toThrow(
    'group billing has not begun to consume topic Orders within 1 ms: nobody pulls from queue 1',
  )
  await expect(broker.waitForConsumers(group, 'Order', { timeoutMs: 1 })).rejects.toThrow('there is no such topic')
  await pull(1)
  await broker.waitForConsumers(group, 'Orders')
})

import { decodeTopicRouteData, GetRouteInfoByTopic, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { startTestBroker } from '../src/index.js'
import { RawClient } from './raw-client.js'

test('store timestamps follow the time that was advanced', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'before')
  await broker.advance({ hours: 3 })
  await client.send('Orders', 'after')
  const [before, after] = (await broker.messages('Orders')).map(({ storeTimestamp }) => storeTimestamp)
  expect(after! - before!).toBeGreaterThanOrEqual(3 * 3_600_000)
  expect(broker.now() - after!).toBeLessThan(60_000)
})

test('six hours of advance leave connections open and the broker registered', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  const lost: string[] = []
  await client.send('Orders', 'before')
  client.remoting.onDisconnect((address) => lost.push(address))
  await broker.advance({ hours: 6 })
  expect(await client.send('Orders', 'after')).toMatchObject({ code: ResponseCode.SUCCESS })
  const header = { topic: 'Orders' }
  const { body } = await client.remoting.invoke(broker.namesrvAddr, GetRouteInfoByTopic, header, { timeoutMs: 3000 })
  expect(decodeTopicRouteData(body ?? Buffer.alloc(0)).brokerDatas).toHaveLength(1)
  expect(lost).toEqual([])
})

test('time that was advanced stays so over a restart and a reset', async () => {
  await using broker = await startTestBroker()
  await broker.advance({ hours: 1 })
  const before = broker.now()
  await broker.restart()
  await broker.reset()
  expect(broker.now()).toBeGreaterThanOrEqual(before)
})

test('something that is no duration is refused', async () => {
  await using broker = await startTestBroker()
  await expect(broker.advance({})).rejects.toMatchObject({ code: 'TEST_BROKER_ARGUMENT' })
})

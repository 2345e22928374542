import { access, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { decodeTopicRouteData, GetRouteInfoByTopic, ResponseCode } from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { startTestBroker } from '../src/index.js'
import { RawClient } from './raw-client.js'

async function temporaryDirectories(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('mq-test-broker-'))
}

test('the name server knows the topics of the options and of createTopic, with their queues', async () => {
  await using broker = await startTestBroker({ topics: ['Four', { name: 'Eight', queues: 8 }] })
  await using client = new RawClient(broker)
  await broker.createTopic('Two', { queues: 2 })
  const queues = async (topic: string): Promise<number | undefined> => {
    const { body } = await client.remoting.invoke(
      broker.namesrvAddr,
      GetRouteInfoByTopic,
      { topic },
      { timeoutMs: 3000 },
    )
    return decodeTopicRouteData(body ?? Buffer.alloc(0)).queueDatas[0]?.writeQueueNums
  }
  expect(await Promise.all(['Four', 'Eight', 'Two'].map(queues))).toEqual([4, 8, 2])
})

test('many test brokers run side by side and share nothing', async () => {
  const brokers = await Promise.all([1, 2, 3].map(() => startTestBroker({ topics: ['Orders'] })))
  const [first, second, third] = brokers as [(typeof brokers)[0], (typeof brokers)[0], (typeof brokers)[0]]
  await using client = new RawClient(first)
  await client.send('Orders', 'hello')
  expect(await first.messages('Orders')).toHaveLength(1)
  expect(await second.messages('Orders')).toEqual([])
  expect(new Set(brokers.flatMap(({ address, namesrvAddr }) => [address, namesrvAddr])).size).toBe(6)
  await second.advance({ hours: 1 })
  expect(second.now() - third.now()).toBeGreaterThan(3_500_000)
  await Promise.all(brokers.map((broker) => broker.close()))
})

describe.each(['memory', 'temporary'] as const)('with a store in %s', (store) => {
  test('a restart keeps address, topics and messages', async () => {
    await using broker = await startTestBroker({ store, topics: ['Orders'] })
    await using client = new RawClient(broker)
    await client.send('Orders', 'before')
    const { address } = broker
    await broker.restart()
    expect(broker.address).toBe(address)
    await client.send('Orders', 'after')
    expect((await broker.messages('Orders')).map(({ text }) => text)).toEqual(['before', 'after'])
  })

  test('a reset keeps address and topics, and empties them', async () => {
    await using broker = await startTestBroker({ store, topics: ['Orders'] })
    await using client = new RawClient(broker)
    await broker.createTopic('Made', { queues: 2 })
    await client.send('Orders', 'before')
    await client.send('Automatic', 'before')
    broker.failSends({ answer: 'SYSTEM_BUSY' })
    const { address } = broker
    await broker.reset()
    expect(broker.address).toBe(address)
    expect(await broker.messages('Orders')).toEqual([])
    expect(await client.send('Made', 'after')).toMatchObject({ code: ResponseCode.SUCCESS })
    const [message] = await broker.messages('Made')
    expect(message).toMatchObject({ text: 'after', queueOffset: 0 })
    expect(message?.messageExt.physicalOffset).toBe(0)
  })
})

test('files of a temporary store are there while it runs, and none after close', async () => {
  const before = await temporaryDirectories()
  const broker = await startTestBroker({ store: 'temporary' })
  const [directory] = (await temporaryDirectories()).filter((name) => !before.includes(name))
  await access(`${tmpdir()}/${directory}/commitlog`)
  await broker.close()
  expect(await temporaryDirectories()).not.toContain(directory)
})

test('a stopped broker refuses to be asked, with what to do, and starts again', async () => {
  await using broker = await startTestBroker()
  await broker.stop()
  await broker.stop()
  await expect(broker.messages('Orders')).rejects.toThrow('the test broker is stopped: call start() first')
  await broker.start()
  await broker.start()
  expect(await broker.messages('Orders')).toEqual([])
})

test('close may be called twice; afterwards everything says that it is closed', async () => {
  const broker = await startTestBroker()
  await Promise.all([broker.close(), broker.close()])
  await broker.close()
  await expect(broker.start()).rejects.toMatchObject({ code: 'TEST_BROKER_STOPPED' })
  await expect(broker.advance({ ms: 1 })).rejects.toThrow('the test broker is closed')
  await expect(broker.messages('Orders')).rejects.toThrow('the test broker is closed')
})

test('an option that cannot be used is refused and named, and nothing stays open', async () => {
  await expect(startTestBroker({ store: 'disk' as 'memory' })).rejects.toThrow("store is disk: it is 'memory'")
  await expect(startTestBroker({ maxStoreBytes: 1 })).rejects.toThrow('maxStoreBytes is 1')
  await expect(startTestBroker({ topics: ['no spaces'] })).rejects.toThrow('no spaces')
  await expect(startTestBroker({ config: { brokerPermission: 9 } })).rejects.toThrow('brokerPermission')
})

test('what does not fit into maxStoreBytes is refused, and what was sent before stays readable', async () => {
  const config = { mappedFileSizeCommitLog: 262_144, maxMessageSize: 65_536 }
  await using broker = await startTestBroker({ config, maxStoreBytes: 1_200_000, topics: ['Orders'] })
  await using client = new RawClient(broker)
  const body = 'x'.repeat(60_000)
  let stored = 0
  while ((await client.send('Orders', body)).code === ResponseCode.SUCCESS) stored += 1
  expect(stored).toBeGreaterThan(4)
  expect(stored).toBeLessThan(20)
  expect(await broker.messages('Orders')).toHaveLength(stored)
})

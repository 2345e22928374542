import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker } from '@mq/broker'
import { DefaultMQProducer, type SendResult } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { PropertyName, SystemFlag } from '@mq/remoting'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storedBodies, storedMessages } from './stored-messages.js'

let folder: string
let nameServer: NameServer
const brokers: Broker[] = []
const producers: DefaultMQProducer[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-journey-'))
  nameServer = await NameServer.start({ listenPort: 0 })
})

afterEach(async () => {
  for (const producer of producers.splice(0)) await producer.close()
  for (const broker of brokers.splice(0)) await broker.close()
  await nameServer.close()
  await rm(folder, { recursive: true, force: true })
})

async function startBroker(brokerName = 'a'): Promise<Broker> {
  const broker = await Broker.start({
    brokerName,
    listenPort: 0,
    namesrvAddr: nameServer.address,
    storePathRootDir: join(folder, brokerName),
    mappedFileSizeCommitLog: 1_048_576,
    maxHashSlotNum: 1000,
    maxIndexNum: 4000,
  })
  brokers.push(broker)
  return broker
}

async function startProducer(producerGroup = 'orders'): Promise<DefaultMQProducer> {
  const producer = new DefaultMQProducer({ producerGroup, namesrvAddr: nameServer.address })
  producers.push(producer)
  await producer.start()
  return producer
}

test('a message reaches the store with its topic, tags, keys, properties and body, and its id finds it', async () => {
  await startBroker()
  const producer = await startProducer()
  const properties = { colour: 'red' }
  const sent = await producer.send({ topic: 'Orders', tags: 'created', keys: ['o-17'], properties, body: 'hello' })
  expect(sent).toMatchObject({ sendStatus: 'SEND_OK', queueOffset: 0 })

  const [stored, ...others] = await storedMessages(nameServer.address, 'Orders')
  expect(others).toEqual([])
  expect(String(stored?.body)).toBe('hello')
  expect(stored).toMatchObject({ topic: 'Orders', queueId: sent.messageQueue.queueId, msgId: sent.msgId })
  expect(Object.fromEntries(stored?.properties ?? [])).toMatchObject({
    [PropertyName.TAGS]: 'created',
    [PropertyName.KEYS]: 'o-17',
    [PropertyName.UNIQ_KEY]: sent.msgId,
    [PropertyName.CLUSTER]: 'DefaultCluster',
    [PropertyName.MSG_REGION]: 'DefaultRegion',
    colour: 'red',
  })
  const found = await producer.viewMessage('Orders', sent.offsetMsgId)
  expect(String(found.body)).toBe('hello')
})

test('a thousand messages sent at once are stored once each, and offsets of a queue have no gap', async () => {
  await startBroker()
  const producer = await startProducer()
  const bodies = Array.from({ length: 1000 }, (_, index) => `message ${index}`)
  const results = await Promise.all(bodies.map((body) => producer.send({ topic: 'Many', body })))
  expect(await storedBodies(nameServer.address, 'Many')).toEqual([...bodies].sort())
  for (const [, offsets] of offsetsByQueue(results)) {
    expect(offsets.sort((a, b) => a - b)).toEqual(offsets.map((_, index) => index))
  }
})

function offsetsByQueue(results: readonly SendResult[]): Map<number, number[]> {
  const byQueue = new Map<number, number[]>()
  for (const { messageQueue, queueOffset } of results) {
    byQueue.set(messageQueue.queueId, [...(byQueue.get(messageQueue.queueId) ?? []), queueOffset])
  }
  return byQueue
}

test('a batch is stored as messages of their own, one after the other in one queue', async () => {
  await startBroker()
  const producer = await startProducer()
  const batch = ['first', 'second', 'third'].map((body) => ({ topic: 'Batch', tags: body, body }))
  const sent = await producer.send(batch)
  const stored = await storedMessages(nameServer.address, 'Batch')
  expect(stored.map(({ body }) => String(body))).toEqual(['first', 'second', 'third'])
  expect(stored.map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2])
  expect(new Set(stored.map(({ queueId }) => queueId))).toEqual(new Set([sent.messageQueue.queueId]))
})

test('a large body is stored compressed and read back as it was', async () => {
  await startBroker()
  const producer = await startProducer()
  const body = 'a long body '.repeat(1000)
  await producer.send({ topic: 'Large', body })
  const [stored] = await storedMessages(nameServer.address, 'Large')
  expect(stored?.storeSize).toBeLessThan(body.length)
  expect((stored?.sysFlag ?? 0) & SystemFlag.COMPRESSED).toBe(0)
  expect(String(stored?.body)).toBe(body)
})

test('one sharding key always comes to one queue', async () => {
  await startBroker()
  const producer = await startProducer()
  const results: SendResult[] = []
  for (let index = 0; index < 20; index++) {
    results.push(await producer.send({ topic: 'Sharded', body: `${index}` }, { shardingKey: 'customer-9' }))
  }
  expect(new Set(results.map(({ messageQueue }) => messageQueue.queueId)).size).toBe(1)
  expect(results.map(({ queueOffset }) => queueOffset)).toEqual(results.map((_, index) => index))
})

test('when one of two brokers stops, every send still succeeds', async () => {
  const first = await startBroker('a')
  await startBroker('b')
  const producer = await startProducer()
  await producer.createTopic({ key: 'TBW102', newTopic: 'Spread', queueNum: 4 })
  const send = (index: number): Promise<SendResult> => producer.send({ topic: 'Spread', body: `${index}` })
  const results = await Promise.all(Array.from({ length: 200 }, (_, index) => send(index)))
  expect(new Set(results.map(({ messageQueue }) => messageQueue.brokerName))).toEqual(new Set(['a', 'b']))
  const closing = first.close()
  const during = await Promise.all(Array.from({ length: 200 }, (_, index) => send(200 + index)))
  await closing
  const after = await Promise.all(Array.from({ length: 50 }, (_, index) => send(400 + index)))
  for (const { sendStatus } of [...during, ...after]) expect(sendStatus).toBe('SEND_OK')
  expect(new Set(after.map(({ messageQueue }) => messageQueue.brokerName))).toEqual(new Set(['b']))
})

test('a broker that starts again on its store has every message and goes on where it stopped', async () => {
  const first = await startBroker('a')
  const producer = await startProducer()
  for (let index = 0; index < 10; index++) await producer.send({ topic: 'Kept', body: `${index}` })
  await first.close()
  await startBroker('a')
  const again = await startProducer('orders-again')
  for (let index = 10; index < 20; index++) await again.send({ topic: 'Kept', body: `${index}` })
  expect((await storedBodies(nameServer.address, 'Kept')).map(Number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index),
  )
})

test('without a broker the error says that none is registered', async () => {
  const producer = await startProducer()
  const sending = producer.send({ topic: 'Nowhere', body: 'x' }, { timeoutMs: 2000 })
  await expect(sending).rejects.toMatchObject({ code: 'NO_BROKER_REGISTERED' })
  await expect(sending).rejects.toThrow('Nowhere')
})

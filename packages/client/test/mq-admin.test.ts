import {
  answer,
  createOffsetMessageId,
  GetMinOffset,
  type MessageExt,
  parseHostAddress,
  QueryMessage,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateAndCreateTopic,
  ViewMessageById,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'

/** The record of topic T, queue 3, offset 11, body hello, property k=v, as RocketMQ stores it. */
const storedRecord = Buffer.from(
  '00000065daa320a73610a6860000000300000009000000000000000b0000000000001234000000000000018bcfe568000a000001000015b3' +
    '0000018bcfe5687b0a00000200002a9f0000000200000000000000000000000568656c6c6f015400046b017602',
  'hex',
)
const queue = { topic: 'Orders', brokerName: 'broker-a', queueId: 1 }

test('queues and offsets are asked of name server and broker', async () => {
  const cluster = await SimulatedCluster.start()
  const { handlers } = cluster.broker.server
  handlers.on(GetMinOffset, ({ queueId }) => ({ offset: 100 + queueId }))
  handlers.on(SearchOffsetByTimestamp, ({ timestamp }) => ({ offset: timestamp + 1 }))
  const producer = await cluster.startedProducer()
  expect(await cluster.run(producer.fetchPublishMessageQueues('Orders'))).toHaveLength(4)
  expect(await cluster.run(producer.minOffset(queue))).toBe(101)
  expect(await cluster.run(producer.maxOffset(queue))).toBe(0)
  expect(await cluster.run(producer.searchOffset(queue, 41))).toBe(42)
})

test('an offset of a broker without a master says so', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const foreign = { ...queue, brokerName: 'broker-z' }
  expect(await cluster.failure(producer.maxOffset(foreign))).toMatchObject({ code: 'BROKER_NOT_FOUND' })
})

test('the queues of an unknown topic are an error', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  expect(await cluster.failure(producer.fetchPublishMessageQueues('Nowhere'))).toMatchObject({
    code: 'TOPIC_NOT_FOUND',
  })
})

test('a topic is created on every broker of the key topic, and one that takes it is enough', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.nameServer.routes.set('TBW102', routeOver(...cluster.brokers))
  const created: string[] = []
  cluster.brokers[0]?.server.handlers.on(UpdateAndCreateTopic, () => answer({ code: ResponseCode.SYSTEM_ERROR }))
  cluster.brokers[1]?.server.handlers.on(UpdateAndCreateTopic, ({ topic, writeQueueNums, perm }) => {
    created.push(`${topic} ${writeQueueNums} ${perm}`)
    return {}
  })
  const producer = await cluster.startedProducer()
  await cluster.run(producer.createTopic({ key: 'TBW102', newTopic: 'Made', queueNum: 5 }))
  expect(created).toEqual(['Made 5 6'])
})

test('a topic that no broker takes is an error with the answer of one', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.nameServer.routes.set('TBW102', routeOver(...cluster.brokers))
  cluster.broker.server.handlers.on(UpdateAndCreateTopic, () => answer({ code: ResponseCode.NO_PERMISSION }))
  const producer = await cluster.startedProducer()
  const creating = producer.createTopic({ key: 'TBW102', newTopic: 'Made', queueNum: 5 })
  expect(await cluster.failure(creating)).toMatchObject({ responseCode: ResponseCode.NO_PERMISSION })
  const misnamed = producer.createTopic({ key: 'NoSuchKey', newTopic: 'Made', queueNum: 5 })
  expect(await cluster.failure(misnamed)).toMatchObject({ code: 'TOPIC_NOT_FOUND' })
})

test('a message is read by its offset id where it is stored', async () => {
  const cluster = await SimulatedCluster.start()
  const offsets: number[] = []
  cluster.broker.server.handlers.on(ViewMessageById, ({ offset }) => {
    offsets.push(offset)
    return answer({ body: storedRecord })
  })
  const producer = await cluster.startedProducer()
  const msgId = createOffsetMessageId(parseHostAddress(cluster.broker.address), 4660)
  const message: MessageExt = await cluster.run(producer.viewMessage('Orders', msgId))
  expect(offsets).toEqual([4660])
  expect(message).toMatchObject({ topic: 'T', queueId: 3, queueOffset: 11 })
  expect(message.body.toString()).toBe('hello')
})

test('any other id is looked for as a unique key, and its absence is MESSAGE_NOT_FOUND', async () => {
  const cluster = await SimulatedCluster.start()
  const asked: unknown[] = []
  cluster.broker.server.handlers.on(QueryMessage, ({ key, isUniqueKeyQuery }) => {
    asked.push([key, isUniqueKeyQuery])
    return answer({ code: ResponseCode.QUERY_NOT_FOUND })
  })
  const producer = await cluster.startedProducer()
  const uniqueId = 'C0000202514930946E096DF37BE10000'
  expect(await cluster.failure(producer.viewMessage('Orders', uniqueId))).toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  expect(asked).toEqual([[uniqueId, true]])
})

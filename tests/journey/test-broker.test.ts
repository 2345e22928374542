import { DefaultMQProducer } from '@mq/client'
import { startTestBroker, type TestBroker } from '@mq/test-broker'
import { afterEach, beforeEach, expect, test } from 'vitest'

let broker: TestBroker
let producer: DefaultMQProducer

beforeEach(async () => {
  broker = await startTestBroker({ topics: ['Orders'] })
  producer = new DefaultMQProducer({ producerGroup: 'shop', namesrvAddr: broker.namesrvAddr })
  await producer.start()
})

afterEach(async () => {
  await producer.close()
  await broker.close()
})

test('the ten lines of the README: a busy broker, a delay of ten minutes, and the message as it was sent', async () => {
  const fault = broker.failSends({ answer: 'SYSTEM_BUSY' })
  const message = { topic: 'Orders', tags: 'created', keys: ['o-17'], body: '{"total":42}', delayTimeLevel: 14 }
  await producer.send(message)
  expect(await broker.messages('Orders')).toEqual([])
  await broker.advance({ minutes: 10 })
  const [order, ...others] = await broker.messages('Orders', { tags: 'created' })
  expect(others).toEqual([])
  expect(fault.count).toBe(1)
  expect(order).toMatchObject({ keys: ['o-17'], text: '{"total":42}' })
  expect(order?.json()).toEqual({ total: 42 })
})

test('a message tells the id that the producer was told', async () => {
  const { msgId } = await producer.send({ topic: 'Orders', body: 'hello' })
  expect(await broker.messages('Orders')).toMatchObject([{ msgId }])
})

test('a compressed body is read as it was before', async () => {
  const body = 'x'.repeat(10_000)
  await producer.send({ topic: 'Orders', body })
  const [message] = await broker.messages('Orders')
  expect(message?.text).toBe(body)
})

test('a status that says the message is stored reaches the producer as a status', async () => {
  broker.failSends({ answer: 'FLUSH_DISK_TIMEOUT' })
  expect(await producer.send({ topic: 'Orders', body: 'hello' })).toMatchObject({ sendStatus: 'FLUSH_DISK_TIMEOUT' })
  expect(await broker.messages('Orders')).toHaveLength(1)
})

test('a producer survives a restart, a reset and broken connections of its broker', async () => {
  await producer.send({ topic: 'Orders', body: 'one' })
  await broker.restart()
  await producer.send({ topic: 'Orders', body: 'two' })
  broker.disconnectClients()
  await producer.send({ topic: 'Orders', body: 'three' })
  expect((await broker.messages('Orders')).map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  await broker.reset()
  await producer.send({ topic: 'Orders', body: 'four' })
  expect((await broker.messages('Orders')).map(({ text }) => text)).toEqual(['four'])
})

test('a producer in real time sends before and after an hour was advanced', async () => {
  await producer.send({ topic: 'Orders', body: 'before' })
  await broker.advance({ hours: 1 })
  await producer.send({ topic: 'Orders', body: 'after' })
  expect(await broker.messages('Orders')).toHaveLength(2)
})

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

test('a message is found as it was sent, after the producer met a busy broker once', async () => {
  const fault = broker.failSends({ answer: 'SYSTEM_BUSY' })
  const sent = await producer.send({ topic: 'Orders', tags: 'created', keys: ['o-17'], body: '{"total":42}' })
  const [order, ...others] = await broker.messages('Orders', { tags: 'created' })
  expect(others).toEqual([])
  expect(fault.count).toBe(1)
  expect(order).toMatchObject({ keys: ['o-17'], text: '{"total":42}', msgId: sent.msgId })
  expect(order?.json()).toEqual({ total: 42 })
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

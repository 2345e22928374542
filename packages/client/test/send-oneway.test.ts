import { expect, test } from 'vitest'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test('a one-way send asks for no answer', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.sendOneway(message))
  await cluster.runtime.advance(10)
  expect(cluster.broker.sends).toMatchObject([{ isOneway: true, code: 310 }])
})

test('a one-way send that nobody awaits and that fails is logged, not an unhandled rejection', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const unhandled: unknown[] = []
  const note = (cause: unknown): void => void unhandled.push(cause)
  process.on('unhandledRejection', note)
  void producer.sendOneway({ topic: 'Nowhere', body: 'x' })
  void producer.sendOneway({ topic: 'Orders', body: '' })
  await cluster.runtime.advance(100)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  expect(cluster.warnings).toEqual(['a one-way send failed', 'a one-way send failed'])
})

test('a one-way send that is awaited rejects when there is nowhere to send to', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  expect(await cluster.failure(producer.sendOneway({ topic: 'Nowhere', body: 'x' }))).toMatchObject({
    code: 'TOPIC_NOT_FOUND',
  })
})

test('a one-way send to a named queue goes there', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const producer = await cluster.startedProducer()
  await cluster.run(producer.sendOneway(message, { queue: { topic: 'Orders', brokerName: 'broker-b', queueId: 2 } }))
  await cluster.runtime.advance(10)
  expect(cluster.brokers[1]?.sends[0]?.fields['e']).toBe('2')
})

import { DefaultMQProducer, DefaultMQPushConsumer, type PushConsumerOptions } from '@mq/client'
import { startTestBroker, type TestBroker } from '@mq/test-broker'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let broker: TestBroker
let producer: DefaultMQProducer
const consumers: DefaultMQPushConsumer[] = []

beforeEach(async () => {
  broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 2 }] })
  producer = new DefaultMQProducer({ producerGroup: 'shop', namesrvAddr: broker.namesrvAddr })
  await producer.start()
})

afterEach(async () => {
  for (const consumer of consumers.splice(0)) await consumer.close()
  await producer.close()
  await broker.close()
})

function billing(options: Partial<PushConsumerOptions> = {}): DefaultMQPushConsumer {
  const { namesrvAddr } = broker
  const consumer = new DefaultMQPushConsumer({ consumerGroup: 'billing', namesrvAddr, ...options })
  consumers.push(consumer)
  consumer.subscribe('Orders')
  return consumer
}

describe.each(['real', 'virtual'] as const)('with a consumer in %s time', (time) => {
  const options = (): Partial<PushConsumerOptions> => (time === 'virtual' ? { runtime: broker.runtime } : {})

  test('a message whose handler fails is retried after 10 s and 30 s, and is consumed at the third attempt', async () => {
    const attempts: number[] = []
    const consumer = billing(options())
    consumer.listen((message) => {
      attempts.push(message.reconsumeTimes)
      if (attempts.length < 3) throw new Error('the bank is closed')
    })
    await consumer.start()
    await broker.waitForConsumers('billing', 'Orders')
    await producer.send({ topic: 'Orders', body: 'hello' })
    await broker.advance({ seconds: 9 })
    expect(attempts).toEqual([0])
    await broker.advance({ seconds: 1 })
    expect(attempts).toEqual([0, 1])
    await broker.advance({ seconds: 29 })
    expect(attempts).toEqual([0, 1])
    await broker.advance({ hours: 1 })
    expect(attempts).toEqual([0, 1, 2])
  })

  test('every retry of a message happens in one advance, and then it is a dead letter', async () => {
    let calls = 0
    const consumer = billing({ ...options(), maxReconsumeTimes: 4 })
    consumer.listen(() => {
      calls += 1
      throw new Error('poison')
    })
    await consumer.start()
    await broker.waitForConsumers('billing', 'Orders')
    await producer.send({ topic: 'Orders', body: 'poison' })
    await broker.advance({ minutes: 10 })
    expect(calls).toBe(5)
    expect(await broker.deadLetters('billing')).toMatchObject([{ text: 'poison' }])
    expect((await broker.retries('billing')).map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([1, 2, 3, 4])
  })

  test('a delayed message is handled when advance settles', async () => {
    const seen: string[] = []
    const consumer = billing(options())
    consumer.listen((message) => void seen.push(String(message.body)))
    await consumer.start()
    await broker.waitForConsumers('billing', 'Orders')
    await producer.send({ topic: 'Orders', body: 'later', delayTimeLevel: 14 })
    await broker.advance({ minutes: 10 })
    expect(seen).toEqual(['later'])
  })

  test('a consumer goes on as before after six hours', async () => {
    const seen: string[] = []
    const consumer = billing(options())
    consumer.listen((message) => void seen.push(String(message.body)))
    await consumer.start()
    await broker.waitForConsumers('billing', 'Orders')
    await producer.send({ topic: 'Orders', body: 'before' })
    await broker.advance({ hours: 6 })
    await producer.send({ topic: 'Orders', body: 'after' })
    await broker.advance({ seconds: 1 })
    expect(seen).toEqual(['before', 'after'])
  })
})

test('waiting until a group has consumed does not wait for its commits, which real time makes every five seconds', async () => {
  const seen: string[] = []
  const consumer = billing({ persistConsumerOffsetInterval: 3_600_000 })
  consumer.listen((message) => void seen.push(String(message.body)))
  await consumer.start()
  await broker.waitForConsumers('billing', 'Orders')
  for (const body of ['a', 'b', 'c', 'd']) await producer.send({ topic: 'Orders', body })
  const progress = await broker.waitUntilConsumed('billing', 'Orders')
  expect(progress).toMatchObject({ consumed: 4, lag: 0 })
  expect(seen.sort()).toEqual(['a', 'b', 'c', 'd'])
})

test('a consumer in virtual time commits with the time that is advanced', async () => {
  const consumer = billing({ runtime: broker.runtime })
  consumer.listen(() => undefined)
  await consumer.start()
  await broker.waitForConsumers('billing', 'Orders')
  for (let index = 0; index < 10; index++) await producer.send({ topic: 'Orders', body: String(index) })
  await broker.advance({ seconds: 15 })
  expect([await broker.consumed('billing', 'Orders'), await broker.lag('billing', 'Orders')]).toEqual([10, 0])
  expect((await broker.waitUntilConsumed('billing', 'Orders')).queues).toHaveLength(2)
})

test('a handler that never ends is given up after consumeTimeout in virtual time, and its message comes again', async () => {
  let calls = 0
  const consumer = billing({ runtime: broker.runtime })
  consumer.listen((_message, { signal }) => {
    calls += 1
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')))
    })
  })
  await consumer.start()
  await broker.waitForConsumers('billing', 'Orders')
  await producer.send({ topic: 'Orders', body: 'hello' })
  await broker.advance({ minutes: 40 })
  expect(calls).toBeGreaterThan(1)
})

import { decodeProperties, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { ConsumeLater, type DefaultMQPushConsumer, type MessageHandler } from '../src/index.js'
import { ConsumeScene, retryTopic, text } from './consume-scene.js'

const orderly = { orderly: true } as const

/** Milliseconds of virtual time. */
const work = (scene: ConsumeScene, ms: number): Promise<void> => {
  return new Promise((resolve) => scene.cluster.runtime.timers.after(ms, resolve))
}

/** Every queue but the group's retry queue. */
const lockedOrders = (scene: ConsumeScene): string[] =>
  [...scene.group.locks.keys()].filter((key) => key.startsWith('Orders'))

test('the messages of a queue are consumed one after the other, and queues beside each other', async () => {
  const scene = await ConsumeScene.start({ queues: 2 })
  scene.append(0, ['0-a', '0-b', '0-c'])
  scene.append(1, ['1-a', '1-b', '1-c'])
  const consumer = scene.consumer()
  const running = new Set<number>()
  let most = 0
  const seen: string[] = []
  consumer.listen(async (message) => {
    expect(running.has(message.queueId)).toBe(false)
    running.add(message.queueId)
    most = Math.max(most, running.size)
    await work(scene, 10)
    running.delete(message.queueId)
    seen.push(text(message))
  }, orderly)
  await scene.started(consumer)
  expect(seen.filter((body) => body.startsWith('0'))).toEqual(['0-a', '0-b', '0-c'])
  expect(seen.filter((body) => body.startsWith('1'))).toEqual(['1-a', '1-b', '1-c'])
  expect(most).toBe(2)
  expect(lockedOrders(scene).sort()).toEqual(['Orders@0', 'Orders@1'])
  await scene.run(consumer.close())
  expect([scene.offset(0), scene.offset(1)]).toEqual([3, 3])
  expect(lockedOrders(scene)).toEqual([])
})

test('a message that fails holds its queue up, comes again after a second, and its failures are counted', async () => {
  const scene = await ConsumeScene.start({ queues: 2 })
  scene.append(0, ['fails', 'waits'])
  scene.append(1, ['other queue'])
  const consumer = scene.consumer()
  const seen: string[] = []
  consumer.listen((message, { attempt }) => {
    seen.push(`${text(message)} ${attempt}`)
    expect(message.reconsumeTimes).toBe(attempt - 1)
    if (text(message) === 'fails' && attempt < 3) throw new Error('no')
  }, orderly)
  await scene.run(consumer.start())
  await scene.advance(1000)
  expect(seen.sort()).toEqual(['fails 1', 'other queue 1'])
  await scene.advance(2000)
  expect(seen).toEqual(['fails 1', 'other queue 1', 'fails 2', 'fails 3', 'waits 1'])
  expect(scene.group.sentBack).toEqual([])
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(2)
})

test('a handler says how long its queue rests', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['fails'])
  const consumer = scene.consumer()
  const atMs: number[] = []
  consumer.listen(() => {
    atMs.push(scene.cluster.runtime.clock.monotonic())
    throw new ConsumeLater({ suspendMs: 5000 })
  }, orderly)
  await scene.started(consumer)
  await scene.advance(10_000)
  const [first = 0, second = 0] = atMs
  expect(Math.round(second - first)).toBe(5000)
  await scene.run(consumer.close())
})

test('a message without deliveries left goes to the retry topic, and its queue goes on', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['hopeless', 'next'], { properties: { UNIQ_KEY: 'ABC' } })
  const consumer = scene.consumer({ maxReconsumeTimes: 1, suspendCurrentQueueTimeMillis: 10 })
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
    if (text(message) === 'hopeless') throw new Error('no')
  }, orderly)
  await scene.started(consumer)
  expect(seen).toEqual(['hopeless', 'hopeless', 'next'])
  const [send, ...others] = scene.cluster.broker.sends
  expect(others).toEqual([])
  expect(send?.fields).toMatchObject({ b: retryTopic, j: '2', l: '1' })
  expect(decodeProperties(send?.fields['i'] ?? '').get('RETRY_TOPIC')).toBe('Orders')
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(2)
})

test('a message that nobody takes, though it has no deliveries left, goes on holding its queue up', async () => {
  const scene = await ConsumeScene.start()
  scene.cluster.broker.always({ code: ResponseCode.NO_PERMISSION })
  scene.append(0, ['hopeless', 'next'])
  const consumer = scene.consumer({ maxReconsumeTimes: 0, suspendCurrentQueueTimeMillis: 100 })
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
    throw new Error('no')
  }, orderly)
  await scene.started(consumer)
  expect(new Set(seen)).toEqual(new Set(['hopeless']))
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(0)
})

async function startedWithOneQueue(
  handler: MessageHandler,
): Promise<{ scene: ConsumeScene; consumer: DefaultMQPushConsumer }> {
  const scene = await ConsumeScene.start()
  scene.append(0, [])
  const consumer = scene.consumer()
  consumer.listen(handler, orderly)
  await scene.started(consumer)
  return { scene, consumer }
}

test('locks are renewed every 20 s, in one request a broker', async () => {
  const { scene, consumer } = await startedWithOneQueue(() => {})
  await scene.advance(20_000)
  const before = scene.group.lockRequests.length
  await scene.advance(40_000)
  expect(scene.group.lockRequests.slice(before).map((queues) => queues.length)).toEqual([2, 2])
  await scene.run(consumer.close())
})

test('a queue whose lock is lost is not consumed until the lock is back', async () => {
  const seen: string[] = []
  const { scene, consumer } = await startedWithOneQueue((message) => {
    seen.push(text(message))
  })
  scene.group.locks.set('Orders@0', 'another member')
  await scene.advance(20_000)
  expect(scene.cluster.warnings).toContain('the lock of a queue was not renewed: another member may have it')
  scene.append(0, ['waits'])
  await scene.advance(10_000)
  expect(seen).toEqual([])
  scene.group.locks.delete('Orders@0')
  await scene.advance(5000)
  expect(seen).toEqual(['waits'])
  await scene.run(consumer.close())
})

test('a lock that could not be renewed for 30 s is not trusted, though messages are at hand', async () => {
  const seen: string[] = []
  const scene = await ConsumeScene.start()
  const bodies = Array.from({ length: 20 }, (_, index) => `m${index}`)
  scene.append(0, bodies)
  const consumer = scene.consumer()
  consumer.listen(async (message) => {
    await work(scene, 10_000)
    seen.push(text(message))
  }, orderly)
  await scene.started(consumer)
  scene.cluster.runtime.hosts.partition('10.0.8.1', '10.0.1.1')
  await scene.advance(90_000)
  // Those begun within 30 s, and no other.
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.length).toBeLessThan(6)
  scene.cluster.runtime.hosts.heal('10.0.8.1', '10.0.1.1')
  await scene.advance(250_000)
  expect(seen).toEqual(bodies)
  await scene.run(consumer.close())
})

test('messages that come while a handler works wait for it', async () => {
  const running: string[] = []
  let most = 0
  const { scene, consumer } = await startedWithOneQueue(async (message) => {
    running.push(text(message))
    most = Math.max(most, running.length)
    await work(scene, 100)
    running.pop()
  })
  for (const body of ['a', 'b', 'c']) {
    scene.append(0, [body])
    await scene.advance(20)
  }
  await scene.advance(1000)
  expect(most).toBe(1)
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(3)
})

test('a queue another member holds is not taken, and asked for again', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a'])
  scene.group.locks.set('Orders@0', 'another member')
  const consumer = scene.consumer()
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
  }, orderly)
  await scene.started(consumer)
  expect(seen).toEqual([])
  scene.group.locks.delete('Orders@0')
  await scene.advance(3000)
  expect(seen).toEqual(['a'])
  await scene.run(consumer.close())
})

test('a queue that leaves waits for its handler, whose work is committed before the lock is given back', async () => {
  const scene = await ConsumeScene.start({ queues: 2 })
  scene.append(0, ['a', 'b'])
  scene.append(1, ['a', 'b'])
  const consumer = scene.consumer()
  consumer.listen(() => work(scene, 3000), orderly)
  await scene.run(consumer.start())
  await scene.advance(1000)
  // The other member sorts first, so it gets queue 0.
  scene.group.others.push('0 sorts first')
  await scene.advance(25_000)
  expect(scene.group.unlocked).toContainEqual({ topic: 'Orders', brokerName: 'broker-a', queueId: 0 })
  expect(lockedOrders(scene)).toEqual(['Orders@1'])
  expect(scene.offset(0)).toBeGreaterThanOrEqual(1)
  await scene.run(consumer.close())
})

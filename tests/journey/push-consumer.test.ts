import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker } from '@mq/broker'
import { DefaultMQProducer, DefaultMQPushConsumer, type PushConsumerOptions } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
let nameServer: NameServer
let broker: Broker
let producer: DefaultMQProducer
const consumers: DefaultMQPushConsumer[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-journey-'))
  nameServer = await NameServer.start({ listenPort: 0 })
  broker = await Broker.start({
    brokerName: 'a',
    listenPort: 0,
    namesrvAddr: nameServer.address,
    storePathRootDir: join(folder, 'a'),
    mappedFileSizeCommitLog: 1_048_576,
    maxHashSlotNum: 1000,
    maxIndexNum: 4000,
  })
  producer = new DefaultMQProducer({ producerGroup: 'orders', namesrvAddr: nameServer.address })
  await producer.start()
})

afterEach(async () => {
  for (const consumer of consumers.splice(0)) await consumer.close()
  await producer.close()
  await broker.close()
  await nameServer.close()
  await rm(folder, { recursive: true, force: true })
})

function consumer(options: Partial<PushConsumerOptions> = {}): DefaultMQPushConsumer {
  const made = new DefaultMQPushConsumer({ consumerGroup: 'billing', namesrvAddr: nameServer.address, ...options })
  consumers.push(made)
  made.subscribe('Orders')
  return made
}

/** A promise and what settles it. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Resolves when the handler has seen as many bodies. */
function collecting(count: number): { handle: (message: { body: Buffer }) => void; done: Promise<string[]> } {
  const seen: string[] = []
  const { promise, resolve } = withResolvers<string[]>()
  const handle = (message: { body: Buffer }): void => {
    seen.push(String(message.body))
    if (seen.length === count) resolve(seen)
  }
  return { handle, done: promise }
}

const bodies = (count: number): string[] => Array.from({ length: count }, (_, index) => `order ${index}`)

async function sendAll(count: number): Promise<string[]> {
  const all = bodies(count)
  await Promise.all(all.map((body) => producer.send({ topic: 'Orders', body })))
  return all.sort()
}

test('what was sent is consumed once each, and not again by the next member of the group', async () => {
  const sent = await sendAll(1000)
  const first = collecting(1000)
  const consuming = consumer()
  consuming.listen(first.handle)
  await consuming.start()
  expect((await first.done).sort()).toEqual(sent)
  await consuming.close()

  const more = collecting(1)
  const next = consumer()
  next.listen(more.handle)
  await next.start()
  await producer.send({ topic: 'Orders', body: 'the one after' })
  expect(await more.done).toEqual(['the one after'])
})

test('two members of a group share the queues, and each message is consumed by one of them', async () => {
  await producer.send({ topic: 'Orders', body: 'makes the topic' })
  const all = collecting(201)
  const members = [consumer(), consumer()]
  for (const member of members) {
    member.listen(all.handle)
    await member.start()
  }
  await sendAll(200)
  expect(new Set(await all.done).size).toBe(201)
})

test('a topic is consumed in order, queue by queue, and its locks are given back', async () => {
  const seen = new Map<number, number[]>()
  const { promise, resolve } = withResolvers<number>()
  const total = 200
  const expected: Promise<unknown>[] = []
  for (let index = 0; index < total; index++) {
    expected.push(producer.send({ topic: 'Orders', body: String(index) }, { shardingKey: `key ${index % 7}` }))
  }
  await Promise.all(expected)
  const consuming = consumer()
  let count = 0
  consuming.listen(
    async ({ queueId, queueOffset }) => {
      await Promise.resolve()
      seen.set(queueId, [...(seen.get(queueId) ?? []), queueOffset])
      count += 1
      if (count === total) resolve(count)
    },
    { orderly: true },
  )
  await consuming.start()
  await promise
  for (const offsets of seen.values()) expect(offsets).toEqual(offsets.map((_, index) => index))
  await consuming.close()
})

test('a message that fails is delivered again through the retry topic, with its own topic and its count', async () => {
  await producer.send({ topic: 'Orders', body: 'fails once', tags: 'created' })
  const { promise, resolve } = withResolvers<{ topic: string; reconsumeTimes: number; attempt: number }>()
  const consuming = consumer()
  consuming.listen(({ topic, reconsumeTimes }, context) => {
    if (reconsumeTimes > 0) {
      resolve({ topic, reconsumeTimes, attempt: context.attempt })
      return
    }
    context.delayLevel = 1
    throw new Error('not now')
  })
  await consuming.start()
  expect(await promise).toEqual({ topic: 'Orders', reconsumeTimes: 1, attempt: 2 })
})

test('a loop over a consumer gets message after message, and what it did not finish is there for the next', async () => {
  await sendAll(5)
  const first = consumer()
  const seen: string[] = []
  for await (const message of first) {
    if (seen.push(String(message.body)) === 3) break
  }
  const second = consumer()
  const rest: string[] = []
  for await (const message of second) {
    if (rest.push(String(message.body)) === 3) break
  }
  expect(new Set([...seen, ...rest]).size).toBe(5)
})

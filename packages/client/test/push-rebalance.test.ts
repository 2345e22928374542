import type { MessageQueue } from '@mq/remoting'
import { expect, test } from 'vitest'
import type { DefaultMQPushConsumer, PushConsumerOptions, QueueShare } from '../src/index.js'
import { ConsumeScene, text } from './consume-scene.js'
import { routeOver } from './scripted-name-server.js'

const ids = (queues: readonly MessageQueue[]): number[] => queues.map(({ queueId }) => queueId)

/** A started consumer, and the last share of `Orders` it was told. */
async function member(
  scene: ConsumeScene,
  options: Partial<PushConsumerOptions> = {},
): Promise<{ consumer: DefaultMQPushConsumer; share: () => QueueShare | undefined; seen: string[] }> {
  let share: QueueShare | undefined
  const seen: string[] = []
  const consumer = scene.consumer({
    messageQueueListener: (topic, told) => {
      if (topic === 'Orders') share = told
    },
    ...options,
  })
  consumer.listen((message) => {
    seen.push(text(message))
  })
  await scene.started(consumer)
  return { consumer, share: () => share, seen }
}

test('two members share the queues without overlap or gap, and one takes all when the other leaves', async () => {
  const scene = await ConsumeScene.start({ queues: 5 })
  const first = await member(scene, { instanceName: 'a' })
  expect(ids(first.share()?.mqDivided ?? [])).toEqual([0, 1, 2, 3, 4])
  const second = await member(scene, { instanceName: 'b' })
  await scene.advance(20_000)
  expect(ids(first.share()?.mqDivided ?? [])).toEqual([0, 1, 2])
  expect(ids(second.share()?.mqDivided ?? [])).toEqual([3, 4])
  expect(ids(first.share()?.mqAll ?? [])).toEqual([0, 1, 2, 3, 4])
  await scene.run(first.consumer.close())
  await scene.advance(21_000)
  expect(ids(second.share()?.mqDivided ?? [])).toEqual([0, 1, 2, 3, 4])
  await scene.run(second.consumer.close())
})

test('queues are sorted by id as numbers and members by code units, whatever order they were told in', async () => {
  const scene = await ConsumeScene.start({ queues: 11 })
  scene.group.others.push('10.0.8.1@é', '10.0.8.1@B')
  const { consumer, share } = await member(scene, { instanceName: 'a' })
  // 'B' < 'a' < 'é': this member is the second of three.
  expect(ids(share()?.mqDivided ?? [])).toEqual([4, 5, 6, 7])
  await scene.run(consumer.close())
})

test('a member that is not in the list has no queue', async () => {
  const scene = await ConsumeScene.start({ queues: 2 })
  scene.append(0, ['a'])
  const { consumer, share, seen } = await member(scene, { instanceName: 'a' })
  scene.cluster.broker.leftConsumers.add(consumer.clientId)
  scene.group.others.push('another')
  await scene.advance(20_000)
  expect(share()?.mqDivided).toEqual([])
  scene.append(0, ['b'])
  await scene.advance(1000)
  expect(seen).toEqual(['a'])
  await scene.run(consumer.close())
})

test('a round that the broker could not serve is made again after a second, and changes nothing', async () => {
  const scene = await ConsumeScene.start()
  scene.group.isUnknown = true
  const { consumer, share } = await member(scene)
  expect(share()).toBeUndefined()
  scene.group.isUnknown = false
  await scene.advance(1100)
  expect(ids(share()?.mqDivided ?? [])).toEqual([0])
  scene.group.isUnknown = true
  await scene.advance(60_000)
  expect(ids(share()?.mqDivided ?? [])).toEqual([0])
  await scene.run(consumer.close())
})

test('a change of the share is told to the brokers, with a newer version of the subscription', async () => {
  const scene = await ConsumeScene.start()
  const { consumer } = await member(scene)
  const versions = scene.cluster.broker.heartbeats.map(({ consumerDataSet }) => {
    return consumerDataSet[0]?.subscriptionDataSet.find(({ topic }) => topic === 'Orders')?.subVersion ?? 0
  })
  expect(new Set(versions).size).toBe(2)
  expect([...versions].sort()).toEqual(versions)
  const { pulls } = scene.stored
  expect(pulls.find(({ topic }) => topic === 'Orders')?.subVersion).toBe(versions.at(-1))
  await scene.run(consumer.close())
})

test('every broadcasting member has every queue, and asks nobody who else there is', async () => {
  const scene = await ConsumeScene.start({ queues: 3 })
  scene.group.isUnknown = true
  const { consumer, share } = await member(scene, { messageModel: 'BROADCASTING', offsetStore: atZero() })
  expect(ids(share()?.mqDivided ?? [])).toEqual([0, 1, 2])
  expect(consumer.clientId).toBe('10.0.8.1@DEFAULT')
  await scene.run(consumer.close())
})

test('a topic that comes later is consumed, and its route is asked for', async () => {
  const scene = await ConsumeScene.start()
  scene.cluster.nameServer.routes.delete('Orders')
  scene.append(0, ['a'])
  const { consumer, seen } = await member(scene)
  expect(seen).toEqual([])
  expect(scene.cluster.warnings).toContain('a topic subscribed to does not exist yet: the name servers know no route')
  const { brokerName, address } = scene.cluster.broker
  scene.cluster.nameServer.routes.set('Orders', routeOver({ brokerName, address, queues: 1 }))
  await scene.advance(31_000)
  expect(seen).toEqual(['a'])
  await scene.run(consumer.close())
})

test('a topic that is not wanted any more leaves with its offset saved', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a'])
  const { consumer, seen } = await member(scene)
  consumer.unsubscribe('Orders')
  await scene.advance(2000)
  expect(scene.offset(0)).toBe(1)
  scene.append(0, ['b'])
  await scene.advance(2000)
  expect(seen).toEqual(['a'])
  consumer.subscribe('Orders')
  await scene.advance(2000)
  expect(seen).toEqual(['a', 'b'])
  await scene.run(consumer.close())
})

test('pulls go on after the network to the broker was cut for a while', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, [])
  const { consumer, seen } = await member(scene)
  scene.cluster.runtime.hosts.partition('10.0.8.1', '10.0.1.1')
  await scene.advance(10_000)
  scene.cluster.runtime.hosts.heal('10.0.8.1', '10.0.1.1')
  scene.append(0, ['after'])
  await scene.advance(60_000)
  expect(seen).toEqual(['after'])
  await scene.run(consumer.close())
})

test.each<[string, Partial<PushConsumerOptions>, string[]]>([
  ['at the end', {}, []],
  ['at the first message', { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }, ['old', 'young']],
  [
    'at a time',
    { consumeFromWhere: 'CONSUME_FROM_TIMESTAMP', consumeTimestamp: new Date(Date.UTC(2025, 5, 1)) },
    ['young'],
  ],
])('a group without an offset begins %s', async (_what, options, expected) => {
  const scene = await ConsumeScene.start()
  scene.stored.append('Orders@0', 'old', { storeTimestamp: Date.UTC(2025, 0, 1) })
  scene.stored.append('Orders@0', 'young', { storeTimestamp: Date.UTC(2025, 11, 1) })
  const { consumer, seen } = await member(scene, options)
  expect(seen).toEqual(expected)
  scene.stored.append('Orders@0', 'new')
  await scene.advance(100)
  expect(seen).toEqual([...expected, 'new'])
  await scene.run(consumer.close())
})

test('a new group whose broker answers 0 consumes from the first message, though it asks for the last, and says so', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['first'])
  const infos: string[] = []
  const logger = { debug() {}, info: (message: string) => void infos.push(message), warn() {}, error() {} }
  const { consumer, seen } = await member(scene, { logger })
  expect(seen).toEqual(['first'])
  expect(infos.filter((message) => message.startsWith('the broker answers offset 0'))).toHaveLength(1)
  await scene.run(consumer.close())
})

function atZero(): NonNullable<PushConsumerOptions['offsetStore']> {
  return {
    load: async () => {},
    updateOffset: () => {},
    updateAndFreezeOffset: () => {},
    readOffset: async () => 0,
    knownOffset: () => undefined,
    persistAll: async () => {},
    persist: async () => {},
    handOver: async () => {},
    removeOffset: () => {},
    cloneOffsetTable: () => new Map(),
  }
}

import { getEventListeners } from 'node:events'
import {
  answer,
  createRequest,
  decodeConsumerRunningInfo,
  GetConsumerRunningInfo,
  type MessageExt,
  type MessageQueue,
  ResponseCode,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import {
  DefaultLitePullConsumer,
  type LitePullConsumerOptions,
  type OffsetStore,
  type QueueShare,
} from '../src/index.js'
import { routeOver } from './scripted-name-server.js'
import { ScriptedGroup } from './scripted-group.js'
import { SimulatedCluster } from './simulated-cluster.js'
import { StoredQueues } from './stored-queues.js'

class Scene {
  readonly cluster: SimulatedCluster
  readonly stored: StoredQueues
  readonly group: ScriptedGroup

  private constructor(cluster: SimulatedCluster) {
    this.cluster = cluster
    this.stored = new StoredQueues(cluster.broker, cluster.runtime)
    this.group = new ScriptedGroup(cluster.broker)
  }

  static async start(queues = 2): Promise<Scene> {
    const scene = new Scene(await SimulatedCluster.start())
    scene.setQueues(queues)
    return scene
  }

  setQueues(queues: number): void {
    const { brokerName, address } = this.cluster.broker
    this.cluster.nameServer.routes.set('Orders', routeOver({ brokerName, address, queues }))
  }

  consumer(options: Partial<LitePullConsumerOptions> = {}): DefaultLitePullConsumer {
    const { cluster } = this
    return new DefaultLitePullConsumer({
      consumerGroup: 'report',
      namesrvAddr: cluster.nameServer.address,
      clientIP: '10.0.8.1',
      runtime: cluster.runtime.host('10.0.8.1'),
      logger: cluster.logger,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      ...options,
    })
  }

  async subscribed(options: Partial<LitePullConsumerOptions> = {}): Promise<DefaultLitePullConsumer> {
    const consumer = this.consumer(options)
    await consumer.subscribe('Orders')
    await this.run(consumer.start())
    return consumer
  }

  async assigned(
    queues: MessageQueue[],
    options: Partial<LitePullConsumerOptions> = {},
  ): Promise<DefaultLitePullConsumer> {
    const consumer = this.consumer(options)
    consumer.assign(queues)
    await this.run(consumer.start())
    return consumer
  }

  /** Messages of polls until one finds nothing. */
  async drain(consumer: DefaultLitePullConsumer): Promise<string[]> {
    const found: string[] = []
    for (;;) {
      const messages = await this.run(consumer.poll({ timeoutMs: 2500 }))
      if (messages.length === 0) return found
      found.push(...messages.map(text))
    }
  }

  append(queueId: number, ...bodies: string[]): void {
    for (const body of bodies) this.stored.append(`Orders@${queueId}`, body)
  }

  offset(queueId: number): number | undefined {
    return this.stored.offsets.get(`Orders@report@${queueId}`)
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.cluster.run(work)
  }
}

const text = ({ body }: MessageExt): string => body.toString()
const q = (queueId: number): MessageQueue => ({ topic: 'Orders', brokerName: 'broker-a', queueId })

test('the messages of all queues of a topic are polled, those that come later too', async () => {
  const scene = await Scene.start()
  scene.append(0, 'a', 'b')
  scene.append(1, 'c')
  const consumer = await scene.subscribed()
  expect((await scene.drain(consumer)).toSorted()).toEqual(['a', 'b', 'c'])
  const waiting = consumer.poll({ timeoutMs: 10_000 })
  scene.cluster.runtime.timers.after(1000, () => scene.append(1, 'd'))
  expect((await scene.run(waiting)).map(text)).toEqual(['d'])
  expect(scene.stored.pulls[0]).toMatchObject({
    code: 361,
    sysFlag: 2 | 4 | 16,
    subVersion: 0,
    maxMsgNums: 10,
    suspendTimeoutMillis: 20_000,
    commitOffset: 0,
  })
  expect(consumer.assignment()).toHaveLength(2)
  expect(scene.cluster.broker.heartbeats.at(-1)?.consumerDataSet).toMatchObject([
    { groupName: 'report', consumeType: 'CONSUME_ACTIVELY', subscriptionDataSet: [{ topic: 'Orders' }] },
  ])
  await scene.run(consumer.close())
})

test('a poll confirms the one before it; what the last one returned is not committed by itself', async () => {
  const scene = await Scene.start(1)
  scene.append(0, ...Array.from({ length: 30 }, (_, index) => String(index)))
  const consumer = await scene.subscribed({ pullBatchSize: 10 })
  for (let polls = 0; polls < 3; polls++) expect(await scene.run(consumer.poll())).toHaveLength(10)
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(20)
})

test('what was committed is what a close leaves, whether that is all that was polled or less', async () => {
  const scene = await Scene.start(2)
  scene.append(0, 'a', 'b')
  scene.append(1, 'c', 'd')
  const consumer = await scene.subscribed({ pullBatchSize: 1 })
  expect(await scene.drain(consumer)).toHaveLength(4)
  await scene.run(consumer.commit())
  await scene.run(consumer.commit({ offsets: [[q(1), 1]] }))
  await scene.run(consumer.close())
  expect([scene.offset(0), scene.offset(1)]).toEqual([2, 1])
})

test('with autoCommit off nothing is committed until the application says so', async () => {
  const scene = await Scene.start(1)
  scene.append(0, 'a', 'b')
  const consumer = await scene.subscribed({ autoCommit: false })
  expect(await scene.drain(consumer)).toEqual(['a', 'b'])
  await scene.cluster.runtime.advance(20_000)
  expect(scene.offset(0)).toBeUndefined()
  await scene.run(consumer.commit())
  expect(scene.offset(0)).toBe(2)
  await scene.run(consumer.commit({ offsets: [[q(0), 1]] }))
  expect(scene.offset(0)).toBe(1)
  expect(await scene.run(consumer.committed(q(0)))).toBe(1)
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(1)
})

test('a commit rejects when the broker did not take it, and leaves out a queue that is not assigned', async () => {
  const scene = await Scene.start(1)
  const consumer = await scene.subscribed()
  await scene.drain(consumer)
  await scene.run(consumer.commit({ offsets: [[q(7), 1]] }))
  expect(scene.offset(7)).toBeUndefined()
  expect(scene.cluster.warnings).toContain('an offset is not committed, because its queue is not assigned')
  await scene.run(scene.cluster.broker.close())
  const failure = await scene.cluster.failure(consumer.commit({ offsets: [[q(0), 1]] }))
  expect(failure).toMatchObject({ retryable: true })
  await scene.run(consumer.close())
})

test('assigned queues are pulled whoever else is in the group, from the offset the group has', async () => {
  const scene = await Scene.start(2)
  scene.append(0, 'a', 'b')
  scene.append(1, 'c')
  scene.stored.offsets.set('Orders@report@0', 1)
  scene.group.others.push('10.0.0.1@other')
  const consumer = await scene.assigned([q(0)])
  expect(await scene.drain(consumer)).toEqual(['b'])
  expect(consumer.assignment()).toEqual([q(0)])
  consumer.assign([q(0), q(1)])
  expect(await scene.drain(consumer)).toEqual(['c'])
  consumer.assign([q(1)])
  scene.append(0, 'd')
  scene.append(1, 'e')
  expect(await scene.drain(consumer)).toEqual(['e'])
  await scene.run(consumer.close())
  expect(scene.offset(1)).toBe(2)
})

test('assigned queues are filtered by the expression of their topic', async () => {
  const scene = await Scene.start(1)
  for (const TAGS of ['a', 'b']) scene.stored.append('Orders@0', TAGS, { properties: { TAGS } })
  const consumer = scene.consumer()
  consumer.setSubExpressionForAssign('Orders', 'b')
  consumer.assign([q(0)])
  await scene.run(consumer.start())
  expect(await scene.drain(consumer)).toEqual(['b'])
  expect(scene.stored.pulls[0]).toMatchObject({ subscription: 'b', subVersion: 0 })
  await scene.run(consumer.close())
})

test('a seek goes there and nowhere else, whatever is cached or being pulled', async () => {
  const scene = await Scene.start(1)
  scene.append(0, ...Array.from({ length: 30 }, (_, index) => String(index)))
  const consumer = await scene.subscribed({ pullBatchSize: 4 })
  expect((await scene.run(consumer.poll())).map(text)).toEqual(['0', '1', '2', '3'])
  await scene.run(consumer.seek(q(0), 25))
  expect(await scene.drain(consumer)).toEqual(['25', '26', '27', '28', '29'])
  await scene.run(consumer.seekToBegin(q(0)))
  expect(await scene.drain(consumer)).toHaveLength(30)
  await scene.run(consumer.seek(q(0), 12))
  await scene.run(consumer.commit())
  expect(scene.offset(0)).toBe(12)
  await scene.run(consumer.seekToEnd(q(0)))
  scene.append(0, 'new')
  expect(await scene.drain(consumer)).toEqual(['new'])
  await scene.run(consumer.close())
})

test('a seek outside the queue, or in a queue that is not assigned, is refused with the bounds', async () => {
  const scene = await Scene.start(1)
  scene.append(0, 'a', 'b')
  scene.stored.minOffsets.set('Orders@0', 1)
  const consumer = await scene.subscribed()
  await scene.drain(consumer)
  for (const offset of [0, 3]) {
    expect(await scene.cluster.failure(consumer.seek(q(0), offset))).toMatchObject({
      code: 'SEEK_ILLEGAL',
      fields: { offset, min: 1, max: 2 },
    })
  }
  expect(await scene.cluster.failure(consumer.seek(q(5), 0))).toMatchObject({ code: 'QUEUE_NOT_ASSIGNED' })
  await scene.run(consumer.close())
})

test('a paused queue is not pulled from until it is resumed; others are', async () => {
  const scene = await Scene.start(2)
  const consumer = await scene.subscribed()
  await scene.drain(consumer)
  consumer.pause([q(0), q(9)])
  // The pull that is held already brings one batch more.
  scene.append(0, 'held')
  expect(await scene.drain(consumer)).toEqual(['held'])
  scene.append(0, 'a')
  scene.append(1, 'b')
  expect(await scene.drain(consumer)).toEqual(['b'])
  consumer.resume([q(0)])
  expect(await scene.drain(consumer)).toEqual(['a'])
  await scene.run(consumer.close())
})

test.each<[string, Partial<LitePullConsumerOptions>, number]>([
  ['pullThresholdForQueue', { pullThresholdForQueue: 8 }, 10],
  ['pullThresholdForAll', { pullThresholdForAll: 8 }, 10],
  ['consumeMaxSpan', { consumeMaxSpan: 8 }, 10],
])('pulls stop at %s and go on when messages were polled', async (_, options, cached) => {
  const scene = await Scene.start(1)
  scene.append(0, ...Array.from({ length: 40 }, (_unused, index) => String(index)))
  const consumer = await scene.subscribed({ pullBatchSize: 5, ...options })
  await scene.cluster.runtime.advance(10_000)
  expect(scene.stored.pulls).toHaveLength(cached / 5)
  expect(await scene.drain(consumer)).toHaveLength(40)
  await scene.run(consumer.close())
})

test('pulls stop when the bodies cached of a queue pass pullThresholdSizeForQueue', async () => {
  const scene = await Scene.start(1)
  scene.append(0, ...Array.from({ length: 4 }, () => 'x'.repeat(800_000)))
  const consumer = await scene.subscribed({ pullBatchSize: 1, pullThresholdSizeForQueue: 1 })
  await scene.cluster.runtime.advance(10_000)
  expect(scene.stored.pulls).toHaveLength(2)
  expect(await scene.drain(consumer)).toHaveLength(4)
  await scene.run(consumer.close())
})

test('a poll ends at its time, at once when its signal aborts, and loses no message by it', async () => {
  const scene = await Scene.start(1)
  const consumer = await scene.subscribed()
  await scene.drain(consumer)
  const beganMs = scene.cluster.runtime.clock.monotonic()
  expect(await scene.run(consumer.poll({ timeoutMs: 300 }))).toEqual([])
  expect(scene.cluster.runtime.clock.monotonic() - beganMs).toBeCloseTo(300, 0)
  const reason = new Error('enough')
  const controller = new AbortController()
  const polled = scene.cluster.failure(consumer.poll({ signal: controller.signal }))
  scene.cluster.runtime.timers.after(50, () => controller.abort(reason))
  expect(await polled).toBe(reason)
  const unused = new AbortController().signal
  expect(await scene.run(consumer.poll({ timeoutMs: 10, signal: unused }))).toEqual([])
  expect(getEventListeners(unused, 'abort')).toEqual([])
  scene.append(0, 'a')
  expect(await scene.drain(consumer)).toEqual(['a'])
  expect(await scene.cluster.failure(consumer.poll({ timeoutMs: -1 }))).toMatchObject({ code: 'CLIENT_CONFIG' })
  await scene.run(consumer.close())
})

test('for await hands out messages one by one, pulls no further ahead than permitted, and commits when it is left', async () => {
  const scene = await Scene.start(1)
  scene.append(0, ...Array.from({ length: 100 }, (_, index) => String(index)))
  const consumer = scene.consumer({ pullThresholdForQueue: 20 })
  await consumer.subscribe('Orders')
  const seen: string[] = []
  const loop = async (): Promise<void> => {
    for await (const message of consumer) {
      seen.push(text(message))
      if (seen.length === 15) {
        await scene.cluster.runtime.advance(5000)
        break
      }
    }
  }
  await scene.run(loop())
  expect(seen).toEqual(Array.from({ length: 15 }, (_, index) => String(index)))
  expect(scene.stored.pulls.length).toBeLessThan(5)
  // The message the loop was left at is delivered again.
  expect(scene.offset(0)).toBe(14)
  expect(scene.cluster.broker.leftConsumers).toContain(consumer.clientId)
  expect(() => consumer[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'CLIENT_STATE' }))
})

test('a loop ends when the consumer is closed, and one that throws commits what came before', async () => {
  const scene = await Scene.start(1)
  scene.append(0, 'a', 'b', 'c')
  const consumer = scene.consumer()
  await consumer.subscribe('Orders')
  const loop = async (): Promise<void> => {
    for await (const message of consumer) if (text(message) === 'c') throw new Error('no c')
  }
  expect(await scene.cluster.failure(loop())).toMatchObject({ message: 'no c' })
  expect(scene.offset(0)).toBe(2)

  const second = scene.consumer()
  await second.subscribe('Orders')
  const seen: string[] = []
  const waiting = (async (): Promise<void> => {
    for await (const message of second) seen.push(text(message))
  })()
  scene.cluster.runtime.timers.after(3000, () => void second.close())
  await scene.run(waiting)
  expect(seen).toEqual(['c'])
})

test('a queue that leaves for another member is not polled any more, and its confirmed offset goes with it', async () => {
  const scene = await Scene.start(2)
  scene.append(0, 'a', 'b', 'c')
  scene.append(1, 'd', 'e', 'f')
  const shares: QueueShare[] = []
  const consumer = await scene.subscribed({
    pullBatchSize: 1,
    messageQueueListener: (_topic, share) => shares.push(share),
  })
  const polled: MessageExt[] = []
  while (polled.length < 4) polled.push(...(await scene.run(consumer.poll())))
  scene.group.others.push('~the last in order')
  await scene.cluster.runtime.advance(21_000)
  expect(consumer.assignment()).toEqual([q(0)])
  expect(shares.map(({ mqDivided }) => mqDivided.length)).toEqual([2, 1])
  const ofSecond = polled.filter(({ queueId }) => queueId === 1).length
  expect(scene.offset(1)).toBeGreaterThanOrEqual(ofSecond - 1)
  const rest = await scene.drain(consumer)
  expect(rest.every((body) => ['a', 'b', 'c'].includes(body))).toBe(true)
  await scene.run(consumer.close())
})

test('a pull that fails is tried again after a while, and an offset that lies outside moves to where the broker says', async () => {
  const scene = await Scene.start(1)
  scene.append(0, 'a', 'b', 'c')
  scene.stored.minOffsets.set('Orders@0', 1)
  scene.stored.script.push(answer({ code: ResponseCode.SYSTEM_ERROR }), answer({ code: ResponseCode.FLOW_CONTROL }))
  const consumer = await scene.subscribed()
  expect(await scene.drain(consumer)).toEqual(['b', 'c'])
  expect(scene.cluster.warnings).toEqual([
    'a queue could not be pulled from',
    'an offset lies outside its queue, so the next pull begins elsewhere',
  ])
  await scene.run(consumer.close())
})

test('polls that find messages of one queue do not hurry the retries of another that cannot be pulled from', async () => {
  const scene = await Scene.start(2)
  scene.append(1, ...Array.from({ length: 200 }, (_, index) => String(index)))
  scene.stored.refused.set('Orders@0', ResponseCode.SYSTEM_ERROR)
  const consumer = await scene.subscribed({ pullBatchSize: 1 })
  const beganMs = scene.cluster.runtime.clock.monotonic()
  for (let polls = 0; polls < 200; polls++) {
    await scene.run(consumer.poll())
    await scene.cluster.runtime.advance(20)
  }
  const seconds = (scene.cluster.runtime.clock.monotonic() - beganMs) / 1000
  expect(scene.stored.pulls.filter(({ queueId }) => queueId === 0).length).toBeLessThan(seconds + 2)
  await scene.run(consumer.close())
})

test('an undecodable message is told with its queue, and polls go on behind it', async () => {
  const scene = await Scene.start(1)
  scene.append(0, 'a')
  scene.stored.append('Orders@0', 'damaged', { bodyCrc: 1 })
  scene.append(0, 'c')
  const told: unknown[] = []
  const consumer = await scene.subscribed({
    onUndecodable: (message, queue) => told.push([message.queueOffset, queue]),
  })
  expect(await scene.drain(consumer)).toEqual(['a', 'c'])
  expect(told).toEqual([[1, q(0)]])
  await scene.run(consumer.commit())
  expect(scene.offset(0)).toBe(3)
  await scene.run(consumer.close())
})

test('a change of the queues of a topic is told, and only a change', async () => {
  const scene = await Scene.start(2)
  const changes: [string, number][] = []
  const consumer = await scene.subscribed()
  await scene.run(
    consumer.registerTopicMessageQueueChangeListener('Orders', (topic, queues) => changes.push([topic, queues.length])),
  )
  await scene.cluster.runtime.advance(60_000)
  expect(changes).toEqual([])
  scene.setQueues(3)
  await scene.cluster.runtime.advance(30_000)
  expect(changes).toEqual([['Orders', 3]])
  await scene.run(consumer.close())
})

test('after unsubscribe nothing of the topic is polled any more', async () => {
  const scene = await Scene.start(1)
  const consumer = await scene.subscribed()
  await scene.drain(consumer)
  await scene.run(consumer.unsubscribe('Orders'))
  scene.append(0, 'a')
  expect(await scene.drain(consumer)).toEqual([])
  expect(consumer.assignment()).toEqual([])
  await scene.run(consumer.subscribe('Orders'))
  expect(await scene.drain(consumer)).toEqual(['a'])
  await scene.run(consumer.close())
})

test('subscribe and assign exclude each other, and nothing is polled before the start or after the close', async () => {
  const scene = await Scene.start()
  const consumer = await scene.subscribed()
  expect(() => consumer.assign([q(0)])).toThrow(expect.objectContaining({ code: 'CLIENT_STATE' }))
  await scene.run(consumer.close())
  await consumer.close()
  await expect(consumer.poll()).rejects.toMatchObject({ code: 'CLIENT_STATE' })
  const other = scene.consumer()
  expect(() => other.assign([])).toThrow(expect.objectContaining({ code: 'CLIENT_CONFIG' }))
  other.assign([q(0)])
  await expect(other.subscribe('Orders')).rejects.toMatchObject({ code: 'CLIENT_STATE' })
  await expect(other.poll()).rejects.toMatchObject({ code: 'CLIENT_STATE' })
  await other.close()
})

test('a broadcasting consumer polls all queues, whoever else is in the group', async () => {
  const scene = await Scene.start(2)
  scene.append(0, 'a')
  scene.append(1, 'b')
  scene.group.others.push('10.0.0.1@other')
  const offsets = new Map<number, number>()
  const consumer = await scene.subscribed({
    messageModel: 'BROADCASTING',
    offsetStore: memoryStore(offsets),
  })
  expect((await scene.drain(consumer)).toSorted()).toEqual(['a', 'b'])
  await scene.run(consumer.close())
  expect(scene.stored.offsets.size).toBe(0)
  expect(Object.fromEntries(offsets)).toEqual({ 0: 1, 1: 1 })
})

test('running info tells settings, subscriptions and what waits in each queue', async () => {
  const scene = await Scene.start()
  scene.append(0, 'a', 'b', 'c')
  const consumer = await scene.subscribed({ pullBatchSize: 2 })
  expect(await scene.run(consumer.poll({ timeoutMs: 2500 }))).toHaveLength(2)
  await scene.run(consumer.commit())
  const request = createRequest(GetConsumerRunningInfo, { consumerGroup: 'report', clientId: consumer.clientId })
  const { body } = await scene.cluster.askClient(request)
  const info = decodeConsumerRunningInfo(body!)
  expect(Object.fromEntries(info.properties)).toMatchObject({
    PROP_CONSUME_TYPE: 'CONSUME_ACTIVELY',
    PROP_NAMESERVER_ADDR: `${scene.cluster.nameServer.address};`,
    PROP_CONSUMER_START_TIMESTAMP: expect.stringMatching(/^\d+$/) as string,
    autoCommit: 'true',
  })
  expect(info.subscriptionSet.map(({ topic, subString }) => [topic, subString])).toEqual([['Orders', '*']])
  const queues = info.mqTable.map(({ messageQueue: { queueId }, info: { commitOffset, cachedMsgCount } }) => {
    return [queueId, commitOffset, cachedMsgCount]
  })
  expect(queues.toSorted()).toEqual([
    [0, 2, 1],
    [1, -1, 0],
  ])
  await scene.run(consumer.close())
})

test('after a close nothing is pulled, asked or logged any more', async () => {
  const scene = await Scene.start()
  const consumer = await scene.subscribed()
  await scene.drain(consumer)
  await scene.run(consumer.close())
  const { asked } = scene.cluster.nameServer
  const before = [asked.length, scene.stored.pulls.length]
  await scene.cluster.runtime.advance(120_000)
  expect([asked.length, scene.stored.pulls.length]).toEqual(before)
  expect(scene.cluster.warnings).toEqual([])
})

/** A store of the application's own. */
function memoryStore(offsets: Map<number, number>): OffsetStore {
  return {
    load: async () => {},
    updateOffset: ({ queueId }, offset) => void offsets.set(queueId, offset),
    updateAndFreezeOffset: ({ queueId }, offset) => void offsets.set(queueId, offset),
    readOffset: async ({ queueId }) => offsets.get(queueId) ?? 'NOT_FOUND',
    knownOffset: ({ queueId }) => offsets.get(queueId),
    persistAll: async () => {},
    persist: async () => {},
    handOver: async () => {},
    removeOffset() {},
    cloneOffsetTable: () => new Map(),
  }
}

import { decodeProperties, type MessageExt, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { ConsumeScene, retryTopic, text } from './consume-scene.js'

const minutes = 60_000

test('a message that comes again has its own topic, and its attempt is counted', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, [])
  const consumer = scene.consumer()
  const seen: unknown[] = []
  consumer.listen(({ topic }, { attempt, queue }) => seen.push([topic, attempt, queue.topic]))
  await scene.started(consumer)
  scene.stored.append(`${retryTopic}@0`, 'again', { reconsumeTimes: 2, properties: { RETRY_TOPIC: 'Orders' } })
  await scene.advance(100)
  expect(seen).toEqual([['Orders', 3, retryTopic]])
  await scene.run(consumer.close())
  expect(scene.offset(0, retryTopic)).toBe(1)
})

test('the retry topic is subscribed to by itself, and stands in heartbeats', async () => {
  const scene = await ConsumeScene.start()
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  const [heartbeat] = scene.cluster.broker.heartbeats
  expect(heartbeat?.consumerDataSet[0]).toMatchObject({
    groupName: 'billing',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [
      { topic: 'Orders', subString: '*' },
      { topic: retryTopic, subString: '*' },
    ],
  })
  await scene.run(consumer.close())
})

test('where the broker takes no message back, it is sent to the retry topic with the same body and all it was', async () => {
  const scene = await ConsumeScene.start()
  scene.group.sendBackCode = ResponseCode.SYSTEM_ERROR
  const properties = { KEYS: 'o-17', UNIQ_KEY: 'ABC', colour: 'red', TRAN_MSG: 'false' }
  scene.append(0, ['the body'], { properties, flag: 9, reconsumeTimes: 1 })
  const consumer = scene.consumer({ maxReconsumeTimes: 5 })
  consumer.listen(() => {
    throw new Error('no')
  })
  await scene.started(consumer)
  const [send, ...others] = scene.cluster.broker.sends
  expect(others).toEqual([])
  expect(String(send?.body)).toBe('the body')
  // V2 names: b topic, a group, h flag, j reconsumeTimes, l maxReconsumeTimes, i properties.
  expect(send?.fields).toMatchObject({ b: retryTopic, a: 'CLIENT_INNER_PRODUCER', h: '9', j: '2', l: '5' })
  expect(Object.fromEntries(decodeProperties(send?.fields['i'] ?? ''))).toMatchObject({
    KEYS: 'o-17',
    UNIQ_KEY: 'ABC',
    colour: 'red',
    ORIGIN_MESSAGE_ID: 'ABC',
    RETRY_TOPIC: 'Orders',
    RECONSUME_TIME: '2',
    MAX_RECONSUME_TIMES: '5',
    DELAY: '4',
  })
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(1)
})

test('where nobody takes a message, it is consumed again here after 5 s, unchanged but for its count of attempts', async () => {
  const scene = await ConsumeScene.start()
  scene.group.sendBackCode = ResponseCode.SYSTEM_ERROR
  scene.cluster.broker.always({ code: ResponseCode.NO_PERMISSION })
  scene.append(0, ['stubborn', 'after it'])
  const consumer = scene.consumer()
  const seen: { message: MessageExt; attempt: number; atMs: number }[] = []
  consumer.listen((message, { attempt }) => {
    if (text(message) !== 'stubborn') return
    seen.push({ message, attempt, atMs: scene.cluster.runtime.clock.monotonic() })
    if (attempt < 3) throw new Error('no')
  })
  await scene.started(consumer)
  await scene.advance(9000)
  expect(scene.offset(0)).toBe(0)
  await scene.advance(11_000)
  expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  expect(seen.map(({ message }) => message.reconsumeTimes)).toEqual([0, 1, 2])
  expect(seen[2]?.message).toEqual({ ...seen[0]?.message, reconsumeTimes: 2 })
  const [first, second] = seen.map(({ atMs }) => atMs)
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(5000)
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(2)
})

test('a broadcast message that fails is logged, and lost to this member', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['bill'])
  const offsets = memoryOffsets()
  const consumer = scene.consumer({ messageModel: 'BROADCASTING', offsetStore: offsets.store })
  consumer.listen(() => {
    throw new Error('no')
  })
  await scene.started(consumer)
  expect(scene.group.sentBack).toEqual([])
  expect(scene.cluster.logged('a broadcast message was not consumed')).toHaveLength(1)
  await scene.run(consumer.close())
  expect(offsets.saved).toEqual([['Orders', 0, 1]])
})

test('a handler that takes longer than consumeTimeout is told so, and its message is given to others', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['endless', 'next'])
  const consumer = scene.consumer({ consumeTimeout: 2 })
  const reasons: unknown[] = []
  consumer.listen(async (message, { signal }) => {
    if (text(message) === 'next') return
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    reasons.push(signal.reason)
  })
  await scene.started(consumer)
  await scene.advance(minutes)
  expect(scene.group.sentBack).toEqual([])
  await scene.advance(2 * minutes)
  expect(reasons).toEqual([expect.objectContaining({ message: expect.stringContaining('2 minutes') as string })])
  expect(scene.group.sentBack).toEqual([expect.objectContaining({ delayLevel: 3, offset: 0 })])
  expect(scene.offset(0)).toBe(2)
  await scene.run(consumer.close())
})

/** An offset store that keeps what is saved. */
function memoryOffsets(): {
  store: NonNullable<Parameters<ConsumeScene['consumer']>[0]>['offsetStore'] & object
  saved: unknown[]
} {
  const known = new Map<number, number>()
  const saved: unknown[] = []
  return {
    saved,
    store: {
      load: async () => {},
      updateOffset: ({ queueId }, offset) => void known.set(queueId, offset),
      updateAndFreezeOffset: () => {},
      readOffset: async () => 0,
      knownOffset: ({ queueId }) => known.get(queueId),
      persistAll: async () => {},
      handOver: async (queues) => {
        saved.length = 0
        for (const { topic, queueId } of queues) saved.push([topic, queueId, known.get(queueId)])
      },
      persist: async () => {},
      removeOffset: () => {},
      cloneOffsetTable: () => new Map(),
    },
  }
}

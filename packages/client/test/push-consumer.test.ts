import { answer, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { ConsumeLater } from '../src/index.js'
import { ConsumeScene, text } from './consume-scene.js'

const bodies = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`)

/** A promise that the test settles. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('messages of all queues reach the handler, and are committed', async () => {
  const scene = await ConsumeScene.start({ queues: 4 })
  for (const queueId of [0, 1, 2, 3]) scene.append(queueId, [`${queueId}-a`, `${queueId}-b`])
  const consumer = scene.consumer()
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
  })
  await scene.started(consumer)
  expect(seen.sort()).toEqual(['0-a', '0-b', '1-a', '1-b', '2-a', '2-b', '3-a', '3-b'])
  await scene.run(consumer.close())
  expect([0, 1, 2, 3].map((queueId) => scene.offset(queueId))).toEqual([2, 2, 2, 2])
  expect(scene.cluster.broker.unregistered).toContain('billing')
})

test('one slow message stalls neither other queues nor its own, and what lies before it is committed', async () => {
  const scene = await ConsumeScene.start({ queues: 2 })
  scene.append(0, ['before', 'slow', 'after'])
  scene.append(1, ['other'])
  const slow = gate()
  const consumer = scene.consumer()
  const seen: string[] = []
  consumer.listen(async (message) => {
    if (text(message) === 'slow') await slow.opened
    seen.push(text(message))
  })
  await scene.started(consumer)
  expect(seen.sort()).toEqual(['after', 'before', 'other'])
  await scene.advance(15_000)
  expect([scene.offset(0), scene.offset(1)]).toEqual([1, 1])
  slow.open()
  await scene.advance(6000)
  expect(scene.offset(0)).toBe(3)
  await scene.run(consumer.close())
})

test('no more handlers run at the same time than the concurrency says', async () => {
  const scene = await ConsumeScene.start({ queues: 2 })
  scene.append(0, bodies(20))
  scene.append(1, bodies(20))
  const consumer = scene.consumer()
  let running = 0
  let most = 0
  consumer.listen(
    async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => scene.cluster.runtime.timers.after(10, resolve))
      running -= 1
    },
    { concurrency: 3 },
  )
  await scene.started(consumer)
  expect(most).toBe(3)
  await scene.run(consumer.close())
  expect([scene.offset(0), scene.offset(1)]).toEqual([20, 20])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no ink')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no ink'))],
])('a handler that %s has its message sent back, with the cause logged', async (_what, fail) => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['bill'], { properties: { UNIQ_KEY: 'ABC' } })
  const consumer = scene.consumer()
  consumer.listen(fail)
  await scene.started(consumer)
  expect(scene.group.sentBack).toEqual([
    expect.objectContaining({
      group: 'billing',
      offset: 0,
      delayLevel: 0,
      originTopic: 'Orders',
      originMsgId: 'ABC',
      maxReconsumeTimes: 16,
      bname: 'broker-a',
    }),
  ])
  expect(scene.cluster.logged('a handler failed')).toEqual([
    expect.objectContaining({ msgId: 'ABC', attempt: 1, cause: new Error('no ink') }),
  ])
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(1)
})

test.each([
  [
    'a ConsumeLater with a level',
    5,
    () => {
      throw new ConsumeLater({ delayLevel: 5 })
    },
  ],
  [
    'a ConsumeLater for the dead letters',
    -1,
    () => {
      throw new ConsumeLater({ delayLevel: -1 })
    },
  ],
  [
    'a level in the context',
    7,
    (_message: unknown, context: { delayLevel: number }) => {
      context.delayLevel = 7
      throw new Error('later')
    },
  ],
] as const)('%s says when a message comes again', async (_what, delayLevel, handler) => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['bill'])
  const consumer = scene.consumer()
  consumer.listen(handler)
  await scene.started(consumer)
  expect(scene.group.sentBack.map((request) => request.delayLevel)).toEqual([delayLevel])
  await scene.run(consumer.close())
})

test('a ConsumeLater is no fault: nothing is warned of', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['bill'])
  const consumer = scene.consumer()
  consumer.listen(() => {
    throw new ConsumeLater()
  })
  await scene.started(consumer)
  expect(scene.cluster.warnings).toEqual([])
  await scene.run(consumer.close())
})

test('a batch is handed over as an array, and what lies behind ackIndex is sent back', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, bodies(5))
  const consumer = scene.consumer()
  const batches: string[][] = []
  consumer.listen(
    (messages, context) => {
      batches.push(messages.map(text))
      if (messages.length === 3) context.ackIndex = 0
    },
    { batchSize: 3 },
  )
  await scene.started(consumer)
  expect(batches).toEqual([
    ['m0', 'm1', 'm2'],
    ['m3', 'm4'],
  ])
  expect(scene.group.sentBack).toHaveLength(2)
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(5)
})

test('pulls pause while more is cached than a queue may have, and go on once there is room', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, bodies(100))
  const work = gate()
  const consumer = scene.consumer({ pullThresholdForQueue: 40 })
  let seen = 0
  consumer.listen(async () => {
    await work.opened
    seen += 1
  })
  await scene.started(consumer)
  // 32 are not too many, 64 are.
  expect(scene.stored.pulls.filter(({ topic }) => topic === 'Orders').map((pull) => pull.queueOffset)).toEqual([0, 32])
  work.open()
  await scene.advance(1000)
  expect(seen).toBe(100)
  await scene.run(consumer.close())
})

test.each([
  ['their bodies', { pullThresholdSizeForQueue: 1 }, 'x'.repeat(100_000)],
  ['the span of their offsets', { consumeConcurrentlyMaxSpan: 30 }, 'x'],
])('pulls pause because of %s as well', async (_what, options, body) => {
  const scene = await ConsumeScene.start()
  scene.append(
    0,
    Array.from({ length: 100 }, () => body),
  )
  const work = gate()
  const consumer = scene.consumer(options)
  consumer.listen(() => work.opened)
  await scene.started(consumer)
  expect(scene.stored.pulls.filter(({ topic }) => topic === 'Orders')).toHaveLength(1)
  work.open()
  await scene.advance(1000)
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(100)
})

test('an offset that is gone is answered with another, from where the group goes on', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, bodies(10))
  scene.stored.minOffsets.set('Orders@0', 7)
  const consumer = scene.consumer()
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
  })
  await scene.started(consumer)
  await scene.advance(2000)
  expect(seen).toEqual(['m7', 'm8', 'm9'])
  expect(scene.cluster.warnings).toContain('the broker has nothing at the offset of a queue, so it goes on at another')
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(10)
})

test('a record that cannot be decoded costs itself alone, is surfaced, and is not pulled again', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['first'])
  scene.append(0, ['damaged'], { bodyCrc: 1, sysFlag: 1 })
  scene.append(0, ['last'])
  const undecodable: unknown[] = []
  const consumer = scene.consumer({
    onUndecodable: ({ queueOffset, cause }, { queueId }) => undecodable.push({ queueOffset, queueId, cause }),
  })
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
  })
  await scene.started(consumer)
  expect(seen).toEqual(['first', 'last'])
  expect(undecodable).toEqual([{ queueOffset: 1, queueId: 0, cause: expect.any(Error) as Error }])
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(3)
})

test('a suspended consumer pulls nothing, and goes on when it is resumed', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, [])
  const consumer = scene.consumer()
  const seen: string[] = []
  consumer.listen((message) => {
    seen.push(text(message))
  })
  await scene.started(consumer)
  consumer.suspend()
  scene.append(0, ['answers the pull under way', 'while suspended'])
  await scene.advance(5000)
  expect(seen).toEqual(['answers the pull under way'])
  consumer.resume()
  await scene.advance(2000)
  expect(seen).toEqual(['answers the pull under way', 'while suspended'])
  await scene.run(consumer.close())
})

test.each([
  ['flow control', ResponseCode.FLOW_CONTROL, 20],
  ['any other refusal', ResponseCode.NO_PERMISSION, 1000],
])('after %s the next pull comes later', async (_what, code, delayMs) => {
  const scene = await ConsumeScene.start()
  scene.append(0, [])
  const consumer = scene.consumer()
  consumer.listen(() => {})
  scene.stored.script.push(...Array.from({ length: 400 }, () => answer({ code, remark: 'no' })))
  await scene.started(consumer)
  const before = scene.stored.pulls.length
  await scene.advance(delayMs * 3)
  const queues = 2
  expect(scene.stored.pulls.length - before).toBeLessThanOrEqual(3 * queues)
  expect(scene.stored.pulls.length).toBeGreaterThan(before)
  await scene.run(consumer.close())
})

test('a pull carries the offset in memory, once there is one', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a', 'b'])
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  scene.append(0, ['c'])
  await scene.advance(10)
  const pulls = scene.stored.pulls.filter(({ topic }) => topic === 'Orders')
  // The second pull leaves before the handler has the messages of the first.
  expect(pulls.map(({ sysFlag, commitOffset }) => [sysFlag, commitOffset])).toEqual([
    [2, 0],
    [2, 0],
    [3, 2],
  ])
  expect(pulls[0]).toMatchObject({ maxMsgNums: 32, maxMsgBytes: 262_144, suspendTimeoutMillis: 15_000 })
  await scene.run(consumer.close())
})

test('hooks see every call of the handler, and one that throws changes nothing', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['ok', 'bad'])
  const told: unknown[] = []
  const consumer = scene.consumer({
    consumeMessageHooks: [
      {
        consumeMessageBefore: () => {
          throw new Error('hook')
        },
      },
      {
        consumeMessageAfter: ({ success, returnType, messages }) =>
          told.push([messages.map(text), success, returnType]),
      },
    ],
  })
  consumer.listen((message) => {
    if (text(message) === 'bad') throw new Error('bad')
  })
  await scene.started(consumer)
  expect(told).toEqual([
    [['ok'], true, 'SUCCESS'],
    [['bad'], false, 'EXCEPTION'],
  ])
  await scene.run(consumer.close())
})

import { expect, test } from 'vitest'
import { ConsumeScene, text } from './consume-scene.js'

/** Milliseconds of virtual time. */
const work = (scene: ConsumeScene, ms: number): Promise<void> => {
  return new Promise((resolve) => scene.cluster.runtime.timers.after(ms, resolve))
}

test('a close waits for handlers and commits what they did; the next consumer gets the rest, and nothing twice', async () => {
  const scene = await ConsumeScene.start()
  scene.append(
    0,
    Array.from({ length: 100 }, (_, index) => `m${index}`),
  )
  const seen: string[] = []
  const handler = async (message: { body: Buffer }): Promise<void> => {
    await work(scene, 100)
    seen.push(message.body.toString())
  }
  const first = scene.consumer()
  first.listen(handler, { concurrency: 3 })
  await scene.run(first.start())
  await scene.advance(1000)
  await scene.run(first.close())
  const before = seen.length
  expect(before).toBeGreaterThan(3)
  expect(before).toBeLessThan(100)
  expect(scene.offset(0)).toBe(before)
  await scene.advance(10_000)
  expect(seen).toHaveLength(before)

  const second = scene.consumer()
  second.listen(handler)
  await scene.started(second)
  await scene.run(second.close())
  expect(seen).toHaveLength(100)
  expect(new Set(seen).size).toBe(100)
})

test('a close is bounded: handlers are told by their signal, and what they did not finish is left to others', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['endless'])
  const consumer = scene.consumer()
  const reasons: unknown[] = []
  consumer.listen(async (_message, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    reasons.push(signal.reason)
    signal.throwIfAborted()
  })
  await scene.started(consumer)
  const startedMs = scene.cluster.runtime.clock.monotonic()
  await scene.run(consumer.close({ timeoutMs: 300 }))
  expect(scene.cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(400)
  expect(reasons).toHaveLength(1)
  expect(scene.offset(0)).toBe(0)
  expect(scene.group.sentBack).toEqual([])
})

test('a handler that ignores its signal does not keep a close from ending', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['endless'])
  const consumer = scene.consumer()
  consumer.listen(() => new Promise(() => {}))
  await scene.started(consumer)
  const startedMs = scene.cluster.runtime.clock.monotonic()
  await scene.run(consumer.close({ timeoutMs: 300 }))
  expect(scene.cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(1000)
  expect(scene.offset(0)).toBe(0)
})

test('an unfinished message before finished ones is sent back, so that those are committed and not delivered twice', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['done 0', 'endless', 'done 2', 'done 3'])
  const consumer = scene.consumer()
  consumer.listen((message) => (text(message) === 'endless' ? new Promise(() => {}) : undefined))
  await scene.started(consumer)
  await scene.run(consumer.close({ timeoutMs: 300 }))
  expect(scene.group.sentBack).toEqual([expect.objectContaining({ delayLevel: 0 })])
  expect(scene.offset(0)).toBe(4)
})

test('closing twice, or a consumer that never started, does nothing; starting after it says what is wrong', async () => {
  const scene = await ConsumeScene.start()
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  await scene.run(Promise.all([consumer.close(), consumer.shutdown(), consumer[Symbol.asyncDispose]()]))
  expect(scene.cluster.broker.unregistered).toEqual(['billing', 'CLIENT_INNER_PRODUCER'])
  const never = scene.consumer()
  await scene.run(never.close())
  never.listen(() => {})
  expect(await scene.cluster.failure(never.start())).toMatchObject({ code: 'CLIENT_STATE' })
  expect(() => never.suspend()).toThrow('was closed')
})

test('nothing is left to run after a close, and held pulls are let go', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a'])
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  expect(scene.stored.heldCount).toBe(2)
  await scene.run(consumer.close())
  await scene.advance(20_000)
  await scene.run(Promise.all([scene.cluster.broker.close(), scene.cluster.nameServer.close()]))
  await expect(scene.run(new Promise(() => {}))).rejects.toThrow('nothing is scheduled')
})

test('an unreachable broker does not keep a close from ending', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a'])
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  scene.cluster.runtime.hosts.partition('10.0.8.1', '10.0.1.1')
  const startedMs = scene.cluster.runtime.clock.monotonic()
  await scene.run(consumer.close())
  expect(scene.cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(20_000)
})

test('a start without a handler, a second handler and one after the start are refused by name', async () => {
  const scene = await ConsumeScene.start()
  const consumer = scene.consumer()
  expect(await scene.cluster.failure(scene.consumer().start())).toMatchObject({ code: 'CLIENT_CONFIG' })
  consumer.listen(() => {})
  expect(() => consumer.listen(() => {})).toThrow(expect.objectContaining({ code: 'CLIENT_STATE' }) as Error)
  expect(() => scene.consumer().listen('no' as never)).toThrow('no function')
  expect(() => scene.consumer().listen(() => {}, { concurrency: 0 })).toThrow('from 1 to 1000')
  expect(() => scene.consumer().listen(() => {}, { batchSize: 1025 })).toThrow('from 1 to 1024')
  await scene.run(consumer.close())
})

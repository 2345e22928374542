import { expect, test } from 'vitest'
import { ConsumeScene, text } from './consume-scene.js'

test('asking for the next message consumes the one before; leaving the loop leaves the one at hand to others', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a', 'b', 'c'])
  const consumer = scene.consumer()
  const seen: string[] = []
  const loop = async (): Promise<void> => {
    for await (const message of consumer) {
      if (seen.push(text(message)) === 2) break
    }
  }
  await scene.run(loop())
  expect(seen).toEqual(['a', 'b'])
  expect(scene.offset(0)).toBe(1)
  expect(scene.group.sentBack).toEqual([])
  expect(scene.cluster.warnings).toEqual([])
  expect(scene.cluster.broker.unregistered).toContain('billing')
})

test('a loop that throws loses nothing', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a'])
  const consumer = scene.consumer()
  const loop = async (): Promise<void> => {
    for await (const message of consumer) throw new Error(`cannot bill ${text(message)}`)
  }
  expect(await scene.cluster.failure(loop())).toMatchObject({ message: 'cannot bill a' })
  expect(scene.offset(0)).toBe(0)
})

test('a slow loop holds pulls back', async () => {
  const scene = await ConsumeScene.start()
  scene.append(
    0,
    Array.from({ length: 200 }, (_, index) => `m${index}`),
  )
  const consumer = scene.consumer({ pullThresholdForQueue: 10 })
  const iterator = consumer[Symbol.asyncIterator]()
  const first = await scene.run(iterator.next())
  expect(first.done).toBe(false)
  await scene.advance(10_000)
  expect(scene.stored.pulls.filter(({ topic }) => topic === 'Orders')).toHaveLength(1)
  for (let count = 1; count < 200; count++) await scene.run(iterator.next())
  await scene.run(consumer.close())
  expect(scene.offset(0)).toBe(199)
})

test('a close from elsewhere ends the loop', async () => {
  const scene = await ConsumeScene.start()
  scene.append(0, ['a'])
  const consumer = scene.consumer()
  const seen: string[] = []
  const loop = async (): Promise<void> => {
    for await (const message of consumer) seen.push(text(message))
  }
  const looping = loop()
  await scene.advance(3000)
  await scene.run(consumer.close())
  await scene.run(looping)
  expect(seen).toEqual(['a'])
  expect(scene.offset(0)).toBe(1)
})

test('a consumer that has a handler cannot be looped over', async () => {
  const scene = await ConsumeScene.start()
  const consumer = scene.consumer()
  consumer.listen(() => {})
  expect(() => consumer[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'CLIENT_STATE' }) as Error)
})

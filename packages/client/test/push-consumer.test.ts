import { expect, test } from 'vitest'
import { ConsumeScene, text } from './consume-scene.js'

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

import { expect, test } from 'vitest'
import { ConsumeScene } from './consume-scene.js'
import { routeOver } from './scripted-name-server.js'

test('within a namespace brokers see full names, and the application its own', async () => {
  const scene = await ConsumeScene.start()
  const { brokerName, address } = scene.cluster.broker
  for (const topic of ['ns%Orders', '%RETRY%ns%billing']) {
    scene.cluster.nameServer.routes.set(topic, routeOver({ brokerName, address, queues: 1 }))
  }
  scene.stored.offsets.set('ns%Orders@ns%billing@0', 0)
  scene.stored.append('ns%Orders@0', 'first')
  const seen: unknown[] = []
  const shares: string[] = []
  const consumer = scene.consumer({
    namespace: 'ns',
    messageQueueListener: (topic, { mqDivided }) => shares.push(topic, ...mqDivided.map((queue) => queue.topic)),
  })
  consumer.listen(({ topic, reconsumeTimes }, { queue }) => {
    seen.push([topic, queue.topic])
    if (reconsumeTimes === 0) throw new Error('no')
  })
  await scene.started(consumer)
  expect(scene.group.sentBack).toEqual([expect.objectContaining({ group: 'ns%billing', originTopic: 'ns%Orders' })])
  const properties = { RETRY_TOPIC: 'ns%Orders' }
  scene.stored.append('%RETRY%ns%billing@0', 'again', { reconsumeTimes: 1, properties })
  await scene.advance(100)
  expect(seen).toEqual([
    ['Orders', 'Orders'],
    ['Orders', '%RETRY%billing'],
  ])
  expect(shares).toEqual(['Orders', 'Orders', '%RETRY%billing', '%RETRY%billing'])
  await scene.run(consumer.close())
})

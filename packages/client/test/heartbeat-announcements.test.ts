import { expect, test } from 'vitest'
import { ConsumeScene } from './consume-scene.js'

// An announcement once shared the promise of one that had ended, so that brokers never heard of the change.
test('every change of subscriptions is told to the brokers, one after the other and at the same time', async () => {
  const scene = await ConsumeScene.start()
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  const told = (): number => scene.cluster.broker.heartbeats.length
  const topicsTold = (): string[] | undefined => {
    return scene.cluster.broker.heartbeats
      .at(-1)
      ?.consumerDataSet[0]?.subscriptionDataSet.map(({ topic }) => topic)
      .filter((topic) => !topic.startsWith('%'))
  }
  const before = told()
  consumer.subscribe('Payments')
  await scene.advance(100)
  consumer.unsubscribe('Payments')
  await scene.advance(100)
  expect(told()).toBe(before + 2)
  for (const topic of ['A', 'B', 'C']) consumer.subscribe(topic)
  await scene.advance(100)
  expect(topicsTold()).toEqual(['Orders', 'A', 'B', 'C'])
  // The first one is under way when the others come, and those share one.
  expect(told()).toBe(before + 4)
  await scene.run(consumer.close())
})

import { expect, test } from 'vitest'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', tags: 'created', keys: ['o-17'], body: 'hello' }

test('a message reaches the broker and the result says where it is stored', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const sent = await cluster.run(producer.send(message))
  expect(sent).toMatchObject({ sendStatus: 'SEND_OK', queueOffset: 0, regionId: 'DefaultRegion', traceOn: true })
  expect(sent.messageQueue).toMatchObject({ topic: 'Orders', brokerName: 'broker-a' })
  expect(cluster.broker.sends[0]?.body.toString()).toBe('hello')
  await cluster.run(producer.close())
  expect(cluster.broker.unregistered).toEqual(['orders', 'CLIENT_INNER_PRODUCER'])
})

import type { TopicQueueMappingInfo } from '@mq/remoting'
import { expect, test } from 'vitest'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'

const mapping = (bname: string, globalId: number): [string, TopicQueueMappingInfo] => [
  bname,
  { bname, totalQueues: 3, epoch: 1, dirty: false, scope: '__global__', currIdMap: new Map([[globalId, 0]]) },
]

test('a logical queue is sent to at the broker that leads it, under its global id', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.nameServer.routes.set('Orders', {
    ...routeOver(...cluster.brokers),
    topicQueueMappingByBroker: new Map([mapping('broker-a', 0), mapping('broker-b', 1)]),
  })
  const producer = await cluster.startedProducer()
  const queues = await cluster.run(producer.fetchPublishMessageQueues('Orders'))
  expect(queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`)).toEqual([
    '__syslo__global__:0',
    '__syslo__global__:1',
    '__syslo__global__:2',
  ])
  const [, second, orphan] = queues
  if (second === undefined || orphan === undefined) throw new Error('three queues are needed')
  const sent = await cluster.run(producer.send({ topic: 'Orders', body: 'x' }, { queue: second }))
  expect(sent.messageQueue).toEqual({ topic: 'Orders', brokerName: 'broker-b', queueId: 1 })
  expect(cluster.brokers[1]?.sends[0]?.fields).toMatchObject({ e: '1', n: 'broker-b' })
  const nowhere = producer.send({ topic: 'Orders', body: 'x' }, { queue: orphan })
  expect(await cluster.failure(nowhere)).toMatchObject({ code: 'BROKER_NOT_FOUND' })
})

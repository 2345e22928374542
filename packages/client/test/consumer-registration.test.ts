import { type ConsumerData, type ConsumerRunningInfo, NotifyConsumerIdsChanged } from '@mq/remoting'
import { expect, test } from 'vitest'
import { type MQConsumerInner, MQClientManager } from '../src/index.js'
import { resolveClientConfig } from '../src/instance/client-options.js'
import { createRequest } from '@mq/remoting'
import { SimulatedCluster } from './simulated-cluster.js'

class CountingConsumer implements MQConsumerInner {
  rebalances = 0
  saves = 0

  topics(): Iterable<string> {
    return ['Orders']
  }

  heartbeatData(): ConsumerData {
    return {
      groupName: 'billing',
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: [],
      unitMode: false,
    }
  }

  consumerRunningInfo(): Promise<ConsumerRunningInfo> {
    throw new Error('nobody asks')
  }

  async persistConsumerOffset(): Promise<void> {
    this.saves += 1
  }

  async doRebalance(): Promise<boolean> {
    this.rebalances += 1
    return true
  }
}

async function startedInstance(cluster: SimulatedCluster): Promise<{
  instance: ReturnType<MQClientManager['getOrCreateMQClientInstance']>
  consumer: CountingConsumer
}> {
  const config = resolveClientConfig({
    namesrvAddr: cluster.nameServer.address,
    clientIP: '10.0.8.1',
    runtime: cluster.runtime.host('10.0.8.1'),
  })
  const instance = new MQClientManager().getOrCreateMQClientInstance(config)
  const consumer = new CountingConsumer()
  instance.registerConsumer('billing', consumer)
  await cluster.run(instance.start())
  return { instance, consumer }
}

test('the topics of a consumer are refreshed and its group stands in heartbeats', async () => {
  const cluster = await SimulatedCluster.start()
  const { instance } = await startedInstance(cluster)
  await cluster.runtime.advance(2000)
  expect(cluster.nameServer.asked).toEqual(['Orders'])
  expect(cluster.broker.heartbeats[0]).toMatchObject({ consumerDataSet: [{ groupName: 'billing' }] })
  await cluster.run(instance.unregisterConsumer('billing'))
})

test('offsets are saved every 5 s and queues shared out every 20 s, until the consumer leaves', async () => {
  const cluster = await SimulatedCluster.start()
  const { instance, consumer } = await startedInstance(cluster)
  await cluster.runtime.advance(41_000)
  // First after 10 s, then every 5 s.
  expect(consumer.saves).toBe(7)
  expect(consumer.rebalances).toBe(2)
  await cluster.run(instance.unregisterConsumer('billing'))
  await cluster.runtime.advance(60_000)
  expect([consumer.saves, consumer.rebalances]).toEqual([7, 2])
})

test('a broker that tells of new members wakes the rebalance', async () => {
  const cluster = await SimulatedCluster.start()
  const { consumer, instance } = await startedInstance(cluster)
  await cluster.runtime.advance(2000)
  const before = consumer.rebalances
  const [connection] = cluster.broker.server.connections
  connection?.sendOneway(createRequest(NotifyConsumerIdsChanged, { consumerGroup: 'billing' }))
  await cluster.runtime.advance(10)
  expect(consumer.rebalances).toBe(before + 1)
  await cluster.run(instance.unregisterConsumer('billing'))
})

test('a second consumer of a group in one instance is refused', async () => {
  const cluster = await SimulatedCluster.start()
  const { instance } = await startedInstance(cluster)
  expect(() => instance.registerConsumer('billing', new CountingConsumer())).toThrow(/already has a consumer/)
  await cluster.run(instance.unregisterConsumer('billing'))
})

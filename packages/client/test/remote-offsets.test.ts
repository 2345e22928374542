import type { MessageQueue } from '@mq/remoting'
import { expect, test } from 'vitest'
import { resolveClientConfig } from '../src/instance/client-options.js'
import { MQClientInstance } from '../src/instance/mq-client-instance.js'
import { RemoteBrokerOffsetStore } from '../src/offsets/remote-broker-offset-store.js'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'
import { StoredQueues } from './stored-queues.js'

async function scene(): Promise<{ cluster: SimulatedCluster; stored: StoredQueues; store: RemoteBrokerOffsetStore }> {
  const cluster = await SimulatedCluster.start()
  const stored = new StoredQueues(cluster.broker, cluster.runtime)
  const config = resolveClientConfig({
    namesrvAddr: cluster.nameServer.address,
    clientIP: '10.0.8.1',
    runtime: cluster.runtime.host('10.0.8.1'),
    logger: cluster.logger,
  })
  const instance = new MQClientInstance(config, () => {})
  await cluster.run(instance.start())
  return { cluster, stored, store: new RemoteBrokerOffsetStore({ instance, consumerGroup: 'billing' }) }
}

const q = (queueId: number): MessageQueue => ({ topic: 'Orders', brokerName: 'broker-a', queueId })

test('an offset nobody stored is not found, and one that is stored is read and remembered', async () => {
  const { cluster, stored, store } = await scene()
  expect(await cluster.run(store.readOffset(q(0), 'READ_FROM_STORE'))).toBe('NOT_FOUND')
  stored.offsets.set('Orders@billing@0', 0)
  expect(await cluster.run(store.readOffset(q(0), 'MEMORY_FIRST_THEN_STORE'))).toBe(0)
  stored.offsets.set('Orders@billing@0', 8)
  expect(await cluster.run(store.readOffset(q(0), 'READ_FROM_MEMORY'))).toBe(0)
  expect(await cluster.run(store.readOffset(q(0), 'MEMORY_FIRST_THEN_STORE'))).toBe(0)
  expect(await cluster.run(store.readOffset(q(0), 'READ_FROM_STORE'))).toBe(8)
  expect(store.knownOffset(q(0))).toBe(8)
})

test('a broker that cannot be asked makes an offset unavailable, not absent', async () => {
  const { cluster, store } = await scene()
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address: '10.9.9.9:10911' }))
  expect(await cluster.run(store.readOffset(q(0), 'READ_FROM_STORE'))).toBe('UNAVAILABLE')
  const unknown = { ...q(0), brokerName: 'broker-z' }
  expect(await cluster.run(store.readOffset(unknown, 'READ_FROM_STORE'))).toBe('UNAVAILABLE')
  expect(await cluster.run(store.readOffset(unknown, 'READ_FROM_MEMORY'))).toBe('NOT_FOUND')
  expect(cluster.warnings).toEqual(Array(2).fill('the offset of a queue could not be read from its broker'))
})

test('saving tells the broker about the queues named and forgets the others', async () => {
  const { cluster, stored, store } = await scene()
  for (const queueId of [0, 1, 2]) store.updateOffset(q(queueId), 10 + queueId)
  await cluster.run(store.persistAll([]))
  expect(store.cloneOffsetTable('Orders').size).toBe(3)
  await cluster.run(store.persistAll([q(0), q(2), q(3)]))
  await cluster.runtime.advance(10)
  expect(Object.fromEntries(stored.offsets)).toEqual({ 'Orders@billing@0': 10, 'Orders@billing@2': 12 })
  expect([...store.cloneOffsetTable('Orders').values()]).toEqual([10, 12])
})

test('a save that fails is logged and not thrown, and a later one succeeds', async () => {
  const { cluster, stored, store } = await scene()
  cluster.nameServer.isSilent = true
  store.updateOffset(q(0), 10)
  await cluster.run(store.persist(q(0)))
  expect(cluster.warnings).toEqual(['the offset of a queue could not be saved at its broker'])
  cluster.nameServer.isSilent = false
  await cluster.run(store.persist(q(0)))
  await cluster.runtime.advance(10)
  expect(stored.offsets.get('Orders@billing@0')).toBe(10)
})

test('a save that is waited for is at the broker when it resolves, and rejects when it cannot be', async () => {
  const { cluster, stored, store } = await scene()
  await cluster.run(store.updateConsumeOffsetToBroker(q(1), 4))
  expect(stored.offsets.get('Orders@billing@1')).toBe(4)
  const failure = await cluster.failure(store.updateConsumeOffsetToBroker({ ...q(1), brokerName: 'broker-z' }, 4))
  expect(failure).toMatchObject({ code: 'BROKER_NOT_FOUND' })
})

test('a queue is handed over at the offset known here, even when an older one arrives at the broker last', async () => {
  const { cluster, stored, store } = await scene()
  for (const queueId of [0, 1]) store.updateOffset(q(queueId), 10)
  stored.afterUpdate = ({ queueId }) => {
    stored.afterUpdate = undefined
    stored.offsets.set(`Orders@billing@${queueId}`, 9)
  }
  await cluster.run(store.handOver([q(0), q(1), q(2)]))
  expect(Object.fromEntries(stored.offsets)).toEqual({ 'Orders@billing@0': 10, 'Orders@billing@1': 10 })
  expect(cluster.warnings).toEqual([])
})

test('a queue whose broker is away is handed over with a warning', async () => {
  const { cluster, store } = await scene()
  store.updateOffset({ ...q(0), brokerName: 'broker-z' }, 10)
  await cluster.run(store.handOver([{ ...q(0), brokerName: 'broker-z' }]))
  expect(cluster.warnings).toEqual(['the offset of a queue could not be saved at its broker'])
})

test('a frozen offset is what is saved, whatever is read or updated later', async () => {
  const { cluster, stored, store } = await scene()
  stored.offsets.set('Orders@billing@0', 3)
  store.updateAndFreezeOffset(q(0), 50)
  store.updateOffset(q(0), 60)
  await cluster.run(store.readOffset(q(0), 'READ_FROM_STORE'))
  await cluster.run(store.persist(q(0)))
  await cluster.runtime.advance(10)
  expect(stored.offsets.get('Orders@billing@0')).toBe(50)
})

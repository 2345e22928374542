import { expect, test } from 'vitest'
import { MQClientManager } from '../src/index.js'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test('two producers given the same manager and instance name share one connection and one heartbeat', async () => {
  const cluster = await SimulatedCluster.start()
  const shared = { clientManager: new MQClientManager(), instanceName: 'shop' }
  const first = await cluster.startedProducer({ ...shared, producerGroup: 'g1' })
  const second = await cluster.startedProducer({ ...shared, producerGroup: 'g2' })
  expect(first.clientId).toBe(second.clientId)
  await cluster.run(Promise.all([first.send(message), second.send(message)]))
  await cluster.runtime.advance(1500)
  expect(cluster.broker.server.connections.size).toBe(1)
  const groups = cluster.broker.heartbeats.at(-1)?.producerDataSet.map(({ groupName }) => groupName)
  expect(groups?.toSorted()).toEqual(['CLIENT_INNER_PRODUCER', 'g1', 'g2'])
})

test('the shared instance lives until its last producer has closed', async () => {
  const cluster = await SimulatedCluster.start()
  const shared = { clientManager: new MQClientManager(), instanceName: 'shop' }
  const first = await cluster.startedProducer({ ...shared, producerGroup: 'g1' })
  const second = await cluster.startedProducer({ ...shared, producerGroup: 'g2' })
  await cluster.run(first.send(message))
  await cluster.run(first.close())
  expect(cluster.broker.unregistered).toEqual(['g1'])
  expect((await cluster.run(second.send(message))).sendStatus).toBe('SEND_OK')
  await cluster.run(second.close())
  expect(cluster.broker.unregistered).toEqual(['g1', 'g2', 'CLIENT_INNER_PRODUCER'])
  const third = await cluster.startedProducer({ ...shared, producerGroup: 'g1' })
  expect((await cluster.run(third.send(message))).sendStatus).toBe('SEND_OK')
})

test('a second producer of a group in one instance is refused, and the first works on', async () => {
  const cluster = await SimulatedCluster.start()
  const shared = { clientManager: new MQClientManager(), instanceName: 'shop' }
  const first = await cluster.startedProducer(shared)
  const second = cluster.producer(shared)
  const failure = await cluster.failure(second.start())
  expect(failure).toMatchObject({ code: 'PRODUCER_GROUP_TAKEN', retryable: false })
  expect((failure as Error).message).toContain("'orders'")
  await cluster.run(second.close())
  expect((await cluster.run(first.send(message))).sendStatus).toBe('SEND_OK')
  expect(cluster.broker.unregistered).toEqual([])
})

test('without a manager two producers of a group share nothing', async () => {
  const cluster = await SimulatedCluster.start()
  const first = await cluster.startedProducer()
  const second = await cluster.startedProducer()
  expect(first.clientId).not.toBe(second.clientId)
  await cluster.run(Promise.all([first.send(message), second.send(message)]))
  expect(cluster.broker.server.connections.size).toBe(2)
})

test('a broker just connected to hears at once who lives in the client', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.runtime.advance(500)
  await cluster.run(producer.send(message))
  await cluster.runtime.advance(5)
  expect(cluster.broker.heartbeats).toHaveLength(1)
  expect(cluster.broker.heartbeats[0]).toEqual({
    clientID: producer.clientId,
    producerDataSet: [{ groupName: 'CLIENT_INNER_PRODUCER' }, { groupName: 'orders' }],
    consumerDataSet: [],
    heartbeatFingerprint: 0,
    withoutSub: false,
  })
})

test('heartbeats follow every 30 s, to masters only while there are no consumers', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [master, slave] = cluster.brokers
  const route = routeOver({ brokerName: 'broker-a', address: master?.address })
  const brokerAddrs = new Map([
    [0, master?.address ?? ''],
    [1, slave?.address ?? ''],
  ])
  cluster.nameServer.routes.set('Orders', {
    ...route,
    brokerDatas: route.brokerDatas.map((broker) => ({ ...broker, brokerAddrs })),
  })
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message))
  await cluster.runtime.advance(95_000)
  // At once, after one second, and every 30 s from then on.
  expect(master?.heartbeats).toHaveLength(5)
  expect(slave?.heartbeats).toEqual([])
})

test('a broker that restarts hears of the client with the next heartbeat', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message))
  await cluster.runtime.advance(5000)
  const before = cluster.broker.heartbeats.length
  cluster.runtime.hosts.reset('10.0.8.1', '10.0.1.1')
  await cluster.runtime.advance(31_000)
  expect(cluster.broker.heartbeats.length).toBeGreaterThan(before)
})

test('V2 heartbeats leave subscriptions out once the broker has them, until it asks for them again', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.heartbeatAnswer = { isSupportHeartBeatV2: true, isSubChange: false }
  const producer = await cluster.startedProducer({ useHeartbeatV2: true })
  await cluster.run(producer.send(message))
  await cluster.runtime.advance(40_000)
  cluster.broker.heartbeatAnswer = { isSupportHeartBeatV2: true, isSubChange: true }
  await cluster.runtime.advance(60_000)
  expect(cluster.broker.heartbeats.map(({ withoutSub }) => withoutSub)).toEqual([false, true, true, true, false])
  const fingerprints = new Set(cluster.broker.heartbeats.map(({ heartbeatFingerprint }) => heartbeatFingerprint))
  expect(fingerprints.size).toBe(1)
  expect(fingerprints).not.toContain(0)
})

test('a route that changed in the background is used by the next send, and an old address is forgotten', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [a, b] = cluster.brokers
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address: a?.address }))
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message))
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-b', address: b?.address }))
  await cluster.runtime.advance(65_000)
  expect((await cluster.run(producer.send(message))).messageQueue.brokerName).toBe('broker-b')
  const heartbeats = a?.heartbeats.length
  await cluster.runtime.advance(60_000)
  expect(a?.heartbeats.length).toBe(heartbeats)
})

test('the routes of the topics named in the options are fetched at the start', async () => {
  const cluster = await SimulatedCluster.start()
  await cluster.startedProducer({ topics: ['Orders', 'Nowhere'] })
  expect(cluster.nameServer.asked).toEqual(['Orders', 'Nowhere', 'TBW102'])
  expect(cluster.warnings).toEqual(['the route of a topic could not be fetched at the start'])
})

test('a start opens no connection to a broker and succeeds without any server', async () => {
  const cluster = await SimulatedCluster.start()
  await cluster.run(cluster.nameServer.close())
  await cluster.startedProducer()
  expect(cluster.broker.server.connections.size).toBe(0)
})

test('requests carry the language NODE_JS and our protocol version', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message))
  expect(cluster.broker.sends[0]).toMatchObject({ language: 13, version: 493 })
})

test('a producer that only sends to queues it names keeps its route and its heartbeats', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message, { queue: { topic: 'Orders', brokerName: 'broker-a', queueId: 0 } }))
  await cluster.runtime.advance(65_000)
  expect(cluster.nameServer.asked.length).toBeGreaterThanOrEqual(3)
  expect(cluster.broker.heartbeats.length).toBeGreaterThanOrEqual(3)
})

test('a route that nobody uses any more is forgotten, and asked for again when it is needed', async () => {
  const cluster = await SimulatedCluster.start()
  const shared = { clientManager: new MQClientManager(), instanceName: 'shop' }
  const first = await cluster.startedProducer({ ...shared, producerGroup: 'g1' })
  const second = await cluster.startedProducer({ ...shared, producerGroup: 'g2' })
  await cluster.run(first.send(message))
  await cluster.run(first.close())
  await cluster.runtime.advance(65_000)
  const asked = cluster.nameServer.asked.length
  await cluster.run(second.send(message))
  expect(cluster.nameServer.asked.length).toBe(asked + 1)
})

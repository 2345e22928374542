import { expect, test } from 'vitest'
import { DefaultLitePullConsumer, DefaultMQPullConsumer, NoRouteError, type SendError } from '../src/index.js'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test('a name server that is down is named as unreachable, with its address', async () => {
  const cluster = await SimulatedCluster.start()
  await cluster.run(cluster.nameServer.close())
  const producer = await cluster.startedProducer()
  const failure = await cluster.failure(producer.send(message))
  expect(failure).toBeInstanceOf(NoRouteError)
  expect(failure).toMatchObject({ code: 'NAME_SERVER_UNREACHABLE', retryable: true, attempts: [] })
  expect((failure as NoRouteError).message).toContain('10.0.0.1:9876')
})

test('a name server that does not answer is given up when the timeout of the send is over', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.nameServer.isSilent = true
  const producer = await cluster.startedProducer()
  const startedMs = cluster.runtime.clock.monotonic()
  const failure = await cluster.failure(producer.send(message, { timeoutMs: 500 }))
  expect(failure).toMatchObject({ code: 'NAME_SERVER_UNREACHABLE' })
  expect(cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(510)
})

test('the second name server is asked when the first one is down', async () => {
  const cluster = await SimulatedCluster.start()
  for (const namesrvAddr of [
    `10.0.0.99:9876;${cluster.nameServer.address}`,
    `${cluster.nameServer.address};10.0.0.99:9876`,
  ]) {
    const producer = await cluster.startedProducer({ namesrvAddr })
    expect((await cluster.run(producer.send(message))).sendStatus).toBe('SEND_OK')
  }
})

test('a topic that neither exists nor can be created says so', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const failure = await cluster.failure(producer.send({ topic: 'Nowhere', body: 'x' }))
  expect(failure).toMatchObject({ name: 'NoRouteError', code: 'TOPIC_NOT_FOUND' })
  expect((failure as NoRouteError).message).toContain('autoCreateTopicEnable=true')
})

test('name servers without a single broker are told from a topic that does not exist', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.nameServer.brokers = []
  const producer = await cluster.startedProducer()
  const failure = await cluster.failure(producer.send({ topic: 'Nowhere', body: 'x' }))
  expect(failure).toMatchObject({ name: 'NoRouteError', code: 'NO_BROKER_REGISTERED', retryable: true })
  expect((failure as NoRouteError).message).toContain('10.0.0.1:9876')
})

test('a topic that was created meanwhile is found by the next send', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.failure(producer.send({ topic: 'Later', body: 'x' }))
  cluster.nameServer.routes.set('Later', routeOver(cluster.broker))
  expect((await cluster.run(producer.send({ topic: 'Later', body: 'x' }))).sendStatus).toBe('SEND_OK')
})

test('a topic without a route is not asked for again in the background', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.failure(producer.send({ topic: 'Nowhere', body: 'x' }))
  const asked = cluster.nameServer.asked.length
  await cluster.runtime.advance(100_000)
  expect(cluster.nameServer.asked.slice(asked)).toEqual([])
})

test.each([
  ['no queue is writable', { perm: 4 }],
  ['the master is down', { address: undefined }],
  ['there are no queues', { queues: 0 }],
])('when %s the topic is called not writable', async (_why, part) => {
  const cluster = await SimulatedCluster.start()
  const { brokerName, address } = cluster.broker
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName, address, ...part }))
  const producer = await cluster.startedProducer()
  expect(await cluster.failure(producer.send(message))).toMatchObject({ code: 'TOPIC_NOT_WRITABLE' })
})

test('an advertised address where nothing listens is named, together with the settings to look at', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address: '172.17.0.2:10911' }))
  const producer = await cluster.startedProducer()
  const failure = (await cluster.failure(producer.send(message))) as SendError
  expect(failure).toMatchObject({ name: 'SendError', code: 'BROKER_UNREACHABLE' })
  expect(failure.attempts).toHaveLength(3)
  expect(failure.message).toContain('the name server says broker-a at 172.17.0.2:10911')
  expect(failure.message).toContain('brokerIP1')
})

test('a queue of a broker that no route knows is refused by name', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const queue = { topic: 'Orders', brokerName: 'broker-z', queueId: 0 }
  const failure = await cluster.failure(producer.send(message, { queue }))
  expect(failure).toMatchObject({
    code: 'BROKER_NOT_FOUND',
    attempts: [{ brokerName: 'broker-z', address: undefined }],
  })
})

test('without any name server the producer cannot be made', async () => {
  const cluster = await SimulatedCluster.start()
  expect(() => cluster.producer({ namesrvAddr: '' })).toThrow(expect.objectContaining({ code: 'NO_NAME_SERVER' }))
})

type Arrange = (cluster: SimulatedCluster) => unknown

const causes: [string, string, Arrange][] = [
  ['the name server is down', 'NAME_SERVER_UNREACHABLE', (cluster) => cluster.run(cluster.nameServer.close())],
  [
    'the topic does not exist',
    'TOPIC_NOT_FOUND',
    ({ nameServer, broker }) => {
      nameServer.routes.delete('Orders')
      nameServer.brokers = [broker]
    },
  ],
  [
    'no broker is registered',
    'NO_BROKER_REGISTERED',
    ({ nameServer }) => {
      nameServer.routes.delete('Orders')
      nameServer.brokers = []
    },
  ],
  [
    'the broker is in no route',
    'BROKER_NOT_FOUND',
    ({ nameServer, broker }) =>
      nameServer.routes.set('Orders', routeOver({ address: broker.address, brokerName: 'b' })),
  ],
  [
    'the advertised address is dead',
    'BROKER_UNREACHABLE',
    ({ nameServer }) =>
      nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address: '172.17.0.2:10911' })),
  ],
]

test.each(causes)('when %s a pull fails with %s and says what to do', async (_, code, arrange) => {
  const cluster = await SimulatedCluster.start()
  await arrange(cluster)
  const consumer = new DefaultMQPullConsumer(consumerOptions(cluster))
  await cluster.run(consumer.start())
  const queue = { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }
  const failure = await cluster.failure(consumer.pull(queue, 0))
  expect(failure).toMatchObject({ code })
  expect((failure as Error).message).toMatch(/; (check|create|start) /)
  await cluster.run(consumer.close())
})

test.each(causes.slice(0, 3))(
  'when %s the queues of a topic cannot be fetched, which fails with %s',
  async (_, code, arrange) => {
    const cluster = await SimulatedCluster.start()
    await arrange(cluster)
    const consumer = new DefaultMQPullConsumer(consumerOptions(cluster))
    await cluster.run(consumer.start())
    expect(await cluster.failure(consumer.fetchSubscribeMessageQueues('Orders'))).toMatchObject({
      name: 'NoRouteError',
      code,
    })
    await cluster.run(consumer.close())
  },
)

test('a consumer subscribed to a topic without a route starts, with the cause in its log', async () => {
  const cluster = await SimulatedCluster.start()
  const logged: unknown[] = []
  const warn = (_message: string, fields?: Record<string, unknown>): void => void logged.push(fields?.['cause'])
  const consumer = new DefaultLitePullConsumer({
    ...consumerOptions(cluster),
    logger: { debug() {}, info() {}, error() {}, warn },
  })
  await consumer.subscribe('Nowhere')
  await cluster.run(consumer.start())
  expect(logged[0]).toMatchObject({ code: 'TOPIC_NOT_FOUND' })
  await cluster.run(consumer.close())
})

function consumerOptions(cluster: SimulatedCluster): ConstructorParameters<typeof DefaultMQPullConsumer>[0] {
  return {
    consumerGroup: 'report',
    namesrvAddr: cluster.nameServer.address,
    clientIP: '10.0.8.1',
    runtime: cluster.runtime.host('10.0.8.1'),
  }
}

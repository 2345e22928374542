import { randomBytes } from 'node:crypto'
import { decodeProperties, decompress, SystemFlag } from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedCluster } from './simulated-cluster.js'
import { routeOver } from './scripted-name-server.js'

const message = { topic: 'Orders', tags: 'created', keys: ['o-17'], body: 'hello' }

test('a message reaches the broker and the result says where it is stored', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const sent = await cluster.run(producer.send(message))
  expect(sent).toMatchObject({ sendStatus: 'SEND_OK', queueOffset: 0, regionId: 'DefaultRegion', traceOn: true })
  expect(sent.messageQueue).toMatchObject({ topic: 'Orders', brokerName: 'broker-a' })
  expect(sent.msgId).toBe(decodeProperties(cluster.broker.sends[0]?.fields['i'] ?? '').get('UNIQ_KEY'))
  expect(sent.offsetMsgId).toMatch(/^0A000101/)
  expect(cluster.broker.sends[0]?.body.toString()).toBe('hello')
})

test('string, Buffer and Uint8Array bodies arrive byte for byte and the message is left as it was', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const bytes = Uint8Array.from([0, 255, 128, 7])
  const messages = [{ body: 'ü€' }, { body: Buffer.from(bytes) }, { body: bytes.subarray(1, 3) }].map((part) =>
    Object.freeze({ topic: 'Orders', properties: Object.freeze({ colour: 'red' }), ...part }),
  )
  const before = structuredClone(messages)
  for (const sending of messages) await cluster.run(producer.send(sending))
  expect(cluster.broker.sends.map(({ body }) => [...body])).toEqual([
    [...Buffer.from('ü€')],
    [0, 255, 128, 7],
    [255, 128],
  ])
  expect(structuredClone(messages)).toEqual(before)
})

test.each<[number, string]>([
  [10, 'FLUSH_DISK_TIMEOUT'],
  [11, 'SLAVE_NOT_AVAILABLE'],
  [12, 'FLUSH_SLAVE_TIMEOUT'],
])('response code %d is the status %s and not an error', async (code, status) => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next({ code })
  const producer = await cluster.startedProducer()
  expect((await cluster.run(producer.send(message))).sendStatus).toBe(status)
})

test('sends go round all queues of all brokers', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const producer = await cluster.startedProducer()
  const used = new Set<string>()
  for (let count = 0; count < 8; count++) {
    const { messageQueue } = await cluster.run(producer.send(message))
    used.add(`${messageQueue.brokerName}:${messageQueue.queueId}`)
  }
  expect(used.size).toBe(8)
})

test('a named queue gets the message', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const producer = await cluster.startedProducer()
  const queue = { topic: 'Orders', brokerName: 'broker-b', queueId: 3 }
  expect((await cluster.run(producer.send(message, { queue }))).messageQueue).toEqual(queue)
})

test('messages of one sharding key share the queue that the Java selector picks', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const first = await cluster.run(producer.send(message, { shardingKey: 'customer-9' }))
  const second = await cluster.run(producer.send(message, { shardingKey: 'customer-9' }))
  // SelectMessageQueueByHash of Apache RocketMQ 5.4.0 sent "customer-9" to queue 2 of 4.
  expect([first.messageQueue.queueId, second.messageQueue.queueId]).toEqual([2, 2])
})

// Java's hash of the first is 0, and that of the second Integer.MIN_VALUE, which has no absolute value.
test.each(['', 'polygenelubricants'])(
  'the sharding key %j, which belongs on queue 0, always goes there',
  async (shardingKey) => {
    const cluster = await SimulatedCluster.start()
    const producer = await cluster.startedProducer()
    const queueIds: number[] = []
    for (let sends = 0; sends < 3; sends++) {
      queueIds.push((await cluster.run(producer.send(message, { shardingKey }))).messageQueue.queueId)
    }
    expect(queueIds).toEqual([0, 0, 0])
  },
)

test('a selector gets the queues, the message and the argument, and its queue is used', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const seen: unknown[] = []
  const sent = await cluster.run(
    producer.send(message, {
      selector: (queues, selected, arg) => {
        seen.push(queues.length, selected, arg)
        return queues[1]
      },
      arg: 42,
    }),
  )
  expect(seen).toEqual([4, message, 42])
  expect(sent.messageQueue.queueId).toBe(1)
})

test('a selector that throws or returns a foreign queue fails the send before anything leaves', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const foreign = { topic: 'Orders', brokerName: 'nowhere', queueId: 0 }
  const thrown = new Error('no idea')
  const failures = [
    await cluster.failure(producer.send(message, { selector: () => foreign })),
    await cluster.failure(
      producer.send(message, {
        selector: () => {
          throw thrown
        },
      }),
    ),
  ]
  expect(failures).toMatchObject([{ code: 'QUEUE_SELECTION' }, { code: 'QUEUE_SELECTION', cause: thrown }])
  expect(cluster.broker.sends).toEqual([])
})

test('the route is asked for once, however many sends wait for it', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(Promise.all(Array.from({ length: 50 }, () => producer.send(message))))
  expect(cluster.nameServer.asked).toEqual(['Orders'])
  expect(cluster.broker.sends).toHaveLength(50)
})

test('an unknown topic is sent to with the queues of the template, at most defaultTopicQueueNums of them', async () => {
  const cluster = await SimulatedCluster.start()
  const { address, brokerName } = cluster.broker
  cluster.nameServer.routes.set('TBW102', routeOver({ brokerName, address, queues: 8, perm: 7 }))
  const producer = await cluster.startedProducer()
  const ids = new Set<number>()
  for (let count = 0; count < 8; count++) {
    ids.add((await cluster.run(producer.send({ topic: 'New', body: 'x' }))).messageQueue.queueId)
  }
  expect([...ids].sort()).toEqual([0, 1, 2, 3])
  expect(cluster.nameServer.asked).toEqual(['New', 'TBW102'])
  expect(cluster.broker.sends[0]?.fields).toMatchObject({ b: 'New', c: 'TBW102', d: '4' })
})

test('a message within a namespace carries it outside and not in the result', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.nameServer.routes.set('shop%Orders', routeOver(cluster.broker))
  const producer = await cluster.startedProducer({ namespace: 'shop' })
  const sent = await cluster.run(producer.send(message))
  expect(sent.messageQueue.topic).toBe('Orders')
  const fields = cluster.broker.sends[0]?.fields
  expect(fields).toMatchObject({ a: 'shop%orders', b: 'shop%Orders' })
  expect(fields?.['i']).toContain('INSTANCE_ID\u0001shop\u0002')
})

test('with the VIP channel sends go two ports below and unregistration to the normal port', async () => {
  const cluster = await SimulatedCluster.start()
  const { host, port } = cluster.broker.server.endpoint
  const address = `${host}:${port + 2}`
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address }))
  const producer = await cluster.startedProducer({ vipChannelEnabled: true })
  await cluster.run(producer.send(message))
  expect(cluster.broker.sends).toHaveLength(1)
  await cluster.run(producer.close())
  expect(cluster.broker.unregistered).toEqual([])
  expect(cluster.warnings).toContain('a broker could not be told that a client left')
})

test('a large body is compressed, which the flags say, and can be read back', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const body = Buffer.from(randomBytes(100).toString('hex').repeat(40))
  const sending = producer.send({ topic: 'Orders', body })
  // The pool that compresses is outside of the simulation.
  await new Promise((resolve) => setTimeout(resolve, 0))
  while (cluster.broker.sends.length === 0) {
    await new Promise((resolve) => setImmediate(resolve))
    await cluster.runtime.advance(1)
  }
  await cluster.run(sending)
  const [sent] = cluster.broker.sends
  const sysFlag = Number(sent?.fields['f'])
  expect(sysFlag).toBe(SystemFlag.COMPRESSED | SystemFlag.COMPRESSION_ZLIB)
  expect(sent?.body.length).toBeLessThan(body.length)
  expect(decompress(sent?.body ?? Buffer.alloc(0), { sysFlag }).equals(body)).toBe(true)
})

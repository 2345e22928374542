import { decodeMessageBatch, decodeProperties } from '@mq/remoting'
import { expect, test } from 'vitest'
import { type ReceivedSend } from './scripted-broker.js'
import { SimulatedCluster } from './simulated-cluster.js'

// Header fields as the producer of Apache RocketMQ 5.4.0 put them on the wire (captured); what differs from run to run is left out.
const captured = {
  sync: {
    a: 'java-producer',
    b: 'Orders',
    c: 'TBW102',
    d: '4',
    e: '1',
    f: '0',
    h: '0',
    j: '0',
    k: 'false',
    m: 'false',
    n: 'java-broker',
  },
  batch: {
    a: 'java-producer',
    b: 'Orders',
    c: 'TBW102',
    d: '4',
    e: '2',
    f: '0',
    h: '0',
    j: '0',
    k: 'false',
    m: 'true',
    n: 'java-broker',
  },
  v1: {
    queueId: '2',
    flag: '0',
    sysFlag: '0',
    reconsumeTimes: '0',
    batch: 'false',
    unitMode: 'false',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: '4',
    producerGroup: 'java-producer',
    bname: 'java-broker',
    topic: 'Orders',
  },
}

const queue = (queueId: number): { topic: string; brokerName: string; queueId: number } => ({
  topic: 'Orders',
  brokerName: 'broker-a',
  queueId,
})

/** The fields of a send, without birth time and properties, its broker renamed to the captured one's. */
function comparable(send: ReceivedSend | undefined): Record<string, string> {
  const { g: _g, i: _i, bornTimestamp: _born, properties: _properties, ...fields } = { ...send?.fields }
  for (const name of ['n', 'bname']) if (fields[name] === 'broker-a') fields[name] = 'java-broker'
  return fields
}

test('a V2 request has the fields of the Java producer, no more and no fewer', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ producerGroup: 'java-producer' })
  await cluster.run(
    producer.send(
      { topic: 'Orders', body: 'x', tags: 'created', keys: 'k0', properties: { colour: 'red' } },
      { queue: queue(1) },
    ),
  )
  const [send] = cluster.broker.sends
  expect(send?.code).toBe(310)
  expect(comparable(send)).toEqual(captured.sync)
  expect(Number(send?.fields['g'])).toBeGreaterThan(0)
  const properties = decodeProperties(send?.fields['i'] ?? '')
  expect([...properties.keys()].sort()).toEqual(['KEYS', 'TAGS', 'UNIQ_KEY', 'WAIT', 'colour'])
  expect(Object.fromEntries(properties)).toMatchObject({ KEYS: 'k0', TAGS: 'created', WAIT: 'true', colour: 'red' })
})

test('a batch request has the fields of the Java producer, in the header and in each member', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ producerGroup: 'java-producer' })
  const member = { topic: 'Orders', body: 'x', tags: 'created', keys: 'k' }
  await cluster.run(producer.send([member, member], { queue: queue(2) }))
  const [send] = cluster.broker.sends
  expect(send?.code).toBe(320)
  expect(comparable(send)).toEqual(captured.batch)
  expect([...decodeProperties(send?.fields['i'] ?? '').keys()].sort()).toEqual(['UNIQ_KEY', 'WAIT'])
  const members = decodeMessageBatch(send?.body ?? Buffer.alloc(0)).map((entry) => decodeProperties(entry.properties))
  expect(members.map((properties) => [...properties.keys()].sort())).toEqual([
    ['KEYS', 'TAGS', 'UNIQ_KEY', 'WAIT'],
    ['KEYS', 'TAGS', 'UNIQ_KEY', 'WAIT'],
  ])
})

test('without sendSmartMsg the request has the long names of V1, batches excepted', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ producerGroup: 'java-producer', sendSmartMsg: false })
  await cluster.run(producer.send({ topic: 'Orders', body: 'x' }, { queue: queue(2) }))
  await cluster.run(producer.send([{ topic: 'Orders', body: 'x' }], { queue: queue(2) }))
  const [single, batch] = cluster.broker.sends
  expect(single?.code).toBe(10)
  expect(comparable(single)).toEqual(captured.v1)
  expect(batch?.code).toBe(320)
  expect(comparable(batch)).toEqual(captured.batch)
})

test('a one-way send differs from another only by its flag', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ producerGroup: 'java-producer' })
  await cluster.run(producer.sendOneway({ topic: 'Orders', body: 'x' }, { queue: queue(1) }))
  await cluster.runtime.advance(10)
  expect(comparable(cluster.broker.sends[0])).toEqual(captured.sync)
  expect(cluster.broker.sends[0]?.isOneway).toBe(true)
})

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createRequest,
  decodeConsumerRunningInfo,
  decodeConsumerStatusBody,
  GetConsumerRunningInfo,
  GetConsumerStatusFromClient,
  PullSystemFlag,
  ResponseCode,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { DefaultMQPullConsumer, MQClientManager, type PullConsumerOptions } from '../src/index.js'
import { routeOver } from './scripted-name-server.js'
import { ScriptedGroup } from './scripted-group.js'
import { SimulatedCluster } from './simulated-cluster.js'
import { StoredQueues } from './stored-queues.js'

interface Scene {
  readonly cluster: SimulatedCluster
  readonly stored: StoredQueues
  readonly group: ScriptedGroup
}

async function scene(): Promise<Scene> {
  const cluster = await SimulatedCluster.start()
  return {
    cluster,
    stored: new StoredQueues(cluster.broker, cluster.runtime),
    group: new ScriptedGroup(cluster.broker),
  }
}

function consumerOf(cluster: SimulatedCluster, options: Partial<PullConsumerOptions> = {}): DefaultMQPullConsumer {
  return new DefaultMQPullConsumer({
    consumerGroup: 'report',
    namesrvAddr: cluster.nameServer.address,
    clientIP: '10.0.8.1',
    runtime: cluster.runtime.host('10.0.8.1'),
    logger: cluster.logger,
    ...options,
  })
}

async function started(
  cluster: SimulatedCluster,
  options: Partial<PullConsumerOptions> = {},
): Promise<DefaultMQPullConsumer> {
  const consumer = consumerOf(cluster, options)
  await cluster.run(consumer.start())
  return consumer
}

const queue = { topic: 'Orders', brokerName: 'broker-a', queueId: 1 }

test('a pull carries its subscription, commits nothing, and is not held', async () => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster)
  stored.append('Orders@1', 'one', { properties: { TAGS: 'a' } })
  stored.append('Orders@1', 'two', { properties: { TAGS: 'b' } })
  const result = await cluster.run(consumer.pull(queue, 0, { expression: 'b', maxNums: 7 }))
  expect(result).toMatchObject({ pullStatus: 'FOUND', nextBeginOffset: 2 })
  expect(result.msgFoundList.map(({ body }) => body.toString())).toEqual(['two'])
  expect(stored.pulls[0]).toMatchObject({
    consumerGroup: 'report',
    sysFlag: PullSystemFlag.SUBSCRIPTION,
    subscription: 'b',
    subVersion: 0,
    maxMsgNums: 7,
    maxMsgBytes: 2_147_483_647,
    suspendTimeoutMillis: 20_000,
  })
  expect(await cluster.run(consumer.pull(queue, 2))).toMatchObject({ pullStatus: 'NO_NEW_MSG', msgFoundList: [] })
  expect(await cluster.run(consumer.pull(queue, 9))).toMatchObject({ pullStatus: 'OFFSET_ILLEGAL', nextBeginOffset: 2 })
})

test('a pull that may be held is answered when a message comes, and without one when the broker is done waiting', async () => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster)
  const held = consumer.pullBlockIfNotFound(queue, 0)
  cluster.runtime.timers.after(3000, () => stored.append('Orders@1', 'late'))
  expect((await cluster.run(held)).msgFoundList).toHaveLength(1)
  expect(cluster.runtime.clock.monotonic()).toBeLessThan(3500)
  expect(stored.pulls[0]?.sysFlag).toBe(PullSystemFlag.SUBSCRIPTION | PullSystemFlag.SUSPEND)
  expect(await cluster.run(consumer.pullBlockIfNotFound(queue, 1))).toMatchObject({ pullStatus: 'NO_NEW_MSG' })
})

test('a SQL subscription keeps its version, so that brokers can tell a new one from an old one', async () => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster, { registerTopics: ['Orders'] })
  await cluster.runtime.advance(2000)
  await cluster.run(consumer.pull(queue, 0, { expression: { sql: 'a > 1' } }))
  expect(stored.pulls[0]).toMatchObject({ subscription: 'a > 1', expressionType: 'SQL92' })
  expect(stored.pulls[0]?.subVersion).toBeGreaterThan(0)
})

test.each([
  ['offset', -1, {}],
  ['offset', Number.NaN, {}],
  ['maxNums', 0, { maxNums: 0 }],
  ['maxSizeBytes', 0, { maxSizeBytes: 0 }],
])('a %s that cannot be asked for is refused by name before anything is sent', async (option, offset, part) => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster)
  const failure = await cluster.failure(consumer.pull(queue, offset, part))
  expect(failure).toMatchObject({ code: 'CLIENT_CONFIG', fields: { option } })
  expect(stored.pulls).toEqual([])
})

test('offsets are remembered, saved on the timer and at the close, and read back from the broker', async () => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster)
  expect(await cluster.run(consumer.fetchConsumeOffset(queue))).toBeUndefined()
  consumer.updateConsumeOffset(queue, 5)
  expect(await cluster.run(consumer.fetchConsumeOffset(queue))).toBe(5)
  expect(await cluster.run(consumer.fetchConsumeOffset(queue, { fromStore: true }))).toBeUndefined()
  await cluster.runtime.advance(16_000)
  expect(stored.offsets.get('Orders@report@1')).toBe(5)
  consumer.updateConsumeOffset({ ...queue, queueId: 2 }, 6)
  await cluster.run(consumer.close())
  expect(stored.offsets.get('Orders@report@2')).toBe(6)
  expect(() => consumer.updateConsumeOffset(queue, 1)).toThrow(expect.objectContaining({ code: 'CLIENT_STATE' }))
})

test('an offset that cannot be asked is an error, not the beginning', async () => {
  const { cluster } = await scene()
  const consumer = await started(cluster)
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address: '10.9.9.9:10911' }))
  const failure = await cluster.failure(consumer.fetchConsumeOffset(queue))
  expect(failure).toMatchObject({ code: 'OFFSET_UNAVAILABLE', retryable: true })
  expect(() => consumer.updateConsumeOffset(queue, -1)).toThrow(expect.objectContaining({ code: 'CLIENT_CONFIG' }))
})

test('a broadcasting group keeps its offsets in a file of a client id that stays the same', async () => {
  const { cluster, stored } = await scene()
  const localOffsetStoreDir = await mkdtemp(join(tmpdir(), 'mq-pull-'))
  const consumer = await started(cluster, { messageModel: 'BROADCASTING', localOffsetStoreDir })
  expect(consumer.clientId).toBe('10.0.8.1@DEFAULT')
  consumer.updateConsumeOffset(queue, 5)
  await consumer.persistConsumerOffset()
  const path = join(localOffsetStoreDir, '10.0.8.1@DEFAULT', 'report', 'offsets.json')
  expect(await readFile(path, 'utf8')).toContain('}:5')
  expect(stored.offsets.size).toBe(0)
  await rm(localOffsetStoreDir, { recursive: true })
})

test('the queues of a topic, their bounds and offsets by time are asked at name server and broker', async () => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster)
  expect(await cluster.run(consumer.fetchSubscribeMessageQueues('Orders'))).toHaveLength(4)
  stored.append('Orders@1', 'one', { storeTimestamp: 1000 })
  stored.append('Orders@1', 'two', { storeTimestamp: 2000 })
  stored.minOffsets.set('Orders@1', 1)
  expect(await cluster.run(consumer.minOffset(queue))).toBe(1)
  expect(await cluster.run(consumer.maxOffset(queue))).toBe(2)
  expect(await cluster.run(consumer.searchOffset(queue, 1500))).toBe(1)
})

test('registered topics stand in heartbeats and are shared out among the members', async () => {
  const { cluster, group } = await scene()
  const consumer = await started(cluster, { registerTopics: ['Orders'] })
  group.others.push('10.0.8.9@other')
  await cluster.runtime.advance(41_000)
  expect(cluster.broker.heartbeats.at(-1)?.consumerDataSet).toMatchObject([
    {
      groupName: 'report',
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: 'CLUSTERING',
      subscriptionDataSet: [{ topic: 'Orders', subString: '*', subVersion: 0 }],
    },
  ])
  expect(consumer.fetchMessageQueuesInBalance('Orders')).toHaveLength(2)
})

test('the namespace is on the wire only', async () => {
  const { cluster, stored } = await scene()
  cluster.nameServer.routes.set('ns%Orders', routeOver(cluster.broker))
  const consumer = await started(cluster, { namespace: 'ns' })
  stored.append('ns%Orders@1', 'one')
  const { msgFoundList } = await cluster.run(consumer.pull(queue, 0))
  expect(msgFoundList[0]?.topic).toBe('Orders')
  expect(stored.pulls[0]).toMatchObject({ topic: 'ns%Orders', consumerGroup: 'ns%report' })
  consumer.updateConsumeOffset(queue, 1)
  await cluster.run(consumer.close())
  expect(stored.offsets.get('ns%Orders@ns%report@1')).toBe(1)
})

test('a message is sent back to the broker that stores it, and to the retry topic when that refuses', async () => {
  const { cluster, stored, group } = await scene()
  const consumer = await started(cluster)
  stored.append('Orders@1', 'one', { properties: { UNIQ_KEY: 'ID1' }, physicalOffset: 77 })
  const [message] = (await cluster.run(consumer.pull(queue, 0))).msgFoundList
  if (message === undefined) throw new Error('there is no message')
  await cluster.run(consumer.sendMessageBack(message, 3))
  expect(group.sentBack).toMatchObject([
    { group: 'report', offset: 77, delayLevel: 3, originMsgId: 'ID1', originTopic: 'Orders', maxReconsumeTimes: 16 },
  ])
  cluster.nameServer.routes.set('%RETRY%report', routeOver(cluster.broker))
  group.sendBackCode = ResponseCode.SYSTEM_ERROR
  await cluster.run(consumer.sendMessageBack(message, 3))
  expect(cluster.broker.sends).toHaveLength(1)
})

test('running info tells settings and the topics pulled from, and the offsets in memory are told by topic', async () => {
  const { cluster, stored } = await scene()
  const consumer = await started(cluster)
  stored.append('Orders@1', 'one')
  await cluster.run(consumer.pull(queue, 0))
  consumer.updateConsumeOffset(queue, 1)
  const { clientId } = consumer
  const running = createRequest(GetConsumerRunningInfo, { consumerGroup: 'report', clientId })
  const info = decodeConsumerRunningInfo((await cluster.askClient(running)).body!)
  expect(Object.fromEntries(info.properties)).toMatchObject({
    PROP_CONSUME_TYPE: 'CONSUME_ACTIVELY',
    PROP_CLIENT_VERSION: expect.stringMatching(/^V5_/) as string,
    consumerGroup: 'report',
  })
  expect(info.subscriptionSet.map(({ topic }) => topic)).toEqual(['Orders'])
  expect([info.mqTable.length, info.statusTable.size]).toEqual([0, 0])
  const status = createRequest(GetConsumerStatusFromClient, { group: 'report', topic: 'Orders' })
  expect(decodeConsumerStatusBody((await cluster.askClient(status)).body!).messageQueueTable).toEqual([
    { messageQueue: queue, offset: 1 },
  ])
  await cluster.run(consumer.close())
})

test('a close ends held pulls with its reason, tells the broker, and may be called twice and without a start', async () => {
  const { cluster } = await scene()
  const consumer = await started(cluster)
  const held = cluster.failure(consumer.pullBlockIfNotFound(queue, 0))
  await cluster.runtime.advance(1000)
  await cluster.run(consumer.close())
  expect(await held).toMatchObject({ code: 'CLIENT_STATE' })
  expect(cluster.broker.leftConsumers).toContain(consumer.clientId)
  await consumer.close()
  const idle = consumerOf(cluster)
  await idle.close()
  await expect(idle.start()).rejects.toMatchObject({ code: 'CLIENT_STATE' })
  await expect(consumer.pull(queue, 0)).rejects.toMatchObject({ code: 'CLIENT_STATE' })
})

test('a pull before the start, a second consumer of the group, and options that contradict each other are refused', async () => {
  const { cluster } = await scene()
  await expect(consumerOf(cluster).pull(queue, 0)).rejects.toMatchObject({ code: 'CLIENT_STATE' })
  const shared = { clientManager: new MQClientManager(), instanceName: 'one' }
  await started(cluster, shared)
  expect(await cluster.failure(consumerOf(cluster, shared).start())).toMatchObject({ code: 'CLIENT_STATE' })
  expect(() => consumerOf(cluster, { consumerTimeoutMillisWhenSuspend: 10_000 })).toThrow(
    'consumerTimeoutMillisWhenSuspend is 10000, but must be at least brokerSuspendMaxTimeMillis, 20000',
  )
  expect(() => consumerOf(cluster, { consumerGroup: 'DEFAULT_CONSUMER' })).toThrow('reserved')
})

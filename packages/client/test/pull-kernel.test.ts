import {
  answer,
  buildSubscriptionData,
  deferred,
  encodeMessageBatch,
  PullSystemFlag,
  SystemFlag,
  withCompression,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { type KernelPull, PullKernel } from '../src/consumer/pull-kernel.js'
import type { ClientOptions } from '../src/instance/client-options.js'
import { resolveClientConfig } from '../src/instance/client-options.js'
import { MQClientInstance } from '../src/instance/mq-client-instance.js'
import { ScriptedBroker } from './scripted-broker.js'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'
import { compressed, StoredQueues } from './stored-queues.js'

interface Scene {
  readonly cluster: SimulatedCluster
  readonly stored: StoredQueues
  readonly instance: MQClientInstance
  readonly kernel: PullKernel
}

async function scene(options: Partial<ClientOptions> = {}): Promise<Scene> {
  const cluster = await SimulatedCluster.start()
  const stored = new StoredQueues(cluster.broker, cluster.runtime)
  const config = resolveClientConfig({
    namesrvAddr: cluster.nameServer.address,
    clientIP: '10.0.8.1',
    runtime: cluster.runtime.host('10.0.8.1'),
    logger: cluster.logger,
    ...options,
  })
  const instance = new MQClientInstance(config, () => {})
  await cluster.run(instance.start())
  return { cluster, stored, instance, kernel: new PullKernel({ instance, consumerGroup: 'billing' }) }
}

const pullOf = (parts: Partial<KernelPull> = {}): KernelPull => {
  const queue = parts.queue ?? { topic: 'Orders', brokerName: 'broker-a', queueId: 1 }
  return {
    queue,
    subscription: buildSubscriptionData(queue.topic, '*'),
    offset: 0,
    maxNums: 32,
    maxSizeBytes: 262_144,
    sysFlag: 0,
    commitOffset: 0,
    suspendTimeoutMs: 15_000,
    timeoutMs: 30_000,
    subVersion: 7,
    ...parts,
  }
}

test('a pull asks what Java asks and hands out messages with their broker, queue and the bounds of the queue', async () => {
  const { cluster, stored, kernel } = await scene()
  stored.append('Orders@1', 'first', { properties: { TAGS: 'a', UNIQ_KEY: 'ID1' } })
  stored.append('Orders@1', 'second')
  const result = await cluster.run(kernel.pull(pullOf({ sysFlag: PullSystemFlag.COMMIT_OFFSET, commitOffset: 5 })))
  expect(stored.pulls[0]).toMatchObject({
    code: 11,
    consumerGroup: 'billing',
    topic: 'Orders',
    queueId: 1,
    queueOffset: 0,
    maxMsgNums: 32,
    sysFlag: 1,
    commitOffset: 5,
    suspendTimeoutMillis: 15_000,
    subscription: '*',
    subVersion: 7,
    expressionType: 'TAG',
    maxMsgBytes: 262_144,
    bname: 'broker-a',
  })
  expect(result).toMatchObject({ pullStatus: 'FOUND', nextBeginOffset: 2, minOffset: 0, maxOffset: 2, undecodable: [] })
  const [first] = result.msgFoundList
  expect(first).toMatchObject({ topic: 'Orders', brokerName: 'broker-a', queueId: 1, queueOffset: 0, msgId: 'ID1' })
  expect(first?.body.toString()).toBe('first')
  expect(Object.fromEntries(first?.properties ?? [])).toEqual({
    TAGS: 'a',
    UNIQ_KEY: 'ID1',
    MIN_OFFSET: '0',
    MAX_OFFSET: '2',
  })
})

test('the pull of a lite pull consumer has its own code and bit', async () => {
  const { cluster, stored, kernel } = await scene()
  await cluster.run(kernel.pull(pullOf({ isLite: true, sysFlag: PullSystemFlag.SUBSCRIPTION })))
  expect(stored.pulls[0]).toMatchObject({ code: 361, sysFlag: 4 | 16 })
})

test.each([
  [19, 'NO_NEW_MSG'],
  [20, 'NO_MATCHED_MSG'],
  [21, 'OFFSET_ILLEGAL'],
])('the answer %i is the status %s, without messages', async (code, pullStatus) => {
  const { cluster, stored, kernel } = await scene()
  const header = { suggestWhichBrokerId: 0, nextBeginOffset: 9, minOffset: 3, maxOffset: 9 }
  stored.script.push(answer({ code, header }))
  expect(await cluster.run(kernel.pull(pullOf()))).toEqual({
    pullStatus,
    nextBeginOffset: 9,
    minOffset: 3,
    maxOffset: 9,
    msgFoundList: [],
    undecodable: [],
  })
})

test('any other answer is an error with its code, remark and broker', async () => {
  const { cluster, stored, kernel } = await scene()
  stored.script.push(answer({ code: 26, remark: 'subscription group [billing] does not exist' }))
  const failure = await cluster.failure(kernel.pull(pullOf()))
  expect(failure).toMatchObject({ code: 'RESPONSE_CODE', responseCode: 26 })
  expect((failure as Error).message).toContain('subscription group [billing] does not exist')
  expect((failure as Error).message).toContain('broker-a')
})

test('a tag whose hash collides with a subscribed one is dropped here, and so is a message without tags', async () => {
  const { cluster, stored, kernel } = await scene()
  // Java's hash of both is 2112.
  for (const TAGS of ['Aa', 'BB']) stored.append('Orders@1', TAGS, { properties: { TAGS } })
  stored.append('Orders@1', 'none')
  const subscription = buildSubscriptionData('Orders', 'Aa || C')
  const result = await cluster.run(kernel.pull(pullOf({ subscription })))
  expect(result.msgFoundList.map(({ body }) => body.toString())).toEqual(['Aa'])
  expect(result.nextBeginOffset).toBe(3)
})

test('an undecodable message costs that one message, is surfaced, and nothing after it', async () => {
  const { cluster, stored, kernel } = await scene()
  stored.append('Orders@1', 'before')
  stored.append('Orders@1', 'not lz4', { sysFlag: withCompression(0, 'LZ4') })
  stored.append('Orders@1', 'damaged', { bodyCrc: 1 })
  stored.append('Orders@1', 'after')
  const result = await cluster.run(kernel.pull(pullOf()))
  expect(result.msgFoundList.map(({ body }) => body.toString())).toEqual(['before', 'after'])
  expect(result.undecodable).toMatchObject([
    { queueOffset: 1, cause: { code: 'COMPRESSION' } },
    { queueOffset: 2, cause: { code: 'MESSAGE_FORMAT' } },
  ])
  expect(result.undecodable[0]?.offsetMsgId).toMatch(/^0A00010100002A9F/)
  expect(result.nextBeginOffset).toBe(4)
  expect(cluster.warnings).toEqual(Array(2).fill('a stored message cannot be decoded'))
})

test('compressed bodies arrive decompressed', async () => {
  const { cluster, stored, kernel } = await scene()
  const { body, sysFlag } = await compressed('x'.repeat(10_000))
  stored.append('Orders@1', body, { sysFlag })
  const { msgFoundList } = await cluster.run(kernel.pull(pullOf()))
  expect(msgFoundList[0]?.body.toString()).toBe('x'.repeat(10_000))
})

test('the queue offsets of a static topic are shifted by what the answer says, of undecodable messages too', async () => {
  const { cluster, stored, kernel } = await scene()
  stored.append('Orders@1', 'one')
  stored.append('Orders@1', 'two', { bodyCrc: 1 })
  stored.responseFields = { offsetDelta: 1000 }
  const { msgFoundList, undecodable } = await cluster.run(kernel.pull(pullOf()))
  expect(msgFoundList[0]?.queueOffset).toBe(1000)
  expect(undecodable[0]?.queueOffset).toBe(1001)
})

test('messages that a batch queue stored as one record are handed out one by one', async () => {
  const { cluster, stored, kernel } = await scene()
  const members = ['a', 'b'].map((body) => ({
    flag: 3,
    body: Buffer.from(body),
    properties: new Map([['UNIQ_KEY', body]]),
  }))
  const body = encodeMessageBatch(members)
  stored.append('Orders@1', body, { sysFlag: SystemFlag.INNER_BATCH | SystemFlag.NEED_UNWRAP, queueOffset: 8 })
  const { msgFoundList } = await cluster.run(kernel.pull(pullOf()))
  expect(
    msgFoundList.map((message) => [message.body.toString(), message.queueOffset, message.msgId, message.flag]),
  ).toEqual([
    ['a', 8, 'a', 3],
    ['b', 9, 'b', 3],
  ])
})

test('the id of a committed transaction is that of its half message', async () => {
  const { cluster, stored, kernel } = await scene()
  stored.append('Orders@1', 'one', { properties: { TRAN_MSG: 'true', UNIQ_KEY: 'ID1' } })
  stored.append('Orders@1', 'two', { properties: { UNIQ_KEY: 'ID2' } })
  const { msgFoundList } = await cluster.run(kernel.pull(pullOf()))
  expect(msgFoundList.map(({ transactionId }) => transactionId)).toEqual(['ID1', undefined])
})

test('the namespace is on the wire and not on the messages', async () => {
  const { cluster, stored, kernel } = await scene({ namespace: 'ns' })
  cluster.nameServer.routes.set('ns%Orders', routeOver(cluster.broker))
  stored.append('ns%Orders@1', 'one')
  const queue = { topic: 'ns%Orders', brokerName: 'broker-a', queueId: 1 }
  const { msgFoundList } = await cluster.run(kernel.pull(pullOf({ queue })))
  expect(stored.pulls[0]?.topic).toBe('ns%Orders')
  expect(msgFoundList[0]?.topic).toBe('Orders')
})

test('the member the broker suggests is pulled from next, without committing there, and the master when it is gone', async () => {
  const { cluster, stored, kernel } = await scene()
  const slave = await new ScriptedBroker({
    brokerName: 'broker-a',
    runtime: cluster.runtime.host('10.0.1.9'),
    host: '10.0.1.9',
    port: 10_911,
  }).start()
  const onSlave = new StoredQueues(slave, cluster.runtime)
  const addresses = new Map([
    [0, cluster.broker.address],
    [1, slave.address],
  ])
  const route = routeOver(cluster.broker)
  const brokerDatas = route.brokerDatas.map((broker) => ({ ...broker, brokerAddrs: addresses }))
  cluster.nameServer.routes.set('Orders', { ...route, brokerDatas })
  for (const queues of [stored, onSlave]) queues.append('Orders@1', 'one')
  stored.suggestWhichBrokerId = 1
  const request = pullOf({ sysFlag: PullSystemFlag.COMMIT_OFFSET | PullSystemFlag.SUSPEND, commitOffset: 1 })
  await cluster.run(kernel.pull(request))
  await cluster.run(kernel.pull(request))
  expect(stored.pulls.map(({ sysFlag }) => sysFlag)).toEqual([3])
  expect(onSlave.pulls.map(({ sysFlag }) => sysFlag)).toEqual([2])
  onSlave.suggestWhichBrokerId = 7
  await cluster.run(kernel.pull(request))
  await cluster.run(kernel.pull(request))
  expect([stored.pulls.length, onSlave.pulls.length]).toEqual([2, 2])
  const elsewhere = pullOf({ queue: { topic: 'Orders', brokerName: 'broker-a', queueId: 2 } })
  await cluster.run(kernel.pull(elsewhere))
  expect(stored.pulls.at(-1)?.queueId).toBe(2)
})

test('a broker that has shown no version is not asked to filter by SQL, and one that has is', async () => {
  const { cluster, stored, instance, kernel } = await scene()
  const subscription = { ...buildSubscriptionData('Orders', 'a > 1'), expressionType: 'SQL92' }
  const failure = await cluster.failure(kernel.pull(pullOf({ subscription })))
  expect(failure).toMatchObject({ code: 'FILTER_UNSUPPORTED', retryable: true })
  await cluster.run(instance.sendHeartbeatToAllBroker())
  await cluster.run(kernel.pull(pullOf({ subscription })))
  expect(stored.pulls).toHaveLength(1)
})

test('a broker that is in no route is asked for once more and then named', async () => {
  const { cluster, kernel } = await scene()
  const queue = { topic: 'Orders', brokerName: 'broker-z', queueId: 0 }
  const failure = await cluster.failure(kernel.pull(pullOf({ queue })))
  expect(failure).toMatchObject({ code: 'BROKER_NOT_FOUND', fields: { brokerName: 'broker-z', topic: 'Orders' } })
  expect(cluster.nameServer.asked).toEqual(['Orders'])
})

test('a dead advertised address is named as such', async () => {
  const { cluster, kernel } = await scene()
  cluster.nameServer.routes.set('Orders', routeOver({ brokerName: 'broker-a', address: '10.9.9.9:10911' }))
  const failure = await cluster.failure(kernel.pull(pullOf()))
  expect(failure).toMatchObject({ code: 'BROKER_UNREACHABLE', fields: { address: '10.9.9.9:10911' } })
  expect((failure as Error).message).toContain('brokerIP1')
})

test('an abort ends a held pull at once with its reason, and the next pull uses the same connection', async () => {
  const { cluster, stored, kernel } = await scene()
  const controller = new AbortController()
  const held = cluster.failure(kernel.pull(pullOf({ sysFlag: PullSystemFlag.SUSPEND }), controller.signal))
  const reason = new Error('enough')
  cluster.runtime.timers.after(1000, () => controller.abort(reason))
  expect(await held).toBe(reason)
  expect(cluster.runtime.clock.monotonic()).toBeLessThan(2000)
  stored.append('Orders@1', 'one')
  expect((await cluster.run(kernel.pull(pullOf()))).pullStatus).toBe('FOUND')
  expect(cluster.broker.server.connections.size).toBe(1)
  expect(await cluster.failure(kernel.pull(pullOf(), controller.signal))).toBe(reason)
})

test('a pull that times out leaves the connection to the others', async () => {
  const { cluster, stored, kernel } = await scene()
  stored.script.push(deferred)
  const failure = await cluster.failure(kernel.pull(pullOf({ timeoutMs: 1000 })))
  expect(failure).toMatchObject({ code: 'REMOTING_TIMEOUT' })
  expect(cluster.broker.server.connections.size).toBe(1)
})

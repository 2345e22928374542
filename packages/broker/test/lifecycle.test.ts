import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  encodeMessageBatch,
  GetBrokerConfig,
  PullMessage,
  RemotingClient,
  readRecords,
  ResponseCode,
  ResponseError,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
} from '@mq/remoting'
import { DefaultMessageStore } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Broker, type BrokerOptions } from '../src/index.js'
import { properties, pullHeader, sendHeader, SimulatedBroker, smallFiles } from './simulated-broker.js'

const timeoutMs = 5000

describe('over real sockets and files', () => {
  let storePathRootDir: string

  beforeEach(async () => {
    storePathRootDir = await mkdtemp(join(tmpdir(), 'mq-broker-'))
  })

  afterEach(async () => {
    await rm(storePathRootDir, { recursive: true, force: true })
  })

  const start = (options: Partial<BrokerOptions> = {}): Promise<Broker> =>
    Broker.start({ brokerName: 'broker-a', listenPort: 0, storePathRootDir, ...smallFiles, ...options })

  test('messages of all three codes are stored, read back, and there again after a restart', async () => {
    await using client = new RemotingClient()
    const broker = await start()
    expect(broker.address).toBe(`127.0.0.1:${broker.port}`)
    await client.invoke(broker.address, SendMessage, sendHeader(), { timeoutMs, body: Buffer.from('one') })
    await client.invoke(broker.address, SendMessageV2, sendHeader(), { timeoutMs, body: Buffer.from('two') })
    const body = encodeMessageBatch(
      ['three', 'four'].map((text) => ({ flag: 0, body: Buffer.from(text), properties: new Map() })),
    )
    await client.invoke(broker.address, SendBatchMessage, sendHeader({ batch: true }), { timeoutMs, body })
    await broker.close()
    await using again = await start({ autoCreateTopicEnable: false })
    const pulled = await client.invoke(again.address, PullMessage, pullHeader, { timeoutMs })
    const bodies = readRecords(pulled.body ?? Buffer.alloc(0)).map((message) => message.body.toString())
    expect(bodies).toEqual(['one', 'two', 'three', 'four'])
  })

  test('a store that another broker has open is refused, and the first goes on', async () => {
    await using client = new RemotingClient()
    await using broker = await start()
    await expect(start()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await client.invoke(broker.address, SendMessage, sendHeader(), { timeoutMs, body: Buffer.from('x') })
  })

  test('a port that is taken fails the start, and leaves the store free for the next', async () => {
    const { server, port } = await occupyPort()
    await expect(start({ listenPort: port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await using broker = await start()
    expect(broker.port).not.toBe(port)
    await new Promise((resolve) => server.close(resolve))
  })
})

async function occupyPort(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { server, port: address.port }
}

test('everything but pulls is served on the port two below', async () => {
  await using rig = await SimulatedBroker.started({ vipChannelEnable: true })
  const vip = '10.0.1.1:10909'
  const options = { timeoutMs, body: Buffer.from('x') }
  await rig.run(rig.client.invoke(vip, SendMessage, sendHeader(), options))
  await rig.run(rig.client.invoke(vip, GetBrokerConfig, {}, options))
  await expect(rig.run(rig.client.invoke(vip, PullMessage, pullHeader, options))).rejects.toMatchObject({
    responseCode: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
  })
  expect(await rig.messages('Orders')).toHaveLength(1)
})

test('a VIP port that is taken is reported, and the broker does without', async () => {
  await using rig = new SimulatedBroker()
  const taken = { host: '10.0.1.1', port: 10_909, onConnection() {} }
  const listener = await rig.run(rig.host('10.0.1.1').network.listen(taken))
  await rig.start({ vipChannelEnable: true })
  expect(rig.complaints).toEqual(['the VIP channel is not served, its port cannot be bound'])
  expect((await rig.send()).code).toBe(ResponseCode.SUCCESS)
  await rig.run(listener.close())
})

test('a broker may be closed twice and together; both wait for the end', async () => {
  const rig = await SimulatedBroker.started()
  await rig.run(Promise.all([rig.broker.close(), rig.broker.close()]))
  expect(rig.broker.messageStore.isShutdown()).toBe(true)
  await rig.close()
})

test('a send under way when the broker closes is finished, and later ones are sent elsewhere', async () => {
  await using rig = await SimulatedBroker.started({ flushDiskType: 'SYNC_FLUSH' })
  await rig.send()
  rig.fileSystem.pauseSyncs()
  const underWay = rig.send({}, 'under way')
  await rig.runtime.advance(10)
  const closing = rig.run(rig.broker.close())
  await rig.runtime.advance(10)
  const late = await rig.send({}, 'late').catch((cause: unknown) => cause)
  expect(late).toMatchObject({ code: 'REMOTING_SEND_REQUEST' })
  rig.fileSystem.resumeSyncs()
  expect((await underWay).code).toBe(ResponseCode.SUCCESS)
  await closing
})

test.each<[string, Partial<BrokerOptions>, string]>([
  ['no store', { storePathRootDir: '' }, 'storePathRootDir'],
  ['a name that cannot be a topic', { brokerName: 'a b' }, 'brokerName'],
  ['a cluster that cannot be a topic', { brokerClusterName: '../x' }, 'brokerClusterName'],
  ['a host name for an address', { brokerIP1: 'localhost' }, 'brokerIP1'],
  ['a slave with the id of the master', { brokerRole: 'SLAVE', brokerId: 0 }, 'brokerId'],
  ['no clients at all', { maxClientNums: 0 }, 'maxClientNums'],
  ['a port that is none', { listenPort: 65_536 }, 'listenPort'],
  ['half a queue', { defaultTopicQueueNums: 0.5 }, 'defaultTopicQueueNums'],
])('a broker with %s does not start, and the error names the key', async (_what, options, key) => {
  const rig = new SimulatedBroker()
  await expect(rig.start(options)).rejects.toMatchObject({ code: 'BROKER_CONFIG_INVALID', fields: { key } })
  expect(rig.fileSystem.paths()).toEqual([])
})

test('a store that was passed in is used, and closed even when the broker does not start', async () => {
  const rig = new SimulatedBroker()
  const fileSystem = new InMemoryFileSystem()
  const world = { runtime: rig.host('10.0.1.1'), fileSystem, storePathRootDir: '/own', ...smallFiles }
  const messageStore = await rig.run(DefaultMessageStore.open(world))
  await rig.start({ messageStore })
  expect(rig.broker.messageStore).toBe(messageStore)
  expect((await rig.send()).code).toBe(ResponseCode.SUCCESS)
  await rig.close()
  expect(messageStore.isShutdown()).toBe(true)

  const other = await rig.run(DefaultMessageStore.open({ ...world, storePathRootDir: '/other' }))
  await expect(rig.start({ messageStore: other, brokerName: 'a b' })).rejects.toThrow('brokerName')
  expect(other.isShutdown()).toBe(true)
})

test('a hook that throws a ResponseError refuses the send with its code and words, before every check', async () => {
  await using rig = await SimulatedBroker.started({
    sendMessageHooks: [
      {
        name: 'gate',
        sendMessageBefore({ topic }) {
          if (topic !== 'Open') throw new ResponseError(ResponseCode.NO_PERMISSION, 'closed today')
        },
      },
    ],
  })
  const refused = await rig.send({ topic: '../x' })
  expect(refused).toMatchObject({ code: ResponseCode.NO_PERMISSION, remark: 'closed today', extFields: undefined })
  expect((await rig.send({ topic: 'Open' })).code).toBe(ResponseCode.SUCCESS)
})

test('hooks run around a send: one that throws is ignored, and none runs after a refusal', async () => {
  const seen: string[] = []
  await using rig = await SimulatedBroker.started({
    sendMessageHooks: [
      {
        name: 'broken',
        sendMessageBefore() {
          throw new Error('out of order')
        },
        sendMessageAfter() {
          throw new Error('out of order')
        },
      },
      {
        name: 'observer',
        sendMessageBefore({ topic, queueId, messageType, bodyLength, producerGroup, bornHost }) {
          seen.push(
            `before ${topic} ${queueId} ${messageType} ${bodyLength} ${producerGroup} ${bornHost.split(':')[0]}`,
          )
        },
        sendMessageAfter({ code, queueId, queueOffset, msgId, uniqueKey }) {
          seen.push(`after ${code} ${queueId} ${queueOffset} ${msgId?.length} ${uniqueKey}`)
        },
      },
    ],
  })
  const sent = properties({ UNIQ_KEY: 'U', __SHARDINGKEY: 'k' })
  expect((await rig.send({ queueId: 1, properties: sent })).code).toBe(ResponseCode.SUCCESS)
  expect((await rig.send({ topic: '../x' })).code).toBe(ResponseCode.INVALID_PARAMETER)
  await rig.send({ properties: properties({ TIMER_DELAY_SEC: '1' }) })
  expect(seen).toEqual([
    'before Orders 1 ORDER 5 orders 10.0.8.1',
    'after 0 1 0 32 U',
    'before ../x 0 NORMAL 5 orders 10.0.8.1',
    'before Orders 0 DELAY 5 orders 10.0.8.1',
    'after 1 0 undefined undefined undefined',
  ])
  expect(rig.complaints).toHaveLength(5)
})

import { DeleteTopicInBroker, ResponseCode, UpdateAndCreateTopic, UpdateBrokerConfig } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import type { BrokerOptions } from '../src/index.js'
import { ScriptedNameServer } from './scripted-name-server.js'
import { SimulatedBroker } from './simulated-broker.js'

const nameServerHost = '10.0.0.1'
const otherHost = '10.0.0.2'

interface Cluster extends AsyncDisposable {
  readonly rig: SimulatedBroker
  readonly nameServer: ScriptedNameServer
  readonly runtime: SimulatedRuntime
}

async function cluster(options: Partial<BrokerOptions> = {}): Promise<Cluster> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const nameServer = await ScriptedNameServer.started({ runtime: runtime.host(nameServerHost), host: nameServerHost })
  const rig = new SimulatedBroker({ runtime })
  await rig.start({ namesrvAddr: nameServer.address, ...options })
  return {
    rig,
    nameServer,
    runtime,
    async [Symbol.asyncDispose]() {
      await rig.close()
      await runtime.run(nameServer.stop())
    },
  }
}

const newTopic = {
  topic: 'Orders',
  defaultTopic: 'TBW102',
  readQueueNums: 4,
  writeQueueNums: 4,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  order: false,
} as const

test('a broker is registered with all its topics when it has started', async () => {
  await using world = await cluster()
  const [first] = world.nameServer.registrations
  expect(first?.header).toMatchObject({
    brokerName: 'broker-a',
    brokerAddr: '10.0.1.1:10911',
    clusterName: 'DefaultCluster',
    brokerId: 0,
    haServerAddr: '10.0.1.1:10912',
    enableActingMaster: false,
    compressed: false,
  })
  expect((first?.header as { bodyCrc32: number }).bodyCrc32).toBeGreaterThan(0)
  expect([...(first?.topics.keys() ?? [])].sort()).toEqual([
    'BenchmarkTest',
    'DefaultCluster',
    'DefaultCluster_REPLY_TOPIC',
    'OFFSET_MOVED_EVENT',
    'RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC',
    'RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC',
    'RMQ_SYS_TRANS_HALF_TOPIC',
    'RMQ_SYS_TRANS_OP_HALF_TOPIC',
    'SCHEDULE_TOPIC_XXXX',
    'SELF_TEST_TOPIC',
    'TBW102',
    'broker-a',
    'rmq_sys_REVIVE_LOG_DefaultCluster',
    'rmq_sys_SYNC_BROKER_MEMBER_broker-a',
  ])
})

test('it registers again after 10 s and then every 30 s', async () => {
  await using world = await cluster()
  const startMs = world.nameServer.registrations[0]?.atMs ?? 0
  await world.runtime.advance(75_000)
  const afterMs = world.nameServer.registrations.map(({ atMs }) => Math.round((atMs - startMs) / 1000))
  expect(afterMs).toEqual([0, 10, 40, 70])
})

test('a period outside 10 s to 60 s becomes the nearest within', async () => {
  for (const [registerNameServerPeriod, expected] of [
    [1, 10],
    [600_000, 60],
  ] as const) {
    await using world = await cluster({ registerNameServerPeriod })
    await world.runtime.advance(100_000)
    const [, second, third] = world.nameServer.registrations
    expect(Math.round(((third?.atMs ?? 0) - (second?.atMs ?? 0)) / 1000)).toBe(expected)
  }
})

test('without forceRegister the version is asked for, and only a change is registered', async () => {
  await using world = await cluster({ forceRegister: false })
  await world.runtime.advance(75_000)
  expect(world.nameServer.queried).toHaveLength(3)
  expect(world.nameServer.registrations).toHaveLength(1)
  world.nameServer.forget()
  await world.runtime.advance(30_000)
  expect(world.nameServer.registrations).toHaveLength(2)
})

test('a new topic is known to the name server before its first send is answered, registered alone and once', async () => {
  await using world = await cluster()
  const sends = Array.from({ length: 10 }, () => world.rig.send())
  await Promise.all(sends)
  const [, second, ...others] = world.nameServer.registrations
  expect([...(second?.topics.keys() ?? [])]).toEqual(['Orders'])
  expect(second?.dataVersion.counter).toBe(1)
  expect(others).toEqual([])
  expect(world.nameServer.topics.has('Orders')).toBe(true)
})

test('a name server that forgot the broker gets everything at once when a topic is new', async () => {
  await using world = await cluster()
  world.nameServer.forget()
  await world.rig.send()
  const [, alone, all] = world.nameServer.registrations
  expect(alone?.topics.size).toBe(1)
  expect(all?.topics.size).toBeGreaterThan(10)
  expect(world.nameServer.topics.has('Orders')).toBe(true)
})

test('topics that change while a registration is under way are in the next one', async () => {
  await using world = await cluster()
  const topics = ['A', 'B', 'C', 'D'].map((topic) => world.rig.send({ topic }))
  await Promise.all(topics)
  expect([...world.nameServer.topics.keys()]).toEqual(expect.arrayContaining(['A', 'B', 'C', 'D']))
  expect(world.nameServer.registrations.length).toBeLessThan(5)
})

test('an update that changes nothing registers nothing, one that changes something does', async () => {
  await using world = await cluster()
  await world.rig.call(UpdateAndCreateTopic, newTopic)
  await world.rig.call(UpdateAndCreateTopic, newTopic)
  expect(world.nameServer.registrations).toHaveLength(2)
  await world.rig.call(UpdateAndCreateTopic, { ...newTopic, perm: 4 })
  expect(world.nameServer.topics.get('Orders')?.perm).toBe(4)
})

test('a deleted topic is in no later registration, and the others are in all of them', async () => {
  await using world = await cluster()
  await world.rig.send({ topic: 'Kept' })
  await world.rig.send({ topic: 'Orders' })
  const registered = world.nameServer.registrations.length
  expect((await world.rig.call(DeleteTopicInBroker, { topic: 'Orders' })).code).toBe(ResponseCode.SUCCESS)
  await world.runtime.advance(60_000)
  const later = world.nameServer.registrations.slice(registered)
  expect(later.length).toBeGreaterThan(1)
  expect(later.filter(({ topics }) => topics.has('Orders') || !topics.has('Kept'))).toEqual([])
})

test('a broker that must not be written says so through its topics, at once', async () => {
  await using world = await cluster()
  const versionBefore = world.nameServer.registrations[0]?.dataVersion.counter ?? 0
  await world.rig.call(UpdateBrokerConfig, {}, { body: Buffer.from('brokerPermission=4') })
  await world.runtime.advance(100)
  const last = world.nameServer.registrations.at(-1)
  expect(last?.topics.get('TBW102')?.perm).toBe(4)
  expect(last?.topics.get('rmq_sys_SYNC_BROKER_MEMBER_broker-a')?.perm).toBe(0)
  expect(last?.dataVersion.counter).toBe(versionBefore + 1)
})

test('topics that the name server lists as ordered are ordered', async () => {
  await using world = await cluster()
  await world.rig.send()
  world.nameServer.orderTopics = new Map([
    ['Orders', 'broker-a:4'],
    ['Elsewhere', 'broker-b:4'],
  ])
  await world.runtime.advance(45_000)
  expect(world.nameServer.topics.get('Orders')?.order).toBe(true)
})

test('a broker whose name server is not there yet starts, and is registered soon after that comes', async () => {
  const runtime = new SimulatedRuntime({ seed: 2 })
  const nameServer = new ScriptedNameServer({ runtime: runtime.host(nameServerHost), host: nameServerHost })
  await using rig = new SimulatedBroker({ runtime })
  await rig.start({ namesrvAddr: nameServer.address })
  expect((await rig.send()).code).toBe(ResponseCode.SUCCESS)
  await runtime.advance(1500)
  await nameServer.start()
  await runtime.advance(2500)
  expect(nameServer.topics.has('Orders')).toBe(true)
  expect(rig.complaints).toHaveLength(1)
  await runtime.run(nameServer.stop())
})

test('a name server that restarts knows the broker again within seconds', async () => {
  await using world = await cluster()
  await world.rig.send()
  await world.runtime.run(world.nameServer.stop())
  await world.nameServer.start()
  await world.runtime.advance(3000)
  expect(world.nameServer.topics.has('Orders')).toBe(true)
})

test('a connection that breaks is made again at once, for the name server has forgotten the broker', async () => {
  await using world = await cluster()
  await world.runtime.advance(20_000)
  world.nameServer.disconnect()
  await world.runtime.advance(1500)
  expect(world.nameServer.topics.size).toBeGreaterThan(10)
})

test('one name server that does not answer costs the first send of a topic one second and later ones nothing', async () => {
  const runtime = new SimulatedRuntime({ seed: 3 })
  const started = (host: string): Promise<ScriptedNameServer> =>
    ScriptedNameServer.started({ runtime: runtime.host(host), host })
  const [good, bad] = await Promise.all([started(nameServerHost), started(otherHost)])
  const rig = new SimulatedBroker({ runtime })
  await rig.start({ namesrvAddr: `${good.address};${bad.address}`, registerBrokerTimeoutMills: 5000 })
  bad.isSilent = true
  const startMs = runtime.clock.monotonic()
  await rig.send({ topic: 'First' })
  const firstMs = runtime.clock.monotonic() - startMs
  expect(firstMs).toBeGreaterThan(999)
  expect(firstMs).toBeLessThan(1100)
  await runtime.advance(10_000)
  const laterMs = runtime.clock.monotonic()
  await rig.send({ topic: 'Second' })
  expect(runtime.clock.monotonic() - laterMs).toBeLessThan(100)
  expect(good.topics.has('Second')).toBe(true)
  await rig.close()
  await runtime.run(Promise.all([good.stop(), bad.stop()]))
})

test('a topic that is made while the broker leaves is not registered any more', async () => {
  const world = await cluster()
  await world.rig.send()
  world.nameServer.isSilent = true
  const registered = world.nameServer.registrations.length
  const closing = world.rig.run(world.rig.broker.close())
  await world.runtime.advance(100)
  expect((await world.rig.send({ topic: 'Late' })).code).toBe(ResponseCode.SUCCESS)
  await closing
  expect(world.nameServer.unregistrations).toBe(1)
  expect(world.nameServer.registrations).toHaveLength(registered)
})

test('a broker that closes leaves the name server, and no registration follows', async () => {
  const world = await cluster()
  await world.rig.send()
  const sending = world.rig.send({ topic: 'Late' })
  await Promise.all([sending, world.rig.run(world.rig.broker.close())])
  expect(world.nameServer.unregistrations).toBe(1)
  const registered = world.nameServer.registrations.length
  await world.runtime.advance(120_000)
  expect(world.nameServer.registrations).toHaveLength(registered)
  expect(world.nameServer.topics.size).toBe(0)
})

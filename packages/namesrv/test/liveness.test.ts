import { NameServer, type NameServerOptions } from '@mq/namesrv'
import {
  BrokerHeartbeat,
  decodeTopicRouteData,
  GetRouteInfoByTopic,
  type Logger,
  NotifyMinBrokerIdChange,
  type NotifyMinBrokerIdChangeRequest,
  RegisterBroker,
  RemotingClient,
  RemotingServer,
  ResponseCode,
  type Runtime,
} from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, it } from 'vitest'
import { encodedBody, topicConfig } from './registrations.js'

const NAME_SERVER_HOST = '10.0.0.100'

it('a broker silent for 120 s is taken out by the next scan, though its connection lives', async () => {
  const world = await startWorld({ serverChannelMaxIdleTimeSeconds: 3_600 })
  await world.broker('10.0.0.1', 0).register()
  await world.runtime.advance(119_000)
  expect(await world.routeCode()).toBe(ResponseCode.SUCCESS)
  await world.runtime.advance(6_000)
  expect(await world.routeCode()).toBe(ResponseCode.TOPIC_NOT_EXIST)
})

it('a broker whose connection was idle for too long is gone with it', async () => {
  const world = await startWorld({ serverChannelMaxIdleTimeSeconds: 20 })
  await world.broker('10.0.0.1', 0).register()
  await world.runtime.advance(22_000)
  expect(await world.routeCode()).toBe(ResponseCode.TOPIC_NOT_EXIST)
})

it('heartbeats keep a broker that announced a short silence', async () => {
  const world = await startWorld()
  const broker = world.broker('10.0.0.1', 0)
  await broker.register({ heartbeatTimeoutMillis: 10_000 })
  for (let beat = 0; beat < 10; beat++) {
    await world.runtime.advance(8_000)
    await broker.heartbeat()
  }
  expect(await world.routeCode()).toBe(ResponseCode.SUCCESS)
  await world.runtime.advance(16_000)
  expect(await world.routeCode()).toBe(ResponseCode.TOPIC_NOT_EXIST)
})

it('routes are refused while brokers have time to register, if that is wanted', async () => {
  const world = await startWorld({ needWaitForService: true })
  await world.broker('10.0.0.1', 0).register()
  expect(await world.routeCode()).toBe(ResponseCode.SYSTEM_ERROR)
  await world.runtime.advance(45_000)
  expect(await world.routeCode()).toBe(ResponseCode.SUCCESS)
})

it('the brokers of a name are told when their lowest id comes and goes', async () => {
  const world = await startWorld({ notifyMinBrokerIdChanged: true })
  const notices: NotifyMinBrokerIdChangeRequest[] = []
  const slaveServer = new RemotingServer({ host: '10.0.0.2', port: 10911, runtime: world.runtime.host('10.0.0.2') })
  slaveServer.handlers.on(NotifyMinBrokerIdChange, (notice) => {
    notices.push(notice as NotifyMinBrokerIdChangeRequest)
    return undefined
  })
  await world.runtime.run(slaveServer.start())
  await world.broker('10.0.0.2', 1).register()
  const master = world.broker('10.0.0.1', 0)
  await master.register()
  await world.runtime.advance(100)
  await world.runtime.run(master.client.close())
  await world.runtime.advance(100)
  expect(notices).toMatchObject([
    { minBrokerId: 0, minBrokerAddr: '10.0.0.1:10911', haBrokerAddr: '10.0.0.1:10912' },
    { minBrokerId: 1, minBrokerAddr: '10.0.0.2:10911', offlineBrokerAddr: '10.0.0.1:10911' },
  ])
})

it('a broker joining and leaving is one line each, and nothing is logged at rest', async () => {
  const lines: string[] = []
  const log = (message: string): void => void lines.push(message)
  const logger: Logger = { debug: () => {}, info: log, warn: log, error: log }
  const world = await startWorld({ logger })
  const broker = world.broker('10.0.0.1', 0)
  await broker.register()
  await broker.register()
  await world.runtime.advance(60_000)
  await world.runtime.run(broker.client.close())
  await world.runtime.advance(1_000)
  expect(lines).toEqual(['broker joined', 'broker left'])
})

async function startWorld(options: NameServerOptions = {}) {
  const runtime = new SimulatedRuntime({ seed: 7 })
  const starting = NameServer.start({
    bindAddress: NAME_SERVER_HOST,
    runtime: runtime.host(NAME_SERVER_HOST),
    ...options,
  })
  const { address } = await runtime.run(starting)
  const client = new RemotingClient({ runtime: runtime.host('10.0.0.200') })
  const routeCode = async (): Promise<number | undefined> => {
    try {
      const { body } = await runtime.run(
        client.invoke(address, GetRouteInfoByTopic, { topic: 'Orders' }, { timeoutMs: 3_000 }),
      )
      expect(decodeTopicRouteData(body as Buffer).brokerDatas).not.toEqual([])
      return ResponseCode.SUCCESS
    } catch (error) {
      return (error as { responseCode?: number }).responseCode
    }
  }
  const broker = (host: string, brokerId: number) => simulatedBroker(runtime, { host, brokerId, address })
  return { runtime, routeCode, broker }
}

function simulatedBroker(
  world: SimulatedRuntime,
  { host, brokerId, address }: { host: string; brokerId: number; address: string },
) {
  const runtime: Runtime = world.host(host)
  const client = new RemotingClient({ runtime, idleTimeoutMs: 3_600_000 })
  const identity = { clusterName: 'c', brokerName: 'a', brokerAddr: `${host}:10911`, brokerId }
  const body = encodedBody([topicConfig('Orders'), topicConfig('Bills')])
  const register = (change: { heartbeatTimeoutMillis?: number } = {}) => {
    const header = { ...identity, haServerAddr: `${host}:10912`, enableActingMaster: false, ...change }
    return world.run(client.invoke(address, RegisterBroker, header, { timeoutMs: 3_000, body }))
  }
  const heartbeat = () => world.run(client.invoke(address, BrokerHeartbeat, identity, { timeoutMs: 3_000 }))
  return { client, register, heartbeat }
}

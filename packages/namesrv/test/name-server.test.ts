import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NameServer, type NameServerOptions } from '@mq/namesrv'
import {
  AddWritePermOfBroker,
  BrokerHeartbeat,
  type Command,
  crc32,
  createRequest,
  decodeBrokerMemberGroup,
  decodeClusterInfo,
  decodeKVTable,
  decodeTopicList,
  decodeTopicRouteData,
  DeleteKVConfig,
  DeleteTopicInNamesrv,
  encodeDataVersion,
  encodeTopicRouteData,
  GetAllTopicListFromNameserver,
  GetBrokerClusterInfo,
  GetBrokerMemberGroup,
  GetKVConfig,
  GetKVListByNamespace,
  GetNamesrvConfig,
  GetRouteInfoByTopic,
  GetSystemTopicListFromNs,
  GetTopicsByCluster,
  GetUnitTopicList,
  PutKVConfig,
  QueryDataVersion,
  RegisterBroker,
  RegisterTopicInNamesrv,
  RemotingClient,
  type RequestInput,
  ResponseCode,
  UnregisterBroker,
  UpdateNamesrvConfig,
  WipeWritePermOfBroker,
} from '@mq/remoting'
import { afterEach, describe, expect, it } from 'vitest'
import { encodedBody, topicConfig } from './registrations.js'

const identity = { clusterName: 'c', brokerName: 'a', brokerAddr: '10.0.0.1:10911', brokerId: 0 }
const opened: Array<{ close(): Promise<void> }> = []

afterEach(async () => {
  for (const resource of opened.splice(0).reverse()) await resource.close()
})

describe('brokers', () => {
  it('a broker registers and a client finds its topics', async () => {
    const { call, register } = await start()
    expect(await register()).toMatchObject({ body: undefined })
    const { body } = await call(GetRouteInfoByTopic, { topic: 'Orders' })
    expect(decodeTopicRouteData(body as Buffer)).toMatchObject({
      brokerDatas: [{ brokerName: 'a', cluster: 'c', brokerAddrs: new Map([[0, '10.0.0.1:10911']]) }],
      queueDatas: [{ brokerName: 'a', readQueueNums: 4, writeQueueNums: 4, perm: 6 }],
    })
  })

  it('a broker is gone at once when its connection closes', async () => {
    const { call, register } = await start()
    const broker = new RemotingClient()
    await register({}, { broker })
    expect(await codeOf(call(GetRouteInfoByTopic, { topic: 'Orders' }))).toBe(ResponseCode.SUCCESS)
    await broker.close()
    await expect.poll(() => codeOf(call(GetRouteInfoByTopic, { topic: 'Orders' }))).toBe(ResponseCode.TOPIC_NOT_EXIST)
  })

  it('a broker that unregisters is gone before the next answer', async () => {
    const { call, register } = await start()
    await register()
    await call(UnregisterBroker, identity)
    const { body } = await call(GetBrokerClusterInfo, {})
    expect(body?.toString()).toBe('{"brokerAddrTable":{},"clusterAddrTable":{}}')
  })

  it('a registration in the turn of an unregistration survives it', async () => {
    const { call, register } = await start()
    await register()
    await Promise.all([call(UnregisterBroker, identity), register()])
    expect(await codeOf(call(GetRouteInfoByTopic, { topic: 'Orders' }))).toBe(ResponseCode.SUCCESS)
  })

  it('a body that was damaged on the way is refused', async () => {
    const { call } = await start()
    const body = encodedBody([topicConfig('Orders'), topicConfig('Bills')])
    const header = { ...identity, haServerAddr: '' }
    expect(await codeOf(call(RegisterBroker, { ...header, bodyCrc32: crc32(body) ^ 1 }, { body }))).toBe(1)
    expect(await codeOf(call(RegisterBroker, { ...header, bodyCrc32: crc32(body) }, { body }))).toBe(0)
  })

  it.each([
    { name: 'no JSON', body: Buffer.from('{"topicConfig'), compressed: false },
    { name: 'bytes that are no compressed body', body: Buffer.from('x'), compressed: true },
  ])('$name is answered SYSTEM_ERROR and the server lives on', async ({ body, compressed }) => {
    const { call, register } = await start()
    const answered = call(RegisterBroker, { ...identity, haServerAddr: '', compressed }, { body })
    expect(await codeOf(answered)).toBe(ResponseCode.SYSTEM_ERROR)
    expect(await register()).toBeDefined()
  })

  it('one topic of an unknown broker is refused', async () => {
    const { call } = await start()
    const body = encodedBody([topicConfig('Orders')])
    expect(await codeOf(call(RegisterBroker, { ...identity, haServerAddr: '' }, { body }))).toBe(
      ResponseCode.SYSTEM_ERROR,
    )
  })

  it('registrations beyond the bounds are refused with the bound named', async () => {
    const { register } = await start({ limits: { maxTopicsPerRegistration: 1 } })
    await expect(register()).rejects.toMatchObject({
      remark: expect.stringContaining('maxTopicsPerRegistration') as string,
    })
    const small = await start({ limits: { maxRegistrationBodySize: 10 } })
    await expect(small.register()).rejects.toMatchObject({
      remark: expect.stringContaining('maxRegistrationBodySize') as string,
    })
  })

  it('a broker asks whether its version is known, and gets the known one', async () => {
    const { call, register } = await start()
    const version = { counter: 1, stateVersion: 0, timestamp: 1_700_000_000_000 }
    const ask = (counter: number) =>
      call(QueryDataVersion, identity, { body: encodeDataVersion({ ...version, counter }) })
    expect(await ask(1)).toMatchObject({ changed: true, body: undefined })
    await register()
    expect(await ask(1)).toMatchObject({ changed: false, body: encodeDataVersion(version) })
    expect(await ask(2)).toMatchObject({ changed: true })
  })

  it('a slave is told its master, and members of a name can be listed', async () => {
    const { call, register } = await start()
    await register()
    const slave = await register({ brokerId: 1, brokerAddr: '10.0.0.2:10911' })
    expect(slave).toMatchObject({ masterAddr: '10.0.0.1:10911', haServerAddr: '10.0.0.1:10912' })
    const { body } = await call(GetBrokerMemberGroup, { clusterName: 'c', brokerName: 'a' })
    expect(decodeBrokerMemberGroup(body as Buffer)?.brokerAddrs).toEqual(
      new Map([
        [0, '10.0.0.1:10911'],
        [1, '10.0.0.2:10911'],
      ]),
    )
    expect(decodeClusterInfo((await call(GetBrokerClusterInfo, {})).body as Buffer).clusterAddrTable).toEqual(
      new Map([['c', ['a']]]),
    )
  })

  it('topics of global order are told to brokers unless that is switched off', async () => {
    const { call, register } = await start()
    await call(PutKVConfig, { namespace: 'ORDER_TOPIC_CONFIG', key: 'Orders', value: 'a:4' })
    expect(decodeKVTable((await register()).body as Buffer).table).toEqual(new Map([['Orders', 'a:4']]))
    await call(UpdateNamesrvConfig, {}, { body: Buffer.from('returnOrderTopicConfigToBroker=false\n') })
    expect((await register()).body).toBeUndefined()
  })

  it('write permission is wiped and added by broker', async () => {
    const { call, register } = await start()
    await register()
    expect(await call(WipeWritePermOfBroker, { brokerName: 'a' })).toMatchObject({ wipeTopicCount: 2 })
    const wiped = await call(GetRouteInfoByTopic, { topic: 'Orders' })
    expect(decodeTopicRouteData(wiped.body as Buffer).queueDatas[0]?.perm).toBe(4)
    expect(await call(AddWritePermOfBroker, { brokerName: 'a' })).toMatchObject({ addTopicCount: 2 })
  })

  it('a heartbeat of an unknown broker is accepted and makes nothing known', async () => {
    const { call } = await start()
    const { clusterName, brokerName, brokerAddr } = identity
    expect(await codeOf(call(BrokerHeartbeat, { clusterName, brokerName, brokerAddr }))).toBe(0)
    expect(decodeClusterInfo((await call(GetBrokerClusterInfo, {})).body as Buffer).clusterAddrTable.size).toBe(0)
  })
})

describe('topics', () => {
  it('an unknown topic is answered TOPIC_NOT_EXIST', async () => {
    const { call } = await start()
    await expect(call(GetRouteInfoByTopic, { topic: 'Nothing' })).rejects.toMatchObject({
      responseCode: ResponseCode.TOPIC_NOT_EXIST,
      remark: expect.stringMatching(/^No topic route info in name server for the topic: Nothing\n/) as string,
    })
  })

  it('clients before 4.9.4 get broker ids as bare keys, unless they ask for standard JSON', async () => {
    const { call, client, nameServer, register } = await start()
    await register()
    const old = async (acceptStandardJsonOnly: boolean) => {
      const request = createRequest(GetRouteInfoByTopic, { topic: 'Orders', acceptStandardJsonOnly })
      request.version = 400
      return (await client.invokeSync(nameServer.address, request, { timeoutMs: 3_000 })).body?.toString()
    }
    expect(await old(false)).toContain('{0:"10.0.0.1:10911"}')
    expect(await old(true)).toContain('{"0":"10.0.0.1:10911"}')
    expect((await call(GetRouteInfoByTopic, { topic: 'Orders' })).body?.toString()).toContain('{"0":"10.0.0.1:10911"}')
  })

  it('the order of a topic is told to clients only when that is switched on', async () => {
    const { call, register } = await start()
    await register()
    await call(PutKVConfig, { namespace: 'ORDER_TOPIC_CONFIG', key: 'Orders', value: 'a:4' })
    const orderTopicConf = async () =>
      decodeTopicRouteData((await call(GetRouteInfoByTopic, { topic: 'Orders' })).body as Buffer).orderTopicConf
    expect(await orderTopicConf()).toBeUndefined()
    await call(UpdateNamesrvConfig, {}, { body: Buffer.from('orderMessageEnable=true') })
    expect(await orderTopicConf()).toBe('a:4')
  })

  it('a client in zone mode sees the brokers of its zone', async () => {
    const { call, register } = await start()
    await register({}, { extFields: { __ZONE_NAME: 'z1' } })
    await register({ brokerName: 'b', brokerAddr: '10.0.0.2:1' }, { extFields: { __ZONE_NAME: 'z2' } })
    const namesIn = async (extFields: Record<string, string>) => {
      const { body } = await call(GetRouteInfoByTopic, { topic: 'Orders' }, { extFields })
      return decodeTopicRouteData(body as Buffer).brokerDatas.map(({ brokerName }) => brokerName)
    }
    expect(await namesIn({ __ZONE_MODE: 'true', __ZONE_NAME: 'z2' })).toEqual(['b'])
    expect(await namesIn({ __ZONE_MODE: 'false', __ZONE_NAME: 'z2' })).toEqual(['a', 'b'])
  })

  it('topics are added to and deleted from the routes', async () => {
    const { call, register } = await start()
    await register()
    const queueDatas = [{ brokerName: 'a', readQueueNums: 1, writeQueueNums: 1, perm: 6, topicSysFlag: 0 }]
    const body = encodeTopicRouteData({ queueDatas, brokerDatas: [], filterServerTable: new Map() })
    await call(RegisterTopicInNamesrv, { topic: 'New' }, { body })
    await call(DeleteTopicInNamesrv, { topic: 'Orders', clusterName: 'c' })
    const all = await call(GetAllTopicListFromNameserver, {})
    expect(decodeTopicList(all.body as Buffer).topicList).toEqual(['Bills', 'New'])
  })

  it('lists can be switched off', async () => {
    const { call, register } = await start()
    await register()
    expect(decodeTopicList((await call(GetTopicsByCluster, { cluster: 'c' })).body as Buffer).topicList).toHaveLength(2)
    expect(decodeTopicList((await call(GetUnitTopicList, {})).body as Buffer).topicList).toEqual([])
    expect(decodeTopicList((await call(GetSystemTopicListFromNs, {})).body as Buffer)).toEqual({
      topicList: ['c', 'a'],
      brokerAddr: '10.0.0.1:10911',
    })
    await call(UpdateNamesrvConfig, {}, { body: Buffer.from('enableAllTopicList=false\nenableTopicList=false') })
    expect(await codeOf(call(GetAllTopicListFromNameserver, {}))).toBe(ResponseCode.SYSTEM_ERROR)
    expect(await codeOf(call(GetTopicsByCluster, { cluster: 'c' }))).toBe(ResponseCode.SYSTEM_ERROR)
    expect(await codeOf(call(GetUnitTopicList, {}))).toBe(ResponseCode.SYSTEM_ERROR)
  })
})

describe('configuration', () => {
  it('key-value entries are set, read, listed and deleted, and outlive the name server', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mq-namesrv-'))
    opened.push({ close: () => rm(directory, { recursive: true }) })
    const kvConfigPath = join(directory, 'kvConfig.json')
    const first = await start({ kvConfigPath })
    const entry = { namespace: 'ns', key: 'k' }
    expect(await codeOf(first.call(GetKVConfig, entry))).toBe(ResponseCode.QUERY_NOT_FOUND)
    await first.call(PutKVConfig, { ...entry, value: 'v' })
    await first.nameServer.close()

    const { call } = await start({ kvConfigPath })
    expect(await call(GetKVConfig, entry)).toMatchObject({ value: 'v' })
    expect(decodeKVTable((await call(GetKVListByNamespace, { namespace: 'ns' })).body as Buffer).table.get('k')).toBe(
      'v',
    )
    await call(DeleteKVConfig, entry)
    await call(DeleteKVConfig, { namespace: 'unknown', key: 'k' })
    expect(await codeOf(call(GetKVConfig, entry))).toBe(ResponseCode.QUERY_NOT_FOUND)
    expect(await codeOf(call(GetKVListByNamespace, { namespace: 'unknown' }))).toBe(ResponseCode.QUERY_NOT_FOUND)
  })

  it.each([
    ['kvConfigPath=/tmp/x', ResponseCode.NO_PERMISSION],
    ['configStorePath=/tmp/x', ResponseCode.NO_PERMISSION],
    ['rocketmqHome=/tmp/x', ResponseCode.NO_PERMISSION],
    ['configBlackList=none', ResponseCode.NO_PERMISSION],
    ['listenPort=1', ResponseCode.NO_PERMISSION],
    ['bindAddress=0.0.0.0', ResponseCode.NO_PERMISSION],
    ['noSuchKey=1', ResponseCode.INVALID_PARAMETER],
    ['needWaitForService=maybe', ResponseCode.INVALID_PARAMETER],
    ['__proto__=x', ResponseCode.INVALID_PARAMETER],
  ])('%s is refused, and so is the good change beside it', async (line, code) => {
    const { call } = await start()
    const before = (await call(GetNamesrvConfig, {})).body?.toString()
    const body = Buffer.from(`orderMessageEnable=true\n${line}\n`)
    expect(await codeOf(call(UpdateNamesrvConfig, {}, { body }))).toBe(code)
    expect((await call(GetNamesrvConfig, {})).body?.toString()).toBe(before)
  })

  it('a change shows in the configuration', async () => {
    const { call } = await start()
    await call(UpdateNamesrvConfig, {}, { body: Buffer.from('waitSecondsForService=7\n') })
    const lines = (await call(GetNamesrvConfig, {})).body?.toString().split('\n') ?? []
    expect(lines).toContain('waitSecondsForService=7')
    expect(lines).toContain('bindAddress=127.0.0.1')
  })
})

describe('lifetime', () => {
  it('the address names the port that was taken', async () => {
    const { nameServer } = await start()
    expect(nameServer.port).toBeGreaterThan(0)
    expect(nameServer.address).toBe(`127.0.0.1:${nameServer.port}`)
  })

  it('a port that is taken is an error that says what to do', async () => {
    const { nameServer } = await start()
    await expect(NameServer.start({ listenPort: nameServer.port })).rejects.toMatchObject({
      code: 'NAMESRV_START',
      message: expect.stringContaining('listenPort') as string,
      cause: expect.objectContaining({ code: 'EADDRINUSE' }) as Error,
    })
  })

  it('closing twice is closing once, and connections end', async () => {
    const { nameServer, call } = await start()
    await call(GetBrokerClusterInfo, {})
    await Promise.all([nameServer.close(), nameServer.close()])
    await expect(call(GetBrokerClusterInfo, {})).rejects.toMatchObject({ code: 'REMOTING_CONNECT' })
  })

  it('a code the name server does not serve is answered so', async () => {
    const { client, nameServer } = await start()
    const request = createRequest(GetBrokerClusterInfo, {})
    request.code = 10
    const response = await client.invokeSync(nameServer.address, request, { timeoutMs: 3_000 })
    expect(response.code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED)
  })
})

async function start(options: NameServerOptions = {}) {
  const nameServer = await NameServer.start({ listenPort: 0, ...options })
  const client = new RemotingClient()
  opened.push(nameServer, client)
  const call = <C extends Command>(command: C, header: RequestInput<C>, content: CallContent = {}) =>
    client.invoke(nameServer.address, command, header, { timeoutMs: 3_000, ...content })
  const register = (change: Partial<typeof identity> = {}, { broker = client, ...content }: RegisterContent = {}) => {
    const header = { ...identity, haServerAddr: '10.0.0.1:10912', enableActingMaster: false, ...change }
    const body = encodedBody([topicConfig('Orders'), topicConfig('Bills')])
    return broker.invoke(nameServer.address, RegisterBroker, header, { timeoutMs: 3_000, body, ...content })
  }
  return { nameServer, client, call, register }
}

interface CallContent {
  readonly body?: Buffer
  readonly extFields?: Readonly<Record<string, string>>
}

interface RegisterContent {
  readonly broker?: RemotingClient
  readonly extFields?: Readonly<Record<string, string>>
}

async function codeOf(call: Promise<unknown>): Promise<number | undefined> {
  try {
    await call
    return ResponseCode.SUCCESS
  } catch (error) {
    return (error as { responseCode?: number }).responseCode
  }
}

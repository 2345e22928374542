import { NameServer } from '@mq/namesrv'
import {
  AddWritePermOfBroker,
  type Command,
  createRequest,
  decodeTopicList,
  GetAllTopicListFromNameserver,
  GetBrokerClusterInfo,
  GetNamesrvConfig,
  GetRouteInfoByTopic,
  PutKVConfig,
  RegisterBroker,
  RemotingClient,
  type RemotingCommand,
  type RequestInput,
  UnregisterBroker,
  WipeWritePermOfBroker,
} from '@mq/remoting'
import { afterAll, beforeAll, expect, it } from 'vitest'

// What the name server of Apache RocketMQ 5.4.0 answered to mqadmin and to a broker of its own version, in this order.
const identity = {
  clusterName: 'InteropCluster',
  brokerName: 'java-broker',
  brokerAddr: '127.0.0.2:30911',
  brokerId: 0,
}
const registerHeader = {
  ...identity,
  haServerAddr: '127.0.0.2:30912',
  enableActingMaster: false,
  compressed: false,
  bodyCrc32: 0,
}
const bodyWith = (counter: number, topics: string): string =>
  `{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":${counter},"stateVersion":0,"timestamp":1795349126834},"mappingDataVersion":{"counter":0,"stateVersion":0,"timestamp":1795349129629},"topicConfigTable":{${topics}},"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}}}`
const fullRegistration = bodyWith(
  0,
  '"InteropCluster":{"attributes":{},"order":false,"perm":7,"readQueueNums":16,"topicFilterType":"SINGLE_TAG","topicName":"InteropCluster","topicSysFlag":0,"writeQueueNums":16},"TBW102":{"attributes":{},"order":false,"perm":7,"readQueueNums":8,"topicFilterType":"SINGLE_TAG","topicName":"TBW102","topicSysFlag":0,"writeQueueNums":8}',
)
const changedTopic = bodyWith(
  1,
  '"Orders":{"attributes":{},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"Orders","topicSysFlag":0,"writeQueueNums":4}',
)

let nameServer: NameServer
let client: RemotingClient

beforeAll(async () => {
  nameServer = await NameServer.start({ listenPort: 0 })
  client = new RemotingClient()
})

afterAll(async () => {
  await client.close()
  await nameServer.close()
})

it('a session of a Java broker and mqadmin gets the answers Java gives', async () => {
  expect(await ask(RegisterBroker, registerHeader, fullRegistration)).toEqual({ code: 0, extFields: {} })
  expect(await ask(RegisterBroker, registerHeader, changedTopic)).toEqual({ code: 0, extFields: {} })

  const orders = (perm: number) =>
    `{"brokerDatas":[{"brokerAddrs":{"0":"127.0.0.2:30911"},"brokerName":"java-broker","cluster":"InteropCluster","enableActingMaster":false}],"filterServerTable":{},"queueDatas":[{"brokerName":"java-broker","perm":${perm},"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]}`
  expect(await ask(GetRouteInfoByTopic, { topic: 'Orders' })).toEqual({ code: 0, body: orders(6) })
  expect(await ask(GetRouteInfoByTopic, { topic: 'NoSuchTopic' })).toEqual({
    code: 17,
    remark:
      'No topic route info in name server for the topic: NoSuchTopic\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.',
  })

  // Java leaves the broker id bare here; it reads the quoted one as well.
  const cluster =
    '{"brokerAddrTable":{"java-broker":{"brokerAddrs":{0:"127.0.0.2:30911"},"brokerName":"java-broker","cluster":"InteropCluster","enableActingMaster":false}},"clusterAddrTable":{"InteropCluster":["java-broker"]}}'
  expect(await ask(GetBrokerClusterInfo, {})).toEqual({ code: 0, body: cluster.replace('0:"', '"0":"') })

  expect(await ask(PutKVConfig, { namespace: 'ORDER_TOPIC_CONFIG', key: 'InOrder', value: 'java-broker:2' })).toEqual({
    code: 0,
  })
  expect(await ask(RegisterBroker, registerHeader, changedTopic)).toEqual({
    code: 0,
    extFields: {},
    body: '{"table":{"InOrder":"java-broker:2"}}',
  })

  const list = await invoke(GetAllTopicListFromNameserver, {})
  expect([...decodeTopicList(list.body as Buffer).topicList].sort()).toEqual(['InteropCluster', 'Orders', 'TBW102'])

  expect(await ask(WipeWritePermOfBroker, { brokerName: 'java-broker' })).toEqual({
    code: 0,
    extFields: { wipeTopicCount: '3' },
  })
  expect(await ask(GetRouteInfoByTopic, { topic: 'Orders' })).toEqual({ code: 0, body: orders(4) })
  expect(await ask(AddWritePermOfBroker, { brokerName: 'java-broker' })).toEqual({
    code: 0,
    extFields: { addTopicCount: '3' },
  })
  expect(await ask(WipeWritePermOfBroker, { brokerName: 'no-broker' })).toEqual({
    code: 0,
    extFields: { wipeTopicCount: '0' },
  })

  expect(await ask(UnregisterBroker, identity)).toEqual({ code: 0 })
  expect(await ask(GetBrokerClusterInfo, {})).toEqual({ code: 0, body: '{"brokerAddrTable":{},"clusterAddrTable":{}}' })
})

it('the configuration is lines in the order of their keys, with the defaults of Java', async () => {
  const text = (await invoke(GetNamesrvConfig, {})).body?.toString() ?? ''
  const lines = text.trimEnd().split('\n')
  expect(lines).toEqual([...lines].sort())
  // Of the lines Java answered, those whose key we have, but for the port and the path.
  const java = [
    'bindAddress=127.0.0.1',
    'deleteTopicWithBrokerRegistration=false',
    'enableAllTopicList=true',
    'enableTopicList=true',
    'needWaitForService=false',
    'notifyMinBrokerIdChanged=false',
    'orderMessageEnable=false',
    'returnOrderTopicConfigToBroker=true',
    'scanNotActiveBrokerInterval=5000',
    'serverChannelMaxIdleTimeSeconds=120',
    'supportActingMaster=false',
    'unRegisterBrokerQueueCapacity=3000',
    'waitSecondsForService=45',
  ]
  expect(lines).toEqual(expect.arrayContaining(java))
})

async function ask<C extends Command>(command: C, header: RequestInput<C>, body?: string): Promise<object> {
  const response = await invoke(command, header, body)
  const { code, remark, extFields } = response
  return {
    code,
    ...(remark !== undefined && { remark }),
    ...(extFields !== undefined && { extFields: { ...extFields } }),
    ...(response.body !== undefined && { body: response.body.toString() }),
  }
}

function invoke<C extends Command>(command: C, header: RequestInput<C>, body?: string): Promise<RemotingCommand> {
  const request = createRequest(command, header, body === undefined ? {} : { body: Buffer.from(body) })
  return client.invokeSync(nameServer.address, request, { timeoutMs: 3_000 })
}

import {
  type ConsumerData,
  decodeConsumerConnection,
  decodeConsumerList,
  decodeGroupList,
  decodeProducerConnection,
  decodeProducerTableInfo,
  encodeHeartbeatData,
  GetAllProducerInfo,
  GetConsumerConnectionList,
  GetConsumerListByGroup,
  GetProducerConnectionList,
  GetTopicConfig,
  Heartbeat,
  type HeartbeatData,
  NotifyConsumerIdsChanged,
  QueryTopicConsumeByWho,
  type RemotingClient,
  type RemotingCommand,
  ResponseCode,
  UnregisterClient,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

const nothing = Buffer.alloc(0)

const consumer: ConsumerData = {
  groupName: 'billing',
  consumeType: 'CONSUME_PASSIVELY',
  messageModel: 'CLUSTERING',
  consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  subscriptionDataSet: [
    {
      topic: 'Orders',
      subString: '*',
      expressionType: 'TAG',
      tagsSet: [],
      codeSet: [],
      subVersion: 1,
      classFilterMode: false,
    },
  ],
  unitMode: false,
}

function heartbeat(
  rig: SimulatedBroker,
  data: Partial<HeartbeatData>,
  client: RemotingClient = rig.client,
): Promise<RemotingCommand> {
  const whole = { clientID: 'c1', producerDataSet: [], consumerDataSet: [], heartbeatFingerprint: 0, withoutSub: false }
  return rig.call(Heartbeat, {}, { body: encodeHeartbeatData({ ...whole, ...data }), client })
}

const producers = (...names: string[]): Partial<HeartbeatData> => ({
  producerDataSet: names.map((groupName) => ({ groupName })),
})

test('a producer is listed from its first heartbeat to its leaving', async () => {
  await using rig = await SimulatedBroker.started()
  const answered = await heartbeat(rig, producers('orders', 'bills'))
  expect(answered).toMatchObject({
    code: ResponseCode.SUCCESS,
    extFields: { IS_SUPPORT_HEART_BEAT_V2: 'true', IS_SUB_CHANGE: 'true' },
  })
  const list = (): Promise<RemotingCommand> => rig.call(GetProducerConnectionList, { producerGroup: 'orders' })
  const { connectionSet } = decodeProducerConnection((await list()).body ?? nothing)
  expect(connectionSet).toEqual([
    {
      clientId: 'c1',
      clientAddr: expect.stringMatching(/^10\.0\.8\.1:\d+$/) as unknown,
      language: 'NODE_JS',
      version: 493,
    },
  ])
  const { data } = decodeProducerTableInfo((await rig.call(GetAllProducerInfo, {})).body ?? nothing)
  expect([...data.keys()]).toEqual(['orders', 'bills'])
  expect(data.get('orders')?.[0]?.remoteIP).toMatch(/^\/10\.0\.8\.1:\d+$/)

  await rig.call(UnregisterClient, { clientID: 'c1', producerGroup: 'orders' })
  expect(await list()).toMatchObject({
    code: ResponseCode.SYSTEM_ERROR,
    remark: expect.stringMatching(/^the producer group\[orders\] not exist/) as unknown,
  })
})

test('a client with another id does not end the membership of the one that registered', async () => {
  await using rig = await SimulatedBroker.started()
  await heartbeat(rig, producers('orders'))
  await rig.call(UnregisterClient, { clientID: 'c2', producerGroup: 'orders' })
  expect((await rig.call(GetProducerConnectionList, { producerGroup: 'orders' })).code).toBe(ResponseCode.SUCCESS)
})

test('a connection that closes takes its producers and consumers with it', async () => {
  await using rig = await SimulatedBroker.started()
  const other = rig.newClient()
  await heartbeat(rig, { ...producers('orders'), consumerDataSet: [consumer] }, other)
  await rig.run(other.close())
  await rig.runtime.advance(10)
  expect((await rig.call(GetProducerConnectionList, { producerGroup: 'orders' })).code).toBe(ResponseCode.SYSTEM_ERROR)
  expect((await rig.call(GetConsumerConnectionList, { consumerGroup: 'billing' })).code).toBe(
    ResponseCode.CONSUMER_NOT_ONLINE,
  )
})

test('a client without heartbeats is forgotten after channelExpiredTimeout, however much else it asks', async () => {
  await using rig = await SimulatedBroker.started({ channelExpiredTimeout: 60_000 })
  const quiet = rig.newClient()
  await heartbeat(rig, producers('orders'), quiet)
  for (let passedMs = 0; passedMs < 90_000; passedMs += 10_000) {
    if (passedMs === 40_000) await heartbeat(rig, producers('alive'))
    const { code } = await rig.call(GetAllProducerInfo, {}, { client: quiet })
    expect(code).toBe(ResponseCode.SUCCESS)
    await rig.runtime.advance(10_000)
  }
  const { data } = decodeProducerTableInfo((await rig.call(GetAllProducerInfo, {})).body ?? nothing)
  expect([...data.keys()]).toEqual(['alive'])
  await rig.run(quiet.close())
})

test('a broker full of clients refuses new ones and keeps hearing those it has', async () => {
  await using rig = await SimulatedBroker.started({ maxClientNums: 2 })
  await heartbeat(rig, producers('a', 'b'))
  expect((await heartbeat(rig, producers('a', 'b', 'c'))).code).toBe(ResponseCode.SYSTEM_BUSY)
  expect((await heartbeat(rig, producers('a', 'b'))).code).toBe(ResponseCode.SUCCESS)
  await rig.call(UnregisterClient, { clientID: 'c1', producerGroup: 'b' })
  const consumerDataSet = [consumer]
  for (let times = 0; times < 2; times++) {
    expect((await heartbeat(rig, { ...producers('a'), consumerDataSet })).code).toBe(ResponseCode.SUCCESS)
  }
})

test("a consumer's first heartbeat makes its group and retry topic, and tells the members of each other", async () => {
  await using rig = await SimulatedBroker.started()
  const notified: string[] = []
  rig.client.handlers.on(NotifyConsumerIdsChanged, ({ consumerGroup }) => {
    notified.push(consumerGroup)
    return undefined
  })
  await heartbeat(rig, { consumerDataSet: [consumer] })
  const retryTopic = await rig.call(GetTopicConfig, { topic: '%RETRY%billing' })
  expect(retryTopic.code).toBe(ResponseCode.SUCCESS)
  const other = rig.newClient()
  await heartbeat(rig, { clientID: 'c2', consumerDataSet: [consumer] }, other)
  const list = await rig.call(GetConsumerListByGroup, { consumerGroup: 'billing' })
  expect(decodeConsumerList(list.body ?? nothing).consumerIdList).toEqual(['c1', 'c2'])
  await rig.run(other.close())
  await rig.runtime.advance(10)
  expect(notified).toEqual(['billing', 'billing', 'billing'])

  const connections = await rig.call(GetConsumerConnectionList, { consumerGroup: 'billing' })
  expect(decodeConsumerConnection(connections.body ?? nothing)).toMatchObject({
    connectionSet: [{ clientId: 'c1' }],
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    subscriptionTable: new Map([['Orders', consumer.subscriptionDataSet[0]]]),
  })
  const groups = await rig.call(QueryTopicConsumeByWho, { topic: 'Orders' })
  expect(decodeGroupList(groups.body ?? nothing).groupList).toEqual(['billing'])
})

test('a fingerprint that changed asks for the subscriptions again, as does one the broker has lost', async () => {
  await using rig = await SimulatedBroker.started()
  const wanted = async (heartbeatFingerprint: number, withoutSub: boolean): Promise<string | undefined> => {
    const answered = await heartbeat(rig, { consumerDataSet: [consumer], heartbeatFingerprint, withoutSub })
    return answered.extFields?.['IS_SUB_CHANGE']
  }
  expect(await wanted(7, true)).toBe('true')
  expect(await wanted(7, false)).toBe('false')
  expect(await wanted(7, true)).toBe('false')
  expect(await wanted(8, true)).toBe('true')
})

test('a topic that a heartbeat no longer names is no longer consumed by the group', async () => {
  await using rig = await SimulatedBroker.started()
  await heartbeat(rig, { consumerDataSet: [consumer] })
  await heartbeat(rig, { consumerDataSet: [{ ...consumer, subscriptionDataSet: [] }] })
  const groups = await rig.call(QueryTopicConsumeByWho, { topic: 'Orders' })
  expect(decodeGroupList(groups.body ?? nothing).groupList).toEqual([])
})

test('a group whose name leaves no room for that of its retry topic is made without one', async () => {
  await using rig = await SimulatedBroker.started()
  const groupName = 'g'.repeat(250)
  await heartbeat(rig, { consumerDataSet: [{ ...consumer, groupName }] })
  expect((await rig.call(GetConsumerListByGroup, { consumerGroup: groupName })).code).toBe(ResponseCode.SUCCESS)
  expect((await rig.call(GetTopicConfig, { topic: `%RETRY%${groupName}` })).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
})

test.each(['../../x', 'a b', 'g'.repeat(256)])(
  'a group named %s is not made, and leaves nothing behind',
  async (groupName) => {
    await using rig = await SimulatedBroker.started()
    const answered = await heartbeat(rig, { consumerDataSet: [{ ...consumer, groupName }], heartbeatFingerprint: 1 })
    expect(answered.code).toBe(ResponseCode.SUCCESS)
    expect((await rig.call(GetConsumerListByGroup, { consumerGroup: groupName })).code).toBe(ResponseCode.SYSTEM_ERROR)
    expect((await rig.call(GetTopicConfig, { topic: `%RETRY%${groupName}` })).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
  },
)

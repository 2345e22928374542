import {
  decodeGroupList,
  decodeKVTable,
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupWrapper,
  decodeTopicConfigAndMappingWrapper,
  decodeTopicConfigAndQueueMapping,
  decodeTopicList,
  decodeTopicStatsTable,
  defaultSubscriptionGroupConfig,
  DeleteSubscriptionGroup,
  DeleteTopicInBroker,
  encodeCreateTopicListBody,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupList,
  GetAllSubscriptionGroupConfig,
  GetAllTopicConfig,
  GetBrokerConfig,
  GetBrokerRuntimeInfo,
  GetSubscriptionGroupConfig,
  GetSystemTopicListFromBroker,
  GetTopicConfig,
  GetTopicStatsInfo,
  QueryTopicConsumeByWho,
  type RemotingCommand,
  ResponseCode,
  type TopicConfig,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateSubscriptionGroupList,
  UpdateAndCreateTopic,
  UpdateAndCreateTopicList,
  UpdateBrokerConfig,
} from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

const nothing = Buffer.alloc(0)
const orders = {
  topic: 'Orders',
  defaultTopic: 'TBW102',
  readQueueNums: 4,
  writeQueueNums: 4,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  topicSysFlag: 0,
  order: false,
} as const

describe('UPDATE_AND_CREATE_TOPIC', () => {
  test('makes a topic that GET_TOPIC_CONFIG then describes as Java does', async () => {
    await using rig = await SimulatedBroker.started()
    const updated = await rig.call(UpdateAndCreateTopic, orders)
    expect(updated).toMatchObject({ code: ResponseCode.SUCCESS, body: undefined })
    const described = await rig.call(GetTopicConfig, { topic: 'Orders', lo: true })
    expect(described.body?.toString()).toBe(
      '{"attributes":{},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"Orders","topicSysFlag":0,"writeQueueNums":4}',
    )
  })

  test.each([
    ['a bad name', { topic: 'bad topic!' }, ResponseCode.INVALID_PARAMETER],
    ['a path', { topic: '../../x' }, ResponseCode.INVALID_PARAMETER],
    ['a system topic', { topic: 'TBW102' }, ResponseCode.INVALID_PARAMETER],
    ['a topic with the system prefix', { topic: 'rmq_sys_x' }, ResponseCode.INVALID_PARAMETER],
    ['more queues than there may be', { readQueueNums: 65_536 }, ResponseCode.INVALID_PARAMETER],
    ['fewer queues than none', { writeQueueNums: -1 }, ResponseCode.INVALID_PARAMETER],
    ['an unknown permission', { perm: 8 }, ResponseCode.INVALID_PARAMETER],
    ['an unknown attribute', { attributes: '+colour=red' }, ResponseCode.SYSTEM_ERROR],
    ['the mixed type while it is off', { attributes: '+message.type=MIXED' }, ResponseCode.INVALID_PARAMETER],
  ])('refuses %s', async (_what, header, code) => {
    await using rig = await SimulatedBroker.started()
    expect((await rig.call(UpdateAndCreateTopic, { ...orders, ...header })).code).toBe(code)
    expect((await rig.call(GetTopicConfig, { topic: 'Orders' })).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
  })

  test('keeps attributes it does not name', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.call(UpdateAndCreateTopic, { ...orders, attributes: '+message.type=FIFO,+cleanup.policy=DELETE' })
    await rig.call(UpdateAndCreateTopic, { ...orders, perm: 4, attributes: '-message.type' })
    const { body } = await rig.call(GetTopicConfig, { topic: 'Orders' })
    const { attributes, perm } = decodeTopicConfigAndQueueMapping(body ?? nothing)
    expect({ attributes, perm }).toEqual({ attributes: new Map([['cleanup.policy', 'DELETE']]), perm: 4 })
  })
})

describe('UPDATE_AND_CREATE_TOPIC_LIST', () => {
  const topic = (topicName: string, change: Partial<TopicConfig> = {}): TopicConfig => ({
    topicName,
    readQueueNums: 2,
    writeQueueNums: 2,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map(),
    ...change,
  })
  const set = (rig: SimulatedBroker, ...topicConfigList: TopicConfig[]): Promise<RemotingCommand> =>
    rig.call(UpdateAndCreateTopicList, {}, { body: encodeCreateTopicListBody({ topicConfigList }) })
  const exists = async (rig: SimulatedBroker, name: string): Promise<boolean> =>
    (await rig.call(GetTopicConfig, { topic: name })).code === ResponseCode.SUCCESS

  test('makes all topics, their attributes included', async () => {
    await using rig = await SimulatedBroker.started()
    const attributes = new Map([['+message.type', 'FIFO']])
    expect((await set(rig, topic('A', { attributes }), topic('B'))).code).toBe(ResponseCode.SUCCESS)
    expect(await exists(rig, 'B')).toBe(true)
    const { body } = await rig.call(GetTopicConfig, { topic: 'A' })
    expect(decodeTopicConfigAndQueueMapping(body ?? nothing).attributes).toEqual(new Map([['message.type', 'FIFO']]))
  })

  test('makes none when one is illegal, and none when one is already as requested', async () => {
    await using rig = await SimulatedBroker.started()
    expect((await set(rig, topic('A'), topic('../x'))).code).toBe(ResponseCode.INVALID_PARAMETER)
    expect(await exists(rig, 'A')).toBe(false)
    await set(rig, topic('A'))
    expect((await set(rig, topic('A'), topic('B'))).code).toBe(ResponseCode.SUCCESS)
    expect(await exists(rig, 'B')).toBe(false)
  })

  test('makes none when there is no room for all', async () => {
    await using rig = await SimulatedBroker.started({ maxTopicNums: 15 })
    expect((await set(rig, topic('A'), topic('B'))).code).toBe(ResponseCode.SYSTEM_ERROR)
    expect((await set(rig, topic('A'))).code).toBe(ResponseCode.SUCCESS)
  })
})

describe('DELETE_TOPIC_IN_BROKER', () => {
  test('forgets the topic and its queues; deleting it again is no error', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send()
    for (let times = 0; times < 2; times++) {
      expect((await rig.call(DeleteTopicInBroker, { topic: 'Orders' })).code).toBe(ResponseCode.SUCCESS)
    }
    expect((await rig.call(GetTopicStatsInfo, { topic: 'Orders' })).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
    expect(rig.broker.messageStore.getMaxOffsetInQueue('Orders', 0)).toBe(0)
    expect((await rig.send()).extFields?.['queueOffset']).toBe('0')
  })

  test.each(['TBW102', 'SCHEDULE_TOPIC_XXXX', ' ', '../../x', '..'])('refuses %s', async (topic) => {
    await using rig = await SimulatedBroker.started()
    expect((await rig.call(DeleteTopicInBroker, { topic })).code).toBe(ResponseCode.INVALID_PARAMETER)
  })
})

describe('GET_ALL_TOPIC_CONFIG', () => {
  const page = async (rig: SimulatedBroker, header: object): Promise<[string[], number]> => {
    const { body, extFields } = await rig.call(GetAllTopicConfig, header)
    const { topicConfigTable } = decodeTopicConfigAndMappingWrapper(body ?? nothing)
    return [[...topicConfigTable.keys()], Number(extFields?.['totalTopicNum'])]
  }

  test('answers everything to those that ask for no page', async () => {
    await using rig = await SimulatedBroker.started()
    const [names, total] = await page(rig, {})
    expect(names).toHaveLength(total)
    expect(total).toBe(14)
  })

  test('answers pages sorted by name, and begins again when a topic has changed in between', async () => {
    await using rig = await SimulatedBroker.started()
    const { body } = await rig.call(GetAllTopicConfig, {})
    const dataVersion = JSON.stringify(decodeTopicConfigAndMappingWrapper(body ?? nothing).dataVersion)
    const [first] = await page(rig, { topicSeq: 0, maxTopicNum: 2 })
    const [second] = await page(rig, { topicSeq: 2, maxTopicNum: 2, dataVersion })
    expect([...first, ...second]).toEqual([...first, ...second].sort())
    expect(new Set([...first, ...second]).size).toBe(4)
    await rig.send({ topic: 'AAA' })
    expect((await page(rig, { topicSeq: 2, maxTopicNum: 2, dataVersion }))[0][0]).toBe('AAA')
  })
})

test('GET_TOPIC_STATS_INFO answers every queue, those without messages with zeros', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.call(UpdateAndCreateTopic, { ...orders, readQueueNums: 1, writeQueueNums: 2 })
  await rig.send({ queueId: 1 })
  const { body } = await rig.call(GetTopicStatsInfo, { topic: 'Orders' })
  const { offsets } = decodeTopicStatsTable(body ?? nothing)
  const rows = offsets.map(({ messageQueue, minOffset, maxOffset, lastUpdateTimestamp }) => {
    return [messageQueue.brokerName, messageQueue.queueId, minOffset, maxOffset, lastUpdateTimestamp > 0]
  })
  expect(rows).toEqual([
    ['broker-a', 0, 0, 0, false],
    ['broker-a', 1, 0, 1, true],
  ])
})

describe('subscription groups', () => {
  const billing = { ...defaultSubscriptionGroupConfig('billing'), retryMaxTimes: 3 }

  test('are set, listed and deleted', async () => {
    await using rig = await SimulatedBroker.started({ autoCreateSubscriptionGroup: false })
    await rig.call(UpdateAndCreateSubscriptionGroup, {}, { body: encodeSubscriptionGroupConfig(billing) })
    const one = await rig.call(GetSubscriptionGroupConfig, { group: 'billing' })
    expect(decodeSubscriptionGroupConfig(one.body ?? nothing).retryMaxTimes).toBe(3)
    const all = await rig.call(GetAllSubscriptionGroupConfig, {})
    const { subscriptionGroupTable, dataVersion } = decodeSubscriptionGroupWrapper(all.body ?? nothing)
    expect([subscriptionGroupTable.size, dataVersion.counter]).toEqual([9, 1])
    expect(all.extFields?.['totalGroupNum']).toBe('9')
    await rig.call(DeleteSubscriptionGroup, { groupName: 'billing' })
    const gone = await rig.call(GetSubscriptionGroupConfig, { group: 'billing' })
    expect(gone.code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST)
  })

  test('that are asked for are made when groups are made automatically', async () => {
    await using rig = await SimulatedBroker.started()
    const { body } = await rig.call(GetSubscriptionGroupConfig, { group: 'new-group' })
    expect(decodeSubscriptionGroupConfig(body ?? nothing)).toMatchObject({ groupName: 'new-group', retryMaxTimes: 16 })
  })

  test('with an illegal name among them are refused together', async () => {
    await using rig = await SimulatedBroker.started({ autoCreateSubscriptionGroup: false })
    const groupConfigList = [billing, { ...billing, groupName: '../x' }]
    const set = await rig.call(
      UpdateAndCreateSubscriptionGroupList,
      {},
      { body: encodeSubscriptionGroupList({ groupConfigList }) },
    )
    expect(set.code).toBe(ResponseCode.INVALID_PARAMETER)
    expect((await rig.call(GetSubscriptionGroupConfig, { group: 'billing' })).code).toBe(
      ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    )
  })

  test('that cannot be written are not changed', async () => {
    await using rig = await SimulatedBroker.started({ autoCreateSubscriptionGroup: false })
    rig.fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { error: 'EIO' } : undefined)
    const set = await rig.call(UpdateAndCreateSubscriptionGroup, {}, { body: encodeSubscriptionGroupConfig(billing) })
    rig.fileSystem.onOperation = undefined
    expect(set.code).toBe(ResponseCode.SYSTEM_ERROR)
    expect((await rig.call(GetSubscriptionGroupConfig, { group: 'billing' })).code).toBe(
      ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    )
  })
})

describe('UPDATE_BROKER_CONFIG', () => {
  const update = (rig: SimulatedBroker, text: string): Promise<RemotingCommand> =>
    rig.call(UpdateBrokerConfig, {}, { body: Buffer.from(text) })
  const current = async (rig: SimulatedBroker): Promise<Map<string, string>> => {
    const { body } = await rig.call(GetBrokerConfig, {})
    const lines = (body?.toString() ?? '').trim().split('\n')
    return new Map(lines.map((line) => line.split('=', 2) as [string, string]))
  }

  test('changes what may change while the broker runs, and counts the change', async () => {
    await using rig = await SimulatedBroker.started()
    const before = await rig.call(GetBrokerConfig, {})
    expect((await update(rig, 'traceOn=false\nautoCreateTopicEnable=false\n')).code).toBe(ResponseCode.SUCCESS)
    const config = await current(rig)
    expect([config.get('traceOn'), config.get('autoCreateTopicEnable')]).toEqual(['false', 'false'])
    const after = await rig.call(GetBrokerConfig, {})
    const counter = ({ extFields }: RemotingCommand): number =>
      (JSON.parse(extFields?.['version'] ?? '{}') as { counter: number }).counter
    expect(counter(after) - counter(before)).toBe(2)
    expect((await rig.send()).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
    expect((await rig.send({ topic: 'BenchmarkTest' })).extFields?.['TRACE_ON']).toBe('false')
  })

  test.each([
    ['storePathRootDir=/elsewhere', ResponseCode.NO_PERMISSION],
    ['listenPort=1', ResponseCode.NO_PERMISSION],
    ['namesrvAddr=evil:9876', ResponseCode.NO_PERMISSION],
    ['flushDiskType=SYNC_FLUSH', ResponseCode.NO_PERMISSION],
    ['rocketmqHome=/tmp', ResponseCode.INVALID_PARAMETER],
    ['noSuchKey=1', ResponseCode.INVALID_PARAMETER],
    ['__proto__=1', ResponseCode.INVALID_PARAMETER],
    ['constructor=1', ResponseCode.INVALID_PARAMETER],
    ['brokerPermission=8', ResponseCode.INVALID_PARAMETER],
    ['traceOn', ResponseCode.INVALID_PARAMETER],
  ])('refuses %s, and with it the line before', async (line, code) => {
    await using rig = await SimulatedBroker.started()
    const before = await current(rig)
    expect((await update(rig, `autoCreateTopicEnable=false\n${line}\n`)).code).toBe(code)
    expect(await current(rig)).toEqual(before)
  })
})

test('GET_BROKER_RUNTIME_INFO has every key that a Java 5.4.0 broker has', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  await rig.messages('Orders')
  const { body } = await rig.call(GetBrokerRuntimeInfo, {})
  const { table } = decodeKVTable(body ?? nothing)
  expect([...table.keys()].sort()).toEqual([...javaRuntimeKeys, 'commitLogDiskRatio_/store/commitlog'].sort())
  expect(Object.fromEntries(table)).toMatchObject({
    brokerActive: 'true',
    brokerVersionDesc: 'V5_4_0',
    msgPutTotalTodayNow: '1',
    msgGetTotalTodayNow: '1',
    putMessageTimesTotal: '1',
  })
})

test('GET_SYSTEM_TOPIC_LIST_FROM_BROKER lists the topics a broker has from its start', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  const { body } = await rig.call(GetSystemTopicListFromBroker, {})
  const { topicList } = decodeTopicList(body ?? nothing)
  expect(topicList).toEqual(expect.arrayContaining(['TBW102', 'DefaultCluster', 'broker-a']))
  expect(topicList).not.toContain('Orders')
})

test('QUERY_TOPIC_CONSUME_BY_WHO without consumers answers an empty list', async () => {
  await using rig = await SimulatedBroker.started()
  const { body } = await rig.call(QueryTopicConsumeByWho, { topic: 'Orders' })
  expect(body?.toString()).toBe('{"groupList":[]}')
  expect(decodeGroupList(body ?? nothing).groupList).toEqual([])
})

/** As brokerStatus printed them. */
const javaRuntimeKeys = `
  EndTransactionQueueSize EndTransactionThreadPoolQueueCapacity ackThreadPoolQueueCapacity ackThreadPoolQueueHeadWaitTimeMills
  ackThreadPoolQueueSize bootTimestamp brokerActive brokerVersionDesc commitLogDirCapacity commitLogDiskRatio commitLogMaxOffset
  commitLogMinOffset consumeQueueDiskRatio dispatchBehindBytes dispatchMaxBuffer earliestMessageTimeStamp getFoundTps
  getMessageEntireTimeMax getMissTps getTotalTps getTransferredTps litePullThreadPoolQueueCapacity
  litePullThreadPoolQueueHeadWaitTimeMills litePullThreadPoolQueueSize msgGetTotalTodayMorning msgGetTotalTodayNow
  msgGetTotalYesterdayMorning msgPutTotalTodayMorning msgPutTotalTodayNow msgPutTotalYesterdayMorning pageCacheLockTimeMills
  pullThreadPoolQueueCapacity pullThreadPoolQueueHeadWaitTimeMills pullThreadPoolQueueSize putLatency99 putLatency999
  putMessageAverageSize putMessageDistributeTime putMessageEntireTimeMax putMessageFailedTimes putMessageSizeTotal
  putMessageTimesTotal putTps queryThreadPoolQueueCapacity queryThreadPoolQueueHeadWaitTimeMills queryThreadPoolQueueSize
  remainHowManyDataToFlush remainTransientStoreBufferNumbs runtime sendThreadPoolQueueCapacity
  sendThreadPoolQueueHeadWaitTimeMills sendThreadPoolQueueSize startAcceptSendRequestTimeStamp timerCongestNum timerDequeueTps
  timerEnqueueTps timerOffsetBehind timerReadBehind
`
  .trim()
  .split(/\s+/)

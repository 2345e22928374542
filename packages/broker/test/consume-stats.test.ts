import {
  CleanUnusedTopic,
  type ConsumeOffset,
  decodeBrokerStatsData,
  decodeConsumeQueueBody,
  decodeConsumeStats,
  decodeConsumeStatsList,
  decodeConsumeTimeSpan,
  decodeGroupList,
  decodeSubscriptionBody,
  decodeTopicList,
  encodeHeartbeatData,
  GetBrokerConsumeStats,
  GetConsumeStats,
  GetMaxOffset,
  GetSubscriptionGroupConfig,
  Heartbeat,
  javaStringHash,
  PullMessage,
  QueryConsumeQueue,
  QueryConsumeTimeSpan,
  QuerySubscriptionByConsumer,
  QueryTopicConsumeByWho,
  QueryTopicsByConsumer,
  type RemotingCommand,
  ResponseCode,
  UpdateConsumerOffset,
  ViewBrokerStatsData,
} from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { properties, pullHeader, SimulatedBroker } from './simulated-broker.js'

const queue = { consumerGroup: 'readers', topic: 'Orders', queueId: 0 }
const bytesOf = ({ body }: RemotingCommand): Buffer => body ?? Buffer.alloc(0)

/** A broker with three messages in queue 0 of Orders, and the group readers at 2. */
async function started(): Promise<SimulatedBroker> {
  const rig = await SimulatedBroker.started()
  for (const tag of ['red', 'green', 'blue']) {
    await rig.send({ properties: properties({ TAGS: tag }) }, tag)
    await rig.runtime.advance(1000)
  }
  await rig.call(GetSubscriptionGroupConfig, { group: 'readers' })
  await rig.call(UpdateConsumerOffset, { ...queue, commitOffset: 2 })
  return rig
}

async function subscribe(rig: SimulatedBroker, topic: string): Promise<void> {
  const subscription = {
    topic,
    subString: '*',
    expressionType: 'TAG',
    tagsSet: [],
    codeSet: [],
    subVersion: 1,
    classFilterMode: false,
  }
  const consumer = {
    groupName: 'readers',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [subscription],
    unitMode: false,
  } as const
  const data = { clientID: 'c', producerDataSet: [], consumerDataSet: [consumer] }
  await rig.call(Heartbeat, {}, { body: encodeHeartbeatData({ ...data, heartbeatFingerprint: 0, withoutSub: false }) })
}

async function stats(rig: SimulatedBroker, change: object = {}): Promise<readonly ConsumeOffset[]> {
  return decodeConsumeStats(bytesOf(await rig.call(GetConsumeStats, { consumerGroup: 'readers', ...change }))).offsets
}

describe('how far a group is behind', () => {
  test('is told for every queue of its topics, with what it has pulled', async () => {
    await using rig = await started()
    await rig.call(PullMessage, pullHeader)
    const [first, ...others] = await stats(rig)
    const [, second] = await rig.messages('Orders')
    expect(first).toEqual({
      messageQueue: { topic: 'Orders', brokerName: 'broker-a', queueId: 0 },
      brokerOffset: 3,
      consumerOffset: 2,
      pullOffset: 3,
      lastTimestamp: second?.storeTimestamp,
    })
    expect(others.map(({ brokerOffset, consumerOffset }) => [brokerOffset, consumerOffset])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })

  test('leaves out topics that the connected group does not subscribe to, unless they are listed', async () => {
    await using rig = await started()
    await subscribe(rig, 'Payments')
    expect(await stats(rig)).toEqual([])
    expect(await stats(rig, { topic: 'Orders' })).toEqual([])
    expect(await stats(rig, { topicList: 'Orders;Nothing;' })).toHaveLength(4)
    expect(await stats(rig, { topic: 'Nothing' })).toEqual([])
    await subscribe(rig, 'Orders')
    expect(await stats(rig)).toHaveLength(4)
  })

  test('is told for all groups of the broker at once', async () => {
    await using rig = await started()
    const list = decodeConsumeStatsList(bytesOf(await rig.call(GetBrokerConsumeStats, { isOrder: false })))
    expect(list).toMatchObject({ brokerAddr: rig.broker.address, totalDiff: 1, totalInflightDiff: 0 })
    const readers = list.groups.find(({ group }) => group === 'readers')
    expect(readers?.stats[0]?.offsets).toHaveLength(4)
    const ordered = decodeConsumeStatsList(bytesOf(await rig.call(GetBrokerConsumeStats, { isOrder: true })))
    expect(ordered.groups.find(({ group }) => group === 'readers')?.stats).toEqual([])
  })

  test('is told in time, too', async () => {
    await using rig = await started()
    const [one, two, three] = await rig.messages('Orders')
    const answered = await rig.call(QueryConsumeTimeSpan, { topic: 'Orders', group: 'readers' })
    const spans = decodeConsumeTimeSpan(bytesOf(answered))
    const now = rig.runtime.clock.now()
    expect(spans).toHaveLength(4)
    expect(spans[0]).toMatchObject({
      minTimeStamp: one?.storeTimestamp,
      maxTimeStamp: three?.storeTimestamp,
      consumeTimeStamp: two?.storeTimestamp,
    })
    expect(spans[0]?.delayTime).toBeGreaterThan(900)
    expect(spans[0]?.delayTime).toBeLessThanOrEqual(now - (three?.storeTimestamp ?? 0))
    expect(spans[1]).toMatchObject({ minTimeStamp: -1, maxTimeStamp: -1, delayTime: 0 })
    expect((await rig.call(QueryConsumeTimeSpan, { topic: 'Nothing', group: 'readers' })).code).toBe(
      ResponseCode.TOPIC_NOT_EXIST,
    )
  })
})

test('a group is known to consume a topic by its offsets and by its subscription, once', async () => {
  await using rig = await started()
  const groups = async (): Promise<readonly string[]> =>
    decodeGroupList(bytesOf(await rig.call(QueryTopicConsumeByWho, { topic: 'Orders' }))).groupList
  expect(await groups()).toEqual(['readers'])
  await subscribe(rig, 'Orders')
  expect(await groups()).toEqual(['readers'])
  const topics = decodeTopicList(bytesOf(await rig.call(QueryTopicsByConsumer, { group: 'readers' })))
  expect(topics).toEqual({ topicList: ['Orders'], brokerAddr: rig.broker.address })
  const known = await rig.call(QuerySubscriptionByConsumer, { group: 'readers', topic: 'Orders' })
  expect(decodeSubscriptionBody(bytesOf(known)).subscriptionData?.subString).toBe('*')
  const unknown = await rig.call(QuerySubscriptionByConsumer, { group: 'nobody', topic: 'Orders' })
  expect(unknown.code).toBe(ResponseCode.SUCCESS)
  expect(decodeSubscriptionBody(bytesOf(unknown)).subscriptionData).toBeUndefined()
})

describe('the entries of a consume queue', () => {
  test('are told from an index on', async () => {
    await using rig = await started()
    const answered = await rig.call(QueryConsumeQueue, {
      topic: 'Orders',
      queueId: 0,
      index: 1,
      count: 10,
      consumerGroup: 'readers',
    })
    const body = decodeConsumeQueueBody(bytesOf(answered))
    expect(body).toMatchObject({ minQueueIndex: 0, maxQueueIndex: 3, filterData: 'readers@Orders is not online!' })
    expect(body.queueData.map((data) => data.tagsCode)).toEqual(['green', 'blue'].map(javaStringHash))
  })

  test.each([
    { what: 'of an unknown queue', change: { queueId: 9 }, code: 1, remark: '9@Orders is not exist!' },
    { what: 'past the end', change: { index: 3 }, code: 0, remark: 'Index 3 of 0@Orders is not exist!' },
    { what: 'before the start', change: { index: -1 }, code: 0, remark: 'Index -1 of 0@Orders is not exist!' },
  ])('$what are none, and the remark says so', async ({ change, code, remark }) => {
    await using rig = await started()
    const answered = await rig.call(QueryConsumeQueue, { topic: 'Orders', queueId: 0, index: 0, count: 10, ...change })
    expect(answered).toMatchObject({ code, remark, body: undefined })
  })
})

test('messages and their bytes are counted by topic and by group, a minute, an hour and a day long', async () => {
  await using rig = await started()
  await rig.call(PullMessage, pullHeader)
  await rig.runtime.advance(10_000)
  const view = async (statsName: string, statsKey: string): Promise<number> => {
    const answered = await rig.call(ViewBrokerStatsData, { statsName, statsKey })
    return decodeBrokerStatsData(bytesOf(answered)).statsMinute.sum
  }
  expect(await view('TOPIC_PUT_NUMS', 'Orders')).toBe(3)
  expect(await view('GROUP_GET_NUMS', 'Orders@readers')).toBe(3)
  expect(await view('GROUP_GET_SIZE', 'Orders@readers')).toBe(await view('TOPIC_PUT_SIZE', 'Orders'))
  expect(await view('BROKER_PUT_NUMS', 'DefaultCluster')).toBe(3)
  for (const [statsName, statsKey] of [
    ['TOPIC_PUT_NUMS', 'Nothing'],
    ['NO_STATS', 'Orders'],
  ] as const) {
    const answered = await rig.call(ViewBrokerStatsData, { statsName, statsKey })
    expect(answered).toMatchObject({ code: ResponseCode.SYSTEM_ERROR, body: undefined })
  }
})

test('cleaning unused topics deletes queues without a topic and leaves the others', async () => {
  await using rig = await started()
  await rig.run(rig.broker.messageStore.asyncPutMessage({ topic: 'Forgotten', queueId: 0, body: 'x' }))
  const maxOffset = async (topic: string): Promise<string | undefined> =>
    (await rig.call(GetMaxOffset, { topic, queueId: 0 })).extFields?.['offset']
  expect(await maxOffset('Forgotten')).toBe('1')
  expect((await rig.call(CleanUnusedTopic, {})).code).toBe(ResponseCode.SUCCESS)
  expect([await maxOffset('Forgotten'), await maxOffset('Orders')]).toEqual(['0', '3'])
})

import {
  buildSubscriptionData,
  type ConsumerData,
  decodeConsumerConnection,
  defaultSubscriptionGroupConfig,
  encodeHeartbeatData,
  encodeSubscriptionGroupConfig,
  GetConsumerConnectionList,
  Heartbeat,
  NotifyConsumerIdsChanged,
  type RemotingClient,
  ResponseCode,
  UnregisterClient,
  UpdateAndCreateSubscriptionGroup,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

const consumer: ConsumerData = {
  groupName: 'billing',
  consumeType: 'CONSUME_PASSIVELY',
  messageModel: 'CLUSTERING',
  consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  subscriptionDataSet: [buildSubscriptionData('Orders', '*', 1)],
  unitMode: false,
}

/** A group whose first member counts what it is told. */
class Group implements AsyncDisposable {
  told = 0
  readonly first: RemotingClient
  readonly #rig: SimulatedBroker

  constructor(rig: SimulatedBroker) {
    this.#rig = rig
    this.first = this.client()
    this.first.handlers.on(NotifyConsumerIdsChanged, () => {
      this.told++
      return undefined
    })
  }

  client(): RemotingClient {
    return this.#rig.newClient()
  }

  async heartbeat(client: RemotingClient, clientID: string, data: Partial<ConsumerData> = {}): Promise<void> {
    const rest = { producerDataSet: [], heartbeatFingerprint: 0, withoutSub: false }
    const body = encodeHeartbeatData({ clientID, consumerDataSet: [{ ...consumer, ...data }], ...rest })
    expect((await this.#rig.call(Heartbeat, {}, { body, client })).code).toBe(ResponseCode.SUCCESS)
  }

  /** How often the first member was told since it was last asked. */
  async news(): Promise<number> {
    await this.#rig.runtime.advance(10)
    const { told } = this
    this.told = 0
    return told
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rig.run(this.first.close())
  }
}

test('members are told of one that joins, of one that leaves and of one whose connection closes', async () => {
  await using rig = await SimulatedBroker.started()
  await using group = new Group(rig)
  await group.heartbeat(group.first, 'c1')
  expect(await group.news()).toBe(1)
  await group.heartbeat(group.first, 'c1')
  expect(await group.news()).toBe(0)
  const second = group.client()
  await group.heartbeat(second, 'c2')
  expect(await group.news()).toBe(1)
  await rig.call(UnregisterClient, { clientID: 'c2', consumerGroup: 'billing' }, { client: second })
  expect(await group.news()).toBe(1)
  await group.heartbeat(second, 'c2')
  expect(await group.news()).toBe(1)
  await rig.run(second.close())
  expect(await group.news()).toBe(1)
})

test('members are told of topics that come and go, not of another expression', async () => {
  await using rig = await SimulatedBroker.started()
  await using group = new Group(rig)
  const subscribed = (...subscriptionDataSet: ConsumerData['subscriptionDataSet'][number][]): Promise<void> =>
    group.heartbeat(group.first, 'c1', { subscriptionDataSet })
  await subscribed(buildSubscriptionData('Orders', '*', 1))
  await group.news()
  await subscribed(buildSubscriptionData('Orders', 'paid', 2))
  expect(await group.news()).toBe(0)
  const { body } = await rig.call(GetConsumerConnectionList, { consumerGroup: 'billing' })
  const { subscriptionTable } = decodeConsumerConnection(body ?? Buffer.alloc(0))
  expect(subscriptionTable.get('Orders')?.subString).toBe('paid')
  await subscribed(buildSubscriptionData('Orders', 'paid', 2), buildSubscriptionData('Bills', '*', 2))
  expect(await group.news()).toBe(1)
  await subscribed(buildSubscriptionData('Bills', '*', 2))
  expect(await group.news()).toBe(1)
})

test('members of a group that broadcasts are told nothing', async () => {
  await using rig = await SimulatedBroker.started()
  await using group = new Group(rig)
  await group.heartbeat(group.first, 'c1', { messageModel: 'BROADCASTING' })
  const second = group.client()
  await group.heartbeat(second, 'c2', { messageModel: 'BROADCASTING' })
  await rig.run(second.close())
  expect(await group.news()).toBe(0)
})

test('a group may go without news of members that come and leave in order, a broker without any', async () => {
  await using rig = await SimulatedBroker.started()
  const settings = { ...defaultSubscriptionGroupConfig('billing'), notifyConsumerIdsChangedEnable: false }
  await rig.call(UpdateAndCreateSubscriptionGroup, {}, { body: encodeSubscriptionGroupConfig(settings) })
  await using group = new Group(rig)
  const second = group.client()
  await group.heartbeat(group.first, 'c1')
  await group.heartbeat(second, 'c2')
  expect(await group.news()).toBe(0)
  await rig.run(second.close())
  expect(await group.news()).toBe(1)

  await using quiet = await SimulatedBroker.started({ notifyConsumerIdsChangedEnable: false })
  await using untold = new Group(quiet)
  await untold.heartbeat(untold.first, 'c1')
  expect(await untold.news()).toBe(0)
})

test('a member without heartbeats is taken from its group, and the others are told', async () => {
  await using rig = await SimulatedBroker.started({ channelExpiredTimeout: 60_000 })
  await using group = new Group(rig)
  const silent = group.client()
  await group.heartbeat(group.first, 'c1')
  await group.heartbeat(silent, 'c2')
  await group.news()
  await rig.runtime.advance(40_000)
  await group.heartbeat(group.first, 'c1')
  await rig.runtime.advance(30_500)
  expect(await group.news()).toBe(1)
  await rig.run(silent.close())
})

test('a broker that rejects pull consumers does not list them', async () => {
  await using rig = await SimulatedBroker.started({ rejectPullConsumerEnable: true })
  await using group = new Group(rig)
  await group.heartbeat(group.first, 'c1', { consumeType: 'CONSUME_ACTIVELY' })
  const { code } = await rig.call(GetConsumerConnectionList, { consumerGroup: 'billing' })
  expect(code).toBe(ResponseCode.CONSUMER_NOT_ONLINE)
})

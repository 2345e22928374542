import { type ConsumerData, encodeHeartbeatData, Heartbeat, type RemotingClient, UnregisterClient } from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

interface Beat {
  readonly clientID: string
  readonly client: RemotingClient
  /** Topics and expressions; left out in the short form of the heartbeat. */
  readonly subscriptions?: Readonly<Record<string, string>>
}

/** Sends the heartbeat of a member of the group readers. */
async function beat(rig: SimulatedBroker, { clientID, client, subscriptions }: Beat): Promise<void> {
  const subscriptionDataSet = Object.entries(subscriptions ?? {}).map(([topic, subString]) => {
    return { topic, subString, expressionType: 'TAG', tagsSet: [], codeSet: [], subVersion: 1, classFilterMode: false }
  })
  const consumer: ConsumerData = {
    groupName: 'readers',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet,
    unitMode: false,
  }
  const data = { clientID, producerDataSet: [], consumerDataSet: [consumer], heartbeatFingerprint: 0 }
  const body = encodeHeartbeatData({ ...data, withoutSub: subscriptions === undefined })
  await rig.call(Heartbeat, {}, { client, body })
}

test('members that subscribe differently are named with both subscriptions, once a pair', async () => {
  await using rig = await SimulatedBroker.started()
  const [one, two] = [rig.newClient(), rig.newClient()]
  for (let round = 0; round < 3; round++) {
    await beat(rig, { clientID: 'a@1', client: one, subscriptions: { Orders: 'red', '%RETRY%readers': '*' } })
    await beat(rig, { clientID: 'b@2', client: two, subscriptions: { Payments: '*', Orders: 'blue' } })
    await beat(rig, { clientID: 'b@2', client: two })
  }
  expect(rig.complaints).toEqual([
    'members of group readers subscribe differently: a@1 to Orders [red], b@2 to Orders [blue], Payments [*]',
  ])
  await rig.run(Promise.all([one.close(), two.close()]))
})

test('members that subscribe alike are left alone, whatever the order, and so is one that changed its mind alone', async () => {
  await using rig = await SimulatedBroker.started()
  const [one, two] = [rig.newClient(), rig.newClient()]
  await beat(rig, { clientID: 'a@1', client: one, subscriptions: { Orders: 'red', Payments: '*' } })
  await beat(rig, { clientID: 'b@2', client: two, subscriptions: { Payments: '*', Orders: 'red' } })
  await rig.call(UnregisterClient, { clientID: 'b@2', consumerGroup: 'readers' }, { client: two })
  await beat(rig, { clientID: 'a@1', client: one, subscriptions: { Orders: 'blue' } })
  expect(rig.complaints).toEqual([])
  await rig.run(Promise.all([one.close(), two.close()]))
})

test('two clients with one client id are named with both addresses once both have spoken on', async () => {
  await using rig = await SimulatedBroker.started()
  const [one, two] = [rig.newClient(), rig.newClient()]
  const subscriptions = { Orders: '*' }
  await beat(rig, { clientID: '10.0.8.1@1', client: one, subscriptions })
  await beat(rig, { clientID: '10.0.8.1@1', client: two, subscriptions })
  expect(rig.complaints).toEqual([])
  for (let round = 0; round < 3; round++) await beat(rig, { clientID: '10.0.8.1@1', client: one, subscriptions })
  await beat(rig, { clientID: '10.0.8.1@1', client: two })
  expect(rig.complaints).toEqual([
    'two clients call themselves 10.0.8.1@1: each consumes what the other does, and skips the rest',
  ])
  await rig.run(Promise.all([one.close(), two.close()]))
})

test('a client that comes back on another connection is one client', async () => {
  await using rig = await SimulatedBroker.started()
  const [lost, next] = [rig.newClient(), rig.newClient()]
  const subscriptions = { Orders: '*' }
  await beat(rig, { clientID: 'a@1', client: lost, subscriptions })
  await beat(rig, { clientID: 'a@1', client: next, subscriptions })
  await rig.run(lost.close())
  await rig.runtime.advance(100)
  await beat(rig, { clientID: 'a@1', client: next, subscriptions })
  expect(rig.complaints).toEqual([])
  await rig.run(next.close())
})

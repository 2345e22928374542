import {
  type ConsumerData,
  decodeConsumerOffsetTable,
  encodeHeartbeatData,
  GetAllConsumerOffset,
  Heartbeat,
  PullMessage,
  type PullMessageRequest,
  type RemotingCommand,
  ResponseCode,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { pullHeader, SimulatedBroker } from './simulated-broker.js'

const proxied = { requestSource: 1, proxyFrowardClientId: 'c' } as const

/** A broker with five messages and a client that consumes by broadcasting. */
async function started(options: Parameters<typeof SimulatedBroker.started>[0] = {}): Promise<SimulatedBroker> {
  const rig = await SimulatedBroker.started(options)
  for (let sent = 0; sent < 5; sent++) await rig.send({}, `m${sent}`)
  const consumer: ConsumerData = {
    groupName: 'readers',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'BROADCASTING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [],
    unitMode: false,
  }
  const data = { clientID: 'c', producerDataSet: [], consumerDataSet: [consumer] }
  await rig.call(Heartbeat, {}, { body: encodeHeartbeatData({ ...data, heartbeatFingerprint: 0, withoutSub: false }) })
  return rig
}

function pull(rig: SimulatedBroker, change: Partial<PullMessageRequest>): Promise<RemotingCommand> {
  return rig.call(PullMessage, { ...pullHeader, ...change })
}

async function kept(rig: SimulatedBroker): Promise<unknown> {
  const { body } = await rig.call(GetAllConsumerOffset, {})
  return Object.fromEntries(decodeConsumerOffsetTable(body as Buffer).offsetTable.get('Orders@readers@broadcast') ?? [])
}

test('a client that changes from the broker to a proxy is told where it was', async () => {
  await using rig = await started()
  expect((await pull(rig, { queueOffset: 3 })).code).toBe(ResponseCode.SUCCESS)
  const moved = { code: ResponseCode.PULL_OFFSET_MOVED, extFields: { nextBeginOffset: '3' } }
  expect(await pull(rig, { ...proxied, queueOffset: 0 })).toMatchObject(moved)
  expect((await pull(rig, { ...proxied, queueOffset: 4 })).code).toBe(ResponseCode.SUCCESS)
})

test('a proxy that does not know where to begin is told the start while it is in memory, or else the end', async () => {
  await using rig = await started()
  const asked = await pull(rig, { ...proxied, queueOffset: -1 })
  expect(asked).toMatchObject({ code: ResponseCode.PULL_OFFSET_MOVED, extFields: { nextBeginOffset: '0' } })
  await using cold = await started({ accessMessageInMemoryMaxRatio: 0 })
  expect(await pull(cold, { ...proxied, queueOffset: -1 })).toMatchObject({ extFields: { nextBeginOffset: '5' } })
})

test('the lowest offset of the clients is kept as that of group@broadcast, until the client is forgotten', async () => {
  await using rig = await started({ broadcastOffsetExpireMaxSecond: 20 })
  await pull(rig, { queueOffset: 4 })
  await pull(rig, { ...proxied, proxyFrowardClientId: 'd', queueOffset: 2 })
  await rig.runtime.advance(5000)
  expect(await kept(rig)).toEqual({ 0: 2 })
  await pull(rig, { queueOffset: 5 })
  await rig.runtime.advance(160_000)
  expect(await kept(rig)).toEqual({ 0: 2 })
})

test('nothing is remembered where enableBroadcastOffsetStore is off', async () => {
  await using rig = await started({ enableBroadcastOffsetStore: false })
  await pull(rig, { queueOffset: 3 })
  expect((await pull(rig, { ...proxied, queueOffset: 0 })).code).toBe(ResponseCode.SUCCESS)
  await rig.runtime.advance(5000)
  expect(await kept(rig)).toEqual({})
})

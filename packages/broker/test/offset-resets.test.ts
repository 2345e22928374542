import {
  CloneGroupOffset,
  decodeCorrectionOffsets,
  decodeResetOffsetBody,
  encodeHeartbeatData,
  GetSubscriptionGroupConfig,
  Heartbeat,
  InvokeBrokerToResetOffset,
  PullMessage,
  QueryConsumerOffset,
  QueryCorrectionOffset,
  type RemotingCommand,
  ResetConsumerClientOffset,
  ResponseCode,
  UpdateConsumerOffset,
} from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { pullHeader, SimulatedBroker } from './simulated-broker.js'

const queue = { consumerGroup: 'readers', topic: 'Orders', queueId: 0 }
const reset = { group: 'readers', topic: 'Orders', timestamp: -1 }

/** A broker with five messages in queue 0 and one in queue 1 of Orders, and the group readers at 4. */
async function started(options: Parameters<typeof SimulatedBroker.started>[0] = {}): Promise<SimulatedBroker> {
  const rig = await SimulatedBroker.started(options)
  for (let sent = 0; sent < 5; sent++) {
    await rig.send({}, `m${sent}`)
    await rig.runtime.advance(1000)
  }
  await rig.send({ queueId: 1 })
  await rig.call(GetSubscriptionGroupConfig, { group: 'readers' })
  await rig.call(UpdateConsumerOffset, { ...queue, commitOffset: 4 })
  return rig
}

async function offsetOf(rig: SimulatedBroker, change: object = {}): Promise<string | undefined> {
  const answered = await rig.call(QueryConsumerOffset, { ...queue, setZeroIfNotFound: false, ...change })
  return answered.extFields?.['offset']
}

function queues({ body }: RemotingCommand): [number, number][] {
  const { offsetTable } = decodeResetOffsetBody(body ?? Buffer.alloc(0))
  return offsetTable.map(({ messageQueue, offset }) => [messageQueue.queueId, offset])
}

describe('a reset of one queue', () => {
  test('is what the group is told next: by a query, once by a pull, and no commit in between undoes it', async () => {
    await using rig = await started()
    const answered = await rig.call(InvokeBrokerToResetOffset, { ...reset, queueId: 0, offset: 2 })
    expect(answered.code).toBe(ResponseCode.SUCCESS)
    expect(queues(answered)).toEqual([[0, 2]])
    expect(await rig.call(UpdateConsumerOffset, { ...queue, commitOffset: 4 })).toMatchObject({
      code: ResponseCode.SUCCESS,
      remark: 'Offset has been previously reset',
    })
    expect(await offsetOf(rig)).toBe('2')
    const told = await rig.call(PullMessage, { ...pullHeader, queueOffset: 4, sysFlag: 5, commitOffset: 4 })
    expect(told).toMatchObject({
      code: ResponseCode.PULL_OFFSET_MOVED,
      remark: 'OFFSET_RESET',
      extFields: { nextBeginOffset: '2', minOffset: '0', maxOffset: '5' },
    })
    expect(await offsetOf(rig)).toBe('2')
    expect((await rig.call(PullMessage, { ...pullHeader, queueOffset: 4 })).code).toBe(ResponseCode.SUCCESS)
    await rig.call(UpdateConsumerOffset, { ...queue, commitOffset: 3 })
    expect(await offsetOf(rig)).toBe('3')
  })

  test.each([
    { what: 'before its first message', offset: -2 },
    { what: 'more than one past its end', offset: 7 },
  ])('$what is refused and changes nothing', async ({ offset }) => {
    await using rig = await started()
    const answered = await rig.call(InvokeBrokerToResetOffset, { ...reset, queueId: 0, offset })
    expect(answered).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: `Target offset ${offset} not in consume queue range [0-5]`,
    })
    expect(await offsetOf(rig)).toBe('4')
  })
})

describe('a reset by time', () => {
  test('goes to the messages of that time in every queue, or to the ends', async () => {
    await using rig = await started()
    const [, , third] = await rig.messages('Orders')
    const timestamp = third?.storeTimestamp ?? 0
    expect(queues(await rig.call(InvokeBrokerToResetOffset, { ...reset, timestamp }))).toEqual([
      [0, 2],
      [1, 0],
      [2, 0],
      [3, 0],
    ])
    expect(queues(await rig.call(InvokeBrokerToResetOffset, reset))).toEqual([
      [0, 5],
      [1, 1],
      [2, 0],
      [3, 0],
    ])
    expect([await offsetOf(rig), await offsetOf(rig, { queueId: 1 })]).toEqual(['5', '1'])
  })

  test.each([
    { what: 'in a topic that does not exist', change: { topic: 'Nothing' }, code: ResponseCode.TOPIC_NOT_EXIST },
    {
      what: 'of a group that does not exist',
      change: { group: 'nobody' },
      code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    },
    { what: 'of a queue no topic can have', change: { queueId: 2_000_000 }, code: ResponseCode.SYSTEM_ERROR },
  ])('$what is refused with $code', async ({ change, code }) => {
    await using rig = await started()
    expect((await rig.call(InvokeBrokerToResetOffset, { ...reset, ...change })).code).toBe(code)
    expect(await offsetOf(rig)).toBe('4')
  })
})

describe('a reset where the clients do it', () => {
  const options = { useServerSideResetOffset: false }

  async function atEverywhere(rig: SimulatedBroker): Promise<void> {
    for (const queueId of [1, 2, 3]) await rig.call(UpdateConsumerOffset, { ...queue, queueId, commitOffset: 0 })
  }

  test('is refused while no consumer is connected', async () => {
    await using rig = await started(options)
    await atEverywhere(rig)
    const answered = await rig.call(InvokeBrokerToResetOffset, reset)
    expect(answered.code).toBe(ResponseCode.CONSUMER_NOT_ONLINE)
  })

  test('reaches every client that is connected, and goes forward only when forced', async () => {
    await using rig = await started(options)
    await atEverywhere(rig)
    const told: [number, number][][] = []
    rig.client.handlers.on(ResetConsumerClientOffset, (_header, { body }) => {
      const { offsetTable } = decodeResetOffsetBody(body as Buffer)
      told.push(offsetTable.map(({ messageQueue, offset }) => [messageQueue.queueId, offset]))
      return undefined
    })
    await heartbeat(rig)
    await rig.call(InvokeBrokerToResetOffset, reset)
    await rig.call(InvokeBrokerToResetOffset, { ...reset, isForce: true })
    await rig.runtime.advance(100)
    expect(told.map((rows) => rows[0])).toEqual([
      [0, 4],
      [0, 5],
    ])
  })
})

async function heartbeat(rig: SimulatedBroker): Promise<void> {
  const consumer = {
    groupName: 'readers',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [],
    unitMode: false,
  } as const
  const data = { clientID: 'c', producerDataSet: [], consumerDataSet: [consumer] }
  await rig.call(Heartbeat, {}, { body: encodeHeartbeatData({ ...data, heartbeatFingerprint: 0, withoutSub: false }) })
}

test('cloned offsets are those of the other group, of one topic or of all that exist', async () => {
  await using rig = await started()
  await rig.send({ topic: 'Payments' })
  await rig.call(UpdateConsumerOffset, { ...queue, topic: 'Payments', commitOffset: 1 })
  const clone = { srcGroup: 'readers', destGroup: 'heirs', offline: true }
  const heir = { consumerGroup: 'heirs' }
  await rig.call(CloneGroupOffset, { ...clone, topic: 'Orders' })
  expect([await offsetOf(rig, heir), await offsetOf(rig, { ...heir, topic: 'Payments' })]).toEqual(['4', undefined])
  expect((await rig.call(CloneGroupOffset, clone)).code).toBe(ResponseCode.SUCCESS)
  expect(await offsetOf(rig, { ...heir, topic: 'Payments' })).toBe('1')
  expect(await offsetOf(rig)).toBe('4')
})

test('correction offsets are the lowest of all groups that count, and the comparison loses no offset', async () => {
  await using rig = await started()
  for (const [group, commitOffset] of [
    ['fast', 5],
    ['slow', 1],
  ] as const) {
    await rig.call(GetSubscriptionGroupConfig, { group })
    await rig.call(UpdateConsumerOffset, { ...queue, consumerGroup: group, commitOffset })
  }
  const query = async (compareGroup: string, filterGroups = ''): Promise<unknown> => {
    const { body } = await rig.call(QueryCorrectionOffset, { topic: 'Orders', compareGroup, filterGroups })
    return Object.fromEntries(decodeCorrectionOffsets(body as Buffer))
  }
  expect(await query('fast')).toEqual({ 0: 1 })
  expect(await query('fast', 'slow')).toEqual({ 0: 4 })
  expect(await query('slow', 'slow')).toEqual({ 0: Number.MAX_SAFE_INTEGER })
  expect(await offsetOf(rig, { consumerGroup: 'slow' })).toBe('1')
})

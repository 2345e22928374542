import {
  buildSubscriptionData,
  decodeQueryAssignmentResponse,
  encodeHeartbeatData,
  encodeMessageRequestMode,
  encodeQueryAssignmentRequest,
  Heartbeat,
  type MessageModel,
  type MessageRequestMode,
  QueryAssignment,
  type QueryAssignmentRequestBody,
  ResponseCode,
  SetMessageRequestMode,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker, storePath } from './simulated-broker.js'

const nothing = Buffer.alloc(0)

async function join(rig: SimulatedBroker, clientID: string, messageModel: MessageModel = 'CLUSTERING'): Promise<void> {
  const consumer = {
    groupName: 'billing',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel,
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [buildSubscriptionData('Orders', '*', 1)],
    unitMode: false,
  } as const
  const rest = { producerDataSet: [], heartbeatFingerprint: 0, withoutSub: false }
  const body = encodeHeartbeatData({ clientID, consumerDataSet: [consumer], ...rest })
  await rig.call(Heartbeat, {}, { body, client: rig.newClient() })
}

/** Ids of the queues that a client is told to consume; undefined when it is to keep those it has. */
async function assigned(
  rig: SimulatedBroker,
  request: Partial<QueryAssignmentRequestBody> = {},
): Promise<number[] | undefined> {
  const whole = { topic: 'Orders', consumerGroup: 'billing', clientId: 'c1', strategyName: 'AVG' }
  const body = encodeQueryAssignmentRequest({ ...whole, messageModel: 'CLUSTERING', ...request })
  const answered = await rig.call(QueryAssignment, {}, { body })
  expect(answered.code).toBe(ResponseCode.SUCCESS)
  const { messageQueueAssignments } = decodeQueryAssignmentResponse(answered.body ?? nothing)
  expect(messageQueueAssignments?.every(({ mode }) => mode === 'PULL') ?? true).toBe(true)
  return messageQueueAssignments?.map(({ messageQueue }) => messageQueue.queueId)
}

test('queues are shared out among the clients of a group, by averages or in a circle', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({ defaultTopicQueueNums: 8 })
  for (const client of ['c3', 'c1', 'c2']) await join(rig, client)
  expect(await assigned(rig, { clientId: 'c1' })).toEqual([0, 1, 2])
  expect(await assigned(rig, { clientId: 'c2' })).toEqual([3, 4, 5])
  expect(await assigned(rig, { clientId: 'c3' })).toEqual([6, 7])
  expect(await assigned(rig, { clientId: 'c2', strategyName: 'AVG_BY_CIRCLE' })).toEqual([1, 4, 7])
  expect(await assigned(rig, { clientId: 'stranger' })).toEqual([])
})

test('a client that broadcasts gets all queues', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  await join(rig, 'c1', 'BROADCASTING')
  expect(await assigned(rig, { messageModel: 'BROADCASTING' })).toEqual([0, 1, 2, 3])
})

test('a client keeps its queues when nobody can say which they should be', async () => {
  await using rig = await SimulatedBroker.started()
  expect(await assigned(rig)).toBeUndefined()
  await rig.send()
  expect(await assigned(rig)).toBeUndefined()
  await join(rig, 'c1')
  expect(await assigned(rig, { strategyName: 'CONSISTENT_HASH' })).toBeUndefined()
  expect(await assigned(rig)).toEqual([0, 1, 2, 3])
})

test('a group may be told to pull, which is kept on disk, and not to pop', async () => {
  await using rig = await SimulatedBroker.started()
  const set = async (topic: string, mode: MessageRequestMode, consumerGroup = 'billing'): Promise<number> => {
    const body = encodeMessageRequestMode({ topic, consumerGroup, mode, popShareQueueNum: 0 })
    return (await rig.call(SetMessageRequestMode, {}, { body })).code
  }
  expect(await set('%RETRY%billing', 'PULL')).toBe(ResponseCode.NO_PERMISSION)
  expect(await set('Orders', 'PULL')).toBe(ResponseCode.TOPIC_NOT_EXIST)
  await rig.send()
  expect(await set('Orders', 'PULL', 'no group!')).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST)
  expect(await set('Orders', 'POP')).toBe(ResponseCode.SYSTEM_ERROR)
  expect(await set('Orders', 'PULL')).toBe(ResponseCode.SUCCESS)
  const file = await rig.run(rig.fileSystem.readFile(`${storePath}/config/messageRequestMode.json`))
  expect(file?.toString()).toBe(
    '{\n\t"messageRequestModeMap":{\n\t\t"Orders":{\n\t\t\t"billing":{\n\t\t\t\t"consumerGroup":"billing",\n' +
      '\t\t\t\t"mode":"PULL",\n\t\t\t\t"popShareQueueNum":0,\n\t\t\t\t"topic":"Orders"\n\t\t\t}\n\t\t}\n\t}\n}',
  )
})

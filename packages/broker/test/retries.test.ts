import {
  ConsumerSendMsgBack,
  defaultSubscriptionGroupConfig,
  encodeQueueLockRequest,
  encodeSubscriptionGroupConfig,
  GetTopicConfig,
  LockBatchMQ,
  type MessageExt,
  type RemotingCommand,
  type RequestInput,
  ResponseCode,
  type SubscriptionGroupConfig,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateTopic,
  UpdateBrokerConfig,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { properties, SimulatedBroker } from './simulated-broker.js'

const group = 'billing'
const retries = `%RETRY%${group}`
const deadLetters = `%DLQ%${group}`

type SendBack = Partial<RequestInput<typeof ConsumerSendMsgBack>>

function sendBack(rig: SimulatedBroker, message: MessageExt, header: SendBack = {}): Promise<RemotingCommand> {
  return rig.call(ConsumerSendMsgBack, { offset: message.physicalOffset, group, delayLevel: 0, ...header })
}

async function stored(rig: SimulatedBroker, topic = 'Orders'): Promise<MessageExt> {
  const last = (await rig.messages(topic)).at(-1)
  if (last === undefined) throw new Error(`${topic} holds no message`)
  return last
}

async function setGroup(rig: SimulatedBroker, settings: Partial<SubscriptionGroupConfig>): Promise<void> {
  const body = encodeSubscriptionGroupConfig({ ...defaultSubscriptionGroupConfig(group), ...settings })
  expect((await rig.call(UpdateAndCreateSubscriptionGroup, {}, { body })).code).toBe(ResponseCode.SUCCESS)
}

test('a message sent back waits at level 3 with what it was', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({ flag: 7, properties: properties({ TAGS: 'paid', UNIQ_KEY: 'U1' }) }, 'bill')
  const first = await stored(rig)
  expect((await sendBack(rig, first)).code).toBe(ResponseCode.SUCCESS)
  const waiting = (await rig.messages('SCHEDULE_TOPIC_XXXX', 2))[0]
  expect(waiting).toMatchObject({ body: first.body, flag: 7, reconsumeTimes: 1, bornTimestamp: first.bornTimestamp })
  expect(Object.fromEntries(waiting?.properties ?? [])).toMatchObject({
    TAGS: 'paid',
    UNIQ_KEY: 'U1',
    RETRY_TOPIC: 'Orders',
    ORIGIN_MESSAGE_ID: first.offsetMsgId,
    WAIT: 'false',
    DELAY: '3',
    REAL_TOPIC: retries,
    REAL_QID: '0',
  })
})

test('a message that was retried as often as its group allows becomes a dead letter', async () => {
  await using rig = await SimulatedBroker.started()
  await setGroup(rig, { retryMaxTimes: 1 })
  await rig.send({ topic: retries, reconsumeTimes: 1, properties: properties({ RETRY_TOPIC: 'Orders' }) })
  expect((await sendBack(rig, await stored(rig, retries))).code).toBe(ResponseCode.SUCCESS)
  const dead = await stored(rig, deadLetters)
  expect(dead).toMatchObject({ reconsumeTimes: 2, queueId: 0 })
  expect(Object.fromEntries(dead.properties)).toMatchObject({ RETRY_TOPIC: 'Orders', DELAY: '0' })
})

test('a negative level makes a dead letter at once, and a level above 0 is taken as it is', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  const message = await stored(rig)
  await sendBack(rig, message, { delayLevel: -1 })
  expect(await rig.messages(deadLetters)).toHaveLength(1)
  await sendBack(rig, message, { delayLevel: 5 })
  expect(await rig.messages('SCHEDULE_TOPIC_XXXX', 4)).toHaveLength(1)
})

test('clients since 3.4.9 may override the retries of their group, older ones may not', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  const { physicalOffset: offset } = await stored(rig)
  const header = { offset, group, delayLevel: 0, maxReconsumeTimes: 0 }
  await rig.call(ConsumerSendMsgBack, header, { change: (request) => (request.version = 120) })
  expect(await rig.messages(deadLetters)).toHaveLength(0)
  await rig.call(ConsumerSendMsgBack, header, { change: (request) => (request.version = 121) })
  expect(await rig.messages(deadLetters)).toHaveLength(1)
})

test('a group without retry queues has its messages back and keeps nothing', async () => {
  await using rig = await SimulatedBroker.started()
  await setGroup(rig, { retryQueueNums: 0 })
  await rig.send()
  expect((await sendBack(rig, await stored(rig))).code).toBe(ResponseCode.SUCCESS)
  expect((await rig.call(GetTopicConfig, { topic: retries })).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
})

test('sending back is refused by the first check that fails', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  const message = await stored(rig)
  await rig.call(UpdateBrokerConfig, {}, { body: Buffer.from('autoCreateSubscriptionGroup=false') })
  expect(await sendBack(rig, message)).toMatchObject({ code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST })
  await setGroup(rig, {})
  for (const offset of [-1, message.physicalOffset + 1, 1_000_000, Number.MAX_SAFE_INTEGER]) {
    const { code, remark } = await sendBack(rig, message, { offset })
    expect({ code, remark }).toEqual({
      code: ResponseCode.SYSTEM_ERROR,
      remark: `look message by offset failed, ${offset}`,
    })
  }
  const numbers = { readQueueNums: 1, writeQueueNums: 1, perm: 4, topicFilterType: 'SINGLE_TAG' as const, order: false }
  await rig.call(UpdateAndCreateTopic, { topic: retries, defaultTopic: 'TBW102', ...numbers })
  expect(await sendBack(rig, message)).toMatchObject({ code: ResponseCode.NO_PERMISSION })
})

test('a broker that takes no messages refuses those sent back', async () => {
  await using rig = await SimulatedBroker.started({ brokerPermission: 4 })
  const { code, remark } = await rig.call(ConsumerSendMsgBack, { offset: 0, group, delayLevel: 0 })
  expect({ code, remark }).toMatchObject({
    code: ResponseCode.NO_PERMISSION,
    remark: expect.stringMatching(/sending message is forbidden/) as unknown,
  })
})

test('a message that cannot be stored is not taken back', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  const message = await stored(rig)
  await sendBack(rig, message)
  rig.fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { error: 'ENOSPC' } : undefined)
  expect(await sendBack(rig, message)).toMatchObject({ code: ResponseCode.SYSTEM_ERROR })
  rig.fileSystem.onOperation = undefined
})

test('a retry sent by a producer is a dead letter while its group consumes in order', async () => {
  await using rig = await SimulatedBroker.started()
  const retry = { topic: retries, reconsumeTimes: 1, maxReconsumeTimes: 5 }
  await rig.send(retry, 'retried')
  const mqSet = [{ topic: 'Orders', brokerName: 'broker-a', queueId: 0 }]
  const body = encodeQueueLockRequest({ consumerGroup: group, clientId: 'c1', mqSet, onlyThisBroker: false })
  await rig.call(LockBatchMQ, {}, { body })
  await rig.send(retry, 'given up')
  expect((await rig.messages(deadLetters)).map((message) => message.body.toString())).toEqual(['given up'])
  await rig.runtime.advance(61_000)
  await rig.send(retry, 'retried again')
  expect((await rig.messages(retries)).map((message) => message.body.toString())).toEqual(['retried', 'retried again'])
})

test('a message that is never consumed comes back after 10 s, 30 s, 1 m and so on, and is a dead letter after the last retry', async () => {
  await using rig = await SimulatedBroker.started()
  await setGroup(rig, { retryMaxTimes: 3 })
  await rig.send({ properties: properties({ UNIQ_KEY: 'U1' }) }, 'hopeless')
  const { messageStore } = rig.broker
  let message = await stored(rig)
  const origin = message.offsetMsgId
  for (const [index, delayMs] of [10_000, 30_000, 60_000].entries()) {
    await sendBack(rig, message)
    await rig.runtime.advance(delayMs - 200)
    expect(messageStore.getMaxOffsetInQueue(retries, 0)).toBe(index)
    await rig.runtime.advance(300)
    message = await stored(rig, retries)
    expect(message.reconsumeTimes).toBe(index + 1)
  }
  await sendBack(rig, message)
  const dead = await stored(rig, deadLetters)
  expect(dead).toMatchObject({ msgId: 'U1', reconsumeTimes: 4, body: Buffer.from('hopeless') })
  const { RETRY_TOPIC, ORIGIN_MESSAGE_ID } = Object.fromEntries(dead.properties)
  expect({ RETRY_TOPIC, ORIGIN_MESSAGE_ID }).toEqual({ RETRY_TOPIC: 'Orders', ORIGIN_MESSAGE_ID: origin })
  await rig.runtime.advance(7_300_000)
  expect(messageStore.getMaxOffsetInQueue(retries, 0)).toBe(3)
})

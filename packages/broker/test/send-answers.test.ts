import {
  ResponseCode,
  SendMessage,
  type SendMessageRequest,
  SendMessageV2,
  UpdateAndCreateTopic,
  UpdateBrokerConfig,
} from '@mq/remoting'
import type { PutMessageStatus } from '@mq/store'
import { describe, expect, test } from 'vitest'
import type { BrokerOptions } from '../src/index.js'
import { properties, sendHeader, SimulatedBroker } from './simulated-broker.js'

const replyFields = { MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' }
const topicNow = { defaultTopic: 'TBW102', readQueueNums: 2, writeQueueNums: 1, perm: 6, order: false } as const

interface Row {
  readonly what: string
  readonly options?: Partial<BrokerOptions>
  readonly header?: Partial<SendMessageRequest>
  readonly code: number
}

const rows: readonly Row[] = [
  {
    what: 'before startAcceptSendRequestTimeStamp',
    options: { startAcceptSendRequestTimeStamp: Date.UTC(2100, 0, 1) },
    code: ResponseCode.SYSTEM_ERROR,
  },
  { what: 'to a topic without a name', header: { topic: ' ' }, code: ResponseCode.INVALID_PARAMETER },
  { what: 'to a topic that is a path', header: { topic: '../../x' }, code: ResponseCode.INVALID_PARAMETER },
  { what: 'to a topic of 128 characters', header: { topic: 't'.repeat(128) }, code: ResponseCode.INVALID_PARAMETER },
  {
    what: 'to a retry topic of 256 characters',
    header: { topic: `%RETRY%${'g'.repeat(249)}` },
    code: ResponseCode.INVALID_PARAMETER,
  },
  ...[
    'SCHEDULE_TOPIC_XXXX',
    'RMQ_SYS_TRANS_HALF_TOPIC',
    'RMQ_SYS_TRANS_OP_HALF_TOPIC',
    'TRANS_CHECK_MAX_TIME_TOPIC',
    'SELF_TEST_TOPIC',
    'OFFSET_MOVED_EVENT',
  ].map((topic) => ({ what: `to ${topic}`, header: { topic }, code: ResponseCode.NO_PERMISSION })),
  {
    what: 'to an unknown topic whose template does not exist',
    header: { defaultTopic: 'NoSuchTopic' },
    code: ResponseCode.TOPIC_NOT_EXIST,
  },
  {
    what: 'to an unknown topic while topics are not created',
    options: { autoCreateTopicEnable: false },
    code: ResponseCode.TOPIC_NOT_EXIST,
  },
  {
    what: 'to an unknown topic of a broker that has as many as it keeps',
    options: { maxTopicNums: 1 },
    code: ResponseCode.TOPIC_NOT_EXIST,
  },
  { what: 'to a queue the topic does not have', header: { queueId: 4 }, code: ResponseCode.INVALID_PARAMETER },
  {
    what: 'of a transaction',
    header: { properties: properties({ TRAN_MSG: 'true' }) },
    code: ResponseCode.NO_PERMISSION,
  },
  {
    what: 'with a delivery time',
    header: { properties: properties({ TIMER_DELAY_SEC: '5' }) },
    code: ResponseCode.SYSTEM_ERROR,
  },
  ...['x', '1.5', '1e1', ' ', 'Infinity', '9999999999'].map((delay) => ({
    what: `with the delay level '${delay}'`,
    header: { properties: properties({ DELAY: delay }) },
    code: ResponseCode.SYSTEM_ERROR,
  })),
  {
    what: 'with more than 32,767 bytes of properties',
    header: { properties: properties({ long: 'x'.repeat(32_700) }) },
    code: ResponseCode.MESSAGE_ILLEGAL,
  },
  {
    what: 'of an inner batch to a topic without batches',
    header: { sysFlag: 0x80 },
    code: ResponseCode.MESSAGE_ILLEGAL,
  },
  {
    what: 'to a dead-letter topic of more than 127 bytes',
    header: { topic: `%DLQ%${'g'.repeat(150)}` },
    code: ResponseCode.MESSAGE_ILLEGAL,
  },
]

test.each(rows)(
  'a send $what is answered $code with the region and nothing stored',
  async ({ options, header, code }) => {
    await using rig = await SimulatedBroker.started(options)
    const response = await rig.send(header)
    expect(response.code).toBe(code)
    expect({ ...response.extFields }).toEqual(replyFields)
    expect(response.remark).not.toBe('')
    expect(rig.broker.messageStore.getMaxPhyOffset()).toBe(0)
  },
)

describe('a send that is stored', () => {
  test('is answered with its place, its unique key and the region', async () => {
    await using rig = await SimulatedBroker.started()
    const response = await rig.send({ queueId: 3, properties: properties({ UNIQ_KEY: 'U1' }) })
    expect(response).toMatchObject({ code: ResponseCode.SUCCESS, remark: undefined, body: undefined })
    expect({ ...response.extFields }).toEqual({
      ...replyFields,
      msgId: '0A00010100002A9F0000000000000000',
      queueId: '3',
      queueOffset: '0',
      transactionId: 'U1',
    })
  })

  test('carries what the broker adds and what the producer sent', async () => {
    await using rig = await SimulatedBroker.started()
    const sent = properties({ KEYS: 'k', TAGS: 't', colour: 'red', POP_CK: 'secret' })
    const header = { queueId: 2, flag: 7, sysFlag: 2, reconsumeTimes: 3, properties: sent }
    await rig.send(header, 'body')
    const [message] = await rig.messages('Orders', 2)
    expect(message).toMatchObject({
      topic: 'Orders',
      body: Buffer.from('body'),
      flag: 7,
      sysFlag: 2,
      reconsumeTimes: 3,
      bornTimestamp: sendHeader().bornTimestamp,
      preparedTransactionOffset: 0,
    })
    expect(message?.bornHost.ip).toEqual(Buffer.from([10, 0, 8, 1]))
    expect(message?.storeHost).toEqual({ ip: Buffer.from([10, 0, 1, 1]), port: 10_911 })
    expect(Object.fromEntries(message?.properties ?? [])).toEqual({
      KEYS: 'k',
      TAGS: 't',
      colour: 'red',
      CLUSTER: 'DefaultCluster',
      UNIQ_KEY: expect.stringMatching(/^0A000101[0-9A-F]{24}$/) as unknown,
      ...replyFields,
    })
  })

  test('carries what the broker adds once, also where the producer has set one of them', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send({ queueId: 2, properties: properties({ UNIQ_KEY: 'U', CLUSTER: 'Elsewhere', colour: 'red' }) })
    const [message] = await rig.messages('Orders', 2)
    const own = { ...replyFields, CLUSTER: 'DefaultCluster' }
    expect(Object.fromEntries(message?.properties ?? [])).toEqual({ UNIQ_KEY: 'U', colour: 'red', ...own })
  })

  test('without a queue gets one of those that are written, and is told which', async () => {
    await using rig = await SimulatedBroker.started()
    const queues = new Set<string>()
    for (let sent = 0; sent < 40; sent++) queues.add((await rig.send({ queueId: -1 })).extFields?.['queueId'] ?? '')
    expect([...queues].sort()).toEqual(['0', '1', '2', '3'])
  })

  test('may name a queue that is only read', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.call(UpdateAndCreateTopic, { topic: 'Orders', topicFilterType: 'SINGLE_TAG', ...topicNow })
    expect((await rig.send({ queueId: 1 })).code).toBe(ResponseCode.SUCCESS)
    expect((await rig.send({ queueId: 2 })).code).toBe(ResponseCode.INVALID_PARAMETER)
  })

  test('may go to a topic without write permission, which only the route tells', async () => {
    await using rig = await SimulatedBroker.started()
    const header = { ...topicNow, topic: 'Orders', topicFilterType: 'SINGLE_TAG', perm: 4 } as const
    await rig.call(UpdateAndCreateTopic, header)
    expect((await rig.send()).code).toBe(ResponseCode.SUCCESS)
  })

  test('to a topic of many tags says so in its sysFlag', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.call(UpdateAndCreateTopic, { ...topicNow, topic: 'Orders', topicFilterType: 'MULTI_TAG' })
    await rig.send()
    expect((await rig.messages('Orders'))[0]?.sysFlag).toBe(2)
  })

  test('with a delay level waits in the schedule topic and remembers where it belongs', async () => {
    await using rig = await SimulatedBroker.started()
    const response = await rig.send({ queueId: 1, properties: properties({ DELAY: '3', TIMER_DELAY_SEC: '9' }) })
    expect(response).toMatchObject({ code: ResponseCode.SUCCESS, extFields: { queueId: '1', queueOffset: '0' } })
    const [message] = await rig.messages('SCHEDULE_TOPIC_XXXX', 2)
    const delayed = { DELAY: '3', REAL_TOPIC: 'Orders', REAL_QID: '1' }
    expect(Object.fromEntries(message?.properties ?? [])).toMatchObject(delayed)
    expect(message?.properties.has('TIMER_DELAY_SEC')).toBe(false)
  })

  test('with a delay level above 18 waits as long as one of 18, and one of 0 or less is not delayed', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send({ properties: properties({ DELAY: '99' }) })
    await rig.send({ properties: properties({ DELAY: '0' }) })
    await rig.send({ properties: properties({ DELAY: '-1' }) })
    expect((await rig.messages('SCHEDULE_TOPIC_XXXX', 17))[0]?.properties.get('DELAY')).toBe('18')
    expect(await rig.messages('Orders')).toHaveLength(2)
  })

  test('with the smart header means the same as with the long one', async () => {
    await using rig = await SimulatedBroker.started()
    const body = Buffer.from('hello')
    await rig.call(SendMessage, sendHeader(), { body })
    await rig.call(SendMessageV2, sendHeader(), { body })
    const [first, second] = await rig.messages('Orders')
    const place = { queueOffset: 0, physicalOffset: 0, storeTimestamp: 0 }
    const own = { ...place, msgId: '', offsetMsgId: '', properties: new Map() }
    expect({ ...second, ...own }).toEqual({ ...first, ...own })
  })
})

test('a send without a body, and one without header fields, is a system error', async () => {
  await using rig = await SimulatedBroker.started()
  const bodiless = await rig.call(SendMessage, sendHeader())
  expect(bodiless.code).toBe(ResponseCode.SYSTEM_ERROR)
  const headless = await rig.call(SendMessage, sendHeader(), {
    body: Buffer.from('x'),
    change: (request) => {
      request.extFields = undefined
    },
  })
  expect(headless.code).toBe(ResponseCode.SYSTEM_ERROR)
  expect(headless.remark).toContain('SEND_MESSAGE')
})

test('a broker without write permission refuses its ordered topics only', async () => {
  await using rig = await SimulatedBroker.started()
  const header = { ...topicNow, topic: 'InOrder', topicFilterType: 'SINGLE_TAG', order: true } as const
  await rig.call(UpdateAndCreateTopic, header)
  await rig.send({ topic: 'Orders' })
  await rig.call(UpdateBrokerConfig, {}, { body: Buffer.from('brokerPermission=4\n') })
  expect((await rig.send({ topic: 'InOrder' })).code).toBe(ResponseCode.NO_PERMISSION)
  expect((await rig.send({ topic: 'Orders' })).code).toBe(ResponseCode.SUCCESS)
})

test('a slave rejects sends before it looks at them', async () => {
  await using rig = await SimulatedBroker.started({ brokerRole: 'SLAVE', brokerId: 1 })
  const response = await rig.send({ topic: '../../x' })
  expect(response.code).toBe(ResponseCode.SYSTEM_BUSY)
  expect(response.remark).toMatch(/^\[REJECTREQUEST\]/)
  expect(response.extFields).toBeUndefined()
})

describe('each outcome of the store has its answer', () => {
  const refused: readonly { readonly status: PutMessageStatus; readonly code: number; readonly remark?: string }[] = [
    { status: 'IN_SYNC_REPLICAS_NOT_ENOUGH', code: ResponseCode.SYSTEM_ERROR, remark: 'in-sync replicas not enough' },
    { status: 'CREATE_MAPPED_FILE_FAILED', code: ResponseCode.SYSTEM_ERROR },
    { status: 'MESSAGE_ILLEGAL', code: ResponseCode.MESSAGE_ILLEGAL },
    { status: 'PROPERTIES_SIZE_EXCEEDED', code: ResponseCode.MESSAGE_ILLEGAL },
    { status: 'WHEEL_TIMER_MSG_ILLEGAL', code: ResponseCode.MESSAGE_ILLEGAL },
    { status: 'WHEEL_TIMER_FLOW_CONTROL', code: ResponseCode.SYSTEM_ERROR },
    { status: 'WHEEL_TIMER_NOT_ENABLE', code: ResponseCode.SYSTEM_ERROR },
    { status: 'SERVICE_NOT_AVAILABLE', code: ResponseCode.SERVICE_NOT_AVAILABLE },
    { status: 'OS_PAGE_CACHE_BUSY', code: ResponseCode.SYSTEM_BUSY, remark: '[PC_SYNCHRONIZED]' },
    { status: 'LMQ_CONSUME_QUEUE_NUM_EXCEEDED', code: ResponseCode.SYSTEM_ERROR },
    { status: 'PUT_TO_REMOTE_BROKER_FAIL', code: ResponseCode.SYSTEM_ERROR },
    { status: 'UNKNOWN_ERROR', code: ResponseCode.SYSTEM_ERROR },
  ]

  test.each(refused)('$status is answered $code without a place', async ({ status, code, remark = '' }) => {
    await using rig = await SimulatedBroker.started()
    rig.broker.messageStore.addPutMessageHook({ name: 'refusal', executeBeforePutMessage: () => ({ status }) })
    const response = await rig.send()
    expect(response.code).toBe(code)
    expect(response.remark?.startsWith(remark)).toBe(true)
    expect({ ...response.extFields }).toEqual(replyFields)
  })

  test('a sync that takes too long is answered FLUSH_DISK_TIMEOUT with the place of the message', async () => {
    await using rig = await SimulatedBroker.started({ flushDiskType: 'SYNC_FLUSH' })
    await rig.send()
    rig.fileSystem.pauseSyncs()
    const response = await rig.send()
    expect(response.code).toBe(ResponseCode.FLUSH_DISK_TIMEOUT)
    expect({ ...response.extFields }).toMatchObject({ queueId: '0', queueOffset: '1' })
    const unhurried = await rig.send({ properties: properties({ WAIT: 'false' }) })
    expect(unhurried).toMatchObject({ code: ResponseCode.SUCCESS, extFields: { queueOffset: '2' } })
    rig.fileSystem.resumeSyncs()
  })

  test('a SYNC_MASTER that waits for a slave and has none answers FLUSH_SLAVE_TIMEOUT with the place', async () => {
    await using rig = await SimulatedBroker.started({ brokerRole: 'SYNC_MASTER', inSyncReplicas: 2 })
    const response = await rig.send()
    expect(response).toMatchObject({ code: ResponseCode.FLUSH_SLAVE_TIMEOUT, extFields: { queueOffset: '0' } })
  })
})

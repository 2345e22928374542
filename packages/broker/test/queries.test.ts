import {
  createOffsetMessageId,
  decodeOffsetMessageId,
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  QueryMessage,
  type QueryMessageRequest,
  type RemotingCommand,
  readRecords,
  ResponseCode,
  SearchOffsetByTimestamp,
  ViewMessageById,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { properties, SimulatedBroker } from './simulated-broker.js'

test('a message is found by the id its send was answered with', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({}, 'first')
  const { extFields } = await rig.send({ queueId: 1 }, 'second')
  const { host, physicalOffset } = decodeOffsetMessageId(extFields?.['msgId'] ?? '')
  const { code, body } = await rig.call(ViewMessageById, { offset: physicalOffset })
  expect(code).toBe(ResponseCode.SUCCESS)
  const [message] = readRecords(body ?? Buffer.alloc(0))
  expect(message?.body.toString()).toBe('second')
  expect(message?.offsetMsgId).toBe(createOffsetMessageId(host, physicalOffset))
})

test.each([1, -1, 983_040, Number.MAX_SAFE_INTEGER])('no message begins at offset %i', async (offset) => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  expect(await rig.call(ViewMessageById, { offset })).toMatchObject({
    code: ResponseCode.SYSTEM_ERROR,
    remark: `can not find message by the offset, ${offset}`,
    body: undefined,
  })
})

function query(rig: SimulatedBroker, header: Partial<QueryMessageRequest>): Promise<RemotingCommand> {
  const whole = { topic: 'Orders', key: 'k1', maxNum: 64, beginTimestamp: 0, endTimestamp: Number.MAX_SAFE_INTEGER }
  return rig.call(QueryMessage, { ...whole, ...header })
}

async function withKeys(): Promise<SimulatedBroker> {
  const rig = await SimulatedBroker.started({ defaultQueryMaxNum: 1 })
  for (const key of ['k1 other', 'k2', 'k1']) await rig.send({ properties: properties({ KEYS: key }) }, key)
  await rig.send({ topic: 'Bills', properties: properties({ KEYS: 'k1', UNIQ_KEY: 'U' }) }, 'bill')
  await rig.runtime.advance(1000)
  return rig
}

test('messages are found by one of their keys within their topic, and the answer says how far the index is', async () => {
  await using rig = await withKeys()
  const answered = await query(rig, {})
  expect(answered.code).toBe(ResponseCode.SUCCESS)
  expect(readRecords(answered.body ?? Buffer.alloc(0)).map((message) => message.body.toString())).toEqual([
    'k1 other',
    'k1',
  ])
  expect(Number(answered.extFields?.['indexLastUpdatePhyoffset'])).toBeGreaterThan(0)
  expect(Number(answered.extFields?.['indexLastUpdateTimestamp'])).toBeGreaterThan(0)
})

test('a query by unique key answers defaultQueryMaxNum messages, whatever it asks for', async () => {
  await using rig = await withKeys()
  const byUniqueKey = await query(rig, { topic: 'Bills', key: 'U', isUniqueKeyQuery: true })
  expect(readRecords(byUniqueKey.body ?? Buffer.alloc(0)).map((message) => message.body.toString())).toEqual(['bill'])
  const limited = await query(rig, { isUniqueKeyQuery: true })
  expect(readRecords(limited.body ?? Buffer.alloc(0))).toHaveLength(1)
})

test.each([
  ['has another key', { key: 'k3' }],
  ['is of another topic', { topic: 'Nothing' }],
  ['was stored earlier', { beginTimestamp: 9_000_000_000_000 }],
  ['is wanted no times', { maxNum: -1 }],
])('a message that %s is not found', async (_what, header) => {
  await using rig = await withKeys()
  expect(await query(rig, header)).toMatchObject({
    code: ResponseCode.QUERY_NOT_FOUND,
    remark: expect.stringContaining('can not find message, maybe time range not correct') as unknown,
    body: undefined,
  })
})

test('offsets and times of a queue are those of its messages, and zeros without any', async () => {
  await using rig = await SimulatedBroker.started()
  const times: number[] = []
  for (let sent = 0; sent < 3; sent++) {
    await rig.send()
    const [newest] = (await rig.messages('Orders')).slice(-1)
    times.push(newest?.storeTimestamp ?? 0)
    await rig.runtime.advance(1000)
  }
  const queue = { topic: 'Orders', queueId: 0 }
  const field = async (answering: Promise<RemotingCommand>, name: string): Promise<number> =>
    Number((await answering).extFields?.[name])
  expect(await field(rig.call(GetMaxOffset, queue), 'offset')).toBe(3)
  expect(await field(rig.call(GetMinOffset, queue), 'offset')).toBe(0)
  expect(await field(rig.call(GetEarliestMsgStoretime, queue), 'timestamp')).toBe(times[0])
  const between = (times[0] ?? 0) + 1
  const search = { ...queue, timestamp: between }
  expect(await field(rig.call(SearchOffsetByTimestamp, search), 'offset')).toBe(1)
  expect(await field(rig.call(SearchOffsetByTimestamp, { ...search, boundaryType: 'UPPER' }), 'offset')).toBe(0)
  for (const nowhere of [
    { topic: 'Orders', queueId: 3 },
    { topic: '../../x', queueId: 0 },
    { topic: 'Orders', queueId: -1 },
  ]) {
    expect(await field(rig.call(GetMaxOffset, nowhere), 'offset')).toBe(0)
    expect(await field(rig.call(GetMinOffset, nowhere), 'offset')).toBe(0)
    expect(await field(rig.call(GetEarliestMsgStoretime, nowhere), 'timestamp')).toBe(-1)
  }
})

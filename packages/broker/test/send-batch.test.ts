import { encodeMessageBatch, PropertyName, ResponseCode, SendBatchMessage, SendMessageV2 } from '@mq/remoting'
import type { RemotingCommand, SendMessageRequest } from '@mq/remoting'
import { expect, test } from 'vitest'
import { properties, sendHeader, SimulatedBroker } from './simulated-broker.js'

const member = (body: string, entries: Readonly<Record<string, string>> = {}) => ({
  flag: body.length,
  body: Buffer.from(body),
  properties: new Map(Object.entries(entries)),
})

function sendBatch(
  rig: SimulatedBroker,
  header: Partial<SendMessageRequest> = {},
  body: Buffer = encodeMessageBatch([member('a', { KEYS: 'k' }), member('bb'), member('ccc')]),
): Promise<RemotingCommand> {
  return rig.call(SendBatchMessage, sendHeader({ batch: true, ...header }), { body })
}

test('the members of a batch get consecutive offsets, and the answer names all of them', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({ queueId: 1 })
  const response = await sendBatch(rig, { queueId: 1, properties: properties({ UNIQ_KEY: 'U' }) })
  expect(response).toMatchObject({
    code: ResponseCode.SUCCESS,
    extFields: { queueId: '1', queueOffset: '1', transactionId: 'U', MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' },
  })
  const [, ...stored] = await rig.messages('Orders', 1)
  expect(response.extFields?.['msgId']?.split(',')).toEqual(stored.map((message) => message.offsetMsgId))
  expect(stored.map(({ queueOffset, body, flag }) => [queueOffset, body.toString(), flag])).toEqual([
    [1, 'a', 1],
    [2, 'bb', 2],
    [3, 'ccc', 3],
  ])
})

test('members keep the properties they were sent with, and get none of the broker', async () => {
  await using rig = await SimulatedBroker.started()
  await sendBatch(rig)
  const [first, second] = await rig.messages('Orders')
  expect([...(first?.properties ?? [])]).toEqual([['KEYS', 'k']])
  expect(second?.properties.size).toBe(0)
})

test('the field for a batch makes one, not the request code', async () => {
  await using rig = await SimulatedBroker.started()
  const body = encodeMessageBatch([member('a'), member('b')])
  await rig.call(SendMessageV2, sendHeader({ batch: true }), { body })
  await rig.call(SendBatchMessage, sendHeader({ batch: false }), { body })
  const bodies = (await rig.messages('Orders')).map((message) => message.body)
  expect(bodies).toEqual([Buffer.from('a'), Buffer.from('b'), body])
})

test.each<[string, Partial<SendMessageRequest>]>([
  ['part of a transaction', { sysFlag: 4 }],
  ['delayed', { properties: properties({ [PropertyName.DELAY]: '2' }) }],
  ['sent to a retry topic', { topic: '%RETRY%group' }],
  ['sent to a dead-letter topic of more than 127 characters', { topic: `%DLQ%${'g'.repeat(150)}` }],
])('a batch that is %s is illegal', async (_what, header) => {
  await using rig = await SimulatedBroker.started()
  expect((await sendBatch(rig, header)).code).toBe(ResponseCode.MESSAGE_ILLEGAL)
  expect(rig.broker.messageStore.getMaxPhyOffset()).toBe(0)
})

test('a batch over maxMessageSize is a system error, a single message over it illegal', async () => {
  await using rig = await SimulatedBroker.started({ maxMessageSize: 1000 })
  const body = encodeMessageBatch([member('x'.repeat(600)), member('y'.repeat(600))])
  expect((await sendBatch(rig, {}, body)).code).toBe(ResponseCode.SYSTEM_ERROR)
  expect((await rig.send({}, 'x'.repeat(1001))).code).toBe(ResponseCode.MESSAGE_ILLEGAL)
  expect((await rig.send({}, 'x'.repeat(1000))).code).toBe(ResponseCode.SUCCESS)
})

test('a batch whose body is cut anywhere is refused whole', async () => {
  await using rig = await SimulatedBroker.started()
  const body = encodeMessageBatch([member('a', { KEYS: 'k' }), member('bb')])
  const whole = new Set([body.length, encodeMessageBatch([member('a', { KEYS: 'k' })]).length])
  for (let size = 1; size < body.length; size++) {
    if (whole.has(size)) continue
    expect((await sendBatch(rig, {}, body.subarray(0, size))).code).toBe(ResponseCode.MESSAGE_ILLEGAL)
  }
  expect(rig.broker.messageStore.getMaxPhyOffset()).toBe(0)
})

import { decodeMessageBatch, decodeProperties } from '@mq/remoting'
import { expect, test } from 'vitest'
import type { Message } from '../src/index.js'
import { SimulatedCluster } from './simulated-cluster.js'

const member = (body: string, part: Partial<Message> = {}): Message => ({ topic: 'Orders', body, ...part })

test('several messages travel as one request, each with its id, and the result joins the ids', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const sent = await cluster.run(producer.send([member('a', { keys: 'k', flag: 7 }), member('b', { tags: 't' })]))
  const [request, ...rest] = cluster.broker.sends
  expect(rest).toEqual([])
  expect(request).toMatchObject({ code: 320, fields: { m: 'true', f: '0' } })
  const entries = decodeMessageBatch(request?.body ?? Buffer.alloc(0))
  expect(entries.map(({ body, flag }) => [body.toString(), flag])).toEqual([
    ['a', 7],
    ['b', 0],
  ])
  const ids = entries.map(({ properties }) => decodeProperties(properties).get('UNIQ_KEY'))
  expect(sent.msgId).toBe(ids.join(','))
  const ownId = decodeProperties(request?.fields['i'] ?? '').get('UNIQ_KEY')
  expect(ids).not.toContain(ownId)
})

test('a batch is never compressed', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send([member('x'.repeat(9000))]))
  expect(cluster.broker.sends[0]?.fields['f']).toBe('0')
  expect(cluster.broker.sends[0]?.body.length).toBeGreaterThan(9000)
})

test.each<[string, Message[]]>([
  ['without messages', []],
  ['with two topics', [member('a'), member('b', { topic: 'Other' })]],
  ['with and without waiting for the store', [member('a'), member('b', { waitStoreMsgOK: false })]],
  ['with a delayed message', [member('a', { delayTimeLevel: 1 })]],
  ['with a timer message', [member('a', { deliverTimeMs: 5 })]],
  ['to a retry topic', [member('a', { topic: '%RETRY%group' })]],
  ['with an empty body', [member('a'), member('')]],
  ['larger than maxMessageSize', [member('x'.repeat(600)), member('x'.repeat(600))]],
])('a batch %s is refused before anything is sent', async (_what, messages) => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ maxMessageSize: 1000 })
  expect(await cluster.failure(producer.send(messages))).toMatchObject({ code: 'MESSAGE_ILLEGAL' })
  expect(cluster.broker.sends).toEqual([])
})

import { ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { startTestBroker } from '../src/index.js'
import { RawClient } from './raw-client.js'

test('messages of all queues come in the order in which they were stored, decoded', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', '{"id":1}', { queueId: 3, properties: { TAGS: 'created', KEYS: 'a b', colour: 'red' } })
  await client.send('Orders', '{"id":2}', { queueId: 0 })
  await client.send('Orders', '{"id":3}', { queueId: 3 })

  const messages = await broker.messages('Orders')
  expect(messages.map((message) => message.json())).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  expect(messages[0]).toMatchObject({ topic: 'Orders', text: '{"id":1}', tags: 'created', keys: ['a', 'b'] })
  expect(messages[0]?.properties).toEqual({ colour: 'red' })
  expect(messages.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual([
    [3, 0],
    [0, 0],
    [3, 1],
  ])
})

test('messages are selected by tag, by key and by queue', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'one', { queueId: 0, properties: { TAGS: 'created', KEYS: 'a b' } })
  await client.send('Orders', 'two', { queueId: 1, properties: { TAGS: 'paid', KEYS: 'b' } })
  const texts = async (selection: object): Promise<string[]> =>
    (await broker.messages('Orders', selection)).map(({ text }) => text)
  expect(await texts({ tags: 'paid' })).toEqual(['two'])
  expect(await texts({ key: 'b' })).toEqual(['one', 'two'])
  expect(await texts({ key: 'a', tags: 'paid' })).toEqual([])
  expect(await texts({ queueId: 0 })).toEqual(['one'])
})

test('more messages than one read of the store answers all come', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 1 }] })
  await using client = new RawClient(broker)
  await Promise.all(Array.from({ length: 150 }, (_, index) => client.send('Orders', String(index))))
  const messages = await broker.messages('Orders')
  expect(messages.map(({ text }) => Number(text))).toEqual(Array.from({ length: 150 }, (_, index) => index))
})

test('a topic that does not exist has no messages', async () => {
  await using broker = await startTestBroker()
  expect(await broker.messages('Nothing')).toEqual([])
})

test('waiting for messages settles when the last of them arrives', async () => {
  await using broker = await startTestBroker()
  await using client = new RawClient(broker)
  const waiting = broker.waitForMessages('Orders', 2, { tags: 'paid' })
  for (const tags of ['paid', 'created', 'paid']) await client.send('Orders', tags, { properties: { TAGS: tags } })
  expect((await waiting).map(({ text }) => text)).toEqual(['paid', 'paid'])
})

test('waiting in vain tells what is there, with the selection and without, and in which other topics', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'hello', { queueId: 2, properties: { TAGS: 'created', KEYS: 'o-17' } })
  await client.send('Order', 'a typing error')
  const error = await broker.waitForMessages('Orders', 1, { tags: 'paid', timeoutMs: 1 }).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toMatchObject({ code: 'TEST_BROKER_WAIT' })
  expect(String(error)).toContain('1 messages of topic Orders, tags paid did not come within 1 ms; there are 0')
  expect(String(error)).toContain('without the selection there are 1')
  expect(String(error)).toMatch(/other topics with messages:\n +Order: 1/)
  await expect(broker.waitForMessages('Orders', 2, { timeoutMs: 1 })).rejects.toThrow(
    'Orders queue 2 offset 0, tags created, keys o-17, "hello"',
  )
})

test('a body that is no JSON says which message it belongs to', async () => {
  await using broker = await startTestBroker()
  await using client = new RawClient(broker)
  await client.send('Orders', 'hello')
  const [message] = await broker.messages('Orders')
  expect(() => message?.json()).toThrow('the body of Orders queue 0 offset 0, "hello" is no JSON')
})

test('without autoCreateTopics a send to a topic that nobody made is refused', async () => {
  await using broker = await startTestBroker({ autoCreateTopics: false, topics: ['Orders'] })
  await using client = new RawClient(broker)
  expect(await client.send('Orders', 'hello')).toMatchObject({ code: ResponseCode.SUCCESS })
  expect(await client.send('Order', 'hello')).toMatchObject({ code: ResponseCode.TOPIC_NOT_EXIST })
})

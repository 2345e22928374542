import { expect, test } from 'vitest'
import { startTestBroker } from '../src/index.js'
import { RawClient } from './raw-client.js'

/** Java: messageDelayLevel, 1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h. */
const tenMinutes = { properties: { DELAY: '14' } }

test.each(['memory', 'temporary'] as const)(
  'a message delayed by ten minutes can be read when advance settles, and not before its time (store in %s)',
  async (store) => {
    await using broker = await startTestBroker({ store, topics: ['Orders'] })
    await using client = new RawClient(broker)
    await client.send('Orders', 'later', tenMinutes)
    expect(await broker.messages('Orders')).toEqual([])
    await broker.advance({ minutes: 9, seconds: 50 })
    expect(await broker.messages('Orders')).toEqual([])
    await broker.advance({ seconds: 10 })
    expect((await broker.messages('Orders')).map(({ text }) => text)).toEqual(['later'])
  },
)

test('delayed messages come in the order of their times, each stored at its own', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  const startMs = broker.now()
  for (const level of [5, 1, 4, 2, 3])
    await client.send('Orders', `level ${level}`, { properties: { DELAY: String(level) } })
  await broker.advance({ minutes: 1 })
  const messages = await broker.messages('Orders')
  expect(messages.map(({ text }) => text)).toEqual([1, 2, 3, 4, 5].map((level) => `level ${level}`))
  for (const [index, delayMs] of [1000, 5000, 10_000, 30_000, 60_000].entries()) {
    const waitedMs = messages[index]!.storeTimestamp - startMs
    expect(waitedMs).toBeGreaterThanOrEqual(delayMs)
    expect(waitedMs).toBeLessThan(delayMs + 2000)
  }
})

test('a thousand delayed messages are all there after one advance', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await Promise.all(Array.from({ length: 1000 }, (_, index) => client.send('Orders', String(index), tenMinutes)))
  await broker.advance({ minutes: 10 })
  expect(await broker.messages('Orders')).toHaveLength(1000)
})

test('a message that was delayed before a restart is delivered after it', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'later', tenMinutes)
  await broker.advance({ minutes: 5 })
  await broker.restart()
  await broker.advance({ minutes: 5 })
  expect(await broker.messages('Orders')).toHaveLength(1)
})

test('a reset forgets what was delayed', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'later', tenMinutes)
  await broker.reset()
  await broker.advance({ minutes: 10 })
  expect(await broker.messages('Orders')).toEqual([])
})

test('a message given back is stored for retry after the delay of its attempt, and with the last one it is a dead letter', async () => {
  await using broker = await startTestBroker({ topics: [{ name: 'Orders', queues: 1 }] })
  await using client = new RawClient(broker)
  await client.join('billing')
  await client.send('Orders', 'poison')
  const [message] = await broker.messages('Orders')
  await client.giveBack('billing', message!, { maxReconsumeTimes: 2 })
  await broker.advance({ seconds: 9 })
  expect(await broker.retries('billing')).toEqual([])
  await broker.advance({ seconds: 1 })
  const [retry] = await broker.retries('billing')
  expect(retry).toMatchObject({ text: 'poison', reconsumeTimes: 1 })

  await client.giveBack('billing', retry!, { maxReconsumeTimes: 2 })
  await broker.advance({ seconds: 30 })
  const [, last] = await broker.retries('billing')
  expect(last).toMatchObject({ reconsumeTimes: 2 })

  await client.giveBack('billing', last!, { maxReconsumeTimes: 2 })
  expect(await broker.deadLetters('billing')).toMatchObject([{ text: 'poison' }])
})

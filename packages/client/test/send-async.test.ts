import { expect, test } from 'vitest'
import type { DefaultMQProducer, Message, SendAsyncOptions, SendResult } from '../src/index.js'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

type Outcome = { result: SendResult } | { cause: unknown }

/** Sends and resolves with what the callback was told. */
function sendAsync(producer: DefaultMQProducer, sending: Message, options?: SendAsyncOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    void producer.sendAsync(
      sending,
      { onSuccess: (result) => resolve({ result }), onException: (cause) => resolve({ cause }) },
      options,
    )
  })
}

test('the callback hears the result, and not before sendAsync has returned', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const order: string[] = []
  const sending = sendAsync(producer, message).then(() => order.push('callback'))
  order.push('returned')
  await cluster.run(sending)
  expect(order).toEqual(['returned', 'callback'])
})

test('what a broker refuses is never tried again', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  for (const broker of cluster.brokers) broker.always({ code: 2 })
  const producer = await cluster.startedProducer()
  const outcome = await cluster.run(sendAsync(producer, message))
  expect(outcome).toMatchObject({ cause: { name: 'SendError', code: 'BROKER_BUSY', responseCode: 2 } })
  expect(cluster.brokers.flatMap(({ sends }) => sends)).toHaveLength(1)
})

test('after a lost connection the same request goes to another broker, with a new opaque', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [a, b] = cluster.brokers
  a?.always('HANG_UP')
  b?.always('HANG_UP')
  const producer = await cluster.startedProducer()
  const outcome = await cluster.run(sendAsync(producer, message))
  expect(outcome).toMatchObject({ cause: { code: 'SEND_FAILED', attempts: [{}, {}, {}] } })
  const sends = cluster.brokers.flatMap(({ sends }) => sends)
  expect(sends).toHaveLength(3)
  expect(a?.sends.length).toBeGreaterThan(0)
  expect(b?.sends.length).toBeGreaterThan(0)
  expect(new Set(sends.map(({ fields }) => JSON.stringify(fields))).size).toBe(1)
  expect(new Set(sends.map(({ opaque }) => opaque)).size).toBe(3)
})

test('a broker whose connection was lost is not the next one tried', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always('HANG_UP')
  const producer = await cluster.startedProducer({ retryTimesWhenSendAsyncFailed: 1 })
  for (let count = 0; count < 8; count++) {
    expect(await cluster.run(sendAsync(producer, message))).toMatchObject({ result: { sendStatus: 'SEND_OK' } })
  }
})

test('a send to a fixed queue is tried again at the same broker', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [a, b] = cluster.brokers
  a?.next('HANG_UP', 'HANG_UP')
  const producer = await cluster.startedProducer()
  const queue = { topic: 'Orders', brokerName: 'broker-a', queueId: 1 }
  expect(await cluster.run(sendAsync(producer, message, { queue }))).toMatchObject({ result: { messageQueue: queue } })
  expect([a?.sends.length, b?.sends.length]).toEqual([3, 0])
})

test('retries use the normal port even with the VIP channel', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ vipChannelEnabled: true })
  // Nothing listens on the VIP port; the broker's normal port takes the second attempt.
  expect(await cluster.run(sendAsync(producer, message))).toMatchObject({ result: { sendStatus: 'SEND_OK' } })
})

test('no attempt is made once the timeout is over', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always('SILENCE')
  const producer = await cluster.startedProducer({ sendMsgTimeout: 400 })
  const startedMs = cluster.runtime.clock.monotonic()
  expect(await cluster.run(sendAsync(producer, message))).toMatchObject({
    cause: { code: 'SEND_TIMEOUT', attempts: { length: 1 } },
  })
  expect(cluster.broker.sends).toHaveLength(1)
  expect(cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(500)
})

test('a message that is not legal is told to the callback', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  expect(await cluster.run(sendAsync(producer, { topic: 'Orders', body: '' }))).toMatchObject({
    cause: { code: 'MESSAGE_ILLEGAL', responseCode: 13 },
  })
})

test('a callback that throws is logged and harms nothing', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(
    producer.sendAsync(message, {
      onSuccess() {
        throw new Error('from the callback')
      },
      onException() {},
    }),
  )
  await cluster.runtime.advance(100)
  expect(cluster.warnings).toEqual(['a send callback threw'])
})

test('with back-pressure only so many are in flight, and each end lets one in', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always({ delayMs: 100 })
  const producer = await cluster.startedProducer({
    enableBackpressureForAsyncMode: true,
    backPressureForAsyncSendNum: 10,
    sendMsgTimeout: 5000,
  })
  const outcomes: Outcome[] = []
  let admitted = 0
  for (let count = 0; count < 25; count++) {
    const callback = {
      onSuccess: (result: SendResult) => void outcomes.push({ result }),
      onException: (cause: unknown) => void outcomes.push({ cause }),
    }
    void producer.sendAsync(message, callback).then(() => admitted++)
  }
  await cluster.runtime.advance(50)
  expect([admitted, cluster.broker.sends.length]).toEqual([10, 10])
  await cluster.runtime.advance(100)
  expect([admitted, cluster.broker.sends.length]).toEqual([20, 20])
  await cluster.runtime.advance(300)
  expect(outcomes.filter((outcome) => 'result' in outcome)).toHaveLength(25)
})

test('with back-pressure a send that gets no room in time fails, and its place goes to the next', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always({ delayMs: 500 })
  const producer = await cluster.startedProducer({
    enableBackpressureForAsyncMode: true,
    backPressureForAsyncSendNum: 10,
  })
  const first = Array.from({ length: 10 }, () => sendAsync(producer, message))
  const impatient = sendAsync(producer, message, { timeoutMs: 100 })
  const patient = sendAsync(producer, message)
  expect(await cluster.run(impatient)).toMatchObject({ cause: { code: 'TOO_MANY_SENDS' } })
  expect(await cluster.run(patient)).toMatchObject({ result: { sendStatus: 'SEND_OK' } })
  await cluster.run(Promise.all(first))
})

test('more unfinished asynchronous sends than the capacity are refused', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always('SILENCE')
  const producer = await cluster.startedProducer({ asyncSenderQueueCapacity: 3 })
  const sends = Array.from({ length: 4 }, () => sendAsync(producer, message))
  expect(await cluster.run(Promise.all(sends.slice(3)))).toMatchObject([{ cause: { code: 'TOO_MANY_SENDS' } }])
  expect(await cluster.run(Promise.all(sends.slice(0, 3)))).toMatchObject([
    { cause: { code: 'SEND_TIMEOUT' } },
    { cause: { code: 'SEND_TIMEOUT' } },
    { cause: { code: 'SEND_TIMEOUT' } },
  ])
})

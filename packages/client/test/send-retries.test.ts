import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { SendError } from '../src/index.js'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test.each([1, 2, 14, 16, 17, 204, 205])('after response code %d another broker is tried', async (code) => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [a, b] = cluster.brokers
  a?.always({ code })
  const producer = await cluster.startedProducer({ retryTimesWhenSendFailed: 1 })
  for (let count = 0; count < 4; count++) {
    expect((await cluster.run(producer.send(message))).messageQueue.brokerName).toBe('broker-b')
  }
  expect(b?.sends).toHaveLength(4)
})

test.each([3, 13, 26, 29])('after response code %d no other attempt is made', async (code) => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  for (const broker of cluster.brokers) broker.always({ code, remark: 'because' })
  const producer = await cluster.startedProducer()
  const failure = await cluster.failure(producer.send(message))
  expect(failure).toMatchObject({ name: 'SendError', code: 'SEND_REFUSED', retryable: false, responseCode: code })
  expect((failure as SendError).attempts).toHaveLength(1)
  expect((failure as SendError).message).toContain('because')
})

test('a broker that dies in the middle of a send is replaced by another', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always('HANG_UP')
  const producer = await cluster.startedProducer({ retryTimesWhenSendFailed: 1 })
  for (let count = 0; count < 4; count++) {
    expect((await cluster.run(producer.send(message))).messageQueue.brokerName).toBe('broker-b')
  }
})

test('a single broker is tried again with the same id, properties, body and birth time', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next('HANG_UP', { code: 2 })
  const producer = await cluster.startedProducer()
  const sent = await cluster.run(producer.send({ ...message, keys: 'k' }))
  expect(cluster.broker.sends).toHaveLength(3)
  const unequal = cluster.broker.sends.map(({ fields, body }) => ({ ...fields, e: 'any', body: body.toString() }))
  expect(new Set(unequal.map((send) => JSON.stringify(send))).size).toBe(1)
  expect(cluster.broker.sends[0]?.fields['i']).toContain(sent.msgId)
})

test('a retried large body was compressed once, and every attempt says so in its flag', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next({ code: 1 })
  const producer = await cluster.startedProducer()
  const body = 'x'.repeat(5000)
  const sending = producer.send({ topic: 'Orders', body })
  // The pool that compresses is outside of the simulation.
  while (cluster.broker.sends.length < 2) {
    await new Promise((resolve) => setImmediate(resolve))
    await cluster.runtime.advance(1)
  }
  await cluster.run(sending)
  const [first, second] = cluster.broker.sends
  expect(second?.body).toEqual(first?.body)
  expect(inflateSync(second?.body ?? Buffer.alloc(0)).toString()).toBe(body)
  expect(cluster.broker.sends.map(({ fields }) => Number(fields['f']))).toEqual([0x301, 0x301])
})

test('when every attempt fails the error lists each with broker, address, duration and cause', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always('HANG_UP')
  cluster.brokers[1]?.always({ code: 2, remark: '[TIMEOUT_CLEAN_QUEUE]' })
  const producer = await cluster.startedProducer({ retryTimesWhenSendFailed: 2 })
  const failure = (await cluster.failure(producer.send(message))) as SendError
  expect(failure).toBeInstanceOf(SendError)
  expect(failure.attempts).toHaveLength(3)
  for (const { address, durationMs, cause, brokerName } of failure.attempts) {
    expect(address).toBe(brokerName === 'broker-a' ? '10.0.1.1:10911' : '10.0.1.2:10911')
    expect(durationMs).toBeGreaterThan(0)
    expect(cause).toBeInstanceOf(Error)
  }
  expect(failure.retryable).toBe(true)
  expect(JSON.parse(JSON.stringify(failure))).toMatchObject({ name: 'SendError', attempts: [{}, {}, {}] })
})

test('GO_AWAY of a broker that shuts down leads to another broker', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always({ code: 1500 })
  const producer = await cluster.startedProducer({ retryTimesWhenSendFailed: 1 })
  for (let count = 0; count < 4; count++) {
    expect((await cluster.run(producer.send(message))).messageQueue.brokerName).toBe('broker-b')
  }
})

test('a broker that never answers uses up the timeout in one attempt, and the error says timeout', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always('SILENCE')
  const producer = await cluster.startedProducer({ sendMsgTimeout: 700 })
  const startedMs = cluster.runtime.clock.monotonic()
  const failure = (await cluster.failure(producer.send(message))) as SendError
  const elapsedMs = cluster.runtime.clock.monotonic() - startedMs
  expect(elapsedMs).toBeGreaterThanOrEqual(700)
  expect(elapsedMs).toBeLessThan(720)
  expect(failure).toMatchObject({ code: 'SEND_TIMEOUT', retryable: true })
  expect(failure.attempts).toHaveLength(1)
})

test('sendMsgMaxTimeoutPerRequest leaves time for another broker when one is silent', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always('SILENCE')
  const producer = await cluster.startedProducer({ sendMsgMaxTimeoutPerRequest: 300 })
  for (let count = 0; count < 4; count++) {
    const startedMs = cluster.runtime.clock.monotonic()
    expect((await cluster.run(producer.send(message))).messageQueue.brokerName).toBe('broker-b')
    expect(cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(330)
  }
})

test('the last attempt is not cut short by sendMsgMaxTimeoutPerRequest', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next('SILENCE', { delayMs: 900 })
  const producer = await cluster.startedProducer({ sendMsgMaxTimeoutPerRequest: 300, retryTimesWhenSendFailed: 1 })
  expect((await cluster.run(producer.send(message))).sendStatus).toBe('SEND_OK')
})

test('a status other than SEND_OK leads to another broker only when asked for', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always({ code: 10 })
  const patient = await cluster.startedProducer({ retryAnotherBrokerWhenNotStoreOK: true, producerGroup: 'patient' })
  for (let count = 0; count < 4; count++) {
    expect((await cluster.run(patient.send(message))).sendStatus).toBe('SEND_OK')
  }
  const content = await cluster.startedProducer()
  const statuses = new Set<string>()
  for (let count = 0; count < 8; count++) statuses.add((await cluster.run(content.send(message))).sendStatus)
  expect(statuses).toEqual(new Set(['SEND_OK', 'FLUSH_DISK_TIMEOUT']))
})

test('when another try after a status fails, the status is returned', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next({ code: 12 }, { code: 13 })
  const producer = await cluster.startedProducer({ retryAnotherBrokerWhenNotStoreOK: true })
  expect((await cluster.run(producer.send(message))).sendStatus).toBe('FLUSH_SLAVE_TIMEOUT')
})

test('a send to one queue is attempted once', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always({ code: 2 })
  const producer = await cluster.startedProducer()
  const queue = { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }
  const failure = (await cluster.failure(producer.send(message, { queue }))) as SendError
  expect(failure).toMatchObject({ code: 'BROKER_BUSY', responseCode: 2 })
  expect(cluster.broker.sends).toHaveLength(1)
})

test('a slow broker is avoided once latencies are measured', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.always({ delayMs: 800 })
  const producer = await cluster.startedProducer({ sendLatencyEnable: true })
  for (let count = 0; count < 8; count++) await cluster.run(producer.send(message))
  const slowSends = cluster.brokers[0]?.sends.length ?? 0
  expect(slowSends).toBe(1)
  await cluster.runtime.advance(2001)
  for (let count = 0; count < 8; count++) await cluster.run(producer.send(message))
  expect(cluster.brokers[0]?.sends.length).toBe(slowSends + 1)
})

test('the detector finds a broker that came back', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  cluster.brokers[0]?.next('HANG_UP')
  const producer = await cluster.startedProducer({ sendLatencyEnable: true, startDetectorEnable: true })
  for (let count = 0; count < 8; count++) await cluster.run(producer.send(message))
  expect(cluster.brokers[0]?.sends).toHaveLength(1)
  await cluster.runtime.advance(15_000)
  for (let count = 0; count < 8; count++) await cluster.run(producer.send(message))
  expect(cluster.brokers[0]?.sends).toHaveLength(5)
  await cluster.run(producer.close())
})

test('while all brokers are avoided, one that a probe reached is used and one that it did not reach is not', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [dead, back] = cluster.brokers
  if (dead === undefined || back === undefined) throw new Error('two brokers are needed')
  // After the only queue of the second broker it is the turn of the first one.
  const second = { brokerName: back.brokerName, address: back.address, queues: 1 }
  cluster.nameServer.routes.set('Orders', routeOver(dead, second))
  await cluster.run(dead.close())
  back.next('HANG_UP')
  const attempted: string[] = []
  const producer = await cluster.startedProducer({
    sendLatencyEnable: true,
    startDetectorEnable: true,
    retryTimesWhenSendFailed: 1,
    sendMessageHooks: [{ sendMessageBefore: ({ queue }) => void attempted.push(queue.brokerName) }],
  })
  await cluster.failure(producer.send(message))
  expect(attempted.toSorted()).toEqual(['broker-a', 'broker-b'])
  await cluster.runtime.advance(3100)
  attempted.length = 0
  for (let count = 0; count < 8; count++) await cluster.run(producer.send(message))
  expect(attempted).toEqual(Array(8).fill('broker-b'))
  await cluster.run(producer.close())
})

test('the route learnt while a send retries is used by its next attempt', async () => {
  const cluster = await SimulatedCluster.start({ brokers: 2 })
  const [a, b] = cluster.brokers
  if (a === undefined || b === undefined) throw new Error('two brokers are needed')
  cluster.nameServer.routes.set('Orders', routeOver(a))
  a.always({ delayMs: 40_000 })
  const producer = await cluster.startedProducer({ sendMsgTimeout: 90_000, sendMsgMaxTimeoutPerRequest: 35_000 })
  const sending = producer.send(message)
  await cluster.runtime.advance(100)
  cluster.nameServer.routes.set('Orders', routeOver(b))
  expect((await cluster.run(sending)).messageQueue.brokerName).toBe('broker-b')
})

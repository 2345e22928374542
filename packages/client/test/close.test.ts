import { expect, test } from 'vitest'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test('a close waits for sends in flight and refuses new ones', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always({ delayMs: 1000 })
  const producer = await cluster.startedProducer()
  const sending = producer.send(message)
  await cluster.runtime.advance(10)
  const closing = producer.close()
  expect(await cluster.failure(producer.send(message))).toMatchObject({ code: 'CLIENT_STATE' })
  expect((await cluster.run(sending)).sendStatus).toBe('SEND_OK')
  await cluster.run(closing)
  expect(cluster.broker.unregistered).toEqual(['orders', 'CLIENT_INNER_PRODUCER'])
  await cluster.runtime.advance(10)
  expect(cluster.broker.server.connections.size).toBe(0)
})

test('a close is bounded: a send that does not end fails, and is not tried again', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always('SILENCE')
  const producer = await cluster.startedProducer({ sendMsgTimeout: 60_000 })
  const sending = cluster.failure(producer.send(message))
  await cluster.runtime.advance(10)
  const startedMs = cluster.runtime.clock.monotonic()
  await cluster.run(producer.close({ timeoutMs: 300 }))
  expect(cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(320)
  expect(await sending).toMatchObject({ name: 'SendError', attempts: { length: 1 } })
  expect(cluster.broker.sends).toHaveLength(1)
  expect(cluster.warnings).toContain('the producer closes before all its sends have ended')
})

test('closing twice, or a producer that never started, does nothing', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message))
  await cluster.run(Promise.all([producer.close(), producer.close(), producer[Symbol.asyncDispose]()]))
  expect(cluster.broker.unregistered).toEqual(['orders', 'CLIENT_INNER_PRODUCER'])
  await cluster.run(cluster.producer().close())
})

test('a send before start and a start after close say what is wrong', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = cluster.producer()
  expect(await cluster.failure(producer.send(message))).toMatchObject({ code: 'CLIENT_STATE' })
  await cluster.run(producer.close())
  expect(await cluster.failure(producer.start())).toMatchObject({ code: 'CLIENT_STATE' })
})

test('nothing is left to run after a close', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({ sendLatencyEnable: true, startDetectorEnable: true })
  await cluster.run(producer.send(message))
  await cluster.run(producer.close())
  await cluster.run(Promise.all([cluster.broker.close(), cluster.nameServer.close()]))
  await expect(cluster.run(new Promise(() => {}))).rejects.toThrow('nothing is scheduled')
})

test('an unreachable broker does not keep a close from ending', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  await cluster.run(producer.send(message))
  cluster.runtime.hosts.partition('10.0.8.1', '10.0.1.1')
  const startedMs = cluster.runtime.clock.monotonic()
  await cluster.run(producer.close())
  expect(cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(6100)
})

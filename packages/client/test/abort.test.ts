import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { MQClientError } from '../src/index.js'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test('an abort while the broker is silent rejects at once with the reason, and no attempt follows', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always('SILENCE')
  const producer = await cluster.startedProducer()
  const controller = new AbortController()
  const reason = new Error('the request was cancelled')
  const sending = producer.send(message, { signal: controller.signal })
  await cluster.runtime.advance(50)
  const startedMs = cluster.runtime.clock.monotonic()
  controller.abort(reason)
  expect(await cluster.failure(sending)).toBe(reason)
  expect(cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(1)
  await cluster.runtime.advance(5000)
  expect(cluster.broker.sends).toHaveLength(1)
})

test('an abort while the route is asked for rejects at once, and others that wait for it get it', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const controller = new AbortController()
  const aborted = producer.send(message, { signal: controller.signal })
  const other = producer.send(message)
  controller.abort()
  expect(await cluster.failure(aborted)).toMatchObject({ name: 'AbortError' })
  expect((await cluster.run(other)).sendStatus).toBe('SEND_OK')
  expect(cluster.nameServer.asked).toEqual(['Orders'])
})

test('a signal that is aborted already sends nothing', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer()
  const reason = new Error('too late')
  expect(await cluster.failure(producer.send(message, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  expect(cluster.nameServer.asked).toEqual([])
  expect(cluster.broker.sends).toEqual([])
})

test('no listener stays on a signal, however its sends end', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next('SEND_OK', { code: 13 }, 'HANG_UP', 'SEND_OK', 'SILENCE')
  const producer = await cluster.startedProducer({ sendMsgTimeout: 200, retryTimesWhenSendFailed: 1 })
  const { signal } = new AbortController()
  await cluster.run(producer.send(message, { signal }))
  await cluster.failure(producer.send(message, { signal }))
  await cluster.run(producer.send(message, { signal }))
  await cluster.failure(producer.send(message, { signal }))
  await cluster.failure(producer.send({ topic: 'Nowhere', body: 'x' }, { signal }))
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('a reason that is an error of ours is passed on as it is', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.always('SILENCE')
  const producer = await cluster.startedProducer()
  const controller = new AbortController()
  const reason = new MQClientError('another client gave up', { code: 'CLIENT_STATE' })
  const sending = producer.send(message, { signal: controller.signal })
  await cluster.runtime.advance(50)
  controller.abort(reason)
  expect(await cluster.failure(sending)).toBe(reason)
})

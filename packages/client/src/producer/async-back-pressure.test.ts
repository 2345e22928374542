import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { Deadline } from '../deadline.js'
import { AsyncBackPressure } from './async-back-pressure.js'

const runtime = new SimulatedRuntime({ seed: 1 })
const within = (timeoutMs: number): Deadline => new Deadline({ runtime, timeoutMs })

test('bytes are bounded as well as messages, and the order of arrival is kept', async () => {
  const bounds = new AsyncBackPressure({ messages: 10, bytes: 100 })
  const order: string[] = []
  const release = await bounds.acquire(80, within(1000))
  const large = bounds.acquire(50, within(1000)).then((free) => (order.push('large'), free))
  const small = bounds.acquire(1, within(1000)).then((free) => (order.push('small'), free))
  await runtime.advance(1)
  expect(order).toEqual([])
  release()
  await Promise.all([large, small])
  expect(order).toEqual(['large', 'small'])
})

test('a body larger than the limit is let in alone', async () => {
  const bounds = new AsyncBackPressure({ messages: 10, bytes: 100 })
  const release = await bounds.acquire(5000, within(10))
  const next = bounds.acquire(1, within(1000))
  release()
  await expect(next).resolves.toBeTypeOf('function')
})

test('room given back twice counts once', async () => {
  const bounds = new AsyncBackPressure({ messages: 1, bytes: 100 })
  const release = await bounds.acquire(1, within(10))
  release()
  release()
  await bounds.acquire(1, within(10))
  const refused = bounds.acquire(1, within(10)).catch((cause: unknown) => cause)
  expect(await runtime.run(refused)).toMatchObject({ code: 'TOO_MANY_SENDS' })
})

test('a waiter that gives up lets those behind it in if they fit', async () => {
  const bounds = new AsyncBackPressure({ messages: 10, bytes: 100 })
  await bounds.acquire(60, within(10))
  const large = bounds.acquire(50, within(10)).catch((cause: unknown) => cause)
  const small = bounds.acquire(10, within(1000))
  expect(await runtime.run(large)).toMatchObject({ code: 'TOO_MANY_SENDS' })
  await expect(small).resolves.toBeTypeOf('function')
})

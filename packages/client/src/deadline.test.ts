import { getEventListeners } from 'node:events'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { Deadline } from './deadline.js'

const runtime = new SimulatedRuntime({ seed: 1 })
const tooLate = (): Error => new Error('too late')

test('work that outlives the deadline rejects when the time of the whole call is over', async () => {
  const deadline = new Deadline({ runtime, timeoutMs: 100 })
  await runtime.advance(60)
  const startedMs = runtime.clock.monotonic()
  const waited = deadline.wait(new Promise(() => {}), tooLate).catch((cause: unknown) => cause)
  expect(await runtime.run(waited)).toEqual(tooLate())
  expect(runtime.clock.monotonic() - startedMs).toBeCloseTo(40)
})

test('work that fails after the caller has given up is no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const note = (cause: unknown): void => void unhandled.push(cause)
  process.on('unhandledRejection', note)
  const { promise, reject } = pending()
  const waited = new Deadline({ runtime, timeoutMs: 100, signal: AbortSignal.abort() }).wait(promise, tooLate)
  await expect(waited).rejects.toMatchObject({ name: 'AbortError' })
  reject(new Error('later'))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

test('settled work leaves no listener on the signal', async () => {
  const { signal } = new AbortController()
  const deadline = new Deadline({ runtime, timeoutMs: 100, signal })
  expect(await deadline.wait(Promise.resolve(5), tooLate)).toBe(5)
  await expect(deadline.wait(Promise.reject(new Error('no')), tooLate)).rejects.toThrow('no')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

function pending(): { promise: Promise<never>; reject: (cause: Error) => void } {
  let reject: (cause: Error) => void = () => {}
  const promise = new Promise<never>((_resolve, fail) => {
    reject = fail
  })
  return { promise, reject }
}

import type { Connection } from '@mq/remoting'
import { promotedBytesPerCall, SimulatedRuntime } from '@mq/remoting/testing'
import type { MessageArrival, MessageStore } from '@mq/store'
import { expect, test } from 'vitest'
import { PullRequestHoldService } from './pull-request-hold-service.js'

function serviceOf(runtime: SimulatedRuntime): PullRequestHoldService {
  const store = { getMaxOffsetInQueue: () => 0 } as unknown as MessageStore
  return new PullRequestHoldService({ timers: runtime.timers, store, maxHeldPullRequests: 100 })
}

const connectionOf = (): Connection => ({ isOpen: true }) as unknown as Connection
const properties = new Map<string, string>()
const arrivalOf = (queueId: number, maxOffset: number): MessageArrival => {
  return { topic: 'T', queueId, maxOffset, tagsCode: 0, storeTimestamp: 0, properties }
}

test('a pull is executed once: by its message, its time or the end of its connection', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const service = serviceOf(runtime)
  const [one, other] = [connectionOf(), connectionOf()]
  const executed: string[] = []
  const hold = (name: string, connection: Connection, queueId: number): boolean => {
    const execute = (): void => void executed.push(name)
    return service.hold({ connection, topic: 'T', queueId, offset: 5, timeoutMs: 3000, filter: undefined, execute })
  }
  expect(['a', 'b'].map((name) => hold(name, one, 0))).toEqual([true, true])
  hold('c', other, 0)
  hold('d', other, 1)
  service.connectionClosed(one)
  service.messageArriving(arrivalOf(0, 5))
  service.messageArriving(arrivalOf(0, 6))
  service.messageArriving(arrivalOf(0, 7))
  await runtime.advance(60_000)
  expect([...executed].sort()).toEqual(['a', 'b', 'c', 'd'])
  expect(service.size).toBe(0)
  service.close()
})

test('pulls that were executed are garbage that a minor collection takes', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const timers = { ...runtime.timers, after: () => ({ cancel() {} }), every: () => ({ cancel() {} }) }
  const service = serviceOf(Object.assign(Object.create(runtime) as SimulatedRuntime, { timers }))
  const connection = connectionOf()
  const hold = (queueId: number, offset: number): boolean =>
    service.hold({ connection, topic: 'T', queueId, offset, timeoutMs: 3000, filter: undefined, execute() {} })
  hold(0, Number.MAX_SAFE_INTEGER)
  const promoted = await promotedBytesPerCall(async (index) => {
    for (const queueId of [0, 1]) hold(queueId, index)
    for (const queueId of [0, 1]) service.messageArriving(arrivalOf(queueId, index + 1))
    await Promise.resolve()
  })
  expect(service.size).toBe(1)
  expect(promoted).toBeLessThan(40)
  service.close()
})

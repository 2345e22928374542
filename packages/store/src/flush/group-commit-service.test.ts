import { SimulatedRuntime } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { StoreWriteError } from '../errors.js'
import { type FlushOutcome, GroupCommitService } from './group-commit-service.js'

/** A service over a log whose syncs end when the test says so. */
function serviceWith(runtime: SimulatedRuntime): {
  readonly service: GroupCommitService
  readonly outcomes: [number, FlushOutcome][]
  readonly syncs: { end(flushedWhere: number): void; fail(error: StoreWriteError): void }[]
  readonly put: (nextOffset: number) => void
} {
  const outcomes: [number, FlushOutcome][] = []
  const syncs: { end(flushedWhere: number): void; fail(error: StoreWriteError): void }[] = []
  const service = new GroupCommitService({
    clock: runtime.clock,
    timers: runtime.timers,
    syncFlushTimeout: 5000,
    sync: () =>
      new Promise((resolve, reject) => {
        syncs.push({ end: (flushedWhere) => resolve({ flushedWhere, report() {} }), fail: reject })
      }),
  })
  const put = (nextOffset: number): void => {
    service.putRequest({ nextOffset, onFlushed: (outcome) => outcomes.push([nextOffset, outcome]) })
  }
  return { service, outcomes, syncs, put }
}

describe('GroupCommitService', () => {
  test('one sync is in flight, and what came during it waits for the next', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { syncs, put, outcomes } = serviceWith(runtime)
    put(10)
    put(20)
    await runtime.advance(0)
    put(30)
    put(40)
    await runtime.advance(0)
    expect(syncs).toHaveLength(1)
    syncs[0]?.end(20)
    await runtime.advance(0)
    expect(outcomes).toEqual([
      [10, 'PUT_OK'],
      [20, 'PUT_OK'],
    ])
    expect(syncs).toHaveLength(2)
    syncs[1]?.end(40)
    await runtime.advance(0)
    expect(outcomes.slice(2)).toEqual([
      [30, 'PUT_OK'],
      [40, 'PUT_OK'],
    ])
    expect(syncs).toHaveLength(2)
  })

  test('the disk works on what came during a sync before those who waited for it are told', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { service, syncs, put } = serviceWith(runtime)
    let begunWhenTold = 0
    service.putRequest({ nextOffset: 10, onFlushed: () => (begunWhenTold = syncs.length) })
    await runtime.advance(0)
    put(20)
    syncs[0]?.end(10)
    await runtime.advance(0)
    expect(begunWhenTold).toBe(2)
  })

  // A retry put during a sync was not synced after it, and so not shown to its group until something else was stored.
  test('what nobody waits for, but was written during a sync, is synced after it', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { service, syncs, put } = serviceWith(runtime)
    put(10)
    await runtime.advance(0)
    service.wakeup()
    expect(syncs).toHaveLength(1)
    syncs[0]?.end(10)
    await runtime.advance(0)
    expect(syncs).toHaveLength(2)
    syncs[1]?.end(20)
    await runtime.advance(0)
    expect(syncs).toHaveLength(2)
    service.wakeup()
    expect(syncs).toHaveLength(3)
  })

  // A sync that does not reach what waits for it was once repeated at once, and again, without ever letting go of the event loop.
  test('a sync that ends before what was written ahead of it fails the waiting puts instead of being repeated', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { syncs, put, outcomes } = serviceWith(runtime)
    put(10)
    await runtime.advance(0)
    syncs[0]?.end(5)
    await runtime.advance(0)
    expect(syncs).toHaveLength(1)
    expect(outcomes).toEqual([[10, expect.any(StoreWriteError)]])
  })

  test('a put whose sync takes longer than the timeout ends with FLUSH_DISK_TIMEOUT, each at its own time', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { put, outcomes, syncs } = serviceWith(runtime)
    put(10)
    await runtime.advance(2000)
    put(20)
    await runtime.advance(2999)
    expect(outcomes).toEqual([])
    await runtime.advance(1)
    expect(outcomes).toEqual([[10, 'FLUSH_DISK_TIMEOUT']])
    await runtime.advance(2000)
    expect(outcomes[1]).toEqual([20, 'FLUSH_DISK_TIMEOUT'])
    syncs[0]?.end(20)
    await runtime.advance(0)
    expect(outcomes).toHaveLength(2)
  })

  test('a failed sync fails everything that waits, also what came during it', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { put, outcomes, syncs } = serviceWith(runtime)
    const error = new StoreWriteError('broken')
    put(10)
    await runtime.advance(0)
    put(20)
    syncs[0]?.fail(error)
    await runtime.advance(0)
    expect(outcomes).toEqual([
      [10, error],
      [20, error],
    ])
    expect(syncs).toHaveLength(1)
  })

  test('closing syncs what still waits', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const { service, put, outcomes, syncs } = serviceWith(runtime)
    put(10)
    const closing = service.close()
    await runtime.advance(0)
    syncs[0]?.end(10)
    await runtime.run(closing)
    expect(outcomes).toEqual([[10, 'PUT_OK']])
  })
})

import { SystemFlag } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { recordingLogger } from '../../test/queue-fixture.js'
import { delayLevels, RecordLog } from '../../test/record-log.js'
import type { CommitLogDispatcher, DispatchRequest } from './dispatch-request.js'
import { ReputMessageService } from './reput-message-service.js'

/** A dispatcher that remembers what it got and takes only so many. */
class Recorder implements CommitLogDispatcher {
  readonly name = 'Recorder'
  readonly offsets: number[] = []
  room = Number.POSITIVE_INFINITY

  get isSaturated(): boolean {
    return this.offsets.length >= this.room
  }

  dispatch(request: DispatchRequest): void {
    this.offsets.push(request.commitLogOffset)
  }
}

function world(segmentSize = 1024 * 1024): {
  readonly log: RecordLog
  readonly recorder: Recorder
  readonly runtime: SimulatedRuntime
  readonly reput: ReputMessageService
  readonly errors: readonly string[]
} {
  const log = new RecordLog({ segmentSize, capacity: 16 * 1024 * 1024 })
  const recorder = new Recorder()
  const runtime = new SimulatedRuntime({ seed: 1 })
  const logger = recordingLogger()
  const reput = new ReputMessageService({
    commitLog: log,
    dispatchers: [recorder],
    delayLevels,
    runtime,
    logger,
  })
  return { log, recorder, runtime, reput, errors: logger.errors }
}

const append = (log: RecordLog, count: number): DispatchRequest[] => Array.from({ length: count }, () => log.append())
const offsetsOf = (requests: readonly DispatchRequest[]): readonly number[] =>
  requests.map((each) => each.commitLogOffset)

describe('ReputMessageService', () => {
  test('records handed over are dispatched before the call returns, and the log is not read', () => {
    const { log, recorder, reput } = world()
    reput.start(0)
    const requests = append(log, 3)
    reput.dispatchConfirmed(requests)
    expect(recorder.offsets).toEqual(offsetsOf(requests))
    expect([reput.reputFromOffset, reput.behindBytes(), log.reads]).toEqual([log.getMaxOffset(), 0, 0])
  })

  test('records over a blank are dispatched without a read', () => {
    const { log, recorder, reput } = world(500)
    reput.start(0)
    const requests = append(log, 12)
    for (const request of requests) reput.dispatchConfirmed([request])
    expect([recorder.offsets, log.reads]).toEqual([offsetsOf(requests), 0])
  })

  test('records that were in the log at the start are read and come before those handed over meanwhile', async () => {
    const { log, recorder, runtime, reput } = world()
    const old = append(log, 5)
    reput.start(old[2]?.commitLogOffset as number)
    const fresh = append(log, 2)
    reput.dispatchConfirmed(fresh)
    expect(recorder.offsets).toEqual([])
    await runtime.advance(1)
    expect(recorder.offsets).toEqual(offsetsOf([...old.slice(2), ...fresh]))
  })

  test('a saturated dispatcher gets the rest once it has room', async () => {
    const { log, recorder, runtime, reput } = world()
    reput.start(0)
    recorder.room = 2
    const requests = append(log, 5)
    reput.dispatchConfirmed(requests)
    expect(recorder.offsets).toHaveLength(2)
    expect(reput.behindBytes()).toBe(log.getMaxOffset() - reput.reputFromOffset)
    await runtime.advance(10)
    expect(recorder.offsets).toHaveLength(2)
    recorder.room = 100
    await runtime.advance(10)
    expect(recorder.offsets).toEqual(offsetsOf(requests))
  })

  test('more records than memory may hold are read from the log, in order and each once', async () => {
    const { log, recorder, runtime, reput } = world(16 * 1024 * 1024)
    reput.start(0)
    recorder.room = 1
    const requests = append(log, 70_000)
    for (let at = 0; at < requests.length; at += 1000) reput.dispatchConfirmed(requests.slice(at, at + 1000))
    await runtime.advance(10)
    recorder.room = Number.POSITIVE_INFINITY
    await runtime.advance(1000)
    expect(recorder.offsets).toEqual(offsetsOf(requests))
    expect(log.reads).toBeGreaterThan(0)
    const next = append(log, 2)
    const reads = log.reads
    reput.dispatchConfirmed(next)
    expect([recorder.offsets.slice(-2), log.reads]).toEqual([offsetsOf(next), reads])
  })

  test('listeners hear of a message after its dispatch, with one past its queue offset', () => {
    const { log, recorder, reput } = world()
    const heard: unknown[] = []
    reput.onMessageArriving(({ topic, queueId, maxOffset, tagsCode, storeTimestamp, properties }) =>
      heard.push([recorder.offsets.length, { topic, queueId, maxOffset, tagsCode, storeTimestamp, properties }]),
    )
    reput.start(0)
    reput.dispatchConfirmed([log.append({ topic: 'T', queueId: 2, queueOffset: 6, properties: { TAGS: 'TagA' } })])
    expect(heard).toEqual([
      [
        1,
        {
          topic: 'T',
          queueId: 2,
          maxOffset: 7,
          tagsCode: 2_598_919,
          storeTimestamp: 1_700_000_000_000,
          properties: new Map([['TAGS', 'TagA']]),
        },
      ],
    ])
  })

  test('nobody hears of prepared and rolled back messages', () => {
    const { log, recorder, reput } = world()
    let heard = 0
    reput.onMessageArriving(() => heard++)
    reput.start(0)
    reput.dispatchConfirmed([
      log.append({ sysFlag: SystemFlag.TRANSACTION_PREPARED }),
      log.append({ sysFlag: SystemFlag.TRANSACTION_ROLLBACK }),
      log.append({ sysFlag: SystemFlag.TRANSACTION_COMMIT }),
    ])
    expect([heard, recorder.offsets.length]).toEqual([1, 3])
  })

  test('a listener that throws keeps nobody from hearing, and dispatch goes on', () => {
    const { log, recorder, reput, errors } = world()
    let heard = 0
    reput.onMessageArriving(() => {
      throw new Error('listener')
    })
    reput.onMessageArriving(() => heard++)
    reput.start(0)
    reput.dispatchConfirmed(append(log, 2))
    expect([heard, recorder.offsets.length, errors.length]).toEqual([2, 2, 2])
  })

  test('a log that cannot be read is tried again', async () => {
    const { log, recorder, runtime, reput, errors } = world()
    const requests = append(log, 3)
    const read = log.read.bind(log)
    let failures = 3
    log.read = async (offset, size) => {
      if (failures-- > 0) throw new Error('EIO')
      return read(offset, size)
    }
    reput.start(0)
    await runtime.advance(20)
    expect(recorder.offsets).toEqual(offsetsOf(requests))
    expect(errors).toHaveLength(3)
  })

  test('closing waits until everything is dispatched', async () => {
    const { log, recorder, runtime, reput } = world()
    recorder.room = 1
    reput.start(0)
    reput.dispatchConfirmed(append(log, 3))
    const closing = reput.close()
    runtime.timers.after(2000, () => {
      recorder.room = 100
    })
    expect(await runtime.run(closing)).toBe(0)
    expect(recorder.offsets).toHaveLength(3)
    expect(await reput.close()).toBe(0)
  })

  test('closing gives up after five seconds and tells what is left', async () => {
    const { log, recorder, runtime, reput } = world()
    recorder.room = 1
    reput.start(0)
    const requests = append(log, 3)
    reput.dispatchConfirmed(requests)
    const startedAt = runtime.clock.monotonic()
    expect(await runtime.run(reput.close())).toBe(log.getMaxOffset() - (requests[1]?.commitLogOffset as number))
    expect(runtime.clock.monotonic() - startedAt).toBe(5000)
    recorder.room = 100
    await runtime.advance(100)
    expect(recorder.offsets).toHaveLength(1)
  })

  test('recovery waits for a saturated dispatcher', async () => {
    const { log, recorder, runtime, reput } = world()
    recorder.room = 0
    const recovered = reput.dispatchRecovered(log.append())
    await runtime.advance(10)
    expect(recorder.offsets).toEqual([])
    recorder.room = 1
    await runtime.run(recovered)
    expect(recorder.offsets).toEqual([0])
  })
})

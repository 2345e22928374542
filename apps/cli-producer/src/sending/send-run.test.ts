import type { SendResult } from '@mq/client'
import { describe, expect, it } from 'vitest'
import { SendStatistics } from '../report/send-statistics.js'
import { type SendFailure, SendRun, type SendRunOptions } from './send-run.js'
import type { Shipment } from './shipment.js'

const result: SendResult = {
  sendStatus: 'SEND_OK',
  msgId: 'm',
  offsetMsgId: 'o',
  messageQueue: { topic: 'T', brokerName: 'a', queueId: 0 },
  queueOffset: 0,
  transactionId: undefined,
  recallHandle: undefined,
  regionId: 'r',
  traceOn: false,
}

function* shipments(count: number): Generator<Shipment> {
  for (let firstNumber = 1; firstNumber <= count; firstNumber++) {
    yield { messages: [{ topic: 'T', body: String(firstNumber) }], firstNumber }
  }
}

function failing(code: string): Error {
  return Object.assign(new Error(`it failed with ${code}`), { code })
}

interface Observed {
  readonly run: SendRun
  readonly statistics: SendStatistics
  readonly over: AbortController
  readonly sent: number[]
  readonly failures: SendFailure[]
}

function runOf(options: Partial<SendRunOptions>): Observed {
  const statistics = new SendStatistics()
  const over = new AbortController()
  const sent: number[] = []
  const failures: SendFailure[] = []
  const run = new SendRun({
    send: async () => result,
    statistics,
    concurrency: 4,
    messagesDiffer: true,
    over,
    onSent: ({ firstNumber }) => sent.push(firstNumber),
    onFailed: (_shipment, failure) => failures.push(failure),
    ...options,
  })
  return { run, statistics, over, sent, failures }
}

describe('SendRun', () => {
  it('never has more in flight than the concurrency allows, and asks its source for no more than it sends', async () => {
    const inFlight: Array<() => void> = []
    let drawn = 0
    function* counted(): Generator<Shipment> {
      for (const shipment of shipments(10)) {
        drawn++
        yield shipment
      }
    }
    const { run, sent } = runOf({
      concurrency: 3,
      send: () => new Promise((resolve) => inFlight.push(() => resolve(result))),
    })
    const all = run.sendAll(counted())
    let answered = 0
    while (answered < 10) {
      await Promise.resolve()
      expect(run.unanswered).toBeLessThanOrEqual(3)
      expect(drawn - answered).toBeLessThanOrEqual(3)
      const answer = inFlight.shift()
      if (answer === undefined) continue
      expect(drawn).toBe(Math.min(10, answered + 3))
      answer()
      answered++
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    }
    await all
    expect(sent).toHaveLength(10)
  })

  it('counts every message of a batch', async () => {
    const { run, statistics } = runOf({})
    const messages = ['a', 'bb', 'ccc'].map((body) => ({ topic: 'T', body }))
    await run.sendAll([{ messages, firstNumber: 1 }][Symbol.iterator]())
    expect([statistics.sent, statistics.bytes, [...statistics.statuses]]).toEqual([3, 6, [['SEND_OK', 3]]])
  })

  it('ends at the first failure while nothing has been sent', async () => {
    const { run, failures } = runOf({ concurrency: 1, send: () => Promise.reject(failing('NAME_SERVER_UNREACHABLE')) })
    await run.sendAll(shipments(1000))
    expect(failures).toHaveLength(1)
  })

  it('goes on after a failure once something has been sent', async () => {
    const { run, statistics } = runOf({
      concurrency: 1,
      send: async ({ firstNumber }) => {
        if (firstNumber % 2 === 0) throw failing('SEND_TIMEOUT')
        return result
      },
    })
    await run.sendAll(shipments(10))
    expect([statistics.sent, statistics.failed]).toEqual([5, 5])
  })

  it('goes on after a message that is refused for what it is, unless all are alike', async () => {
    const send = (): Promise<never> => Promise.reject(failing('MESSAGE_ILLEGAL'))
    const lines = runOf({ concurrency: 1, messagesDiffer: true, send })
    await lines.run.sendAll(shipments(5))
    expect(lines.failures.map(({ isFirstOfItsCode }) => isFirstOfItsCode)).toEqual([true, false, false, false, false])
    const load = runOf({ concurrency: 1, messagesDiffer: false, send })
    await load.run.sendAll(shipments(5))
    expect(load.failures).toHaveLength(1)
  })

  it('sends nothing more once it is over', async () => {
    const { run, over, sent } = runOf({
      concurrency: 1,
      send: async ({ firstNumber }) => {
        if (firstNumber === 3) over.abort()
        return result
      },
    })
    await run.sendAll(shipments(100))
    expect(sent).toEqual([1, 2, 3])
  })

  it('waits for what is in flight before it tells that its source failed', async () => {
    async function* broken(): AsyncGenerator<Shipment> {
      yield* shipments(2)
      throw new Error('no more input')
    }
    const { run, sent } = runOf({})
    await expect(run.sendAll(broken())).rejects.toThrow('no more input')
    expect(sent).toEqual([1, 2])
  })

  it('takes the end of a source that was cut off for no failure', async () => {
    const { run, over } = runOf({ concurrency: 1 })
    async function* cut(): AsyncGenerator<Shipment> {
      yield* shipments(1)
      over.abort()
      throw new Error('premature close')
    }
    await expect(run.sendAll(cut())).resolves.toBeUndefined()
  })
})

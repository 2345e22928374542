import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { received } from '../../test/messages.js'
import { ConsumeStatistics } from '../report/consume-statistics.js'
import { ConsumeRun, type ConsumeRunOptions } from './consume-run.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const stop = new AbortController()

/** A reader of stdout that can fall behind, catch up and go away. */
class Reader {
  readonly lines: string[] = []
  readonly gone = new AbortController()
  isBehind = false
  #onDrained: (() => void) | undefined

  readonly output: ConsumeRunOptions['output'] = {
    readerGone: this.gone.signal,
    data: (line) => {
      this.lines.push(line)
      return !this.isBehind
    },
    onceDrained: (callback) => {
      this.#onDrained = callback
      return () => {
        this.#onDrained = undefined
      }
    },
  }

  get isAwaited(): boolean {
    return this.#onDrained !== undefined
  }

  catchUp(): void {
    this.#onDrained?.()
  }
}

function runOf(reader: Reader, options: Partial<ConsumeRunOptions> = {}): ConsumeRun {
  return new ConsumeRun({
    statistics: new ConsumeStatistics(0),
    output: reader.output,
    lineOf: (number) => `line ${number}`,
    count: undefined,
    timeoutMs: undefined,
    stop: stop.signal,
    ...options,
  })
}

describe('ConsumeRun', () => {
  it('takes as many messages as were asked for and no more', async () => {
    const reader = new Reader()
    const run = runOf(reader, { count: 2 })
    const taken = [await run.take(received()), await run.take(received()), await run.take(received())]
    expect([taken, reader.lines, run.ending]).toEqual([[true, true, false], ['line 1', 'line 2'], 'COUNT'])
  })

  it('asks for the next message when the reader has caught up', async () => {
    const reader = new Reader()
    reader.isBehind = true
    const run = runOf(reader)
    const taking = run.take(received())
    expect(reader.isAwaited).toBe(true)
    reader.catchUp()
    expect([await taking, run.over.aborted, reader.isAwaited]).toEqual([true, false, false])
  })

  it('waits for no reader once it is over', async () => {
    const reader = new Reader()
    reader.isBehind = true
    const run = runOf(reader, { count: 1 })
    expect(await run.take(received())).toBe(true)
    expect(reader.isAwaited).toBe(false)
  })

  it('is over when the reader is gone', async () => {
    const reader = new Reader()
    reader.isBehind = true
    const run = runOf(reader)
    const taking = run.take(received())
    reader.gone.abort()
    expect([await taking, run.ending, await run.take(received())]).toEqual([true, 'UNREAD', false])
  })

  it('is over when no message has come for so long, each one starting the time anew', async () => {
    const run = runOf(new Reader(), { timeoutMs: 100 })
    vi.advanceTimersByTime(99)
    await run.take(received())
    vi.advanceTimersByTime(99)
    expect(run.over.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect([run.over.aborted, run.ending]).toEqual([true, 'IDLE'])
  })

  it('is over when the user wants that, and stays with the first reason', () => {
    const user = new AbortController()
    const reader = new Reader()
    const run = runOf(reader, { stop: user.signal, timeoutMs: 100 })
    user.abort()
    reader.gone.abort()
    expect([run.ending, vi.getTimerCount()]).toEqual(['STOPPED', 0])
  })
})

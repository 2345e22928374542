import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentOf, queueOn, reopened, request } from '../../test/queue-fixture.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'

/** What may happen to a queue between a log that only grows at its end and loses its start. */
type Step = 'put' | 'put again' | 'write' | 'flush' | 'reopen' | 'kill' | 'expire' | 'truncate'

const step = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Step>('put') },
  ...(['put again', 'write', 'flush', 'reopen', 'kill', 'expire', 'truncate'] as const).map((name) => ({
    weight: 1,
    arbitrary: fc.constant<Step>(name),
  })),
)

/** The queue as it should be: message n lies at n × 100 in the log; [min, end) are in the queue, [0, written) reached the kernel. */
interface Model {
  min: number
  end: number
  written: number
}

async function play(steps: readonly (readonly [Step, number])[], start: number): Promise<void> {
  let fileSystem = new InMemoryFileSystem()
  let queue = queueOn(fileSystem)
  const model: Model = { min: start, end: start, written: start }
  for (const [name, seed] of steps) {
    if (name === 'put') {
      expect(queue.put(request(model.end))).toBe(true)
      model.end++
    } else if (name === 'put again' && model.end > model.min) {
      expect(queue.put(request(model.min + (seed % (model.end - model.min))))).toBe(false)
    } else if (name === 'write') {
      queue.writePending()
      model.written = model.end
    } else if (name === 'flush') {
      queue.writePending()
      await queue.flush(0, new Set())
      model.written = model.end
    } else if (name === 'reopen' || name === 'kill') {
      if (name === 'reopen') {
        queue.writePending()
        model.written = model.end
      }
      fileSystem = fileSystem.kill()
      queue = await reopened(fileSystem)
      // The rest of the log is dispatched again, as recovery does.
      await queue.correctMinOffset(model.min * 100)
      for (let n = model.written; n < model.end; n++) queue.put(request(n))
    } else if (name === 'expire' && model.end > start) {
      model.min += seed % (model.end - model.min + 1)
      await queue.deleteExpiredFiles(model.min * 100)
      model.written = model.end
    } else if (name === 'truncate' && model.end > start) {
      model.end = Math.max(model.end - (seed % 4), model.min, start + 1)
      await queue.truncateDirtyLogicFiles(model.end * 100)
      model.written = model.end
      model.min = Math.min(model.min, model.end)
    }
    if (model.end === start) continue
    expect([queue.minOffsetInQueue, queue.maxOffsetInQueue]).toEqual([model.min, model.end])
    expect(await contentOf(queue)).toEqual(
      Array.from({ length: model.end - model.min }, (_, n) => (model.min + n) * 100),
    )
  }
}

describe('ConsumeQueue against a model', () => {
  test('whatever happens, the queue holds exactly the messages that the log holds, at their offsets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.nat(1000)), { maxLength: 60 }),
        fc.constantFrom(0, 3, 5, 12),
        async (steps, start) => play(steps, start),
      ),
      { numRuns: 300 },
    )
  })
})

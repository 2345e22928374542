import { describe, expect, test } from 'vitest'
import { queueOn } from '../../test/queue-fixture.js'
import { RecordLog } from '../../test/record-log.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import type { ConsumeQueue } from './consume-queue.js'
import { getOffsetInQueueByTime, storeTimestampOf } from './offset-by-time.js'

/** A queue in files of 5 units whose messages were stored at these times. */
function stored(...times: readonly number[]): { readonly queue: ConsumeQueue; readonly log: RecordLog } {
  const log = new RecordLog()
  const queue = queueOn(new InMemoryFileSystem())
  for (const storeTimestamp of times) queue.put(log.append({ storeTimestamp }))
  queue.writePending()
  return { queue, log }
}

describe('getOffsetInQueueByTime', () => {
  // Offsets          0   1   2   3   4 | 5   6   7   8   9 | 10  11
  const times = [100, 200, 200, 200, 300, 300, 400, 500, 600, 700, 900, 900]

  test.each([
    ['before the first message', 50, 0, 0],
    ['at the first message', 100, 0, 0],
    ['between two messages: the later and the earlier', 150, 1, 0],
    ['at several messages: the first and the last of them', 200, 1, 3],
    ['at messages on both sides of a file boundary', 300, 4, 5],
    ['between the files', 800, 10, 9],
    ['at the last messages', 900, 10, 11],
    ['behind the last message: the maximum and the last', 1000, 12, 11],
  ])('%s', async (...[, timestamp, lower, upper]) => {
    const { queue, log } = stored(...times)
    expect(await getOffsetInQueueByTime(queue, log, { timestamp, boundary: 'LOWER' })).toBe(lower)
    expect(await getOffsetInQueueByTime(queue, log, { timestamp, boundary: 'UPPER' })).toBe(upper)
  })

  test('a queue with one message', async () => {
    const { queue, log } = stored(100)
    const search = (timestamp: number): Promise<readonly number[]> =>
      Promise.all(
        (['LOWER', 'UPPER'] as const).map((boundary) => getOffsetInQueueByTime(queue, log, { timestamp, boundary })),
      )
    expect([await search(99), await search(100), await search(101)]).toEqual([
      [0, 0],
      [0, 0],
      [1, 0],
    ])
  })

  test('an empty queue answers 0', async () => {
    const { queue, log } = stored()
    expect(await getOffsetInQueueByTime(queue, log, { timestamp: 1, boundary: 'UPPER' })).toBe(0)
  })

  test('messages that are gone from the log are never the answer', async () => {
    const { queue, log } = stored(...times)
    const sixth = (await queue.readUnit(6))?.commitLogOffset as number
    log.minOffset = sixth
    // The queue has not been corrected yet: the search itself passes over what is gone.
    expect(await getOffsetInQueueByTime(queue, log, { timestamp: 200, boundary: 'LOWER' })).toBe(6)
    await queue.correctMinOffset(sixth)
    expect(await getOffsetInQueueByTime(queue, log, { timestamp: 200, boundary: 'LOWER' })).toBe(6)
    expect(await getOffsetInQueueByTime(queue, log, { timestamp: 200, boundary: 'UPPER' })).toBe(6)
  })

  test('the store time of a record with IPv6 hosts is found behind them', async () => {
    const { log } = stored(1_700_000_000_123)
    const unit = { commitLogOffset: 0, msgSize: log.getMaxOffset(), tagsCode: 0 }
    expect(await storeTimestampOf(log, unit)).toBe(1_700_000_000_123)
    log.bytes.writeInt32BE(0x10, 36)
    log.bytes.copyWithin(68, 56, 64)
    expect(await storeTimestampOf(log, unit)).toBe(1_700_000_000_123)
  })

  test('a record that is not where its unit says has no store time', async () => {
    const { log } = stored(100, 200)
    expect(await storeTimestampOf(log, { commitLogOffset: 3, msgSize: 100, tagsCode: 0 })).toBe(-1)
    expect(await storeTimestampOf(log, { commitLogOffset: 0, msgSize: 10_000, tagsCode: 0 })).toBe(-1)
  })
})

import { describe, expect, test } from 'vitest'
import { recordingLogger } from '../../test/queue-fixture.js'
import { delayLevels, RecordLog } from '../../test/record-log.js'
import type { DispatchRequest } from './dispatch-request.js'
import { readRequests } from './request-reader.js'

/** Everything from `from` on, read piece by piece, and the errors logged. */
async function readAll(
  log: RecordLog,
  from = 0,
  end = log.getMaxOffset(),
): Promise<{
  readonly offsets: readonly number[]
  readonly errors: readonly string[]
  readonly requests: DispatchRequest[]
}> {
  const logger = recordingLogger()
  const requests: DispatchRequest[] = []
  for (let at = from; at < end; ) {
    const read = await readRequests(log, { from: at, end }, { logger, delayLevels })
    expect(read.nextOffset).toBeGreaterThan(at)
    requests.push(...read.requests)
    at = read.nextOffset
  }
  return { offsets: requests.map((request) => request.commitLogOffset), errors: logger.errors, requests }
}

function logOf(count: number, options: ConstructorParameters<typeof RecordLog>[0] = {}): [RecordLog, number[]] {
  const log = new RecordLog(options)
  return [log, Array.from({ length: count }, (_, n) => log.append({ body: `m${n}` }).commitLogOffset)]
}

describe('readRequests', () => {
  test('a record becomes what dispatch needs to know of it', async () => {
    const log = new RecordLog()
    log.append({ topic: 'Other' })
    const properties = { TAGS: 'TagA', KEYS: 'k1 k2', UNIQ_KEY: 'u' }
    log.append({ topic: 'T', queueId: 3, properties, storeTimestamp: 77, sysFlag: 8, queueOffset: 9 })
    const { requests } = await readAll(log)
    expect(requests[1]).toEqual({
      topic: 'T',
      queueId: 3,
      commitLogOffset: requests[0]?.msgSize,
      msgSize: log.getMaxOffset() - (requests[0]?.msgSize as number),
      tagsCode: 2_598_919,
      storeTimestamp: 77,
      consumeQueueOffset: 9,
      keys: 'k1 k2',
      uniqKey: 'u',
      sysFlag: 8,
      preparedTransactionOffset: 0,
      properties: new Map(Object.entries(properties)),
    })
  })

  test('a delayed message has its delivery time in place of the tags code', async () => {
    const log = new RecordLog()
    for (const level of ['2', '99', '0']) {
      log.append({ topic: 'SCHEDULE_TOPIC_XXXX', properties: { DELAY: level }, storeTimestamp: 1000 })
    }
    const { requests } = await readAll(log)
    expect(requests.map((request) => request.tagsCode)).toEqual([6000, 71_000, 0])
  })

  test('blanks lead to the next segment', async () => {
    const [log, offsets] = logOf(30, { segmentSize: 500, capacity: 5000 })
    expect(offsets).toContain(500)
    expect(await readAll(log)).toMatchObject({ offsets, errors: [] })
  })

  test('records that end behind the range are not read', async () => {
    const [log, offsets] = logOf(5)
    expect((await readAll(log, 0, offsets[3])).offsets).toEqual(offsets.slice(0, 3))
  })

  test('a start below the log moves to its first segment', async () => {
    const [log, offsets] = logOf(30, { segmentSize: 500, capacity: 5000 })
    log.minOffset = 500
    expect((await readAll(log)).offsets).toEqual(offsets.filter((offset) => offset >= 500))
  })

  test('a record longer than a read is read whole', async () => {
    const log = new RecordLog({ segmentSize: 4 * 1024 * 1024, capacity: 8 * 1024 * 1024 })
    const sizes = [10, 2_500_000, 10]
    const offsets = sizes.map((size) => log.append({ body: Buffer.alloc(size, 1) }).commitLogOffset)
    expect(await readAll(log)).toMatchObject({ offsets, errors: [] })
  })

  test.each([
    ['its magic code', 4, 0],
    ['its size', 0, 0x7fffffff],
    ['its size, to less than a head', 0, 3],
    ['its place', 32, 12_345],
    ['its body length', 84, -7],
  ])('a record damaged in %s costs no other record', async (_, at, value) => {
    const [log, offsets] = logOf(9, { segmentSize: 500, capacity: 5000 })
    log.bytes.writeInt32BE(value, (offsets[2] as number) + at)
    const read = await readAll(log)
    expect(read.offsets).toEqual(offsets.filter((_offset, n) => n !== 2))
    expect(read.errors).toHaveLength(1)
  })

  test('a record whose head lies across the end of a read is found behind damage', async () => {
    const log = new RecordLog()
    const offsets = [262_144 - 5 - 92, 10, 10].map((size) => log.append({ body: Buffer.alloc(size) }).commitLogOffset)
    expect(offsets[1]).toBe(262_144 - 5)
    log.bytes.writeInt32BE(0, 4)
    expect((await readAll(log)).offsets).toEqual(offsets.slice(1))
  })

  test('a segment without any record is passed over', async () => {
    const [log, offsets] = logOf(15, { segmentSize: 500, capacity: 5000 })
    log.bytes.fill(0, 500, 1000)
    expect((await readAll(log)).offsets).toEqual(offsets.filter((offset) => offset < 500 || offset >= 1000))
  })

  test('a part that cannot be read is passed over', async () => {
    const [log, offsets] = logOf(15, { segmentSize: 500, capacity: 5000 })
    const readSync = log.readSync.bind(log)
    log.readSync = (offset, size) => (offset >= 500 && offset < 1000 ? undefined : readSync(offset, size))
    const read = await readAll(log)
    expect(read.offsets).toEqual(offsets.filter((offset) => offset < 500 || offset >= 1000))
    expect(read.errors).toHaveLength(1)
  })
})

import { readRecords } from '@mq/remoting'
import { promotedBytesPerCall } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { queueOn } from '../../test/queue-fixture.js'
import { type RecordInput, RecordLog } from '../../test/record-log.js'
import { FileHandleCache } from '../file-system/file-handle-cache.js'
import type { GetMessageRequest, GetMessageResult, MessageFilter } from '../message-store.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { ConsumeQueue } from './consume-queue.js'
import { getMessage, type GetMessageSource } from './get-message.js'

const limits = {
  maxFilterMessageSize: 16_000,
  maxTransferBytesOnMessageInMemory: 262_144,
  maxTransferCountOnMessageInMemory: 32,
  maxTransferBytesOnMessageInDisk: 65_536,
  maxTransferCountOnMessageInDisk: 8,
  travelCqFileNumWhenGetMessage: 1,
}

interface World {
  readonly log: RecordLog
  readonly queue: ConsumeQueue
  readonly get: (request: Partial<GetMessageRequest>, source?: Partial<GetMessageSource>) => Promise<GetMessageResult>
}

/** A queue of large files with these messages, written to its file. */
function world(inputs: readonly RecordInput[], options: { log?: RecordLog; unitsPerFile?: number } = {}): World {
  const { log = new RecordLog(), unitsPerFile = 10_000 } = options
  const fileSystem = new InMemoryFileSystem()
  const queue = new ConsumeQueue({
    topic: 'T',
    queueId: 0,
    fileSystem,
    handles: new FileHandleCache({ fileSystem, maxOpenFiles: 2 }),
    directory: '/store/consumequeue/T/0',
    fileSize: unitsPerFile * 20,
  })
  for (const input of inputs) {
    const request = log.append(input)
    if (request.topic === 'T' && request.queueId === 0) queue.put(request)
  }
  queue.writePending()
  return {
    log,
    queue,
    get: (request, source = {}) =>
      getMessage(
        { commitLog: log, queue, limits, memoryBytes: 2 ** 40, keepsRequestedOffset: false, ...source },
        { group: 'G', topic: 'T', queueId: 0, offset: 0, maxMsgNums: 32, ...request },
      ),
  }
}

const messages = (count: number, input: RecordInput = {}): readonly RecordInput[] =>
  Array.from({ length: count }, (_, n) => ({ body: `m${n}`, ...input }))

const bodiesOf = (result: GetMessageResult): readonly string[] =>
  readRecords(result.bytes).map((message) => message.body.toString())

/** A filter by tags that counts what it was asked about. */
function tagFilter(wanted: number): MessageFilter {
  return { isMatchedByConsumeQueue: (tagsCode) => tagsCode === wanted, isMatchedByCommitLog: () => true }
}

const tagA = 2_598_919

describe('getMessage: statuses', () => {
  test('an unknown queue and an empty one have no message, at offset 0', async () => {
    const { get } = world([])
    const expected = { status: 'NO_MESSAGE_IN_QUEUE', nextBeginOffset: 0, minOffset: 0, maxOffset: 0, count: 0 }
    expect(await get({ offset: 5 })).toMatchObject(expected)
    expect(await get({ offset: 5 }, { queue: undefined })).toMatchObject(expected)
  })

  test.each([
    { where: 'below the minimum', offset: 2, status: 'OFFSET_TOO_SMALL', nextBeginOffset: 4 },
    { where: 'at the maximum', offset: 10, status: 'OFFSET_OVERFLOW_ONE', nextBeginOffset: 10 },
    { where: 'above the maximum', offset: 11, status: 'OFFSET_OVERFLOW_BADLY', nextBeginOffset: 10 },
  ])('an offset $where is answered with where to go on', async ({ offset, status, nextBeginOffset }) => {
    const { get, queue, log } = world(messages(10))
    const fourth = (await queue.readUnit(4))?.commitLogOffset as number
    log.minOffset = fourth
    await queue.correctMinOffset(fourth)
    const result = await get({ offset })
    expect(result).toMatchObject({ status, nextBeginOffset, minOffset: 4, maxOffset: 10, count: 0 })
    expect(result.bytes).toHaveLength(0)
  })

  test('a slave that does not check offsets answers the offset that was asked for', async () => {
    const { get, queue } = world(messages(10))
    await queue.correctMinOffset(500)
    const slave = { keepsRequestedOffset: true }
    expect(await get({ offset: 0 }, slave)).toMatchObject({ status: 'OFFSET_TOO_SMALL', nextBeginOffset: 0 })
    expect(await get({ offset: 99 }, slave)).toMatchObject({ status: 'OFFSET_OVERFLOW_BADLY', nextBeginOffset: 99 })
    expect(await get({ offset: 7 }, { ...slave, queue: undefined })).toMatchObject({ nextBeginOffset: 7 })
  })

  test('messages found come as the records of the log, one after the other', async () => {
    const { get, log } = world(messages(3))
    const result = await get({ offset: 1 })
    expect(result).toMatchObject({ status: 'FOUND', nextBeginOffset: 3, minOffset: 0, maxOffset: 3, count: 2 })
    expect(result.bytes.equals(log.bytes.subarray(result.bytes.length / 2, (result.bytes.length * 3) / 2))).toBe(true)
    expect(bodiesOf(result)).toEqual(['m1', 'm2'])
  })

  test('a filter that lets nothing pass moves on behind what was looked at', async () => {
    const { get } = world(messages(3, { properties: { TAGS: 'TagB' } }))
    expect(await get({ filter: tagFilter(tagA) })).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 3,
      count: 0,
    })
  })

  test('a filter by record content sees the record and decides', async () => {
    const { get } = world(messages(4))
    const filter: MessageFilter = {
      isMatchedByConsumeQueue: () => true,
      isMatchedByCommitLog: (record) => ['m1', 'm3'].includes(readRecords(record)[0]?.body.toString() as string),
    }
    expect(bodiesOf(await get({ filter }))).toEqual(['m1', 'm3'])
    const none = { ...filter, isMatchedByCommitLog: () => false }
    expect(await get({ filter: none })).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: 4 })
  })

  test('records that are gone from the log are skipped, in one get', async () => {
    const log = new RecordLog({ segmentSize: 500 })
    const { get, queue } = world(messages(10), { log })
    log.minOffset = 500
    const result = await get({ offset: 0 })
    expect(result.status).toBe('FOUND')
    const firstLeft = (await queue.readUnit(5))?.commitLogOffset
    expect(firstLeft).toBe(500)
    expect(bodiesOf(result)).toEqual(['m5', 'm6', 'm7', 'm8', 'm9'])
    log.minOffset = log.getMaxOffset()
    expect(await get({ offset: 0 })).toMatchObject({ status: 'MESSAGE_WAS_REMOVING', nextBeginOffset: 10, count: 0 })
  })

  test('a record that something else has overwritten is not handed out', async () => {
    const { get, log, queue } = world(messages(3))
    const second = (await queue.readUnit(1))?.commitLogOffset as number
    log.bytes.writeUInt32BE(7, second + 32)
    expect(bodiesOf(await get({ offset: 0 }))).toEqual(['m0', 'm2'])
  })

  test('a record whose body is damaged is not handed out, and costs no other', async () => {
    const { get, log } = world(messages(3))
    log.bytes.write('X', log.bytes.indexOf('m1'))
    expect(bodiesOf(await get({ offset: 0 }))).toEqual(['m0', 'm2'])
    expect(await get({ offset: 1, maxMsgNums: 1 })).toMatchObject({ status: 'FOUND', nextBeginOffset: 3, count: 1 })
  })

  test('blanks are skipped, and the messages of the same segment behind them are found', async () => {
    const { log, queue, get } = world(messages(2))
    const late = log.append({ body: 'late', queueOffset: 5 })
    queue.put(late)
    const result = await get({ offset: 2 })
    expect(bodiesOf(result)).toEqual(['late'])
    expect(result.nextBeginOffset).toBe(6)
  })

  test('a damaged unit costs its own message and no other', async () => {
    const { queue, log, get } = world([])
    for (let n = 0; n < 3; n++) {
      const request = log.append({ body: `m${n}` })
      queue.put(n === 1 ? { ...request, commitLogOffset: request.commitLogOffset + 2, msgSize: -1 } : request)
    }
    expect(bodiesOf(await get({}))).toEqual(['m0', 'm2'])
    expect(bodiesOf(await get({ offset: 1, maxMsgNums: 1 }))).toEqual(['m2'])
  })

  test('a missing consume-queue file is stepped over to the next', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    const log = new RecordLog()
    for (let n = 0; n < 12; n++) queue.put(log.append())
    queue.writePending()
    await fileSystem.unlink('/store/consumequeue/T/0/00000000000000000100')
    const next = queueOn(fileSystem)
    await next.load()
    await next.recover({ isLastExitOk: true })
    const source = { commitLog: log, queue: next, limits, memoryBytes: 2 ** 40, keepsRequestedOffset: false }
    const request = { group: 'G', topic: 'T', queueId: 0, offset: 6, maxMsgNums: 32 }
    expect(await getMessage(source, request)).toMatchObject({ status: 'OFFSET_FOUND_NULL', nextBeginOffset: 10 })
    expect(await getMessage(source, { ...request, offset: 10 })).toMatchObject({ status: 'FOUND', count: 2 })
  })
})

// Each got a hidden class of its own, which only a full collection takes.
test('a get that finds nothing leaves nothing behind', async () => {
  const { get } = world(messages(3))
  expect(await promotedBytesPerCall(() => get({ offset: 3 }))).toBeLessThan(40)
})

describe('getMessage: limits', () => {
  test('no more messages than asked for, and no more than 32 whatever is asked', async () => {
    const { get } = world(messages(50))
    expect(await get({ maxMsgNums: 7 })).toMatchObject({ count: 7, nextBeginOffset: 7 })
    expect(await get({ maxMsgNums: 1000 })).toMatchObject({ count: 32, nextBeginOffset: 32 })
  })

  test('at most 256 KiB of messages in memory, and 64 KiB or 8 messages of older ones', async () => {
    const body = Buffer.alloc(20_000)
    const { get } = world(messages(30, { body }))
    expect((await get({})).count).toBe(13)
    expect((await get({}, { memoryBytes: 0 })).count).toBe(3)
    const small = world(messages(30))
    expect((await small.get({}, { memoryBytes: 0 })).count).toBe(8)
  })

  test('a message larger than every limit is answered alone', async () => {
    const { get } = world(messages(3, { body: Buffer.alloc(300_000) }))
    expect(await get({ maxTotalSize: 100 })).toMatchObject({ status: 'FOUND', count: 1, nextBeginOffset: 1 })
  })

  test('the bound of the request counts, but none below 100 bytes', async () => {
    const { get } = world(messages(10, { body: '' }))
    expect((await get({ maxTotalSize: 300 })).count).toBe(3)
    expect((await get({ maxTotalSize: -5 })).count).toBe(1)
  })

  test('a filter looks at 800 units and no more', async () => {
    const inputs = messages(1000, { properties: { TAGS: 'TagB' } })
    const { get } = world([...inputs, { properties: { TAGS: 'TagA' } }])
    const filter = tagFilter(tagA)
    expect(await get({ filter })).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: 800 })
    expect(await get({ filter, offset: 800 })).toMatchObject({ status: 'FOUND', count: 1, nextBeginOffset: 1001 })
  })

  test('a get ends at the end of a consume-queue file, even without a message', async () => {
    const inputs = messages(12, { properties: { TAGS: 'TagB' } })
    const { get } = world([...inputs, { properties: { TAGS: 'TagA' } }], { unitsPerFile: 10 })
    expect(await get({ offset: 3 })).toMatchObject({ status: 'FOUND', nextBeginOffset: 10, count: 7 })
    const filter = tagFilter(tagA)
    expect(await get({ filter })).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: 10 })
    const patient = { limits: { ...limits, travelCqFileNumWhenGetMessage: 2 } }
    expect(await get({ filter }, patient)).toMatchObject({ status: 'FOUND', nextBeginOffset: 13 })
  })

  test('a filter cannot judge an extension address and is told so', async () => {
    const { get, queue, log } = world([])
    const asked: (number | undefined)[] = []
    queue.put({ ...log.append(), tagsCode: -3_000_000_000 })
    await get({ filter: { isMatchedByConsumeQueue: (code) => asked.push(code) > 0, isMatchedByCommitLog: () => true } })
    expect(new Set(asked)).toEqual(new Set([undefined]))
  })

  test('a reader that lags behind memory is sent to a slave', async () => {
    const { get, log } = world(messages(10))
    const size = log.getMaxOffset() / 10
    expect((await get({ maxMsgNums: 1 }, { memoryBytes: 10 * size - 1 })).suggestPullingFromSlave).toBe(true)
    expect((await get({ maxMsgNums: 1 }, { memoryBytes: 10 * size })).suggestPullingFromSlave).toBe(false)
  })
})

describe('getMessage: reads of the log', () => {
  test('messages that lie next to each other take one read', async () => {
    const { get, log } = world(messages(32))
    log.reads = 0
    expect((await get({})).count).toBe(32)
    expect(log.reads).toBe(1)
  })

  test('messages with those of other queues between them are answered without those', async () => {
    const inputs = Array.from({ length: 40 }, (_, n) => ({ queueId: n % 4, body: `m${n}` }))
    expect(bodiesOf(await world(inputs).get({}))).toEqual(Array.from({ length: 10 }, (_, n) => `m${4 * n}`))
  })

  test('a damaged body is handed out where the source trusts what it wrote, and nowhere else', async () => {
    const { log, get } = world(messages(3))
    const second = log.bytes.indexOf('m1')
    log.bytes.write('X', second)
    expect(bodiesOf(await get({}, { trustedFrom: second }))).toEqual(['m0', 'm2'])
    expect(bodiesOf(await get({}, { trustedFrom: 0 }))).toEqual(['m0', 'X1', 'm2'])
  })

  test('messages far apart are read one by one, without what lies between', async () => {
    const inputs = Array.from({ length: 8 }, (_, n) => ({
      queueId: n % 2,
      body: Buffer.alloc(n % 2 === 0 ? 10 : 9000),
    }))
    const { get, log } = world(inputs)
    log.reads = 0
    expect((await get({})).count).toBe(4)
    expect(log.reads).toBe(4)
  })

  test('a read never leaves its segment', async () => {
    const { get } = world(messages(30), { log: new RecordLog({ segmentSize: 700, capacity: 7000 }) })
    expect(bodiesOf(await get({}))).toEqual(Array.from({ length: 30 }, (_, n) => `m${n}`))
  })
})

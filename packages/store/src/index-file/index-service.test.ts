import { SystemFlag } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { recordingLogger, request } from '../../test/queue-fixture.js'
import { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { StoreWriteError } from '../errors.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { indexKeyHash } from './index-file.js'
import { IndexService, type IndexServiceOptions } from './index-service.js'

interface Opened {
  readonly index: IndexService
  readonly fileSystem: InMemoryFileSystem
  readonly runtime: SimulatedRuntime
  readonly checkpoint: StoreCheckpoint
  readonly failures: StoreWriteError[]
}

interface OpenOptions extends Partial<IndexServiceOptions> {
  readonly isLastExitOk?: boolean
}

async function open(fileSystem = new InMemoryFileSystem(), options: OpenOptions = {}): Promise<Opened> {
  const { isLastExitOk = true, ...rest } = options
  const runtime = new SimulatedRuntime({ seed: 1 })
  await fileSystem.makeDirectory('/store')
  const checkpoint = new StoreCheckpoint({ fileSystem, path: '/store/checkpoint' })
  await checkpoint.load()
  await fileSystem.syncDirectory('/store')
  const failures: StoreWriteError[] = []
  const index = new IndexService({
    fileSystem,
    runtime,
    checkpoint,
    storePathRootDir: '/store',
    maxHashSlotNum: 16,
    maxIndexNum: 12,
    onWriteError: (error) => failures.push(error),
    ...rest,
  })
  await index.load({ isLastExitOk })
  return { index, fileSystem, runtime, checkpoint, failures }
}

const always = { begin: 0, end: Number.MAX_SAFE_INTEGER, maxNum: 32 }

async function find({ index, runtime }: Opened, key: string, query = {}): Promise<readonly number[]> {
  return (await runtime.run(index.queryOffset({ topic: 'TopicTest', key, ...always, ...query }))).phyOffsets
}

const indexPaths = (fileSystem: InMemoryFileSystem): readonly string[] =>
  fileSystem.paths().filter((path) => path.startsWith('/store/index/'))

/** The messages that Apache RocketMQ indexed for the bytes below. */
const goldenMessages = [
  { offset: 0, time: 0x1a2026a27da, uniqKey: 'UK0001', keys: 'k1 k2' },
  { offset: 0x8e, time: 0x1a2026a2847, uniqKey: 'UK10', keys: 'k1 k0' },
  { offset: 0x11c, time: 0x1a2026a2847, uniqKey: 'UK11', keys: 'k1 k1' },
  { offset: 0x1aa, time: 0x1a2026a2847, uniqKey: 'UK12', keys: 'k1 k2' },
]

function dispatchGolden(index: IndexService): void {
  for (const { offset, time, uniqKey, keys } of goldenMessages) {
    const message = { topic: 'TopicTest', commitLogOffset: offset, msgSize: 0x8e, storeTimestamp: time, uniqKey, keys }
    index.dispatch(request(0, message))
  }
}

/** 16 slots and 12 items, as Apache RocketMQ wrote them. */
const goldenFile = [
  '000001a2026a27da000001a2026a2847000000000000000000000000000001aa000000030000000c',
  ...Array.from({ length: 16 }, (_, slot) => ({ 7: '0000000a', 8: '0000000b', 9: '00000004' })[slot] ?? '00000000'),
  '0000000000000000000000000000000000000000',
  '5200a41900000000000000000000000000000000',
  '0029e6a800000000000000000000000000000000',
  '0029e6a900000000000000000000000000000001',
  '62bebbc9000000000000008e0000000000000003',
  '0029e6a8000000000000008e0000000000000002',
  '0029e6a7000000000000008e0000000000000000',
  '62bebbc8000000000000011c0000000000000005',
  '0029e6a8000000000000011c0000000000000007',
  '0029e6a8000000000000011c0000000000000008',
  '62bebbc700000000000001aa0000000000000006',
  '0029e6a800000000000001aa0000000000000009',
].join('')

describe('IndexService: files', () => {
  test('a full file has the bytes that Apache RocketMQ writes, and the rest of its last message goes on in the next', async () => {
    const world = await open()
    dispatchGolden(world.index)
    await world.runtime.run(world.index.close())
    const [first, second] = indexPaths(world.fileSystem)
    expect(((await world.fileSystem.readFile(first as string)) as Buffer).toString('hex')).toBe(goldenFile)
    const next = (await world.fileSystem.readFile(second as string)) as Buffer
    expect(next.toString('hex', 0, 40)).toBe(
      '000001a2026a2847000001a2026a284700000000000001aa00000000000001aa0000000100000002',
    )
    expect(next.toString('hex', 104 + 20, 104 + 40)).toBe('0029e6a900000000000001aa0000000000000000')
  })

  test('hashes are those of Java, the most negative one becoming 0', () => {
    expect([indexKeyHash('TopicTest', 'k1'), indexKeyHash('TopicTest', 'UK0001')]).toEqual([0x29e6a8, 0x5200a419])
    expect(indexKeyHash('Topic', 'adpempfw')).toBe(0)
  })

  test('the first item of a file tells its time by the end of the file before', async () => {
    const world = await open()
    for (let n = 0; n < 13; n++) {
      world.index.dispatch(request(n, { uniqKey: `u${n}`, storeTimestamp: 1_000_000 + n * 60_000 }))
    }
    await world.runtime.run(world.index.close())
    const second = (await world.fileSystem.readFile(indexPaths(world.fileSystem)[1] as string)) as Buffer
    expect(second.readInt32BE(104 + 20 + 12)).toBe(60)
    expect(second.readInt32BE(104 + 40 + 12)).toBe(60)
  })

  test('files are named by local time in milliseconds, each later than the one before', async () => {
    const world = await open()
    for (let n = 0; n < 30; n++) world.index.dispatch(request(n, { uniqKey: `u${n}` }))
    await world.runtime.run(world.index.drain())
    const names = indexPaths(world.fileSystem).map((path) => path.slice('/store/index/'.length))
    expect(names).toHaveLength(3)
    for (const name of names) expect(name).toMatch(/^20\d{15}$/)
    expect([...new Set(names)].toSorted()).toEqual(names)
  })

  test('a message without keys makes no file', async () => {
    const world = await open()
    world.index.dispatch(request(0))
    await world.runtime.run(world.index.close())
    expect(indexPaths(world.fileSystem)).toEqual([])
  })

  test.each([
    ['prepared', SystemFlag.TRANSACTION_PREPARED, 1],
    ['rolled back', SystemFlag.TRANSACTION_ROLLBACK, 0],
  ])('a %s message is indexed %i times', async (_, sysFlag, count) => {
    const world = await open()
    world.index.dispatch(request(0, { topic: 'TopicTest', sysFlag, uniqKey: 'u' }))
    expect(await find(world, 'u')).toHaveLength(count)
  })

  test('a record older than the end of the index is not indexed again', async () => {
    const world = await open()
    dispatchGolden(world.index)
    world.index.dispatch(request(0, { topic: 'TopicTest', uniqKey: 'again', commitLogOffset: 0x11c }))
    expect(await find(world, 'again')).toEqual([])
  })
})

describe('IndexService: queries', () => {
  test('every message with a key is found, newest first, over all files', async () => {
    const world = await open()
    dispatchGolden(world.index)
    expect(await find(world, 'k1')).toEqual([0x1aa, 0x11c, 0x8e, 0])
    expect(await find(world, 'k2')).toEqual([0x1aa, 0])
    expect(await find(world, 'UK11')).toEqual([0x11c])
    expect(await find(world, 'missing')).toEqual([])
    expect(await find(world, 'k1', { topic: 'Other' })).toEqual([])
  })

  test('the same answers come after closing and opening', async () => {
    const world = await open()
    dispatchGolden(world.index)
    await world.runtime.run(world.index.close())
    const next = await open(world.fileSystem)
    expect(await find(next, 'k1')).toEqual([0x1aa, 0x11c, 0x8e, 0])
    next.index.dispatch(
      request(0, { topic: 'TopicTest', keys: 'k1', commitLogOffset: 0x238, storeTimestamp: 0x1a2026a2847 }),
    )
    expect(await find(next, 'k1')).toEqual([0x238, 0x1aa, 0x11c, 0x8e, 0])
  })

  test('at most as many as asked for, and never more than 64', async () => {
    const world = await open(new InMemoryFileSystem(), { maxIndexNum: 200 })
    for (let n = 0; n < 150; n++) world.index.dispatch(request(n, { topic: 'TopicTest', keys: 'k' }))
    expect(await find(world, 'k', { maxNum: 3 })).toEqual([14_900, 14_800, 14_700])
    expect(await find(world, 'k', { maxNum: 1000 })).toHaveLength(64)
  })

  test('only messages of the stretch of time asked for, to the second', async () => {
    const world = await open()
    for (let n = 0; n < 30; n++) {
      world.index.dispatch(request(n, { topic: 'TopicTest', keys: 'k', storeTimestamp: 1_000_000 + n * 10_000 }))
    }
    expect(await find(world, 'k', { begin: 1_050_000, end: 1_080_000 })).toEqual([800, 700, 600, 500])
    expect(await find(world, 'k', { begin: 1_290_000 })).toEqual([2900])
    expect(await find(world, 'k', { begin: 2_000_000 })).toEqual([])
    expect(await find(world, 'k', { end: 999_999 })).toEqual([])
  })

  test('the answer says how far the index has come', async () => {
    const world = await open()
    dispatchGolden(world.index)
    const query = world.index.queryOffset({ topic: 'TopicTest', key: 'none', ...always })
    expect(await world.runtime.run(query)).toEqual({
      phyOffsets: [],
      indexLastUpdateTimestamp: 0x1a2026a2847,
      indexLastUpdatePhyoffset: 0x1aa,
    })
  })

  test('a slot that damage has turned into nonsense starts a new chain', async () => {
    const world = await open()
    world.index.dispatch(request(0, { topic: 'TopicTest', keys: 'k1' }))
    await world.runtime.run(world.index.close())
    const handle = await world.fileSystem.open(indexPaths(world.fileSystem)[0] as string)
    handle.writeSync(Buffer.from('00000063', 'hex'), 40 + 8 * 4)
    const next = await open(world.fileSystem)
    expect(await find(next, 'k1')).toEqual([])
    next.index.dispatch(request(1, { topic: 'TopicTest', keys: 'k1' }))
    await next.runtime.run(next.index.close())
    const written = (await world.fileSystem.readFile(handle.path)) as Buffer
    expect(written.toString('hex', 104 + 40, 104 + 60)).toBe('0029e6a800000000000000640000000000000000')
  })

  test('a chain that damage has turned into a circle ends', async () => {
    const world = await open()
    dispatchGolden(world.index)
    await world.runtime.run(world.index.close())
    const handle = await world.fileSystem.open(indexPaths(world.fileSystem)[0] as string)
    const eleven = Buffer.from('0000000b', 'hex')
    handle.writeSync(eleven, 104 + 9 * 20 + 16)
    expect(await find(await open(world.fileSystem), 'k1')).toEqual([0x1aa, 0x11c])
  })
})

describe('IndexService: durability', () => {
  const fill = (index: IndexService, from: number, to: number): void => {
    for (let n = from; n < to; n++) index.dispatch(request(n, { topic: 'TopicTest', keys: 'k', uniqKey: `u${n}` }))
  }

  test('the checkpoint moves over a file once it is full and durable', async () => {
    const world = await open()
    world.fileSystem.pauseSyncs()
    fill(world.index, 0, 8)
    await world.runtime.run(world.index.drain())
    expect(world.checkpoint.indexMsgTimestamp).toBe(0)
    world.fileSystem.resumeSyncs()
    await world.runtime.advance(10)
    expect(world.checkpoint.indexMsgTimestamp).toBe(1005)
    const crashed = await open(world.fileSystem.crash(), { isLastExitOk: false })
    expect(crashed.checkpoint.indexMsgTimestamp).toBe(1005)
    expect(await find(crashed, 'u3')).toEqual([300])
  })

  test('after an abnormal exit files that may hold less than they claim are deleted', async () => {
    const world = await open()
    fill(world.index, 0, 8)
    await world.runtime.run(world.index.drain())
    await world.runtime.advance(10)
    const killed = await open(world.fileSystem.kill(), { isLastExitOk: false })
    expect(killed.index.fileCount).toBe(1)
    fill(killed.index, 5, 8)
    expect(await find(killed, 'u7')).toEqual([700])
    expect(await find(killed, 'k')).toEqual([700, 600, 500, 400, 300, 200, 100, 0])
  })

  test('after a clean exit the last file is kept and written further', async () => {
    const world = await open()
    fill(world.index, 0, 2)
    await world.runtime.run(world.index.close())
    const next = await open(world.fileSystem.crash())
    fill(next.index, 2, 3)
    expect(await find(next, 'k')).toEqual([200, 100, 0])
    expect(next.index.fileCount).toBe(1)
  })

  test('files of another size than configured are refused with the options that set it', async () => {
    const world = await open()
    fill(world.index, 0, 2)
    await world.runtime.run(world.index.close())
    await expect(open(world.fileSystem, { maxIndexNum: 13 })).rejects.toMatchObject({
      code: 'STORE_LOAD_FAILED',
      message: expect.stringMatching(/has 344 bytes.*maxIndexNum=13 make 364/) as string,
    })
  })

  test('files with other names are left alone', async () => {
    const world = await open()
    await world.fileSystem.makeDirectory('/store/index')
    await world.fileSystem.writeFile('/store/index/readme', Buffer.from('x'))
    expect((await open(world.fileSystem)).index.fileCount).toBe(0)
    expect(indexPaths(world.fileSystem)).toEqual(['/store/index/readme'])
  })

  test('files whose records are gone from the log are deleted, the last file never', async () => {
    const world = await open()
    fill(world.index, 0, 18)
    await world.runtime.run(world.index.drain())
    expect(world.index.fileCount).toBe(4)
    await world.runtime.run(world.index.deleteExpired(1101))
    expect(world.index.fileCount).toBe(2)
    expect(await find(world, 'u3')).toEqual([])
    await world.runtime.run(world.index.deleteExpired(99_999))
    expect(await find(world, 'u17')).toEqual([1700])
    await world.runtime.run(world.index.destroy())
    expect(indexPaths(world.fileSystem)).toEqual([])
  })

  test.each(['create', 'write', 'datasync'])(
    'after a failed %s the store is told once, nothing more is indexed and closing rejects',
    async (kind) => {
      const logger = recordingLogger()
      const world = await open(new InMemoryFileSystem(), { logger })
      world.fileSystem.onOperation = (operation) => (operation.kind === kind ? { error: 'EIO' } : undefined)
      fill(world.index, 0, 8)
      await world.runtime.advance(100)
      expect(world.failures.map((error) => error.code)).toEqual(['STORE_WRITE_FAILED'])
      expect(logger.errors).toHaveLength(1)
      fill(world.index, 8, 20)
      expect(world.index.backlog).toBe(0)
      await expect(world.runtime.run(world.index.close())).rejects.toBe(world.failures[0])
    },
  )

  test('records beyond the bound saturate the index until it has caught up', async () => {
    const world = await open(new InMemoryFileSystem(), { maxIndexNum: 200_000, maxHashSlotNum: 1000 })
    fill(world.index, 0, 65_535)
    expect(world.index.isSaturated).toBe(false)
    fill(world.index, 65_535, 65_536)
    expect(world.index.isSaturated).toBe(true)
    await world.runtime.run(world.index.drain())
    expect([world.index.isSaturated, world.index.backlog]).toEqual([false, 0])
    expect(await find(world, 'u65535')).toEqual([6_553_500])
  })
})

import { SystemFlag } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { contentOf, recordingLogger, request } from '../../test/queue-fixture.js'
import { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { StoreWriteError } from '../errors.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import type { ConsumeQueue } from './consume-queue.js'
import { ConsumeQueueStore, type ConsumeQueueStoreOptions } from './consume-queue-store.js'

interface Opened {
  readonly store: ConsumeQueueStore
  readonly fileSystem: InMemoryFileSystem
  readonly runtime: SimulatedRuntime
  readonly checkpoint: StoreCheckpoint
  readonly failures: StoreWriteError[]
}

async function open(
  fileSystem = new InMemoryFileSystem(),
  options: Partial<ConsumeQueueStoreOptions> = {},
): Promise<Opened> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  await fileSystem.makeDirectory('/store')
  const checkpoint = new StoreCheckpoint({ fileSystem, path: '/store/checkpoint' })
  await checkpoint.load()
  await fileSystem.syncDirectory('/store')
  const failures: StoreWriteError[] = []
  const store = new ConsumeQueueStore({
    fileSystem,
    runtime,
    checkpoint,
    storePathRootDir: '/store',
    mappedFileSizeConsumeQueue: 100,
    onWriteError: (error) => failures.push(error),
    ...options,
  })
  await store.load()
  await store.recover({ isLastExitOk: false })
  return { store, fileSystem, runtime, checkpoint, failures }
}

/** Dispatches the records from one number up to another. */
function put(store: ConsumeQueueStore, [from, to]: readonly [number, number], topic = 'T'): void {
  for (let n = from; n < to; n++) store.dispatch(request(n, { topic }))
}

function countOf(fileSystem: InMemoryFileSystem, kind: string): () => number {
  let count = 0
  fileSystem.onOperation = (operation) => {
    if (operation.kind === kind) count++
    return undefined
  }
  return () => count
}

describe('ConsumeQueueStore', () => {
  test('a closed store opens with the same queues, offsets and records', async () => {
    const { store, fileSystem } = await open()
    put(store, [0, 7], '%RETRY%group')
    for (let n = 0; n < 3; n++) store.dispatch(request(n + 7, { topic: 'B', queueId: 2, consumeQueueOffset: n }))
    await store.close()
    const next = (await open(fileSystem)).store
    expect([...next.topics()]).toEqual(['%RETRY%group', 'B'])
    expect(next.getMaxPhyOffsetInConsumeQueue()).toBe(1000)
    expect(await contentOf(next.getConsumeQueue('B', 2) as ConsumeQueue)).toEqual([700, 800, 900])
    await next.recoverOffsetTable(300)
    expect([next.getMinOffsetInQueue('%RETRY%group', 0), next.getMaxOffsetInQueue('%RETRY%group', 0)]).toEqual([3, 7])
    expect([next.assignQueueOffset('%RETRY%group', 0), next.assignQueueOffset('B', 2)]).toEqual([7, 3])
  })

  test('queue offsets are handed out by queue, and come back when an append fails', async () => {
    const { store } = await open()
    expect(store.assignQueueOffset('T', 1)).toBe(0)
    store.increaseQueueOffset('T', 1, 3)
    expect([store.assignQueueOffset('T', 1), store.assignQueueOffset('T', 2)]).toEqual([3, 0])
    store.increaseQueueOffset('T', 1, -3)
    expect(store.assignQueueOffset('T', 1)).toBe(0)
  })

  test.each([
    ['without a transaction', 0, 1],
    ['prepared', SystemFlag.TRANSACTION_PREPARED, 0],
    ['committed', SystemFlag.TRANSACTION_COMMIT, 1],
    ['rolled back', SystemFlag.TRANSACTION_ROLLBACK, 0],
  ])('a message %s has as many units as it may be consumed', async (_, sysFlag, units) => {
    const { store } = await open()
    store.dispatch(request(0, { sysFlag }))
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(units)
  })

  test('questions about unknown queues answer 0 and make nothing', async () => {
    const { store, fileSystem } = await open()
    expect([store.getMaxOffsetInQueue('X', 1), store.getMinOffsetInQueue('X', 1)]).toEqual([0, 0])
    expect(store.assignQueueOffset('X', 1)).toBe(0)
    await store.close()
    expect([...store.topics()]).toEqual([])
    expect(fileSystem.paths().filter((path) => path.includes('consumequeue'))).toEqual([])
  })

  test('units of many turns reach the files in one write a queue', async () => {
    const { store, fileSystem, runtime } = await open()
    const writes = countOf(fileSystem, 'write')
    for (let n = 0; n < 5; n++) {
      put(store, [n, n + 1])
      await runtime.advance(1)
    }
    expect(writes()).toBe(0)
    await runtime.advance(100)
    expect(writes()).toBe(1)
  })

  test('directories that are no queue are left alone', async () => {
    const { store, fileSystem } = await open()
    put(store, [0, 1])
    await store.close()
    await fileSystem.makeDirectory('/store/consumequeue/T/backup')
    await fileSystem.writeFile('/store/consumequeue/readme', Buffer.from('x'))
    const next = (await open(fileSystem)).store
    expect([...next.queues()].map((queue) => queue.queueId)).toEqual([0])
  })

  test('a store with batch consume queues is refused with the reason', async () => {
    const fileSystem = new InMemoryFileSystem()
    await fileSystem.makeDirectory('/store/batchconsumequeue/T')
    await expect(open(fileSystem)).rejects.toMatchObject({
      code: 'STORE_LOAD_FAILED',
      message: expect.stringContaining('BatchCQ') as string,
    })
  })

  test('records behind the end of the log lose their units in every queue', async () => {
    const { store } = await open()
    for (let n = 0; n < 10; n++) {
      store.dispatch(request(n, { queueId: n % 2, consumeQueueOffset: Math.floor(n / 2) }))
    }
    await store.truncateDirty(550)
    expect([store.getMaxOffsetInQueue('T', 0), store.getMaxOffsetInQueue('T', 1)]).toEqual([3, 3])
    await store.destroy()
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(0)
  })
})

describe('ConsumeQueueStore: flush', () => {
  test('the checkpoint covers a record only once its unit survives a power loss', async () => {
    const { store, fileSystem, runtime, checkpoint } = await open()
    store.start()
    put(store, [0, 3])
    fileSystem.pauseSyncs()
    await runtime.advance(1500)
    put(store, [3, 4])
    expect(checkpoint.logicsMsgTimestamp).toBe(0)
    fileSystem.resumeSyncs()
    await runtime.advance(100)
    expect(checkpoint.logicsMsgTimestamp).toBe(1002)
    const crashed = await open(fileSystem.crash())
    expect(crashed.checkpoint.logicsMsgTimestamp).toBe(1002)
    expect(await contentOf(crashed.store.getConsumeQueue('T', 0) as ConsumeQueue)).toEqual([0, 100, 200])
  })

  test('with many dirty queues a round syncs only those with enough pages until the thorough interval has passed', async () => {
    const { store, fileSystem, runtime, checkpoint } = await open(new InMemoryFileSystem(), {
      mappedFileSizeConsumeQueue: 20_000,
      flushConsumeQueueThoroughInterval: 60_000,
    })
    store.start()
    for (let queueId = 0; queueId < 20; queueId++) store.dispatch(request(queueId, { queueId, consumeQueueOffset: 0 }))
    for (let n = 20; n < 600; n++) store.dispatch(request(n, { queueId: 0, consumeQueueOffset: n - 19 }))
    const synced: string[] = []
    fileSystem.onOperation = ({ kind, path }) => {
      if (kind === 'datasync') synced.push(path)
      return undefined
    }
    await runtime.advance(59_500)
    expect(synced).toEqual(['/store/consumequeue/T/0/00000000000000000000'])
    expect(checkpoint.logicsMsgTimestamp).toBe(0)
    await runtime.advance(1000)
    expect(synced.filter((path) => path.includes('consumequeue'))).toHaveLength(20)
    expect(checkpoint.logicsMsgTimestamp).toBe(1599)
  })

  test('closing makes everything durable, checkpoint included', async () => {
    const { store, fileSystem } = await open()
    put(store, [0, 7])
    await store.close()
    await store.close()
    const crashed = await open(fileSystem.crash())
    expect(crashed.checkpoint.logicsMsgTimestamp).toBe(1006)
    expect(crashed.store.getMaxOffsetInQueue('T', 0)).toBe(7)
  })

  test.each(['write', 'datasync', 'syncDirectory', 'create'])(
    'after a failed %s the store is told once, nothing more is written and closing rejects',
    async (kind) => {
      const logger = recordingLogger()
      const { store, fileSystem, runtime, checkpoint, failures } = await open(new InMemoryFileSystem(), { logger })
      store.start()
      fileSystem.onOperation = (operation) => (operation.kind === kind ? { error: 'EIO' } : undefined)
      put(store, [0, 3])
      await runtime.advance(3000)
      expect(failures.map((error) => error.code)).toEqual(['STORE_WRITE_FAILED'])
      expect(logger.errors).toHaveLength(1)
      const writes = countOf(fileSystem, 'write')
      put(store, [3, 5])
      await runtime.advance(3000)
      expect([writes(), store.getMaxOffsetInQueue('T', 0), checkpoint.logicsMsgTimestamp]).toEqual([0, 3, 0])
      await expect(store.close()).rejects.toBe(failures[0])
    },
  )
})

describe('ConsumeQueueStore: deletion', () => {
  test('a deleted topic is gone from memory and disk, and its numbering starts at 0 again', async () => {
    const { store, fileSystem } = await open()
    store.increaseQueueOffset('T', 0, 3)
    put(store, [0, 3])
    put(store, [3, 5], 'Other')
    expect(await store.deleteTopic('T')).toBe(true)
    expect(await store.deleteTopic('T')).toBe(false)
    expect([store.assignQueueOffset('T', 0), store.getMaxOffsetInQueue('T', 0)]).toEqual([0, 0])
    expect(fileSystem.paths().filter((path) => path.startsWith('/store/consumequeue/T'))).toEqual([])
    expect(store.getMaxOffsetInQueue('Other', 0)).toBe(5)
  })

  test('messages to a topic that is just being deleted are kept', async () => {
    const { store, fileSystem, runtime } = await open()
    put(store, [0, 7])
    await store.flush()
    put(store, [0, 1], 'Other')
    fileSystem.pauseSyncs()
    const flush = store.flush()
    await runtime.advance(10)
    const deletion = store.deleteTopic('T')
    store.dispatch(request(7, { consumeQueueOffset: 0 }))
    await runtime.advance(1000)
    fileSystem.resumeSyncs()
    await Promise.all([flush, deletion])
    store.dispatch(request(8, { consumeQueueOffset: 1 }))
    await store.close()
    const next = (await open(fileSystem)).store
    expect(await contentOf(next.getConsumeQueue('T', 0) as ConsumeQueue)).toEqual([700, 800])
  })

  test('expired files are deleted in every queue', async () => {
    const { store, fileSystem } = await open()
    put(store, [0, 12])
    put(store, [12, 13], 'B')
    await store.flush()
    await store.deleteExpired(1050)
    expect([store.getMinOffsetInQueue('T', 0), store.getMaxOffsetInQueue('T', 0)]).toEqual([11, 12])
    expect(fileSystem.paths().filter((path) => path.startsWith('/store/consumequeue/T/0/'))).toHaveLength(1)
  })
})

describe('ConsumeQueueStore: many queues', () => {
  test('2,000 queues are written, synced and read through 64 open files', async () => {
    const fileSystem = new InMemoryFileSystem()
    let open64 = 0
    let mostOpen = 0
    const openSync = fileSystem.openSync.bind(fileSystem)
    fileSystem.openSync = (path, options) => {
      const handle = openSync(path, options)
      if (!path.includes('consumequeue')) return handle
      mostOpen = Math.max(mostOpen, ++open64)
      return {
        ...handle,
        close: async () => {
          open64--
        },
      }
    }
    const { store } = await open(fileSystem, { maxOpenConsumeQueueFiles: 64 })
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 2000; n++) {
        const queueId = n % 4
        const topic = `T${Math.floor(n / 4)}`
        store.dispatch(request(round * 2000 + n, { topic, queueId, consumeQueueOffset: round }))
      }
      await store.flush()
    }
    for (let n = 0; n < 2000; n += 37) {
      const queue = store.getConsumeQueue(`T${Math.floor(n / 4)}`, n % 4) as ConsumeQueue
      expect(await contentOf(queue)).toEqual([n * 100, (2000 + n) * 100, (4000 + n) * 100])
    }
    await store.close()
    expect(open64).toBe(0)
    expect(mostOpen).toBeLessThanOrEqual(65)
    const next = (await open(fileSystem, { maxOpenConsumeQueueFiles: 64 })).store
    expect([...next.queues()]).toHaveLength(2000)
    expect(next.getMaxPhyOffsetInConsumeQueue()).toBe(600_000)
    expect(next.openFiles).toBeLessThanOrEqual(64)
  })
})

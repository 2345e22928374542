import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore, type PutMessageResult } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'

const mebibyte = 1024 * 1024
const sizes = { maxMessageSize: mebibyte, maxHashSlotNum: 16, maxIndexNum: 1000 }
const body = Buffer.alloc(1024, 1)
/** Bytes of a record with that body and topic `T`. */
const recordSize = 1024 + 92

interface Setting {
  /** What writes fail with. */
  readonly failure?: Error
  /** Bytes of a segment. */
  readonly fileSize?: number
  readonly fileSystem?: InMemoryFileSystem
}

/** A store, and the sizes of the writes that its log left to another thread; each of them waits for `release`. */
async function open({
  failure,
  fileSize = 12 * mebibyte,
  fileSystem = new InMemoryFileSystem(),
}: Setting = {}): Promise<{
  runtime: SimulatedRuntime
  fileSystem: InMemoryFileSystem
  store: DefaultMessageStore
  writes: number[]
  release: () => void
}> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const writes: number[] = []
  const held: (() => void)[] = []
  const openFile = fileSystem.open.bind(fileSystem)
  fileSystem.open = async (path, options) => {
    const handle = await openFile(path, options)
    if (!path.includes('/commitlog/')) return handle
    const write = handle.write.bind(handle)
    return Object.assign(handle, {
      write: async (bytes: Buffer, position: number) => {
        writes.push(bytes.length)
        await new Promise<void>((resolve) => held.push(resolve))
        if (failure !== undefined) throw failure
        return await write(bytes, position)
      },
    })
  }
  const options = { storePathRootDir: '/store', mappedFileSizeCommitLog: fileSize, ...sizes, runtime, fileSystem }
  const store = await runtime.run(DefaultMessageStore.open(options))
  const release = (): void => {
    for (const resolve of held.splice(0)) resolve()
  }
  return { runtime, fileSystem, store, writes, release }
}

/** Puts so many messages in one turn. */
function putMany(store: DefaultMessageStore, count: number): Promise<PutMessageResult>[] {
  return Array.from({ length: count }, () => store.asyncPutMessage({ topic: 'T', body }))
}

describe('a turn of many bytes', () => {
  test('is written on another thread; what comes meanwhile follows it, and nothing is acknowledged before', async () => {
    const { runtime, store, writes, release } = await open()
    const first = putMany(store, 100)
    await runtime.advance(1)
    const second = putMany(store, 3)
    await runtime.advance(1)
    expect([writes, store.getMaxPhyOffset()]).toEqual([[100 * recordSize], 0])
    release()
    const results = await runtime.run(Promise.all([...first, ...second]))
    expect(results.map(({ physicalOffset }) => physicalOffset)).toEqual(results.map((_, index) => index * recordSize))
    expect(results.every(({ status }) => status === 'PUT_OK')).toBe(true)
    expect(store.getMaxPhyOffset()).toBe(103 * recordSize)
    expect((await runtime.run(store.selectOneMessageByOffset(102 * recordSize)))?.length).toBe(recordSize)
    expect(writes.length).toBe(1)
    await runtime.run(store.close())
  })

  test('is written before the store closes', async () => {
    const { runtime, store, release } = await open()
    const puts = putMany(store, 100)
    await runtime.advance(1)
    const closed = store.close()
    await runtime.advance(1)
    release()
    await runtime.run(closed)
    const results = await runtime.run(Promise.all(puts))
    expect(results.every(({ status }) => status === 'PUT_OK')).toBe(true)
  })

  test('whose write fails is not acknowledged, nor what came meanwhile', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const { runtime, fileSystem, store, release } = await open({ failure: full })
    const puts = putMany(store, 100)
    await runtime.advance(1)
    puts.push(...putMany(store, 3))
    await runtime.advance(1)
    release()
    const results = await runtime.run(Promise.all(puts))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['SERVICE_NOT_AVAILABLE']))
    expect([store.isWriteable(), store.getMaxPhyOffset(), store.getMaxOffsetInQueue('T', 0)]).toEqual([false, 0, 0])
    await runtime.run(store.close())
    expect(await fileSystem.stat('/store/abort')).toBeDefined()
  })

  test('may be followed by the end of its segment, and of the next, before it is written', async () => {
    const { runtime, fileSystem, store, writes, release } = await open({ fileSize: mebibyte })
    const first = putMany(store, 100)
    await runtime.advance(1)
    const others = putMany(store, 2000)
    await runtime.advance(1)
    expect([writes.length, store.getMaxPhyOffset()]).toEqual([1, 0])
    for (let write = 1; write <= 4; write++) {
      release()
      await runtime.advance(1)
    }
    const results = await runtime.run(Promise.all([...first, ...others]))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['PUT_OK']))
    const perSegment = Math.floor((mebibyte - 8) / recordSize)
    const place = (index: number): number =>
      Math.floor(index / perSegment) * mebibyte + (index % perSegment) * recordSize
    expect(results.map(({ physicalOffset }) => physicalOffset)).toEqual(results.map((_, index) => place(index)))
    await runtime.run(store.close())

    const again = await open({ fileSize: mebibyte, fileSystem })
    expect(again.store.getMaxOffsetInQueue('T', 0)).toBe(2100)
    expect(again.store.getMaxPhyOffset()).toBe(place(2099) + recordSize)
    await again.runtime.run(again.store.close())
  })

  test('is waited for by tens of mebibytes, and more are refused until it is written', async () => {
    const { runtime, store, release } = await open()
    const first = putMany(store, 100)
    await runtime.advance(1)
    const results: PutMessageResult[] = []
    const large = { topic: 'T', body: Buffer.alloc(mebibyte / 2) }
    for (let count = 0; count < 80; count++) void store.asyncPutMessage(large).then((result) => results.push(result))
    await runtime.advance(1)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['OS_PAGE_CACHE_BUSY']))
    expect(results.length).toBeGreaterThan(10)
    expect(results.length).toBeLessThan(40)
    while (results.length < 80) {
      release()
      await runtime.advance(1)
    }
    expect((await runtime.run(Promise.all(first))).every(({ status }) => status === 'PUT_OK')).toBe(true)
    const after = store.asyncPutMessage({ topic: 'T', body })
    expect((await runtime.run(after)).queueOffset).toBe(
      results.filter(({ status }) => status === 'PUT_OK').length + 100,
    )
    await runtime.run(store.close())
  })
})

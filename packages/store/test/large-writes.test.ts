import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore, type PutMessageResult } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'

const mebibyte = 1024 * 1024
const sizes = {
  mappedFileSizeCommitLog: 12 * mebibyte,
  maxMessageSize: mebibyte,
  maxHashSlotNum: 16,
  maxIndexNum: 1000,
}
const body = Buffer.alloc(1024, 1)

/** A store, and the sizes of the writes that its log left to another thread; each of them waits for `release`. */
async function open(failure?: Error): Promise<{
  runtime: SimulatedRuntime
  fileSystem: InMemoryFileSystem
  store: DefaultMessageStore
  writes: number[]
  release: () => void
}> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const fileSystem = new InMemoryFileSystem()
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
  const options = { storePathRootDir: '/store', ...sizes, runtime, fileSystem }
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
    const recordSize = writes[0] ? writes[0] / 100 : 0
    expect([writes.length, recordSize, store.getMaxPhyOffset()]).toEqual([1, 1024 + 92, 0])
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
    const { runtime, fileSystem, store, release } = await open(full)
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

  test('is written at once where the segment might end during the write', async () => {
    const { runtime, store, writes, release } = await open()
    let puts: Promise<PutMessageResult>[] = []
    for (let turn = 0; turn < 130; turn++) {
      puts = puts.concat(putMany(store, 100))
      await runtime.advance(1)
      release()
    }
    const results = await runtime.run(Promise.all(puts))
    expect(results.every(({ status }) => status === 'PUT_OK')).toBe(true)
    expect(store.getMaxPhyOffset()).toBeGreaterThan(sizes.mappedFileSizeCommitLog)
    expect(writes.length).toBeLessThan(120)
    await runtime.run(store.close())
  })
})

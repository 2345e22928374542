import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { nodeRuntime } from '@mq/remoting'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreCheckpoint } from '../src/checkpoint/store-checkpoint.js'
import { ConsumeQueueStore } from '../src/consume-queue/consume-queue-store.js'
import { nodeFileSystem } from '../src/file-system/node-file-system.js'
import { IndexService } from '../src/index-file/index-service.js'
import { request } from './queue-fixture.js'

const queues = 300
const queueFileSize = 6_000_000

let root: string

beforeEach(async () => {
  root = await mkdtemp(`${tmpdir()}/mq-sparse-`)
})

afterEach(async () => {
  await rm(root, { recursive: true })
})

async function open(): Promise<{ readonly store: ConsumeQueueStore; readonly index: IndexService }> {
  const checkpoint = new StoreCheckpoint({ fileSystem: nodeFileSystem, path: `${root}/checkpoint` })
  await checkpoint.load()
  const onWriteError = (error: Error): never => {
    throw error
  }
  const shared = { fileSystem: nodeFileSystem, runtime: nodeRuntime, checkpoint, storePathRootDir: root, onWriteError }
  const store = new ConsumeQueueStore({ ...shared, mappedFileSizeConsumeQueue: queueFileSize })
  const index = new IndexService({ ...shared, maxHashSlotNum: 5_000_000, maxIndexNum: 20_000_000 })
  await store.load()
  await store.recover({ isLastExitOk: false })
  await index.load({ isLastExitOk: true })
  return { store, index }
}

async function allocated(path: string): Promise<readonly [size: number, allocated: number]> {
  const { size, blocks } = await stat(path)
  return [size, blocks * 512]
}

describe('queues and index on a real disk', () => {
  test('hundreds of queues and an index of Java’s sizes have their full length and take little room', async () => {
    const { store, index } = await open()
    for (let n = 0; n < queues; n++) {
      const message = request(n, { queueId: n, consumeQueueOffset: 0, uniqKey: `u${n % 10}` })
      store.dispatch(message)
      index.dispatch(message)
    }
    await store.close()
    await index.close()
    let total = 0
    for (let n = 0; n < queues; n++) {
      const [size, bytes] = await allocated(`${root}/consumequeue/T/${n}/00000000000000000000`)
      expect(size).toBe(queueFileSize)
      total += bytes
    }
    expect(total).toBeLessThanOrEqual(queues * 16_384)
    const [indexFile] = await nodeFileSystem.list(`${root}/index`)
    const [indexSize, indexBytes] = await allocated(`${root}/index/${indexFile?.name as string}`)
    expect(indexSize).toBe(420_000_040)
    expect(indexBytes).toBeLessThan(1024 * 1024)
  })

  test('stale units far behind the end of a queue are gone after an abnormal exit', async () => {
    const { store } = await open()
    for (let n = 0; n < 2000; n++) store.dispatch(request(n))
    await store.close()
    const path = `${root}/consumequeue/T/0/00000000000000000000`
    const handle = await nodeFileSystem.open(path)
    handle.writeSync(Buffer.alloc(4096 - 2000), 2000)
    await handle.close()
    const next = (await open()).store
    expect(next.getMaxOffsetInQueue('T', 0)).toBe(100)
    await next.close()
    const content = (await nodeFileSystem.readFile(path)) as Buffer
    expect(content.subarray(2000).every((byte) => byte === 0)).toBe(true)
    expect(content).toHaveLength(queueFileSize)
  })
})

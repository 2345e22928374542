import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefaultMessageStore } from '@mq/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mq-store-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('a store on the disk of this machine', () => {
  test.each(['SYNC_FLUSH', 'ASYNC_FLUSH'] as const)('keeps messages over a restart with %s', async (flushDiskType) => {
    const sizes = {
      mappedFileSizeCommitLog: 16_384,
      mappedFileSizeConsumeQueue: 400,
      maxHashSlotNum: 100,
      maxIndexNum: 400,
    }
    const options = { storePathRootDir: directory, flushDiskType, ...sizes }
    const bodies = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(index * 10)}`)
    {
      await using store = await DefaultMessageStore.open(options)
      const results = await Promise.all(bodies.map((body) => store.asyncPutMessage({ topic: 'T', body })))
      expect(results.map(({ status, queueOffset }) => [status, queueOffset])).toEqual(
        bodies.map((_, index) => ['PUT_OK', index]),
      )
    }
    await using store = await DefaultMessageStore.open(options)
    const found: string[] = []
    for (let offset = 0; offset < bodies.length; offset++) {
      const { bytes } = await store.getMessage({ group: 'g', topic: 'T', queueId: 0, offset, maxMsgNums: 1 })
      found.push(bytes.toString('latin1', 88, 88 + bytes.readInt32BE(84)))
    }
    expect(found).toEqual(bodies)
  })

  test('a new store has the files of RocketMQ, of their full lengths but sparse', async () => {
    {
      await using store = await DefaultMessageStore.open({ storePathRootDir: directory })
      await store.asyncPutMessage({ topic: 'T', body: 'hello', properties: { KEYS: 'k' } })
    }
    expect((await readdir(directory)).sort()).toEqual([
      'abort.bak',
      'checkpoint',
      'commitlog',
      'consumequeue',
      'index',
      'lock',
    ])
    const segment = await stat(join(directory, 'commitlog', '00000000000000000000'))
    expect(segment.size).toBe(1024 ** 3)
    expect(segment.blocks * 512).toBeLessThan(1024 ** 2)
    expect((await stat(join(directory, 'checkpoint'))).size).toBe(4096)
    expect((await readFile(join(directory, 'lock'))).toString()).toBe('lock')
  })

  test('a second store on the same directory is refused until the first is closed', async () => {
    const first = await DefaultMessageStore.open({ storePathRootDir: directory })
    await expect(DefaultMessageStore.open({ storePathRootDir: directory })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
    })
    await first.close()
    await using _second = await DefaultMessageStore.open({ storePathRootDir: directory })
  })
})

import { describe, expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { StoreCheckpoint } from './store-checkpoint.js'

const path = '/store/checkpoint'

async function loaded(fileSystem: InMemoryFileSystem): Promise<StoreCheckpoint> {
  fileSystem.makeDirectorySync('/store')
  const checkpoint = new StoreCheckpoint({ fileSystem, path })
  await checkpoint.load()
  return checkpoint
}

const fieldsOf = (checkpoint: StoreCheckpoint): readonly number[] => [
  checkpoint.physicMsgTimestamp,
  checkpoint.logicsMsgTimestamp,
  checkpoint.indexMsgTimestamp,
  checkpoint.masterFlushedOffset,
  checkpoint.confirmPhyOffset,
]

describe('StoreCheckpoint', () => {
  test('the five longs lie at the start of a file of 4096 bytes', async () => {
    const fileSystem = new InMemoryFileSystem()
    const checkpoint = await loaded(fileSystem)
    checkpoint.physicMsgTimestamp = 0x1a20265899f
    checkpoint.logicsMsgTimestamp = 2
    checkpoint.indexMsgTimestamp = 3
    checkpoint.masterFlushedOffset = 4
    checkpoint.confirmPhyOffset = 5
    await checkpoint.flush()
    const bytes = (await fileSystem.readFile(path)) as Buffer
    expect(bytes).toHaveLength(4096)
    expect(bytes.toString('hex', 0, 40)).toBe(
      '000001a20265899f' + '0000000000000002' + '0000000000000003' + '0000000000000004' + '0000000000000005',
    )
    expect(bytes.subarray(40).every((byte) => byte === 0)).toBe(true)
  })

  test('flushed values survive a power loss and later ones do not', async () => {
    const fileSystem = new InMemoryFileSystem()
    const checkpoint = await loaded(fileSystem)
    await fileSystem.syncDirectory('/store')
    checkpoint.physicMsgTimestamp = 10
    await checkpoint.flush()
    checkpoint.physicMsgTimestamp = 11
    expect((await loaded(fileSystem.crash())).physicMsgTimestamp).toBe(10)
  })

  test.each([
    ['missing', undefined, [0, 0, 0, 0, 0]],
    ['empty', Buffer.alloc(0), [0, 0, 0, 0, 0]],
    ['cut after its first field', Buffer.from('000001a20265899f00', 'hex'), [0x1a20265899f, 0, 0, 0, 0]],
    ['of damaged, negative and too large values', Buffer.alloc(4096, 0xff), [0, 0, 0, 0, 0]],
  ])('a file that is %s loads, with 0 for what cannot be known', async (_, content, expected) => {
    const fileSystem = new InMemoryFileSystem()
    fileSystem.makeDirectorySync('/store')
    if (content !== undefined) await fileSystem.writeFile(path, content)
    const checkpoint = await loaded(fileSystem)
    expect(fieldsOf(checkpoint)).toEqual(expected)
    expect((await fileSystem.stat(path))?.sizeBytes).toBe(4096)
  })

  test('recovery starts three seconds before the older of log and queues, and never below zero', async () => {
    const checkpoint = await loaded(new InMemoryFileSystem())
    checkpoint.physicMsgTimestamp = 10_000
    checkpoint.logicsMsgTimestamp = 9000
    checkpoint.indexMsgTimestamp = 5000
    expect([checkpoint.minTimestamp, checkpoint.minTimestampIndex]).toEqual([6000, 5000])
    checkpoint.logicsMsgTimestamp = 2999
    expect(checkpoint.minTimestamp).toBe(0)
  })

  test('a value set while a flush runs is durable when the flush asked for after it has settled', async () => {
    const fileSystem = new InMemoryFileSystem()
    const checkpoint = await loaded(fileSystem)
    await fileSystem.syncDirectory('/store')
    fileSystem.pauseSyncs()
    checkpoint.physicMsgTimestamp = 1
    const first = checkpoint.flush()
    checkpoint.physicMsgTimestamp = 2
    const second = checkpoint.flush()
    fileSystem.resumeSyncs()
    await Promise.all([first, second])
    expect((await loaded(fileSystem.crash())).physicMsgTimestamp).toBe(2)
  })

  test('a failed sync rejects with the cause and the path', async () => {
    const fileSystem = new InMemoryFileSystem()
    const checkpoint = await loaded(fileSystem)
    fileSystem.onOperation = ({ kind }) => (kind === 'datasync' ? { error: 'EIO' } : undefined)
    await expect(checkpoint.flush()).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
      message: expect.stringContaining(path) as string,
      cause: { code: 'EIO' },
    })
  })

  test('closing twice is allowed, and the values of the first close are kept', async () => {
    const fileSystem = new InMemoryFileSystem()
    const checkpoint = await loaded(fileSystem)
    checkpoint.confirmPhyOffset = 77
    await checkpoint.close()
    await checkpoint.close()
    expect((await loaded(fileSystem)).confirmPhyOffset).toBe(77)
  })
})

import { expect, test } from 'vitest'
import type { FileHandle, FileSystem } from '../file-system/file-system.js'
import { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { LogBlocks } from './log-blocks.js'

const block = 256 * 1024

/** A disk that tells what is read of it, and takes its time if it is slow. */
class WatchedDisk extends InMemoryFileSystem {
  readonly reads: string[] = []
  isSlow = false

  override openSync(...args: Parameters<FileSystem['openSync']>): FileHandle {
    const handle = super.openSync(...args)
    return {
      ...handle,
      readCached: (target, position) => {
        this.reads.push(`${position} ${target.length}`)
        const size = handle.readSync(target, position)
        return this.isSlow ? Promise.resolve(size) : size
      },
    }
  }
}

/** A log of so many blocks in one segment, each byte the number of its block. */
function blocksOn(disk: WatchedDisk, count = 4.5): LogBlocks {
  const queue = new MappedFileQueue({
    fileSystem: disk,
    directory: '/log',
    fileSize: 32 * block,
    fileSizeOption: 'size',
  })
  for (let index = 0; index < count; index++) {
    queue.writableFile().append(Buffer.alloc(Math.min(1, count - index) * block, index))
  }
  return new LogBlocks(queue)
}

test('what lies in one block is read from the disk once, whoever asks', async () => {
  const disk = new WatchedDisk()
  const blocks = blocksOn(disk)
  const target = Buffer.alloc(30)
  for (const offset of [block, block + 5000, 2 * block - 10]) {
    expect(blocks.copyTo(target, 10, { offset, size: 10 })).toBe(true)
    expect([...target.subarray(9, 21)]).toEqual([0, ...Array<number>(10).fill(1), 0])
  }
  expect(disk.reads).toEqual([`${block} ${block}`])
})

test('a range over the end of a block is put together of both', async () => {
  const blocks = blocksOn(new WatchedDisk())
  const target = Buffer.alloc(4)
  expect(blocks.copyTo(target, 0, { offset: 3 * block - 2, size: 4 })).toBe(true)
  expect([...target]).toEqual([2, 2, 3, 3])
})

test('a block that is still being written is left alone', async () => {
  const disk = new WatchedDisk()
  const blocks = blocksOn(disk)
  expect(blocks.copyTo(Buffer.alloc(4), 0, { offset: 4 * block, size: 4 })).toBe(false)
  expect(blocks.copyTo(Buffer.alloc(4), 0, { offset: 4 * block - 2, size: 4 })).toBe(false)
  expect(disk.reads).toEqual([`${3 * block} ${block}`])
})

test('a slow disk is asked for a block once, and has it for whoever comes later', async () => {
  const disk = new WatchedDisk()
  disk.isSlow = true
  const blocks = blocksOn(disk)
  const target = Buffer.alloc(4)
  expect(blocks.copyTo(target, 0, { offset: block, size: 4 })).toBe(false)
  expect(blocks.copyTo(target, 0, { offset: block + 8, size: 4 })).toBe(false)
  await new Promise((resolve) => setImmediate(resolve))
  expect(blocks.copyTo(target, 0, { offset: block + 8, size: 4 })).toBe(true)
  expect([[...target], disk.reads]).toEqual([[1, 1, 1, 1], [`${block} ${block}`]])
})

test('16 blocks are kept; the one read first is the first to go', async () => {
  const disk = new WatchedDisk()
  const blocks = blocksOn(disk, 17)
  const touch = (index: number): boolean => blocks.copyTo(Buffer.alloc(1), 0, { offset: index * block, size: 1 })
  for (let index = 0; index < 17; index++) expect(touch(index)).toBe(true)
  for (let index = 16; index > 0; index--) expect(touch(index)).toBe(true)
  expect(disk.reads.length).toBe(17)
  touch(0)
  expect(disk.reads.at(-1)).toBe(`0 ${block}`)
})

import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../file-system/file-system.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { AllocateMappedFileService } from './allocate-mapped-file-service.js'
import { MappedFileQueue } from './mapped-file-queue.js'

const fileSize = 1000

function queueOn(fileSystem: FileSystem, allocator?: AllocateMappedFileService): MappedFileQueue {
  const options = { fileSystem, directory: '/log', fileSize, fileSizeOption: 'mappedFileSizeCommitLog' }
  return new MappedFileQueue(allocator ? { ...options, allocator } : options)
}

/** A disk with whole segments of the given bytes. */
async function diskWith(...segments: readonly number[]): Promise<InMemoryFileSystem> {
  const fileSystem = new InMemoryFileSystem()
  await fileSystem.makeDirectory('/log')
  for (const [index, byte] of segments.entries()) {
    const name = String(index * fileSize).padStart(20, '0')
    await fileSystem.writeFile(`/log/${name}`, Buffer.alloc(fileSize, byte))
  }
  await fileSystem.syncDirectory('/log')
  return fileSystem
}

describe('MappedFileQueue.load', () => {
  test('a missing directory is an empty queue', async () => {
    const queue = queueOn(new InMemoryFileSystem())
    await queue.load()
    expect([queue.files.length, queue.minOffset, queue.maxOffset]).toEqual([0, 0, 0])
  })

  test('segments are loaded as full and durable; sub-directories are skipped', async () => {
    const fileSystem = await diskWith(1, 2, 3)
    await fileSystem.makeDirectory('/log/sub')
    const queue = queueOn(fileSystem)
    await queue.load()
    expect([queue.files.length, queue.minOffset, queue.maxOffset, queue.flushedWhere]).toEqual([3, 0, 3000, 3000])
    expect(queue.readSync(1999, 1)?.[0]).toBe(2)
  })

  test('a last file of length 0 is deleted', async () => {
    const fileSystem = await diskWith(1)
    await fileSystem.writeFile('/log/00000000000000001000', Buffer.alloc(0))
    const queue = queueOn(fileSystem)
    await queue.load()
    expect(queue.files.map((file) => file.name)).toEqual(['00000000000000000000'])
    expect(await fileSystem.stat('/log/00000000000000001000')).toBeUndefined()
  })

  test('a file of another size is refused with both sizes, the file and the option to set', async () => {
    const fileSystem = await diskWith(1)
    await fileSystem.writeFile('/log/00000000000000001000', Buffer.alloc(512))
    await expect(queueOn(fileSystem).load()).rejects.toThrow(
      '/log/00000000000000001000 has 512 bytes, but mappedFileSizeCommitLog is 1000; set mappedFileSizeCommitLog=512',
    )
  })

  test('a foreign file is refused by name', async () => {
    const fileSystem = await diskWith(1)
    await fileSystem.writeFile('/log/notes.txt', Buffer.alloc(fileSize))
    await expect(queueOn(fileSystem).load()).rejects.toThrow('/log/notes.txt is not a segment file')
  })

  test('a missing middle segment leaves a gap that reads as nothing', async () => {
    const fileSystem = await diskWith(1, 2, 3)
    await fileSystem.unlink('/log/00000000000000001000')
    const queue = queueOn(fileSystem)
    await queue.load()
    expect(queue.readSync(1500, 1)).toBeUndefined()
    expect(queue.readSync(2500, 1)?.[0]).toBe(3)
  })
})

describe('MappedFileQueue', () => {
  test('a full segment is followed by one that starts where it ends', async () => {
    const queue = queueOn(new InMemoryFileSystem())
    queue.writableFile().append(Buffer.alloc(900, 1))
    queue.writableFile().seal()
    queue.writableFile().append(Buffer.alloc(10, 2))
    expect(queue.files.map((file) => file.fileFromOffset)).toEqual([0, 1000])
    expect(queue.maxOffset).toBe(1010)
  })

  test('an empty queue starts with the segment that contains the start offset', () => {
    const queue = queueOn(new InMemoryFileSystem())
    expect(queue.writableFile(2345).fileFromOffset).toBe(2000)
  })

  test('a flush takes all segments, and a partly filled one only if enough pages are unflushed', async () => {
    const queue = queueOn(new InMemoryFileSystem())
    queue.writableFile().append(Buffer.alloc(fileSize))
    queue.writableFile().append(Buffer.alloc(500))
    expect(await queue.flush(1)).toBe(true)
    expect(queue.flushedWhere).toBe(1000)
    expect(await queue.flush(1)).toBe(false)
    expect(await queue.flush(0)).toBe(true)
    expect(queue.flushedWhere).toBe(1500)
  })

  test('what a segment took while the one before it was synced is durable with its own sync', async () => {
    // A flushed position that stopped at the end as it was at the call would stay behind for good: nothing is left to sync, and a
    // put that waits for it makes the group commit turn without end.
    const queue = queueOn(new InMemoryFileSystem())
    queue.writableFile().append(Buffer.alloc(900, 1))
    queue.writableFile().seal()
    queue.writableFile().append(Buffer.alloc(10, 2))
    const flushing = queue.flush()
    queue.writableFile().append(Buffer.alloc(10, 3))
    await flushing
    expect([queue.flushedWhere, queue.maxOffset]).toEqual([1020, 1020])
  })

  test('cutting off deletes later segments and zeroes the rest of the one in use', async () => {
    const fileSystem = await diskWith(1, 2, 3)
    const queue = queueOn(fileSystem)
    await queue.load()
    await queue.truncateDirtyFiles(1500)
    expect([queue.maxOffset, queue.flushedWhere]).toEqual([1500, 1500])
    expect(await fileSystem.stat('/log/00000000000000002000')).toBeUndefined()
    const content = (await fileSystem.readFile('/log/00000000000000001000')) as Buffer
    expect([content[499], content[500], content[999]]).toEqual([2, 0, 0])
  })

  test('the segment made ahead is taken over instead of made again, and an unused one is deleted at the end', async () => {
    const fileSystem = new InMemoryFileSystem()
    const allocator = new AllocateMappedFileService()
    const queue = queueOn(fileSystem, allocator)
    queue.writableFile().append(Buffer.alloc(fileSize))
    await queue.prepareNextFile()
    expect(await fileSystem.stat('/log/00000000000000001000')).toBeDefined()
    const creations: string[] = []
    fileSystem.onOperation = ({ kind, path }) => {
      if (kind === 'create') creations.push(path)
      return undefined
    }
    expect(queue.writableFile().fileFromOffset).toBe(1000)
    expect(creations).not.toContain('/log/00000000000000001000')
    await allocator.close()
    expect((await fileSystem.list('/log')).map((entry) => entry.name)).toEqual([
      '00000000000000000000',
      '00000000000000001000',
    ])
  })

  test('a write that overtakes the segment in the making keeps its own, which the end does not delete', async () => {
    const fileSystem = new InMemoryFileSystem()
    const allocator = new AllocateMappedFileService()
    const queue = queueOn(fileSystem, allocator)
    queue.writableFile().append(Buffer.alloc(fileSize))
    queue.writableFile().append(Buffer.from('overtaken'))
    await allocator.close()
    expect((await fileSystem.readFile('/log/00000000000000001000'))?.toString('latin1', 0, 9)).toBe('overtaken')
  })
})

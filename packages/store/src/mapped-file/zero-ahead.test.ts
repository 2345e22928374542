import { describe, expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { AllocateMappedFileService } from './allocate-mapped-file-service.js'
import { ChunksAhead } from './chunks-ahead.js'
import { MappedFile } from './mapped-file.js'
import { MappedFileQueue } from './mapped-file-queue.js'

const fileSize = 4096
const zeroAhead = { chunk: 256, distance: 512, gap: 128 }

/** A file, and the writes to it in their order: `from-to`. */
async function create(): Promise<{ file: MappedFile; writes: string[]; settle: () => Promise<void> }> {
  const fileSystem = new InMemoryFileSystem()
  const writes: string[] = []
  const open = fileSystem.open.bind(fileSystem)
  fileSystem.open = async (path, options) => {
    const handle = await open(path, options)
    const write = handle.write.bind(handle)
    return Object.assign(handle, {
      write: async (bytes: Buffer, position: number) => {
        writes.push(`${position}-${position + bytes.length}`)
        await Promise.resolve()
        return await write(bytes, position)
      },
    })
  }
  const file = await MappedFile.create({ fileSystem, directory: '/log', name: '0'.repeat(20), fileSize, zeroAhead })
  const settle = async (): Promise<void> => {
    await file.blocksAppend(fileSize)
  }
  return { file, writes, settle }
}

describe('zeros ahead of the write position', () => {
  test('are written a chunk at a time until the distance is kept, and again as the position moves', async () => {
    const { file, writes, settle } = await create()
    for (let index = 0; index < 5; index++) {
      file.append(Buffer.alloc(10, 1))
      await settle()
    }
    expect(writes).toEqual(['138-394', '394-650'])
    file.append(Buffer.alloc(100, 1))
    await settle()
    expect(writes).toEqual(['138-394', '394-650', '650-906'])
  })

  test('block an append into the chunk in flight until it has settled, and no other append', async () => {
    const { file, settle } = await create()
    file.append(Buffer.alloc(10, 1))
    expect(file.blocksAppend(128)).toBeUndefined()
    expect(file.blocksAppend(129)).toBeInstanceOf(Promise)
    await settle()
    expect(file.blocksAppend(129)).toBeUndefined()
  })

  test('never cover what was appended', async () => {
    const { file } = await create()
    for (let size = 1; file.freeBytes > size; size += 3) {
      await file.blocksAppend(size)
      file.append(Buffer.alloc(size, 1))
    }
    const content = file.readSync(0, file.wrotePosition) as Buffer
    expect(content.every((byte) => byte === 1)).toBe(true)
  })
})

/** A queue whose next segment is made ahead on a volume of this size, and the positions of the writes and syncs of that segment. */
async function createQueue(capacityBytes: number): Promise<{ queue: MappedFileQueue; second: string[] }> {
  const fileSystem = new InMemoryFileSystem({ capacityBytes })
  const second: string[] = []
  const open = fileSystem.open.bind(fileSystem)
  fileSystem.open = async (path, options) => {
    const handle = await open(path, options)
    if (!path.endsWith(String(fileSize))) return handle
    const write = handle.write.bind(handle)
    const datasync = handle.datasync.bind(handle)
    return Object.assign(handle, {
      write: async (bytes: Buffer, position: number) => {
        second.push(`write ${position}-${position + bytes.length}`)
        return await write(bytes, position)
      },
      datasync: async () => {
        second.push('sync')
        await datasync()
      },
    })
  }
  const allocator = new AllocateMappedFileService()
  const queue = new MappedFileQueue({
    ...{ fileSystem, directory: '/log', fileSize, fileSizeOption: 'mappedFileSizeCommitLog', allocator, zeroAhead },
  })
  await queue.prepareNextFile()
  return { queue, second }
}

describe('zeros in the segment made ahead', () => {
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  test('are durable before the segment is used, and not written again then', async () => {
    const { queue, second } = await createQueue(1024 * 1024)
    const first = queue.writableFile()
    await settle()
    expect(second.splice(0)).toEqual(['sync'])
    first.append(Buffer.alloc(100, 1))
    queue.prepareAhead()
    await settle()
    expect(second.splice(0)).toEqual([`write 0-${fileSize}`, 'sync'])
    first.seal()
    const next = queue.writableFile()
    next.append(Buffer.alloc(100, 1))
    await settle()
    expect(second).toEqual([])
    expect(next.readSync(0, 100)?.every((byte) => byte === 1)).toBe(true)
  })

  test('are not written where the volume has no room for them and for messages', async () => {
    const { queue, second } = await createQueue(2 * fileSize)
    const first = queue.writableFile()
    await settle()
    first.append(Buffer.alloc(100, 1))
    await settle()
    queue.prepareAhead()
    await settle()
    expect(second).toEqual(['sync'])
  })

  test('keep pace, a stretch at a time, and nothing is written before the stretch in flight is durable', async () => {
    const prepared: string[] = []
    const ahead = new ChunksAhead(1000, zeroAhead, () => Promise.resolve(0))
    const reach = (position: number): void =>
      ahead.reach(position, 400, async (from, to) => {
        prepared.push(`${from}-${to}`)
        await Promise.resolve()
        return to - from
      })
    reach(1)
    reach(900)
    expect(ahead.blocks(0, 1)).toBeInstanceOf(Promise)
    await ahead.settled()
    expect(ahead.blocks(0, 1)).toBeUndefined()
    reach(400)
    reach(401)
    await ahead.settled()
    reach(2000)
    await ahead.settled()
    reach(2000)
    expect(prepared).toEqual(['0-400', '400-800', '800-1000'])
  })
})

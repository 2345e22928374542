import { describe, expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { MappedFile } from './mapped-file.js'

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

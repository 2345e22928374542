import { expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { MappedFile } from './mapped-file.js'

const fileSize = 4096
const pace = { isSlow: true, begin() {}, end() {} }
const pageAhead = { sizes: { chunk: 256, distance: 512, gap: 128 }, pace }

/** A file, and the reads of it in their order: `from-to`. */
async function create(): Promise<{ file: MappedFile; reads: string[]; fail: () => void }> {
  const fileSystem = new InMemoryFileSystem()
  const reads: string[] = []
  let failure: Error | undefined
  const open = fileSystem.open.bind(fileSystem)
  fileSystem.open = async (path, options) => {
    const handle = await open(path, options)
    return Object.assign(handle, {
      read: async (target: Buffer, position: number) => {
        reads.push(`${position}-${position + target.length}`)
        if (failure !== undefined) throw failure
        return target.length
      },
    })
  }
  const file = await MappedFile.create({ fileSystem, directory: '/log', name: '0'.repeat(20), fileSize, pageAhead })
  return { file, reads, fail: () => (failure = new Error('EIO')) }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('pages ahead are read a chunk at a time until the distance is kept, and again as the position moves', async () => {
  const { file, reads } = await create()
  for (let index = 0; index < 5; index++) {
    file.append(Buffer.alloc(10, 1))
    await settle()
  }
  expect(reads).toEqual(['138-394', '394-650'])
  file.append(Buffer.alloc(100, 1))
  await settle()
  expect(reads.slice(2)).toEqual(['650-906'])
})

test('writes that overtake the reads leave a gap, and the end of the file is the end', async () => {
  const { file, reads } = await create()
  file.append(Buffer.alloc(3600, 1))
  file.append(Buffer.alloc(50, 1))
  await settle()
  file.append(Buffer.alloc(300, 1))
  await settle()
  file.append(Buffer.alloc(146, 1))
  await settle()
  expect(reads).toEqual(['3728-3984', '3984-4096'])
})

test('a disk that cannot be read ahead is written all the same, and not asked again', async () => {
  const { file, reads, fail } = await create()
  fail()
  file.append(Buffer.alloc(10, 1))
  await settle()
  file.append(Buffer.alloc(10, 1))
  await file.close()
  expect([file.wrotePosition, reads.length]).toEqual([20, 1])
})

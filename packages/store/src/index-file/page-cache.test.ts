import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { PageCache, pageSize } from './page-cache.js'

const pages = 40

function cacheOn(fileSystem: InMemoryFileSystem, isFresh: boolean): PageCache {
  fileSystem.makeDirectorySync('/d')
  const handle = fileSystem.openSync('/d/f', { create: true, size: pages * pageSize })
  return new PageCache({
    handle: () => handle,
    use: (action) => action(handle),
    isFresh,
    fileSize: pages * pageSize,
    maxPages: 8,
    header: () => Buffer.from('HEAD'),
  })
}

describe('PageCache', () => {
  test('whatever is written is read back, from memory, after eviction, and by the next cache', async () => {
    const write = fc.tuple(fc.nat(pages * (pageSize / 4) - 2), fc.integer())
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 200 }), async (writes) => {
        const fileSystem = new InMemoryFileSystem()
        const cache = cacheOn(fileSystem, true)
        const expected = new Map<number, number>()
        for (const [index, value] of writes) {
          const position = 4 + index * 4
          expect(cache.readInt32(position)).toBe(expected.get(position) ?? 0)
          cache.writeInt32(position, value)
          expected.set(position, value)
          expect(cache.pages).toBeLessThanOrEqual(8)
        }
        for (const [position, value] of expected) expect(cache.readInt32(position)).toBe(value)
        await cache.writeBack()
        const next = cacheOn(fileSystem, false)
        for (const [position, value] of expected) expect(next.readInt32(position)).toBe(value)
        expect((await fileSystem.readFile('/d/f'))?.toString('latin1', 0, 4)).toBe('HEAD')
      }),
      { numRuns: 50 },
    )
  })

  test('pages of a new file are not read before they were written', () => {
    const fileSystem = new InMemoryFileSystem()
    const handle = fileSystem.openSync.bind(fileSystem)
    let reads = 0
    fileSystem.openSync = (path, options) => {
      const opened = handle(path, options)
      return { ...opened, readSync: (target, position) => (reads++, opened.readSync(target, position)) }
    }
    const cache = cacheOn(fileSystem, true)
    for (let page = 0; page < pages; page++) cache.writeInt32(page * pageSize + 4, page)
    expect(reads).toBe(0)
    expect(cache.readInt32(4 + pageSize)).toBe(1)
    expect(reads).toBe(1)
  })

  test('pages next to each other are written back at once', async () => {
    const fileSystem = new InMemoryFileSystem()
    const cache = cacheOn(fileSystem, true)
    for (const page of [3, 1, 2, 6]) cache.writeInt32(page * pageSize, page)
    let writes = 0
    fileSystem.onOperation = ({ kind }) => {
      if (kind === 'write') writes++
      return undefined
    }
    await cache.writeBack()
    expect(writes).toBe(3)
    await cache.writeBack()
    expect(writes).toBe(4)
  })

  test('the last page does not lengthen a file that ends inside of it', async () => {
    const fileSystem = new InMemoryFileSystem()
    fileSystem.makeDirectorySync('/d')
    const handle = fileSystem.openSync('/d/f', { create: true, size: 100 })
    const options = { handle: () => handle, use: (action: (opened: typeof handle) => unknown) => action(handle) }
    const cache = new PageCache({
      ...(options as Pick<ConstructorParameters<typeof PageCache>[0], 'handle' | 'use'>),
      isFresh: true,
      fileSize: 100,
      maxPages: 8,
      header: () => Buffer.from('HEAD'),
    })
    cache.writeInt32(96, 7)
    await cache.writeBack()
    expect((await fileSystem.readFile('/d/f'))?.length).toBe(100)
  })

  test('the header is on disk before any page that had to make room', () => {
    const fileSystem = new InMemoryFileSystem()
    const cache = cacheOn(fileSystem, true)
    for (let page = 1; page <= 8; page++) cache.writeInt32(page * pageSize, page)
    fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { shortBytes: 1 } : undefined)
    expect(() => cache.writeInt32(9 * pageSize, 9)).toThrow(/cut short after 1 of 4 bytes/)
  })
})

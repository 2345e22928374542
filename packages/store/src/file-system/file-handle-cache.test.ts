import { describe, expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { FileHandleCache } from './file-handle-cache.js'
import type { FileHandle, FileSystem } from './file-system.js'

/** A file system that says which of its files are open. */
function counting(): { readonly fileSystem: FileSystem; readonly open: Set<string> } {
  const open = new Set<string>()
  const inMemory = new InMemoryFileSystem()
  inMemory.makeDirectorySync('/d')
  const openSync = inMemory.openSync.bind(inMemory)
  inMemory.openSync = (path, options): FileHandle => {
    if (open.has(path)) throw new Error(`${path} is open already`)
    const handle = openSync(path, options)
    open.add(path)
    return { ...handle, close: async () => void open.delete(path) }
  }
  return { fileSystem: inMemory, open }
}

const create = { create: true, size: 8 }

describe('FileHandleCache', () => {
  test('the least recently used file is the one that is closed for a new one', async () => {
    const { fileSystem, open } = counting()
    const cache = new FileHandleCache({ fileSystem, maxOpenFiles: 2 })
    cache.borrow('/d/a', create)
    cache.borrow('/d/b', create)
    cache.borrow('/d/a')
    cache.borrow('/d/c', create)
    await cache.use('/d/c', async () => {})
    expect([...open]).toEqual(['/d/a', '/d/c'])
  })

  test('a file in use is not closed, even when nothing else could make room', async () => {
    const { fileSystem, open } = counting()
    const cache = new FileHandleCache({ fileSystem, maxOpenFiles: 1 })
    cache.borrow('/d/a', create)
    await cache.use('/d/a', async () => {
      cache.borrow('/d/b', create)
      expect(open.has('/d/a')).toBe(true)
    })
    cache.borrow('/d/c', create)
    await cache.close()
    expect([...open]).toEqual([])
  })

  test('after a use above the bound the surplus is closed', async () => {
    const { fileSystem } = counting()
    const cache = new FileHandleCache({ fileSystem, maxOpenFiles: 1 })
    for (const name of ['a', 'b', 'c']) cache.borrow(`/d/${name}`, create)
    await Promise.all(['a', 'b', 'c'].map((name) => cache.use(`/d/${name}`, async () => {})))
    expect(cache.openFiles).toBe(1)
  })

  test('a forgotten file stays usable for the action that runs on it and is closed after', async () => {
    const { fileSystem, open } = counting()
    const cache = new FileHandleCache({ fileSystem, maxOpenFiles: 4 })
    cache.borrow('/d/a', create)
    await cache.use('/d/a', async (handle) => {
      cache.forget('/d/a')
      expect(open.has('/d/a')).toBe(true)
      expect(await handle.read(Buffer.alloc(8), 0)).toBe(8)
    })
    expect(open.has('/d/a')).toBe(false)
  })
})

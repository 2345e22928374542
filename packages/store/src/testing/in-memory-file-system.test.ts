import { SeededRandom } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import type { FileHandle } from '../file-system/file-system.js'
import { InMemoryFileSystem } from './in-memory-file-system.js'

async function durableFile(fileSystem: InMemoryFileSystem, content: string): Promise<FileHandle> {
  await fileSystem.makeDirectory('/d')
  await fileSystem.writeFile('/d/f', Buffer.from(content))
  await fileSystem.syncDirectory('/d')
  return await fileSystem.open('/d/f')
}

async function contentOf(fileSystem: InMemoryFileSystem): Promise<string | undefined> {
  return (await fileSystem.readFile('/d/f'))?.toString()
}

describe('InMemoryFileSystem', () => {
  test('a power loss takes back what was not synced, the death of a process nothing', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await durableFile(fileSystem, 'old')
    file.writeSync(Buffer.from('new'), 0)
    expect(await contentOf(fileSystem.kill())).toBe('new')
    expect(await contentOf(fileSystem.crash('kept'))).toBe('new')
    expect(await contentOf(fileSystem.crash('lost'))).toBe('old')
  })

  test('a name that was not synced in its directory is lost with its synced content', async () => {
    const fileSystem = new InMemoryFileSystem()
    await fileSystem.makeDirectory('/d')
    await fileSystem.writeFile('/d/f', Buffer.from('synced'))
    expect(await contentOf(fileSystem.crash('lost'))).toBeUndefined()
  })

  test('a rename is lost or kept as a whole', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const fileSystem = new InMemoryFileSystem()
      await durableFile(fileSystem, 'content')
      await fileSystem.rename('/d/f', '/d/g')
      const names = fileSystem.crash(new SeededRandom(seed)).paths()
      expect(names.filter((path) => path !== '/d')).toHaveLength(1)
    }
  })

  test('an unsynced write may survive in any of its sectors', async () => {
    const images = new Set<string>()
    for (let seed = 1; seed <= 60; seed++) {
      const fileSystem = new InMemoryFileSystem()
      const file = await durableFile(fileSystem, '-'.repeat(1024))
      file.writeSync(Buffer.alloc(1024, 'x'), 0)
      const content = (await contentOf(fileSystem.crash(new SeededRandom(seed)))) as string
      images.add(`${content[0]}${content[511]}${content[512]}${content[1023]}`)
    }
    expect([...images].sort()).toEqual(['----', '--xx', 'xx--', 'xxxx'])
  })

  test('after a failed sync the bytes stay readable, and no later sync makes them durable', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await durableFile(fileSystem, 'old')
    file.writeSync(Buffer.from('new'), 0)
    fileSystem.onOperation = ({ kind }) => (kind === 'datasync' ? { error: 'EIO' } : undefined)
    await expect(file.datasync()).rejects.toMatchObject({ code: 'EIO' })
    fileSystem.onOperation = undefined
    await file.datasync()
    expect(await contentOf(fileSystem)).toBe('new')
    expect(await contentOf(fileSystem.crash('lost'))).toBe('old')
  })

  test('after a crash at an operation nothing works, and the operation has not happened', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await durableFile(fileSystem, 'old')
    fileSystem.onOperation = ({ kind }) => (kind === 'write' ? 'crash' : undefined)
    expect(() => file.writeSync(Buffer.from('new'), 0)).toThrow('ECRASHED')
    expect(() => file.readSync(Buffer.alloc(1), 0)).toThrow('ECRASHED')
    expect(await contentOf(fileSystem.kill())).toBe('old')
  })

  test('content beyond the capacity is refused as on a full volume', async () => {
    const fileSystem = new InMemoryFileSystem({ capacityBytes: 10 })
    const file = await durableFile(fileSystem, '123456')
    expect(() => file.writeSync(Buffer.alloc(5), 6)).toThrow('ENOSPC')
    expect((await fileSystem.volumeSpace()).availableBytes).toBe(4)
  })
})

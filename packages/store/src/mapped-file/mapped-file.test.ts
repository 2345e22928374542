import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../file-system/file-system.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { MappedFile } from './mapped-file.js'

const fileSize = 4096
const name = '00000000000000008192'

async function create(fileSystem: FileSystem): Promise<MappedFile> {
  return await MappedFile.create({ fileSystem, directory: '/log', name, fileSize })
}

async function contentAfter(fileSystem: InMemoryFileSystem): Promise<Buffer> {
  return (await fileSystem.readFile(`/log/${name}`)) as Buffer
}

describe('MappedFile', () => {
  test('a new file has its full size, reads nothing and starts at the offset in its name', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    expect(file.fileFromOffset).toBe(8192)
    expect((await fileSystem.stat(file.path))?.sizeBytes).toBe(fileSize)
    expect(file.readSync(0, 1)).toBeUndefined()
  })

  test('appended bytes survive the death of the process before a flush, and a power loss only after one', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    file.append(Buffer.from('first'))
    await file.flush()
    file.append(Buffer.from('second'))
    expect([file.flushedPosition, file.wrotePosition]).toEqual([5, 11])
    expect((await contentAfter(fileSystem.kill())).toString('latin1', 0, 11)).toBe('firstsecond')
    const lost = await contentAfter(fileSystem.crash('lost'))
    expect(lost.toString('latin1', 0, 11)).toBe('first\0\0\0\0\0\0')
    expect(lost).toHaveLength(fileSize)
  })

  test('a flush covers what was written before it started and not what was written during it', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    file.append(Buffer.from('ab'))
    fileSystem.pauseSyncs()
    const flushing = file.flush()
    file.append(Buffer.from('cd'))
    fileSystem.resumeSyncs()
    await flushing
    expect([file.flushedPosition, file.wrotePosition, file.needsFlush]).toEqual([2, 4, true])
    expect((await contentAfter(fileSystem.crash('lost'))).toString('latin1', 0, 4)).toBe('ab\0\0')
  })

  test('the name of a file made without a directory sync is durable after its first flush', async () => {
    const fileSystem = new InMemoryFileSystem()
    await fileSystem.makeDirectory('/log')
    const file = MappedFile.createSync({ fileSystem, directory: '/log', name, fileSize })
    file.append(Buffer.from('x'))
    await file.flush()
    expect(await fileSystem.crash('lost').stat(`/log/${name}`)).toBeDefined()
  })

  test('a write cut short twice moves no position, and the file refuses every later write and flush', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    file.append(Buffer.from('ok'))
    fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { shortBytes: 1 } : undefined)
    expect(() => file.append(Buffer.from('cut'))).toThrow(/cut short after 2 of 3 bytes/)
    fileSystem.onOperation = undefined
    expect(file.wrotePosition).toBe(2)
    expect(() => file.append(Buffer.from('x'))).toThrow(/cut short/)
    await expect(file.flush()).rejects.toThrow(/cut short/)
  })

  // A disk that became full in the middle of a write was once told as a failure of another kind.
  test('a write that is cut short is gone on with once, which writes the rest or tells why it cannot be', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    let writes = 0
    fileSystem.onOperation = ({ kind }) => (kind === 'write' && writes++ === 0 ? { shortBytes: 1 } : undefined)
    file.append(Buffer.from('whole'))
    expect(file.readSync(0, 5)?.toString()).toBe('whole')
    writes = 0
    fileSystem.onOperation = ({ kind }) => {
      if (kind !== 'write') return undefined
      return writes++ === 0 ? { shortBytes: 1 } : { error: 'ENOSPC' }
    }
    expect(() => file.append(Buffer.from('full'))).toThrow(expect.objectContaining({ code: 'STORE_DISK_FULL' }))
    expect(file.wrotePosition).toBe(5)
  })

  test('a failed sync is final: the next flush fails without a second sync', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    file.append(Buffer.from('x'))
    let syncs = 0
    fileSystem.onOperation = ({ kind }) => (kind === 'datasync' && ++syncs === 1 ? { error: 'EIO' } : undefined)
    await expect(file.flush()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED', cause: { code: 'EIO' } })
    await expect(file.flush()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    expect(syncs).toBe(1)
    expect(file.flushedPosition).toBe(0)
  })

  test('a full volume is reported under its own code', async () => {
    const fileSystem = new InMemoryFileSystem({
      onOperation: ({ kind }) => (kind === 'write' ? { error: 'ENOSPC' } : undefined),
    })
    const file = await create(fileSystem)
    expect(() => file.append(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'STORE_DISK_FULL' }))
  })

  test('truncating zeroes everything behind the position, durably', async () => {
    const fileSystem = new InMemoryFileSystem()
    const file = await create(fileSystem)
    file.append(Buffer.alloc(fileSize, 7))
    await file.flush()
    await file.truncate(100)
    expect([file.wrotePosition, file.flushedPosition]).toEqual([100, 100])
    const content = await contentAfter(fileSystem.crash('lost'))
    expect(content.subarray(0, 100).equals(Buffer.alloc(100, 7))).toBe(true)
    expect(content.subarray(100).equals(Buffer.alloc(fileSize - 100))).toBe(true)
  })

  test('reads end at the write position', async () => {
    const file = await create(new InMemoryFileSystem())
    file.append(Buffer.from('abcdef'))
    expect(file.readSync(2, 4)?.toString()).toBe('cdef')
    expect(file.readSync(2, 5)).toBeUndefined()
    expect(await file.read(-1, 2)).toBeUndefined()
    expect((await file.read(0, 3))?.toString()).toBe('abc')
  })
})

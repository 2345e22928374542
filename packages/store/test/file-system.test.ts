import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileSystem, nodeFileSystem } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mq-file-system-'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

/** A fresh file system and a directory in it. */
async function start(name: string): Promise<{ fileSystem: FileSystem; directory: string }> {
  const fileSystem = name === 'node' ? nodeFileSystem : new InMemoryFileSystem()
  const directory = `${root}/a/b`
  await fileSystem.makeDirectory(directory)
  return { fileSystem, directory }
}

describe.each(['node', 'in-memory'])('the %s file system', (name) => {
  test('what is written at a position is read back there, synchronously and not', async () => {
    const { fileSystem, directory } = await start(name)
    const file = await fileSystem.open(`${directory}/f`, { create: true, size: 100 })
    expect(file.writeSync(Buffer.from('abc'), 10)).toBe(3)
    expect(await file.write(Buffer.from('def'), 13)).toBe(3)
    await file.datasync()
    file.datasyncSync()
    const target = Buffer.alloc(6)
    expect(file.readSync(target, 10)).toBe(6)
    expect(target.toString()).toBe('abcdef')
    expect(await file.read(target, 9)).toBe(6)
    expect(target.toString()).toBe('\0abcde')
    expect(await file.size()).toBe(100)
    await file.close()
    await file.close()
  })

  test('a read beyond the end answers how many bytes there are', async () => {
    const { fileSystem, directory } = await start(name)
    const file = fileSystem.openSync(`${directory}/f`, { create: true, size: 10 })
    expect(file.readSync(Buffer.alloc(20), 4)).toBe(6)
    expect(await file.read(Buffer.alloc(20), 10)).toBe(0)
    await file.close()
  })

  test('opening a longer file with a size keeps its length, and truncate sets it', async () => {
    const { fileSystem, directory } = await start(name)
    await fileSystem.writeFile(`${directory}/f`, Buffer.from('0123456789'))
    const file = await fileSystem.open(`${directory}/f`, { create: true, size: 4 })
    expect(await file.size()).toBe(10)
    await file.truncate(3)
    expect((await fileSystem.readFile(`${directory}/f`))?.toString()).toBe('012')
    await file.close()
  })

  test('opening a missing file without create fails with ENOENT', async () => {
    const { fileSystem, directory } = await start(name)
    await expect(fileSystem.open(`${directory}/missing`)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(() => fileSystem.openSync(`${directory}/missing`)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })

  test('missing paths are nothing to list, read, stat or remove', async () => {
    const { fileSystem, directory } = await start(name)
    const path = `${directory}/missing`
    expect(await fileSystem.list(path)).toEqual([])
    expect(await fileSystem.readFile(path)).toBeUndefined()
    expect(await fileSystem.stat(path)).toBeUndefined()
    await fileSystem.unlink(path)
    await fileSystem.removeDirectory(path)
  })

  test('a listing is in ascending order and tells directories from files', async () => {
    const { fileSystem, directory } = await start(name)
    await fileSystem.writeFile(`${directory}/2`, Buffer.from('x'))
    await fileSystem.writeFile(`${directory}/10`, Buffer.from('xy'))
    fileSystem.makeDirectorySync(`${directory}/3/4`)
    expect(await fileSystem.list(directory)).toEqual([
      { name: '10', isDirectory: false },
      { name: '2', isDirectory: false },
      { name: '3', isDirectory: true },
    ])
    expect(await fileSystem.stat(`${directory}/10`)).toMatchObject({ sizeBytes: 2, isDirectory: false })
    expect(await fileSystem.stat(`${directory}/3`)).toMatchObject({ isDirectory: true })
  })

  test('a rename replaces the target, and an unlink takes the name away', async () => {
    const { fileSystem, directory } = await start(name)
    await fileSystem.writeFile(`${directory}/new`, Buffer.from('new'))
    await fileSystem.writeFile(`${directory}/old`, Buffer.from('old'))
    await fileSystem.rename(`${directory}/new`, `${directory}/old`)
    await fileSystem.syncDirectory(directory)
    expect((await fileSystem.readFile(`${directory}/old`))?.toString()).toBe('new')
    await fileSystem.unlink(`${directory}/old`)
    expect(await fileSystem.list(directory)).toEqual([])
  })

  test('a directory that holds something is not removed', async () => {
    const { fileSystem, directory } = await start(name)
    await fileSystem.writeFile(`${directory}/f`, Buffer.from('x'))
    await expect(fileSystem.removeDirectory(directory)).rejects.toMatchObject({ code: 'ENOTEMPTY' })
  })

  test('the volume of a directory has some size', async () => {
    const { fileSystem, directory } = await start(name)
    const { totalBytes, availableBytes } = await fileSystem.volumeSpace(directory)
    expect(totalBytes).toBeGreaterThan(0)
    expect(availableBytes).toBeLessThanOrEqual(totalBytes)
  })

  test('a directory is locked once, with the file that Java makes, and can be locked again after its release', async () => {
    const { fileSystem, directory } = await start(name)
    const lock = await fileSystem.lockDirectory(directory)
    await expect(fileSystem.lockDirectory(directory)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    expect((await fileSystem.readFile(`${directory}/lock`))?.toString()).toBe('lock')
    await lock.release()
    await lock.release()
    await (await fileSystem.lockDirectory(directory)).release()
  })
})

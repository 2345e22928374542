import { describe, expect, test } from 'vitest'
import {
  contentOf,
  queueDirectory,
  queueOn,
  recordingLogger,
  reopened,
  request,
  unitsPerFile,
} from '../../test/queue-fixture.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { FileHandleCache } from '../file-system/file-handle-cache.js'
import { ConsumeQueue } from './consume-queue.js'

const unit = (offset: number, size: number, tagsCode: number): string =>
  offset.toString(16).padStart(16, '0') + size.toString(16).padStart(8, '0') + tagsCode.toString(16).padStart(16, '0')
const blank = '00000000000000007fffffff0000000000000000'

async function filled(
  units: number,
  fileSystem = new InMemoryFileSystem(),
): Promise<[ConsumeQueue, InMemoryFileSystem]> {
  const queue = queueOn(fileSystem)
  for (let n = 0; n < units; n++) queue.put(request(n))
  queue.writePending()
  return [queue, fileSystem]
}

async function zeroUnits(fileSystem: InMemoryFileSystem, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    const start = (index - (index % unitsPerFile)) * 20
    const handle = await fileSystem.open(`${queueDirectory}/${String(start).padStart(20, '0')}`)
    handle.writeSync(Buffer.alloc(20), index * 20 - start)
  }
}

const filesOf = (fileSystem: InMemoryFileSystem): readonly string[] =>
  fileSystem
    .paths()
    .filter((path) => path.startsWith(`${queueDirectory}/`))
    .map((path) => path.slice(-3))

describe('ConsumeQueue: put', () => {
  test('units are read before they are written, and lie in the file as Apache RocketMQ puts them after', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    queue.put(request(0, { msgSize: 0x8e, tagsCode: 0x27a807 }))
    queue.put(request(1, { commitLogOffset: 0x8e, msgSize: 0x8e, tagsCode: 0x27a807 }))
    expect(await queue.readUnit(1)).toEqual({ commitLogOffset: 0x8e, msgSize: 0x8e, tagsCode: 0x27a807 })
    queue.writePending()
    const file = (await fileSystem.readFile(`${queueDirectory}/00000000000000000000`)) as Buffer
    expect(file.toString('hex', 0, 60)).toBe(unit(0, 0x8e, 0x27a807) + unit(0x8e, 0x8e, 0x27a807) + '0'.repeat(40))
    expect(file).toHaveLength(100)
  })

  test('a queue without messages makes no file and no directory', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    await queue.load()
    await queue.recover({ isLastExitOk: true })
    queue.writePending()
    await queue.flush(0, new Set())
    expect(fileSystem.paths()).toEqual([])
    expect([queue.minOffsetInQueue, queue.maxOffsetInQueue, queue.maxPhysicOffset]).toEqual([0, 0, -1])
  })

  test('units of a full file go on in a file named by their position', async () => {
    const [queue, fileSystem] = await filled(7)
    expect(filesOf(fileSystem)).toEqual(['000', '100'])
    expect(await contentOf(queue)).toEqual([0, 100, 200, 300, 400, 500, 600])
  })

  test('one write hands over the units of many puts', async () => {
    const fileSystem = new InMemoryFileSystem()
    let writes = 0
    fileSystem.onOperation = ({ kind }) => {
      if (kind === 'write') writes++
      return undefined
    }
    await filled(5, fileSystem)
    expect(writes).toBe(1)
  })

  test('a queue that starts above 0 fills the places in front with blanks and starts at its first message', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    queue.put(request(8))
    queue.writePending()
    const file = (await fileSystem.readFile(`${queueDirectory}/00000000000000000100`)) as Buffer
    expect(file.toString('hex', 0, 80)).toBe(blank.repeat(3) + unit(800, 100, 8))
    expect([queue.minOffsetInQueue, queue.maxOffsetInQueue]).toEqual([8, 9])
  })

  test('a queue that starts at the first unit of a file writes no blanks', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    queue.put(request(10))
    queue.writePending()
    const file = (await fileSystem.readFile(`${queueDirectory}/00000000000000000200`)) as Buffer
    expect(file.toString('hex', 0, 40)).toBe(unit(1000, 100, 10) + '0'.repeat(40))
  })

  test('a record that has its unit already is not added again', async () => {
    const [queue] = await filled(3)
    expect([queue.put(request(1)), queue.put(request(2)), queue.put(request(3))]).toEqual([false, false, true])
    expect(await contentOf(queue)).toEqual([0, 100, 200, 300])
  })

  test('a newer record with a queue offset that is taken is not added', async () => {
    const [queue] = await filled(3)
    expect(queue.put(request(9, { consumeQueueOffset: 2 }))).toBe(false)
    expect(queue.maxOffsetInQueue).toBe(3)
  })

  test('units that are missing leave blanks, so that later messages keep their offsets', async () => {
    const logger = recordingLogger()
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem, logger)
    for (const n of [0, 1, 4, 5, 6]) queue.put(request(n))
    queue.writePending()
    expect(await contentOf(queue)).toEqual([0, 100, 'blank', 'blank', 400, 500, 600])
    expect(await contentOf(await reopened(fileSystem))).toEqual([0, 100, 'blank', 'blank', 400, 500, 600])
    expect(logger.errors).toHaveLength(1)
  })

  test('a queue offset beyond belief is not believed: the unit goes to the end', async () => {
    const logger = recordingLogger()
    const queue = queueOn(new InMemoryFileSystem(), logger)
    queue.put(request(0))
    queue.put(request(1, { consumeQueueOffset: 2 ** 40 }))
    expect(queue.maxOffsetInQueue).toBe(2)
    expect(logger.errors).toHaveLength(1)
  })

  test('a failed write keeps the units readable and rejects with the file it failed on', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    queue.put(request(0))
    fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { error: 'ENOSPC' } : undefined)
    expect(() => queue.writePending()).toThrow(expect.objectContaining({ code: 'STORE_DISK_FULL' }) as Error)
    expect(await contentOf(queue)).toEqual([0])
    fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { shortBytes: 7 } : undefined)
    expect(() => queue.writePending()).toThrow(/cut short after 7 of 20/)
  })
})

describe('ConsumeQueue: flush', () => {
  test('flushed units survive a power loss, with their directory, and later ones do not', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    for (let n = 0; n < 7; n++) queue.put(request(n))
    queue.writePending()
    const directories = new Set<string>()
    await queue.flush(0, directories)
    expect([...directories]).toEqual([queueDirectory])
    for (const path of [...directories, '/store/consumequeue/T', '/store/consumequeue', '/store', '']) {
      await fileSystem.syncDirectory(path)
    }
    queue.put(request(7))
    queue.writePending()
    expect(await contentOf(await reopened(fileSystem.crash()))).toEqual([0, 100, 200, 300, 400, 500, 600])
  })

  test('a flush that asks for more dirty pages than there are does not sync', async () => {
    const [queue, fileSystem] = await filled(3)
    let syncs = 0
    fileSystem.onOperation = ({ kind }) => {
      if (kind === 'datasync') syncs++
      return undefined
    }
    await queue.flush(1, new Set())
    expect([syncs, queue.isDirty]).toEqual([0, true])
    await queue.flush(0, new Set())
    expect([syncs, queue.isDirty]).toEqual([1, false])
  })
})

describe('ConsumeQueue: recover', () => {
  test('the next process finds minimum, maximum and the end of the last record', async () => {
    const [, fileSystem] = await filled(12)
    const queue = await reopened(fileSystem)
    expect([queue.minOffsetInQueue, queue.maxOffsetInQueue, queue.maxPhysicOffset]).toEqual([0, 12, 1200])
    expect(queue.put(request(12))).toBe(true)
    expect(await contentOf(queue)).toEqual(Array.from({ length: 13 }, (_, n) => n * 100))
  })

  test('zeroed units end the queue, and stale units behind them cannot come back', async () => {
    const [, fileSystem] = await filled(12)
    await zeroUnits(fileSystem, 7, 8)
    const queue = await reopened(fileSystem)
    expect([queue.maxOffsetInQueue, queue.maxPhysicOffset]).toEqual([7, 700])
    queue.put(request(7))
    queue.writePending()
    expect((await reopened(fileSystem)).maxOffsetInQueue).toBe(8)
  })

  test('after a clean exit the queue is found as it was, and nothing is written or synced', async () => {
    const [, fileSystem] = await filled(12)
    const queue = queueOn(fileSystem)
    await queue.load()
    const before = fileSystem.operations
    await queue.recover({ isLastExitOk: true })
    expect([queue.maxOffsetInQueue, queue.isDirty, fileSystem.operations]).toEqual([12, false, before])
  })

  test('damage in a file older than the last three is not looked for', async () => {
    const [, fileSystem] = await filled(20)
    await zeroUnits(fileSystem, 2, 3)
    expect((await reopened(fileSystem)).maxOffsetInQueue).toBe(20)
    await zeroUnits(fileSystem, 5, 6)
    expect((await reopened(fileSystem)).maxOffsetInQueue).toBe(5)
  })

  test('a queue of blanks only is dispatched to from the start of the log', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    queue.put(request(8))
    queue.writePending()
    await zeroUnits(fileSystem, 8, 9)
    const next = await reopened(fileSystem)
    expect([next.maxOffsetInQueue, next.maxPhysicOffset]).toEqual([8, -1])
    expect(next.put(request(8))).toBe(true)
    expect(next.maxOffsetInQueue).toBe(9)
  })

  test('a last file of length 0 is removed, one of another size is refused with both sizes', async () => {
    const [, fileSystem] = await filled(5)
    await fileSystem.writeFile(`${queueDirectory}/00000000000000000100`, Buffer.alloc(0))
    expect((await reopened(fileSystem)).maxOffsetInQueue).toBe(5)
    expect(filesOf(fileSystem)).toEqual(['000'])
    await fileSystem.writeFile(`${queueDirectory}/00000000000000000100`, Buffer.alloc(60))
    await expect(reopened(fileSystem)).rejects.toMatchObject({
      code: 'STORE_LOAD_FAILED',
      message: expect.stringMatching(/60 bytes.*mappedFileSizeConsumeQueue is 100/) as string,
    })
  })

  test('a foreign file in the directory is named and refused', async () => {
    const [, fileSystem] = await filled(1)
    await fileSystem.writeFile(`${queueDirectory}/notes.txt`, Buffer.alloc(100))
    await expect(reopened(fileSystem)).rejects.toThrow(/notes\.txt is not a file of a consume queue/)
  })

  test('units written but not synced by a killed process are synced by the next flush', async () => {
    const [, fileSystem] = await filled(7)
    const killed = fileSystem.kill()
    const queue = await reopened(killed)
    expect(queue.isDirty).toBe(true)
    await queue.flush(0, new Set())
    expect(await contentOf(await reopened(killed.crash()))).toEqual([0, 100, 200, 300, 400, 500, 600])
  })
})

describe('ConsumeQueue: truncateDirtyLogicFiles', () => {
  test.each([
    ['in the middle of a file', 730, 8, ['000', '100']],
    ['exactly at a record', 700, 7, ['000', '100']],
    ['at the end of a file', 500, 5, ['000']],
    ['in front of everything', 0, 0, []],
    ['behind everything', 1200, 12, ['000', '100', '200']],
  ])('a log that ends %s takes the units behind it away', async (...[, phyOffset, units, files]) => {
    const [, fileSystem] = await filled(12)
    const queue = await reopened(fileSystem)
    await queue.truncateDirtyLogicFiles(phyOffset)
    expect(queue.maxOffsetInQueue).toBe(units)
    expect(filesOf(fileSystem)).toEqual(files)
    const next = await reopened(fileSystem)
    expect([next.maxOffsetInQueue, next.maxPhysicOffset]).toEqual([units, units === 0 ? -1 : units * 100])
  })

  test('a queue whose first files expired keeps its numbering when nothing else is left', async () => {
    const [queue, fileSystem] = await filled(12)
    await queue.deleteExpiredFiles(1000)
    await queue.truncateDirtyLogicFiles(900)
    expect([queue.minOffsetInQueue, queue.maxOffsetInQueue]).toEqual([10, 10])
    expect((await reopened(fileSystem)).maxOffsetInQueue).toBe(10)
  })

  test('a record that was cut off is added again', async () => {
    const [queue] = await filled(7)
    await queue.truncateDirtyLogicFiles(600)
    expect(queue.put(request(6))).toBe(true)
    expect(await contentOf(queue)).toEqual([0, 100, 200, 300, 400, 500, 600])
  })
})

describe('ConsumeQueue: minimum and expiry', () => {
  test.each([
    [0, 0],
    [1, 1],
    [650, 7],
    [700, 7],
    [1100, 11],
    [1101, 12],
    [99_999, 12],
  ])('with a log that starts at %i the minimum is %i', async (phyMinOffset, min) => {
    const [queue] = await filled(12)
    await queue.correctMinOffset(phyMinOffset)
    expect(queue.minOffsetInQueue).toBe(min)
  })

  test('blanks in front are never the minimum, even with a log that starts at 0', async () => {
    const fileSystem = new InMemoryFileSystem()
    const queue = queueOn(fileSystem)
    for (let n = 8; n < 13; n++) queue.put(request(n))
    queue.writePending()
    const next = await reopened(fileSystem)
    await next.correctMinOffset(0)
    expect(next.minOffsetInQueue).toBe(8)
    await next.correctMinOffset(1100)
    expect(next.minOffsetInQueue).toBe(11)
  })

  test('blanks in the middle do not hide the messages in front of them', async () => {
    const queue = queueOn(new InMemoryFileSystem())
    for (const n of [0, 1, 2, 3, 6, 7]) queue.put(request(n))
    await queue.correctMinOffset(200)
    expect(queue.minOffsetInQueue).toBe(2)
    await queue.correctMinOffset(350)
    expect(queue.minOffsetInQueue).toBe(6)
  })

  test('files whose last record is gone are deleted, the last file never', async () => {
    const [queue, fileSystem] = await filled(15)
    expect(await queue.deleteExpiredFiles(400)).toBe(0)
    expect(await queue.deleteExpiredFiles(1099)).toBe(2)
    expect([filesOf(fileSystem), queue.minOffsetInQueue]).toEqual([['200'], 11])
    expect(await queue.deleteExpiredFiles(99_999)).toBe(0)
    expect([filesOf(fileSystem), queue.minOffsetInQueue]).toEqual([['200'], 15])
  })

  test('a consumer that goes through a long queue reads its files once in two hundred units, and sees every unit', async () => {
    const fileSystem = new InMemoryFileSystem()
    let reads = 0
    const openSync = fileSystem.openSync.bind(fileSystem)
    fileSystem.openSync = (path, options) => {
      const handle = openSync(path, options)
      return {
        ...handle,
        read: (target, position) => {
          reads++
          return handle.read(target, position)
        },
      }
    }
    const handles = new FileHandleCache({ fileSystem, maxOpenFiles: 2 })
    const files = { fileSystem, handles, directory: queueDirectory, fileSize: 20 * 450 }
    const queue = new ConsumeQueue({ topic: 'T', queueId: 0, ...files })
    for (let n = 0; n < 1000; n++) queue.put(request(n))
    queue.writePending()
    const seen: number[] = []
    for (let index = 0; index < 1000; ) {
      const units = await queue.readUnits(index, 32)
      seen.push(...units.map((unit) => unit.commitLogOffset / 100))
      index += units.length
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, n) => n))
    expect(reads).toBeLessThanOrEqual(7)
  })

  test('units read before a cut are not answered after it', async () => {
    const [queue] = await filled(200)
    expect(await queue.readUnit(3)).toBeDefined()
    await queue.truncateDirtyLogicFiles(200)
    queue.put(request(7, { consumeQueueOffset: 2 }))
    queue.put(request(8, { consumeQueueOffset: 3 }))
    queue.writePending()
    expect((await queue.readUnit(3))?.commitLogOffset).toBe(800)
    expect(await queue.readUnit(4)).toBeUndefined()
  })

  test('reads outside of the queue answer nothing', async () => {
    const [queue] = await filled(7)
    expect(await queue.readUnits(-1, 3)).toHaveLength(0)
    expect(await queue.readUnits(7, 3)).toHaveLength(0)
    expect(await queue.readUnits(1000, 3)).toHaveLength(0)
  })
})

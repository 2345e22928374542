import { readRecords } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'

const messageCount = 25
const options = {
  storePathRootDir: '/store',
  mappedFileSizeCommitLog: 1024,
  mappedFileSizeConsumeQueue: 200,
  maxHashSlotNum: 16,
  maxIndexNum: 100,
}
const log = '/store/commitlog'
const queue = '/store/consumequeue/T/0'

async function openOn(
  fileSystem: InMemoryFileSystem,
): Promise<{ runtime: SimulatedRuntime; store: DefaultMessageStore }> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  return { runtime, store: await runtime.run(DefaultMessageStore.open({ ...options, runtime, fileSystem })) }
}

/** A disk with 25 messages of 106 or 107 bytes, nine to a segment, after a clean end or the death of the process. */
async function diskAfter(exit: 'close' | 'kill'): Promise<InMemoryFileSystem> {
  const fileSystem = new InMemoryFileSystem()
  const { runtime, store } = await openOn(fileSystem)
  for (let index = 0; index < messageCount; index++) {
    await runtime.run(store.asyncPutMessage({ topic: 'T', body: bodyOf(index) }))
    await runtime.advance(1)
  }
  await runtime.advance(2000)
  if (exit === 'close') await runtime.run(store.close())
  return fileSystem.kill()
}

function bodyOf(index: number): string {
  return `message ${String(index).padStart(6, '0')}`
}

/** Opens a disk and reads the queue from its minimum on: the bodies by queue offset. */
async function readAll(
  fileSystem: InMemoryFileSystem,
): Promise<{ minOffset: number; bodies: string[]; store: DefaultMessageStore; runtime: SimulatedRuntime }> {
  const { runtime, store } = await openOn(fileSystem)
  const minOffset = store.getMinOffsetInQueue('T', 0)
  const bodies: string[] = []
  for (let offset = minOffset; offset < store.getMaxOffsetInQueue('T', 0); offset++) {
    const request = { group: 'g', topic: 'T', queueId: 0, offset, maxMsgNums: 1 }
    const { status, bytes } = await runtime.run(store.getMessage(request))
    const record = readRecords(bytes)[0]
    bodies.push(status === 'FOUND' && record?.queueOffset === offset ? record.body.toString() : 'damaged')
  }
  return { minOffset, bodies, store, runtime }
}

function bodiesFrom(first: number, end: number = messageCount): string[] {
  return Array.from({ length: end - first }, (_, index) => bodyOf(first + index))
}

function segment(index: number): string {
  return `${log}/${String(index * 1024).padStart(20, '0')}`
}

async function damage(fileSystem: InMemoryFileSystem, path: string, position: number): Promise<void> {
  const file = await fileSystem.open(path)
  const byte = Buffer.alloc(1)
  await file.read(byte, position)
  await file.write(Buffer.from([(byte[0] as number) ^ 0x80]), position)
}

async function remove(fileSystem: InMemoryFileSystem, directory: string): Promise<void> {
  for (const { name } of await fileSystem.list(directory)) await fileSystem.unlink(`${directory}/${name}`)
}

/** Recovers twice: the second time from a clean end, and finds the same. */
async function expectRecovered(disk: InMemoryFileSystem, minOffset: number, bodies: readonly string[]): Promise<void> {
  const first = await readAll(disk)
  expect([first.minOffset, first.bodies]).toEqual([minOffset, bodies])
  await first.runtime.run(first.store.close())
  const second = await readAll(disk)
  expect([second.minOffset, second.bodies]).toEqual([minOffset, bodies])
  const next = await second.runtime.run(second.store.asyncPutMessage({ topic: 'T', body: bodyOf(99) }))
  expect(next).toMatchObject({ status: 'PUT_OK', queueOffset: minOffset + bodies.length })
}

describe.each(['close', 'kill'] as const)('after %s', (exit) => {
  test('every message is found', async () => {
    await expectRecovered(await diskAfter(exit), 0, bodiesFrom(0))
  })

  test('a deleted consume queue is built again', async () => {
    const disk = await diskAfter(exit)
    await remove(disk, queue)
    await expectRecovered(disk, 0, bodiesFrom(0))
  })

  test.each([undefined, Buffer.alloc(0)])('a checkpoint that is missing or empty costs nothing', async (content) => {
    const disk = await diskAfter(exit)
    await disk.unlink('/store/checkpoint')
    if (content !== undefined) await disk.writeFile('/store/checkpoint', content)
    await expectRecovered(disk, 0, bodiesFrom(0))
  })

  test('a damaged last record is cut off, and its queue offset is used again', async () => {
    const disk = await diskAfter(exit)
    await damage(disk, segment(2), 106 * 6 + 92)
    await expectRecovered(disk, 0, bodiesFrom(0, 24))
  })

  test('damage in the middle costs that message only if the end was clean, else what follows in its segment', async () => {
    const disk = await diskAfter(exit)
    await damage(disk, segment(2), 92)
    const afterClean = [...bodiesFrom(0, 18), 'damaged', ...bodiesFrom(19)]
    await expectRecovered(disk, 0, exit === 'close' ? afterClean : bodiesFrom(0, 18))
  })

  test('part of a record behind the last one is ignored and overwritten', async () => {
    const disk = await diskAfter(exit)
    const file = await disk.open(segment(2))
    await file.write(Buffer.from([0, 0, 0, 106, 0xda, 0xa3, 0x20, 0xa7, 1, 2, 3]), 106 * 7)
    await expectRecovered(disk, 0, bodiesFrom(0))
  })

  test('without its first segment the log starts at the second, and the queue at its first message there', async () => {
    const disk = await diskAfter(exit)
    await disk.unlink(segment(0))
    await expectRecovered(disk, 9, bodiesFrom(9))
  })

  test('without the log nothing is left, not even the queues', async () => {
    const disk = await diskAfter(exit)
    await remove(disk, log)
    const { store } = await readAll(disk)
    expect([store.getMaxOffsetInQueue('T', 0), store.getMaxPhyOffset()]).toEqual([0, 0])
    expect(await disk.list(queue)).toEqual([])
  })

  test('an empty last segment is removed and the log goes on at the blank before it', async () => {
    const disk = await diskAfter(exit)
    await disk.writeFile(segment(3), Buffer.alloc(0))
    await expectRecovered(disk, 0, bodiesFrom(0))
  })

  test('a last segment of another length is refused with both sizes', async () => {
    const disk = await diskAfter(exit)
    await (await disk.open(segment(2))).truncate(1000)
    await expect(openOn(disk)).rejects.toThrow('has 1000 bytes, but mappedFileSizeCommitLog is 1024')
  })

  // Java's clean start skips the record that starts exactly where the consume queues end, which shifts every later message of its queue.
  test('queue units lost behind a whole number of messages are built again, none is skipped or shifted', async () => {
    const disk = await diskAfter(exit)
    const files = await disk.list(queue)
    await disk.unlink(`${queue}/${files.at(-1)?.name}`)
    await expectRecovered(disk, 0, bodiesFrom(0))
  })
})

describe('after an abort', () => {
  // Java leaves old records behind the end it found: once a new record of the same length takes the place of the torn one, the old ones behind
  // it come back at the next crash.
  test('records behind a torn one that nobody knew to be durable are cut off for good', async () => {
    const disk = await diskAfter('kill')
    await damage(disk, segment(2), 106 * 3 + 92)
    const { store, runtime, bodies } = await readAll(disk)
    expect(bodies).toEqual(bodiesFrom(0, 21))
    await runtime.run(store.asyncPutMessage({ topic: 'T', body: bodyOf(77) }))
    const again = await readAll(disk.kill())
    expect(again.bodies).toEqual([...bodiesFrom(0, 21), bodyOf(77)])
  })

  // Java ends the log at the first damaged record and deletes every later segment, although the checkpoint says that all of it was durable.
  test.each([0, 1, 2])(
    'damage in segment %d in front of durable records costs the damaged record only',
    async (index) => {
      const disk = await diskAfter('close')
      await disk.writeFile('/store/abort', Buffer.alloc(0))
      await damage(disk, segment(index), 106 * 3 + 92)
      const lost = index * 9 + 3
      await expectRecovered(disk, 0, [...bodiesFrom(0, lost), 'damaged', ...bodiesFrom(lost + 1)])
    },
  )
})

describe('one flipped bit anywhere in the log', () => {
  test.each(['clean end', 'abort'] as const)(
    'costs at most the message that it is in, after a %s',
    async (end) => {
      for (let at = 0; at < 3 * 1024; at += 13) {
        const disk = await diskAfter('close')
        if (end === 'abort') await disk.writeFile('/store/abort', Buffer.alloc(0))
        await damage(disk, segment(Math.floor(at / 1024)), at % 1024)
        const { bodies, runtime, store } = await readAll(disk)
        const lost = bodiesFrom(0).filter((body, offset) => bodies[offset] !== body)
        expect(lost.length, `byte ${at}: lost ${lost.join()}`).toBeLessThanOrEqual(1)
        const next = await runtime.run(store.asyncPutMessage({ topic: 'T', body: 'next' }))
        expect([next.status, next.queueOffset], `byte ${at}`).toEqual(['PUT_OK', bodies.length])
      }
    },
    60_000,
  )
})

describe('consume queues and log out of step after a clean end', () => {
  // Apache RocketMQ issue 358: units pointed behind the end of the log, and stayed.
  test('units that point behind the end of the log are cut off', async () => {
    const disk = await diskAfter('close')
    await disk.unlink(segment(2))
    await expectRecovered(disk, 0, bodiesFrom(0, 18))
  })

  // Apache RocketMQ issue 1434: recovery started in the last segment, although messages of the one before it had no units yet.
  test('messages of an earlier segment that have no unit yet are found', async () => {
    const disk = await diskAfter('close')
    for (const { name } of (await disk.list(queue)).slice(1)) await disk.unlink(`${queue}/${name}`)
    await damage(disk, `${queue}/00000000000000000000`, 9 * 20 + 8)
    await expectRecovered(disk, 0, bodiesFrom(0))
  })
})

describe('the end of a store', () => {
  test('abort is there while the store is open and gone after a clean end; abort.bak keeps what a crash left', async () => {
    const fileSystem = new InMemoryFileSystem()
    const { runtime, store } = await openOn(fileSystem)
    expect((await fileSystem.readFile('/store/abort'))?.toString()).toBe(String(process.pid))
    expect((await fileSystem.readFile('/store/abort.bak'))?.toString()).toBe('')
    await runtime.run(store.close())
    expect(await fileSystem.stat('/store/abort')).toBeUndefined()
    await fileSystem.writeFile('/store/abort', Buffer.from('4711'))
    await openOn(fileSystem)
    expect((await fileSystem.readFile('/store/abort.bak'))?.toString()).toBe('4711')
  })

  test('the segment made ahead is deleted by a clean end and cut away after a crash', async () => {
    const closed = await diskAfter('close')
    expect((await closed.list(log)).length).toBe(3)
    const killed = await diskAfter('kill')
    expect((await killed.list(log)).length).toBe(4)
    const { runtime, store } = await openOn(killed)
    await runtime.run(store.close())
    expect((await killed.list(log)).length).toBe(3)
  })

  test('a second close waits for the first, later puts are refused, and the directory can be opened again', async () => {
    const fileSystem = new InMemoryFileSystem()
    const { runtime, store } = await openOn(fileSystem)
    const [first, second] = [store.close(), store.close()]
    const refused = await runtime.run(store.asyncPutMessage({ topic: 'T', body: 'x' }))
    expect(refused.status).toBe('SERVICE_NOT_AVAILABLE')
    await runtime.run(Promise.all([first, second]))
    await openOn(fileSystem)
  })

  test('a store that is open is refused to a second one', async () => {
    const fileSystem = new InMemoryFileSystem()
    await openOn(fileSystem)
    await expect(openOn(fileSystem)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
  })

  test('closing gives up on a disk that hangs, and leaves abort behind', async () => {
    const fileSystem = new InMemoryFileSystem()
    const { runtime, store } = await openOn(fileSystem)
    await runtime.run(store.asyncPutMessage({ topic: 'T', body: 'x' }))
    fileSystem.pauseSyncs()
    await runtime.run(store.close())
    expect(await fileSystem.stat('/store/abort')).toBeDefined()
  })
})

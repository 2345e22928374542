import { expect, test } from 'vitest'
import { queueOn, request, unitsPerFile } from '../../test/queue-fixture.js'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import type { ConsumeQueue } from './consume-queue.js'
import { readConsumeQueue } from './read-consume-queue.js'

function queueFrom(first: number, end: number): ConsumeQueue {
  const queue = queueOn(new InMemoryFileSystem())
  for (let n = first; n < end; n++) queue.put(request(n))
  return queue
}

const read = (queue: ConsumeQueue | undefined, offset: number, maxUnits = 100): ReturnType<typeof readConsumeQueue> =>
  readConsumeQueue(queue, { topic: 'T', queueId: 0, offset, maxUnits })

test('units are read up to the bound, to the end of a file and to the end of the queue', async () => {
  const queue = queueFrom(0, unitsPerFile + 2)
  const { messages, nextOffset } = await read(queue, 1, 2)
  expect(nextOffset).toBe(3)
  expect(messages).toEqual([
    { queueOffset: 1, physicalOffset: 100, size: 100, tagsCode: 1 },
    { queueOffset: 2, physicalOffset: 200, size: 100, tagsCode: 2 },
  ])
  expect((await read(queue, 3)).nextOffset).toBe(unitsPerFile)
  expect((await read(queue, unitsPerFile)).nextOffset).toBe(unitsPerFile + 2)
})

test('places that hold no message are passed over', async () => {
  const { messages, nextOffset } = await read(queueFrom(3, 5), 3)
  expect(messages.map((message) => message.queueOffset)).toEqual([3, 4])
  expect(nextOffset).toBe(5)
})

test('outside of a queue there is nothing to read and nowhere to go on', async () => {
  const queue = queueFrom(0, 3)
  for (const offset of [-1, 3, 99]) expect(await read(queue, offset)).toEqual({ messages: [], nextOffset: offset })
  expect(await read(undefined, 0)).toEqual({ messages: [], nextOffset: 0 })
})

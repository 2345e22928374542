import type { MessageExt } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { ProcessQueue } from './process-queue.js'

const runtime = (): SimulatedRuntime => new SimulatedRuntime({ seed: 1 })

function messages(...offsets: number[]): MessageExt[] {
  return offsets.map((queueOffset) => ({ queueOffset, body: Buffer.alloc(10) }) as MessageExt)
}

function offsets(entries: readonly { message: MessageExt }[]): number[] {
  return entries.map(({ message }) => message.queueOffset)
}

test('all before the first message still cached may be committed, whatever was consumed after it', () => {
  const queue = new ProcessQueue(runtime().clock)
  expect(queue.commitOffset).toBeUndefined()
  const [first, second, third] = queue.put(messages(5, 6, 9), 10)
  expect(queue.commitOffset).toBe(5)
  expect(queue.remove(second!)).toBe(5)
  expect(queue.remove(first!)).toBe(9)
  expect(queue.remove(third!)).toBe(10)
  expect([queue.messageCount, queue.bodyBytes, queue.span]).toEqual([0, 0, 0])
})

test('what a pull skipped at its end counts as consumed', () => {
  const queue = new ProcessQueue(runtime().clock)
  const [only] = queue.put(messages(5), 9)
  expect(queue.remove(only!)).toBe(9)
  queue.put([], 12)
  expect(queue.commitOffset).toBe(12)
})

test('a message pulled twice is cached once, also after it was consumed', () => {
  const queue = new ProcessQueue(runtime().clock)
  const [first] = queue.put(messages(5, 6), 7)
  expect(queue.put(messages(5, 6, 7), 8)).toHaveLength(1)
  queue.remove(first!)
  expect(queue.put(messages(5), 8)).toEqual([])
  expect(queue.messageCount).toBe(2)
})

test('removing a message twice counts it once', () => {
  const queue = new ProcessQueue(runtime().clock)
  const [first] = queue.put(messages(1, 2), 3)
  queue.remove(first!)
  queue.remove(first!)
  expect([queue.messageCount, queue.bodyBytes]).toEqual([1, 10])
})

test('the span reaches from the first to the last message cached', () => {
  const queue = new ProcessQueue(runtime().clock)
  const [, , last] = queue.put(messages(10, 20, 30), 31)
  expect(queue.span).toBe(20)
  queue.remove(last!)
  expect(queue.span).toBe(10)
})

test('a cache that stays full is as right after many messages as after the first', () => {
  const queue = new ProcessQueue(runtime().clock)
  const [stuck] = queue.put(messages(0), 1)
  for (let offset = 1; offset < 5000; offset++) {
    const [entry] = queue.put(messages(offset), offset + 1)
    queue.remove(entry!)
    expect(queue.commitOffset).toBe(0)
  }
  expect(offsets(queue.blocking())).toEqual([0])
  expect(queue.remove(stuck!)).toBe(5000)
})

test('messages taken in order are all given back or all consumed', () => {
  const queue = new ProcessQueue(runtime().clock)
  queue.put(messages(1, 2, 3), 4)
  expect(offsets(queue.take(2))).toEqual([1, 2])
  expect(queue.takenMaxOffset).toBe(2)
  queue.giveBack()
  expect(offsets(queue.take(2))).toEqual([1, 2])
  expect(queue.commitTaken()).toBe(3)
  expect(offsets(queue.take(2))).toEqual([3])
  expect(queue.commitTaken()).toBe(4)
  expect(queue.take(2)).toEqual([])
})

test('blocking are the messages before some that were consumed', () => {
  const queue = new ProcessQueue(runtime().clock)
  const entries = queue.put(messages(1, 2, 3, 4, 5), 6)
  queue.remove(entries[1]!)
  queue.remove(entries[3]!)
  expect(offsets(queue.blocking())).toEqual([1, 3])
})

test('a cleared queue has no message, and nothing to commit', () => {
  const queue = new ProcessQueue(runtime().clock)
  const [first] = queue.put(messages(5, 6), 7)
  queue.take(1)
  queue.clear()
  expect(queue.remove(first!)).toBeUndefined()
  expect(queue.commitTaken()).toBeUndefined()
  expect([queue.messageCount, queue.bodyBytes]).toEqual([0, 0])
})

test('a queue is dropped once, and whoever asks later is told at once', () => {
  const queue = new ProcessQueue(runtime().clock)
  let told = 0
  queue.onDropped(() => (told += 1))
  queue.drop()
  queue.drop()
  queue.onDropped(() => (told += 1))
  expect(told).toBe(2)
})

test('a lock is trusted for 30 s, and a queue without pulls counts as stuck after 120 s', async () => {
  const time = runtime()
  const queue = new ProcessQueue(time.clock)
  queue.setLocked()
  await time.advance(30_000)
  expect([queue.isLocked, queue.isLockExpired]).toEqual([true, false])
  await time.advance(1)
  expect(queue.isLockExpired).toBe(true)
  queue.setUnlocked()
  expect(queue.isLocked).toBe(false)
  await time.advance(90_000)
  expect(queue.isPullExpired).toBe(true)
  queue.notePull()
  expect(queue.isPullExpired).toBe(false)
})

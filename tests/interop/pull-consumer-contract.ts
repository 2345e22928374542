import { expect, test, vi } from 'vitest'
import type { Consumers } from './consumers.js'
import type { ConsumerSession } from './consumer-session.js'
import { eventually } from './group-progress.js'

/** Consumers that pull when they are told to. */
export function pullConsumerContract(session: () => ConsumerSession<Consumers>): void {
  test('each pull has its status, and the offset to go on from', async () => {
    const { consumers, createTopic, producer, queue } = session()
    const topic = 'Pulled'
    await createTopic(topic, 2)
    const filled = queue(topic, 0)
    const results = await producer.send({ mode: 'queue', tags: 'red', count: 40, ...filled })
    const consumer = await consumers.pull({ group: 'pulled', topic })
    expect(await consumer.queues()).toEqual([filled, queue(topic, 1)])
    const pull = async (offset: number, { expression = '*', queueId = 0 } = {}): Promise<unknown[]> => {
      const pulled = await consumer.pull({ queue: queue(topic, queueId), offset, expression })
      const { status, nextBeginOffset, minOffset, maxOffset, messages } = pulled
      return [status, nextBeginOffset, minOffset, maxOffset, messages.map(({ queueOffset }) => queueOffset)]
    }
    const offsets = results.map(({ queueOffset }) => queueOffset)
    await vi.waitFor(async () => expect(await pull(39)).toEqual(['FOUND', 40, 0, 40, [39]]), eventually)
    expect(await pull(0)).toEqual(['FOUND', 32, 0, 40, offsets.slice(0, 32)])
    expect(await pull(32)).toEqual(['FOUND', 40, 0, 40, offsets.slice(32)])
    expect(await pull(30, { expression: 'blue || red' })).toEqual(['FOUND', 40, 0, 40, offsets.slice(30)])
    expect(await pull(0, { expression: 'blue' })).toEqual(['NO_MATCHED_MSG', 40, 0, 40, []])
    expect(await pull(40)).toEqual(['NO_NEW_MSG', 40, 0, 40, []])
    expect(await pull(41)).toEqual(['OFFSET_ILLEGAL', 40, 0, 40, []])
    expect(await pull(4_000)).toEqual(['OFFSET_ILLEGAL', 40, 0, 40, []])
    expect(await pull(0, { queueId: 1 })).toEqual(['NO_NEW_MSG', 0, 0, 0, []])
    expect(await pull(7, { queueId: 1 })).toEqual(['OFFSET_ILLEGAL', 0, 0, 0, []])
    await consumer.stop()
  })

  test('a pull that is held is answered with the message that arrives', { timeout: 30_000 }, async () => {
    const { createTopic, producer, queue, startConsumers } = session()
    const topic = 'Held'
    await createTopic(topic, 1)
    // Of their own, because nothing else is asked of a JVM while a pull is held.
    await using consumers = await startConsumers()
    const consumer = await consumers.pull({ group: 'held', topic })
    // A broker that looked every 5 s only would take over a minute.
    for (let offset = 0; offset < 15; offset++) {
      const held = consumer.pullBlockIfNotFound({ queue: queue(topic, 0), offset })
      await producer.send({ topic, mode: 'sync', count: 1 })
      const { status, nextBeginOffset, messages } = await held
      expect([status, nextBeginOffset, messages.length]).toEqual(['FOUND', offset + 1, 1])
    }
  })

  test('an offset that a pull consumer keeps at the broker is there for its group', async () => {
    const { consumers, createTopic, producer, queue } = session()
    const topic = 'Kept'
    await createTopic(topic, 2)
    await producer.send({ topic, mode: 'sync', count: 12 })
    const consumer = await consumers.pull({ group: 'kept', topic })
    await vi.waitFor(async () => {
      await consumer.commit(queue(topic, 0), 4)
      expect(await consumer.committed(queue(topic, 0))).toBe(4)
    }, eventually)
    await consumer.stop()
    const lite = await consumers.lite({ group: 'kept', topic, queueIds: [0, 1] })
    const places = (await lite.poll(8)).map(({ queueId, queueOffset }) => `${queueId} ${queueOffset}`)
    expect(places.toSorted()).toEqual(['0 4', '0 5', '1 0', '1 1', '1 2', '1 3', '1 4', '1 5'])
    await lite.stop()
  })
}

import { expect, test, vi } from 'vitest'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import { JavaConsumers } from './java-consumers.js'
import type { JavaMessage } from './java-reader.js'

/** Lite pull consumers and pull consumers. */
export function javaPullConsumers(session: () => ConsumerSession): void {
  test('a lite consumer that subscribed polls everything once, by tag, and goes on where it committed', async () => {
    const { consumers, createTopic, producer, queue } = session()
    const topic = 'Lite'
    await createTopic(topic)
    const options = { group: 'lite', topic, expression: 'red' }
    const first = await producer.send({ topic, mode: 'sync', tags: 'red', count: 40 })
    await producer.send({ topic, mode: 'sync', tags: 'blue', count: 8 })
    const consumer = await consumers.lite(options)
    expect((await consumer.poll(40)).map(place).toSorted()).toEqual(first.map(place).toSorted())
    expect(await consumer.queues()).toEqual(queueIds.map((queueId) => queue(topic, queueId)))
    await consumer.commit()
    await consumer.stop()
    const second = await producer.send({ topic, mode: 'sync', tags: 'red', count: 8 })
    const again = await consumers.lite(options)
    expect((await again.poll(8)).map(place).toSorted()).toEqual(second.map(place).toSorted())
    await again.stop()
  })

  test('a lite consumer commits by itself when told to', async () => {
    const { consumers, createTopic, producer, progress } = session()
    const topic = 'LiteCommitted'
    await createTopic(topic)
    await producer.send({ topic, mode: 'sync', count: 12 })
    const consumer = await consumers.lite({ group: 'lite-committed', topic, autoCommit: true })
    expect(await consumer.poll(12)).toHaveLength(12)
    await vi.waitFor(async () => {
      // It does so while it polls.
      expect(await consumer.poll(0)).toEqual([])
      expect((await progress('lite-committed', topic)).map(([consumed, largest]) => largest - consumed)).toEqual([
        0, 0, 0, 0,
      ])
    }, eventually)
    await consumer.stop()
  })

  test('a lite consumer of assigned queues polls these alone, seeks, pauses and resumes', async () => {
    const { consumers, createTopic, producer, queue } = session()
    const topic = 'Assigned'
    await createTopic(topic)
    const consumer = await consumers.lite({ group: 'assigned', topic, queueIds: [1, 3] })
    for (const queueId of queueIds) await producer.send({ mode: 'queue', count: 5, ...queue(topic, queueId) })
    expect((await consumer.poll(10)).map(({ queueId }) => queueId).toSorted()).toEqual([
      ...Array<number>(5).fill(1),
      ...Array<number>(5).fill(3),
    ])
    await consumer.seek(queue(topic, 3), 3)
    const sought = await consumer.poll(2)
    expect(sought.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual([
      [3, 3],
      [3, 4],
    ])
    await consumer.pause(1)
    const sendTo = (queueId: number): Promise<unknown> =>
      producer.send({ mode: 'queue', count: 1, ...queue(topic, queueId) })
    await sendTo(1)
    // By the pull that the broker held already.
    expect((await consumer.poll(1)).map(({ queueId }) => queueId)).toEqual([1])
    await sendTo(1)
    await sendTo(3)
    expect((await consumer.poll(1)).map(({ queueId }) => queueId)).toEqual([3])
    await consumer.resume(1)
    expect((await consumer.poll(1)).map(({ queueId }) => queueId)).toEqual([1])
    // Nothing was committed: the broker answers a group without an offset with 0.
    expect(await consumer.committed(queue(topic, 3))).toBe(0)
    await consumer.stop()
  })

  test('a time is an offset: of the first message stored then or later', async () => {
    const { consumers, createTopic, producer, queue, reader } = session()
    const topic = 'Timed'
    await createTopic(topic, 1)
    await producer.send({ topic, mode: 'sync', count: 30 })
    const stored = await reader.messages(topic, { count: 30 })
    const consumer = await consumers.lite({ group: 'timed', topic, queueIds: [0] })
    const times = [0, stored[0]!.storeTimestamp, stored[17]!.storeTimestamp, stored[29]!.storeTimestamp + 1]
    const offsets: number[] = []
    for (const time of times) offsets.push(await consumer.offsetForTimestamp(queue(topic, 0), time))
    const first = (time: number): number => stored.findIndex(({ storeTimestamp }) => storeTimestamp >= time)
    expect(offsets).toEqual([0, 0, first(times[2]!), 30])
    await consumer.stop()
  })

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
    const { servers, createTopic, producer, queue } = session()
    const topic = 'Held'
    await createTopic(topic, 1)
    // A JVM of its own, because nothing else is asked of it while a pull is held.
    await using consumers = await JavaConsumers.start(servers.namesrvAddr)
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
    const lite = await consumers.lite({ group: 'kept', topic })
    const polled = await lite.poll(8)
    expect(
      polled
        .map(place)
        .toSorted()
        .map((text) => text.split(/ +/).slice(0, 2).join(' ')),
    ).toEqual([...['0 4', '0 5', '1 0', '1 1', '1 2', '1 3', '1 4', '1 5']])
    await lite.stop()
  })
}

function place({ queueId, queueOffset, msgId }: Pick<JavaMessage, 'queueId' | 'queueOffset' | 'msgId'>): string {
  return `${queueId} ${String(queueOffset).padStart(6)} ${msgId}`
}

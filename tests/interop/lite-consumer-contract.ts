import { expect, test, vi } from 'vitest'
import type { Consumers } from './consumers.js'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import type { JavaMessage } from './java-reader.js'

/** Lite pull consumers. */
export function liteConsumerContract(session: () => ConsumerSession<Consumers>): void {
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
}

function place({ queueId, queueOffset, msgId }: Pick<JavaMessage, 'queueId' | 'queueOffset' | 'msgId'>): string {
  return `${queueId} ${String(queueOffset).padStart(6)} ${msgId}`
}

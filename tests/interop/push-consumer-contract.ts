import { expect, test, vi } from 'vitest'
import type { Consumers, PushConsumer } from './consumers.js'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import { messageBody } from './java-producer.js'
import type { JavaMessage } from './java-reader.js'

/** Push consumers that have no trouble with what they receive. */
export function pushConsumerContract(session: () => ConsumerSession<Consumers>): void {
  test('a concurrent consumer receives every message once, as it was sent, and its offsets reach the end', async () => {
    const { consumers, createTopic, producer, servers, untilConsumed } = session()
    const topic = 'Concurrent'
    await createTopic(topic)
    const sent = { topic, mode: 'sync', tags: 'created', keys: 'k', properties: { colour: 'rot/röd' } } as const
    const before = await producer.send({ ...sent, count: 40 })
    const consumer = await consumers.push({ kind: 'concurrent', group: 'concurrent', topic })
    await consumer.deliveries(before.length)
    const results = [...before, ...(await producer.send({ ...sent, count: 20 }))]
    await consumer.deliveries(results.length)
    await untilConsumed('concurrent', topic)
    const received = await consumer.deliveries(results.length)
    expect(received.map(place).toSorted()).toEqual(results.map(place).toSorted())
    for (const [index, result] of before.entries()) {
      expect(received.find(({ msgId }) => msgId === result.msgId)).toMatchObject({
        body: Buffer.from(messageBody(index)),
        tags: 'created',
        keys: `k${index}`,
        properties: { UNIQ_KEY: result.msgId, colour: 'rot/röd' },
        offsetMsgId: result.offsetMsgId,
        storeHost: `/${servers.brokerAddr}`,
        reconsumeTimes: 0,
      })
    }
  })

  test('a message is delivered when it arrives, not when the broker looks again', { timeout: 20_000 }, async () => {
    const { consumers, createTopic, producer } = session()
    const topic = 'Awaited'
    await createTopic(topic, 1)
    const consumer = await consumers.push({ kind: 'concurrent', group: 'awaited', topic })
    await vi.waitFor(async () => expect(await consumer.queues()).toContainEqual(session().queue(topic, 0)), eventually)
    // A broker that looked every 5 s only would take over a minute.
    for (let index = 0; index < 15; index++) {
      await producer.send({ topic, mode: 'sync', count: 1 })
      expect(await consumer.deliveries(index + 1)).toHaveLength(index + 1)
    }
  })

  test('a consumer of two tags receives their messages only, even when a third one has the same hash', async () => {
    const { consumers, createTopic, producer, untilConsumed } = session()
    const topic = 'ByTag'
    await createTopic(topic)
    // In Java "Aa" and "BB" have one hash: the broker lets both pass, the consumer does not.
    for (const tags of ['Aa', 'BB', 'blue']) await producer.send({ topic, mode: 'sync', tags, count: 8 })
    await producer.send({ topic, mode: 'sync', count: 8 })
    await producer.send({ topic, mode: 'sync', tags: 'red', count: 8 })
    const consumer = await consumers.push({ kind: 'concurrent', group: 'by-tag', topic, expression: 'Aa || red' })
    await consumer.deliveries(16)
    await untilConsumed('by-tag', topic)
    const tags = (await consumer.deliveries(16)).map((message) => message.tags)
    expect(tags.toSorted()).toEqual([...Array<string>(8).fill('Aa'), ...Array<string>(8).fill('red')])
  })

  test('an orderly consumer receives each queue in its order, and a failing message holds up its queue alone', async () => {
    const { consumers, createTopic, producer, untilConsumed } = session()
    const topic = 'Orderly'
    await createTopic(topic)
    const shardingKeys = Array.from({ length: 48 }, (_, index) => `customer-${index % 7}`)
    const results = await producer.send({ topic, mode: 'hash', count: shardingKeys.length, shardingKeys })
    const failing = messageBody(9)
    const consumer = await consumers.push({ kind: 'orderly', group: 'orderly', topic, failures: 2, failing })
    await consumer.deliveries(results.length + 2)
    await untilConsumed('orderly', topic)
    const received = await consumer.deliveries(results.length + 2)
    for (const queueId of queueIds) {
      const expected = results.flatMap((result, index) => {
        if (result.queueId !== queueId) return []
        const attempts = messageBody(index) === failing ? [0, 1, 2] : [0]
        return attempts.map((reconsumeTimes) => `${messageBody(index)} ${reconsumeTimes}`)
      })
      const ofQueue = received.filter((message) => message.queueId === queueId)
      expect(ofQueue.map(({ body, reconsumeTimes }) => `${body.toString()} ${reconsumeTimes}`)).toEqual(expected)
    }
  })

  test('every broadcasting consumer receives everything, and goes on from its own file', async () => {
    const { consumers, createTopic, producer, progress } = session()
    const topic = 'Broadcast'
    await createTopic(topic)
    const options = { kind: 'concurrent', group: 'broadcast', topic, model: 'BROADCASTING' } as const
    const names = ['listener-a', 'listener-b']
    const start = (): Promise<PushConsumer[]> => Promise.all(names.map((name) => consumers.push({ ...options, name })))
    const first = await producer.send({ topic, mode: 'sync', count: 12 })
    for (const consumer of await start()) {
      expect((await consumer.deliveries(12)).map(place).toSorted()).toEqual(first.map(place).toSorted())
      await consumer.stop()
    }
    const second = await producer.send({ topic, mode: 'sync', count: 8 })
    for (const consumer of await start()) {
      expect((await consumer.deliveries(8)).map(place).toSorted()).toEqual(second.map(place).toSorted())
    }
    expect((await progress('broadcast', topic)).map(([consumed]) => consumed)).toEqual([-1, -1, -1, -1])
  })

  test('members of a group share the queues, and the one that stays takes over those of the one that leaves', async () => {
    const { consumers, createTopic, producer, queue, untilConsumed } = session()
    const topic = 'SharedOut'
    await createTopic(topic)
    const members = await Promise.all(
      [1, 2].map(() => consumers.push({ kind: 'concurrent', group: 'shared-out', topic })),
    )
    const all = queueIds.map((queueId) => queue(topic, queueId))
    await vi.waitFor(async () => expect(await ownQueues(members, topic)).toEqual([2, 2]), eventually)
    const owned = (await Promise.all(members.map((member) => member.queues()))).flat()
    expect(owned.filter((own) => own.topic === topic)).toEqual(expect.arrayContaining(all))
    const first = await producer.send({ topic, mode: 'sync', count: 40 })
    await vi.waitFor(async () => expect(await received(members)).toHaveLength(40), eventually)
    await members[0]!.stop()
    await vi.waitFor(async () => expect(await ownQueues([members[1]!], topic)).toEqual([4]), eventually)
    const second = await producer.send({ topic, mode: 'sync', count: 40 })
    await members[1]!.deliveries(20 + 40)
    await untilConsumed('shared-out', topic)
    expect((await received(members)).map(place).toSorted()).toEqual([...first, ...second].map(place).toSorted())
  })

  test('a group that comes back goes on where it stopped', async () => {
    const { consumers, createTopic, producer } = session()
    const topic = 'Continued'
    await createTopic(topic)
    const options = { kind: 'concurrent', group: 'continued', topic } as const
    await producer.send({ topic, mode: 'sync', count: 12 })
    const consumer = await consumers.push(options)
    expect(await consumer.deliveries(12)).toHaveLength(12)
    await consumer.stop()
    const later = await producer.send({ topic, mode: 'sync', count: 8 })
    const again = await consumers.push(options)
    expect((await again.deliveries(8)).map(place).toSorted()).toEqual(later.map(place).toSorted())
  })

  test('a new group begins at the first message that is in memory, even when told to begin at the end', async () => {
    const { consumers, createTopic, producer } = session()
    const topic = 'Begun'
    await createTopic(topic)
    await producer.send({ topic, mode: 'sync', count: 12 })
    const beginnings = [
      { from: 'FIRST_OFFSET' },
      { from: 'LAST_OFFSET' },
      { from: 'TIMESTAMP', timestamp: '20990101000000' },
    ] as const
    const started = await Promise.all(
      beginnings.map((where) => consumers.push({ kind: 'concurrent', group: `begun-${where.from}`, topic, ...where })),
    )
    for (const consumer of started) expect(await consumer.deliveries(12)).toHaveLength(12)
  })

  test('a group whose offset is beyond the end of a queue goes on at its end', async () => {
    const { consumers, createTopic, lines, producer, progress, queue, servers, setOffset } = session()
    const topic = 'Beyond'
    await createTopic(topic, 1)
    const toQueue = { mode: 'queue', ...queue(topic, 0) } as const
    await producer.send({ ...toQueue, count: 5 })
    const group = 'beyond'
    // Only a group that the broker knows may keep offsets.
    await lines('updateSubGroup', '-b', servers.brokerAddr, '-g', group)
    await setOffset(group, queue(topic, 0), 1_000)
    const consumer = await consumers.push({ kind: 'concurrent', group, topic })
    await vi.waitFor(async () => expect((await progress(group, topic))[0]).toEqual([5, 5]), eventually)
    const later = await producer.send({ ...toQueue, count: 3 })
    expect((await consumer.deliveries(3)).map(place).toSorted()).toEqual(later.map(place))
  })
}

function place({ queueId, queueOffset, msgId }: Pick<JavaMessage, 'queueId' | 'queueOffset' | 'msgId'>): string {
  return `${queueId} ${String(queueOffset).padStart(6)} ${msgId}`
}

/** How many queues of the topic each of them has. */
function ownQueues(members: readonly PushConsumer[], topic: string): Promise<number[]> {
  return Promise.all(
    members.map(async (member) => (await member.queues()).filter((queue) => queue.topic === topic).length),
  )
}

async function received(members: readonly PushConsumer[]): Promise<JavaMessage[]> {
  return (await Promise.all(members.map((member) => member.deliveries(0)))).flat()
}

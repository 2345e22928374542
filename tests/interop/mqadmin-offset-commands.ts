import { expect, test, vi } from 'vitest'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import { cells } from './mqadmin-output.js'

/** The commands that move the offsets of groups. */
export function offsetCommands(session: () => ConsumerSession): void {
  /** A topic of which a group has consumed two messages a queue. */
  const consumed = async (topic: string, group: string) => {
    const { consumers, createTopic, producer, untilConsumed } = session()
    await createTopic(topic)
    const results = await producer.send({ topic, mode: 'sync', count: 8 })
    const consumer = await consumers.push({ kind: 'concurrent', group, topic })
    await consumer.deliveries(8)
    await untilConsumed(group, topic)
    return { consumer, results }
  }
  /** The rows broker, queue and offset of what a command printed. */
  const offsets = (lines: readonly string[]): string[][] => {
    const head = lines.findIndex((line) => line.startsWith('#brokerName'))
    expect(cells(lines[head]!)).toEqual(['#brokerName', '#queueId', '#offset'])
    return lines
      .slice(head + 1)
      .map(cells)
      .toSorted()
  }
  const everyQueueAt = (offset: number): string[][] => {
    return queueIds.map((queueId) => [session().servers.brokerName, String(queueId), String(offset)])
  }
  const consumedOffsets = async (group: string, topic: string): Promise<number[]> => {
    return (await session().progress(group, topic)).map(([offset]) => offset)
  }

  test('resetOffsetByTime lets a running group consume again from a time', async () => {
    const { lines, producer, untilConsumed } = session()
    const [topic, group] = ['Reset', 'reset']
    const { consumer, results } = await consumed(topic, group)
    const [head, ...rows] = await lines('resetOffsetByTime', '-g', group, '-t', topic, '-s', '0')
    expect(head).toBe(
      `start reset consumer offset by specified, group[${group}], topic[${topic}], force[true], timestamp(string)[0], timestamp(long)[0]`,
    )
    expect(offsets(rows)).toEqual(everyQueueAt(0))
    // Java's broker tells the consumer when its next pull comes: a message ends the pulls that it holds.
    const woken = await producer.send({ topic, mode: 'sync', count: 4 })
    const again = (await consumer.deliveries(20)).slice(8)
    expect(again.map(({ msgId }) => msgId).toSorted()).toEqual(
      [...results, ...woken].map(({ msgId }) => msgId).toSorted(),
    )
    await untilConsumed(group, topic)
    await consumer.stop()
  })

  test('resetOffsetByTime sets one queue to an offset', async () => {
    const { lines, producer, queue, servers, untilConsumed } = session()
    const [topic, group] = ['ResetOne', 'reset-one']
    const { consumer, results } = await consumed(topic, group)
    const place = ['-b', servers.brokerAddr, '-q', '2', '-o', '1']
    expect(await lines('resetOffsetByTime', '-g', group, '-t', topic, '-s', '0', ...place)).toEqual([
      expect.stringMatching(
        /^start reset consumer offset by specified, group\[reset-one\], topic\[ResetOne\], queueId\[2\]/,
      ),
      'reset consumer offset to 1',
    ])
    const { msgId } = results.find(({ queueId, queueOffset }) => queueId === 2 && queueOffset === 1)!
    const [woken] = await producer.send({ mode: 'queue', count: 1, ...queue(topic, 2) })
    expect(
      (await consumer.deliveries(10))
        .slice(8)
        .map((message) => message.msgId)
        .toSorted(),
    ).toEqual([msgId, woken!.msgId].toSorted())
    await untilConsumed(group, topic)
    await consumer.stop()
  })

  test('resetOffsetByTime moves the offsets of a group that is away, and skipAccumulatedMessage takes it to the end', async () => {
    const { lines } = session()
    const [topic, group] = ['ResetAway', 'reset-away']
    const { consumer } = await consumed(topic, group)
    await consumer.stop()
    const named = ['-g', group, '-t', topic]
    expect(offsets(await lines('resetOffsetByTime', ...named, '-s', '0'))).toEqual(everyQueueAt(0))
    expect(await consumedOffsets(group, topic)).toEqual([0, 0, 0, 0])
    expect(offsets(await lines('skipAccumulatedMessage', ...named))).toEqual(everyQueueAt(2))
    expect(await consumedOffsets(group, topic)).toEqual([2, 2, 2, 2])
    expect(offsets(await lines('resetOffsetByTime', ...named, '-s', 'now'))).toEqual(everyQueueAt(2))
  })

  test('a group whose offsets were moved while it was away begins there', async () => {
    const { consumers, lines } = session()
    const [topic, group] = ['ResetThenBack', 'reset-then-back']
    const { consumer, results } = await consumed(topic, group)
    await consumer.stop()
    await lines('resetOffsetByTime', '-g', group, '-t', topic, '-s', '0')
    const back = await consumers.push({ kind: 'concurrent', group, topic })
    const again = await back.deliveries(8)
    expect(again.map(({ msgId }) => msgId).toSorted()).toEqual(results.map(({ msgId }) => msgId).toSorted())
    await back.stop()
  })

  test('cloneGroupOffset gives a group that exists the offsets of another', async () => {
    const { lines, mqadmin, servers } = session()
    const [topic, group] = ['Cloned', 'cloned']
    const { consumer } = await consumed(topic, group)
    await consumer.stop()
    const clone = ['-s', group, '-d', 'clone', '-t', topic]
    expect((await mqadmin.run('cloneGroupOffset', ...clone)).error).toContain('CODE: 26  DESC: Group clone not exist!')
    await lines('updateSubGroup', '-b', servers.brokerAddr, '-g', 'clone')
    expect(await lines('cloneGroupOffset', ...clone)).toEqual([
      `clone group offset success. srcGroup[${group}], destGroup=[clone], topic[${topic}]`,
    ])
    expect(await consumedOffsets('clone', topic)).toEqual([2, 2, 2, 2])
  })

  test('deleteSubGroup forgets the offsets when told to', async () => {
    const { lines, servers } = session()
    const [topic, group] = ['Forgotten', 'forgotten']
    const { consumer } = await consumed(topic, group)
    await consumer.stop()
    const named = ['-b', servers.brokerAddr, '-g', group]
    await lines('deleteSubGroup', ...named)
    expect(await consumedOffsets(group, topic)).toEqual([2, 2, 2, 2])
    await lines('deleteSubGroup', ...named, '-r', 'true')
    expect(await consumedOffsets(group, topic)).toEqual([-1, -1, -1, -1])
  })

  test('brokerConsumeStats shows who is behind', async () => {
    const { lines, producer, servers } = session()
    const [topic, group] = ['Behind', 'behind']
    const { consumer } = await consumed(topic, group)
    await consumer.stop()
    await producer.send({ topic, mode: 'sync', count: 4 })
    await vi.waitFor(async () => {
      const [head, ...rows] = (await lines('brokerConsumeStats', '-b', servers.brokerAddr)).map(cells)
      expect(head).toEqual([
        ...['#Topic', '#Group', '#Broker Name', '#QID', '#Broker Offset', '#Consumer Offset', '#Diff', '#LastTime'],
      ])
      const shown = rows.filter(([name]) => name === topic).map((row) => row.slice(1, 7))
      expect(shown.toSorted()).toEqual(
        queueIds.map((queueId) => [group, servers.brokerName, String(queueId), '3', '2', '1']),
      )
    }, eventually)
  })
}

import { expect, test, vi } from 'vitest'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import { type JavaSendResult, messageBody } from './java-producer.js'
import { cells, javaMap, keyValues } from './mqadmin-output.js'

/** The commands that find and print messages. */
export function queryCommands(session: () => ConsumerSession): void {
  const sendTo = async (topic: string, count = 8): Promise<JavaSendResult[]> => {
    const { createTopic, producer } = session()
    await createTopic(topic)
    return producer.send({ topic, mode: 'sync', count, tags: 'red', keys: 'k' })
  }

  test('queryMsgByKey finds the messages of a key, as many as asked for and in the time asked for', async () => {
    const { lines, mqadmin, producer, reader } = session()
    const topic = 'ByKey'
    const [first, second] = await sendTo(topic)
    const [, again] = await producer.send({ topic, mode: 'sync', count: 2, keys: 'k' })
    const find = async (...args: string[]): Promise<string[]> => {
      const [head, ...rows] = (await lines('queryMsgByKey', '-t', topic, ...args)).map(cells)
      expect(head!.slice(0, 3).join(' ')).toMatch(/^#Message ID #QID #Offset/)
      // What follows is made up by mqadmin.
      return rows.map((row) => row.join(' ').split(' ').slice(0, 3).join(' ')).toSorted()
    }
    const place = ({ msgId, queueId, queueOffset }: JavaSendResult): string => [msgId, queueId, queueOffset].join(' ')
    await vi.waitFor(async () => {
      expect(await find('-k', 'k1')).toEqual([place(second!), place(again!)].toSorted())
    }, eventually)
    expect(await find('-k', 'k1', '-m', '1')).toHaveLength(1)
    // Times are those of the index, which are whole seconds.
    const stored = (await reader.messages(topic, { count: 10 })).map(({ storeTimestamp }) => storeTimestamp)
    const [before, after] = [Math.min(...stored) - 2_000, Math.max(...stored) + 2_000].map(String)
    expect(await find('-k', 'k1', '-b', before!, '-e', after!)).toHaveLength(2)
    const nothing = [['nothing'], [first!.msgId], ['k1', '-b', after!], ['k1', '-e', before!]]
    for (const args of nothing) {
      const { error } = await mqadmin.run('queryMsgByKey', '-t', topic, '-k', ...args)
      expect(error).toContain('CODE: 208  DESC: query message by key finished, but no message.')
    }
  })

  test('queryMsgByUniqueKey finds one message by the id its producer gave it, and tells who consumed it', async () => {
    const { consumers, mqadmin, servers, untilConsumed } = session()
    const topic = 'ByUniqueKey'
    const results = await sendTo(topic)
    const consumer = await consumers.push({ kind: 'concurrent', group: 'by-unique-key', topic })
    await untilConsumed('by-unique-key', topic)
    const { msgId, queueId, queueOffset } = results[3]!
    await vi.waitFor(async () => {
      const { lines, body, error } = await mqadmin.run('queryMsgByUniqueKey', '-t', topic, '-i', msgId)
      expect(error).toBe('')
      const fields = keyValues(lines, /: +/)
      expect(Object.fromEntries(fields)).toMatchObject({
        Topic: topic,
        Tags: '[red]',
        Keys: '[k3]',
        'Queue ID': String(queueId),
        'Queue Offset': String(queueOffset),
        'Reconsume Times': '0',
        'Store Host': servers.brokerAddr,
      })
      expect(javaMap(fields.get('Properties')!)).toMatchObject({ UNIQ_KEY: msgId, TAGS: 'red', KEYS: 'k3' })
      expect(body).toBe(messageBody(3))
      expect(lines.at(-1)).toBe('MessageTrack [consumerGroup=by-unique-key, trackType=CONSUMED, exceptionDesc=null]')
    }, eventually)
    const { error } = await mqadmin.run('queryMsgByUniqueKey', '-t', topic, '-i', 'nothing')
    expect(error).toContain('CODE: 208  DESC: query message by key finished, but no message.')
    await consumer.stop()
  })

  test('printMsg prints the messages of a topic, queue by queue, or those of a tag', async () => {
    const { lines, servers } = session()
    const topic = 'Printed'
    const results = await sendTo(topic)
    const printed = await vi.waitFor(async () => {
      const all = await lines('printMsg', '-t', topic)
      expect(all.filter((line) => line.startsWith('MSGID: '))).toHaveLength(8)
      return all
    }, eventually)
    for (const queueId of queueIds) {
      const head = `minOffset=0, maxOffset=2, MessageQueue [topic=${topic}, brokerName=${servers.brokerName}, queueId=${queueId}]`
      const shown = printed.slice(printed.indexOf(head) + 1).slice(0, 2)
      const expected = results.filter((result) => result.queueId === queueId)
      expect(shown.map((line) => line.split(' ')[1])).toEqual(expected.map(({ msgId }) => msgId))
      expect(shown.map((line) => /BODY: (.*)$/.exec(line)![1])).toEqual(
        expected.map((result) => messageBody(results.indexOf(result))),
      )
    }
    const unmatched = await lines('printMsg', '-t', topic, '-s', 'blue')
    expect(unmatched.filter((line) => line.endsWith('no matched msg. status=NO_MATCHED_MSG, offset=2'))).toHaveLength(4)
    expect(unmatched.filter((line) => line.startsWith('MSGID: '))).toEqual([])
  })

  test('printMsgByQueue prints the messages of one queue, and counts them by tag', async () => {
    const { lines, servers } = session()
    const topic = 'PrintedQueue'
    const results = (await sendTo(topic)).filter(({ queueId }) => queueId === 1)
    const queue = ['-t', topic, '-a', servers.brokerName, '-i', '1']
    await vi.waitFor(async () => {
      const printed = await lines('printMsgByQueue', ...queue, '-p', 'true', '-d', 'true', '-f', 'true')
      expect(printed.slice(0, -1).map((line) => line.split(' ')[1])).toEqual(results.map(({ msgId }) => msgId))
      expect(cells(printed.at(-1)!)).toEqual(['Tag: red', 'Count: 2'])
    }, eventually)
    expect(await lines('printMsgByQueue', ...queue, '-s', 'blue', '-p', 'true')).toEqual([])
  })

  test('consumeMessage prints messages from a place of a queue on, or of every queue', async () => {
    const { lines, servers } = session()
    const topic = 'ConsumedByHand'
    const results = await sendTo(topic)
    const ids = (printed: readonly string[]): string[] =>
      printed.flatMap((line) => (line.startsWith('MSGID: ') ? [line.split(' ')[1]!] : []))
    await vi.waitFor(async () => {
      expect(ids(await lines('consumeMessage', '-t', topic)).toSorted()).toEqual(
        results.map(({ msgId }) => msgId).toSorted(),
      )
    }, eventually)
    const ofQueue = results.filter(({ queueId }) => queueId === 2).map(({ msgId }) => msgId)
    const queue = ['-t', topic, '-b', servers.brokerName, '-i', '2']
    expect(ids(await lines('consumeMessage', ...queue))).toEqual(ofQueue)
    expect(ids(await lines('consumeMessage', ...queue, '-c', '1'))).toEqual(ofQueue.slice(0, 1))
    const second = await lines('consumeMessage', ...queue, '-o', '1')
    expect(ids(second)).toEqual(ofQueue.slice(1))
    expect([second[0], second.at(-1)]).toEqual([
      'Consume ok',
      `MessageQueue [topic=${topic}, brokerName=${servers.brokerName}, queueId=2] print msg finished. status=NO_NEW_MSG, offset=2`,
    ])
    expect(await lines('consumeMessage', ...queue, '-o', '5')).toEqual([
      `MessageQueue [topic=${topic}, brokerName=${servers.brokerName}, queueId=2] no matched msg, offset=5`,
    ])
  })

  test('queryCq shows the entries of a consume queue, and to what a group subscribed', async () => {
    const { consumers, lines, reader } = session()
    const topic = 'Entries'
    await sendTo(topic)
    const stored = (await reader.messages(topic, { count: 8 })).filter(({ queueId }) => queueId === 1)
    const line = '='.repeat(38)
    // Java: "red".hashCode()
    const entry = (index: number, rest: string): unknown[] => [
      `idx: ${index}`,
      expect.stringMatching(
        new RegExp(
          `^ConsumeQueueData\\{physicOffset=${stored[index]!.commitLogOffset}, physicSize=\\d+, tagsCode=112785, extendDataJson='null', bitMap='null', ${rest}\\}$`,
        ),
      ),
      line,
    ]
    const alone = "eval=false, msg='null'"
    expect(await lines('queryCq', '-t', topic, '-q', '1', '-i', '0')).toEqual([
      ...['Queue data: ', 'max: 2, min: 0', line],
      ...[...entry(0, alone), ...entry(1, alone)],
    ])
    expect(await lines('queryCq', '-t', topic, '-q', '1', '-i', '1', '-c', '5')).toEqual([
      ...['Queue data: ', 'max: 2, min: 0', line],
      ...entry(1, alone),
    ])
    const consumer = await consumers.push({ kind: 'concurrent', group: 'entries', topic, expression: 'red' })
    const forGroup = await lines('queryCq', '-t', topic, '-q', '1', '-i', '0', '-g', 'entries')
    expect(forGroup.join('\n')).toContain('"subString":"red"')
    expect(forGroup.slice(-3)).toEqual(entry(1, alone))
    await consumer.stop()
  })
}

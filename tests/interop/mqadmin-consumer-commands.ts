import { expect, test, vi } from 'vitest'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import { cells, keyValues } from './mqadmin-output.js'

const second = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

/** The commands that show consumers and how far they are. */
export function consumerCommands(session: () => ConsumerSession): void {
  test('consumerProgress shows for each queue what was stored, what was consumed, and when', async () => {
    const { lines, createTopic, consumers, producer, servers, untilConsumed } = session()
    const topic = 'Progress'
    await createTopic(topic)
    await producer.send({ topic, mode: 'sync', count: 8 })
    const consumer = await consumers.push({ kind: 'concurrent', group: 'progress', topic })
    await untilConsumed('progress', topic)
    const rows = (await lines('consumerProgress', '-g', 'progress')).map(cells)
    expect(rows[0]).toEqual([
      ...['#Topic', '#Broker Name', '#QID', '#Broker Offset', '#Consumer Offset', '#Diff', '#Inflight', '#LastTime'],
    ])
    const shown = rows.filter(([name]) => name === topic)
    expect(shown.map((row) => row.slice(1, -1))).toEqual(
      queueIds.map((queueId) => [servers.brokerName, String(queueId), '2', '2', '0', '0']),
    )
    expect(shown.map((row) => row.at(-1))).toEqual(queueIds.map(() => expect.stringMatching(second) as string))
    expect(rows.slice(-3)).toEqual([
      [expect.stringMatching(/^Consume TPS: \d+\.\d\d$/)],
      ['Consume Diff Total: 0'],
      ['Consume Inflight Total: 0'],
    ])
    const withIps = (await lines('consumerProgress', '-g', 'progress', '-t', topic, '-s', 'true')).map(cells)
    expect(withIps[1]!.slice(5, 7)).toEqual([expect.stringMatching(/^[\d.]+$/), '0'])
    await consumer.stop()
    await producer.send({ topic, mode: 'sync', count: 4 })
    await vi.waitFor(async () => {
      const behind = (await lines('consumerProgress', '-g', 'progress', '-t', topic)).map(cells)
      expect(behind.slice(1, 5).map((row) => row.slice(3, 6))).toEqual(queueIds.map(() => ['3', '2', '1']))
      expect(behind.slice(-2)).toEqual([
        ['Consume Diff Total: 4'],
        [expect.stringMatching(/^Consume Inflight Total: \d$/)],
      ])
    }, eventually)
  })

  test('consumerProgress of a queue of which nothing was consumed has no time', async () => {
    const { lines, createTopic, consumers, producer, queue } = session()
    const topic = 'NoProgress'
    await createTopic(topic, 1)
    await producer.send({ topic, mode: 'sync', count: 2 })
    const consumer = await consumers.lite({ group: 'no-progress', topic })
    expect(await consumer.poll(2)).toHaveLength(2)
    await consumer.stop()
    const [, row] = await lines('consumerProgress', '-g', 'no-progress', '-t', topic)
    const { brokerName } = queue(topic, 0)
    expect(cells(row!).slice(0, 6)).toEqual([topic, brokerName, '0', '2', '0', '2'])
    expect(cells(row!).at(-1)).toBe('N/A')
  })

  test('consumerProgress without a group lists the groups, and refuses one that nobody ever was in', async () => {
    const { lines, createTopic, consumers, mqadmin } = session()
    await createTopic('Listing')
    const passive = await consumers.push({ kind: 'concurrent', group: 'passive', topic: 'Listing' })
    const active = await consumers.pull({ group: 'active', topic: 'Listing' })
    await vi.waitFor(async () => {
      const [head, ...rows] = (await lines('consumerProgress')).map(cells)
      expect(head).toEqual(['#Group', '#Count', '#Version', '#Type', '#Model', '#TPS', '#Diff Total'])
      expect(rows).toContainEqual(['passive', '1', 'V5_4_0', 'PUSH', 'CLUSTERING', '0', '0'])
      expect(rows).toContainEqual(['active', '1', 'V5_4_0', 'PULL', '0', '0'])
    }, eventually)
    for (const consumer of [passive, active]) await consumer.stop()
    await vi.waitFor(async () => {
      expect((await lines('consumerProgress')).map(cells)).toContainEqual(['passive', '0', 'OFFLINE', '0', '0'])
    }, eventually)
    expect((await mqadmin.run('consumerProgress', '-g', 'nobody')).error).toContain(
      'CODE: 17  DESC: No topic route info in name server for the topic: %RETRY%nobody',
    )
  })

  test('consumerConnection shows the members of a group and to what they subscribe', async () => {
    const { lines, createTopic, consumers, mqadmin } = session()
    await createTopic('Connected')
    const options = { group: 'connected', topic: 'Connected', expression: 'red || blue' }
    const members = await Promise.all([
      consumers.push({ name: 'left', kind: 'concurrent', from: 'LAST_OFFSET', ...options }),
      consumers.push({ name: 'right', kind: 'concurrent', from: 'LAST_OFFSET', ...options }),
    ])
    const shown = (await lines('consumerConnection', '-g', 'connected')).map(cells)
    expect(shown[0]).toEqual(['#ClientId', '#ClientAddr', '#Language', '#Version'])
    expect(shown.slice(1, 3).toSorted()).toEqual(
      ['left', 'right'].map((name) => [
        expect.stringMatching(new RegExp(`^[\\d.]+@${name}$`)) as string,
        expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        ...['JAVA', 'V5_4_0'],
      ]),
    )
    const subscriptions = shown.slice(shown.findIndex(([cell]) => cell === '#Topic') + 1)
    expect(subscriptions.slice(0, 2).toSorted()).toEqual([
      ['%RETRY%connected', '*'],
      ['Connected', 'red || blue'],
    ])
    expect(shown.slice(-3)).toEqual([
      ['ConsumeType: CONSUME_PASSIVELY'],
      ['MessageModel: CLUSTERING'],
      ['ConsumeFromWhere: CONSUME_FROM_LAST_OFFSET'],
    ])
    for (const member of members) await member.stop()
    expect((await mqadmin.run('consumerConnection', '-g', 'connected')).error).toContain(
      'CODE: 206  DESC: the consumer group[connected] not online',
    )
  })

  test('consumerStatus asks the members themselves what they do', async () => {
    const { lines, createTopic, consumers, producer, servers, mqadmin, untilConsumed } = session()
    const topic = 'Running'
    await createTopic(topic)
    await producer.send({ topic, mode: 'sync', count: 8, tags: 'red' })
    const options = { kind: 'concurrent', group: 'running', topic, expression: 'red' } as const
    const consumer = await consumers.push({ name: 'runner', ...options })
    await untilConsumed('running', topic)
    const [head, row, , , same, , balance] = await lines('consumerStatus', '-g', 'running')
    expect(cells(head!)).toEqual(['#Index', '#ClientId', '#Version', '#ConsumerRunningInfoFile'])
    const [index, clientId, version] = cells(row!)
    expect([index, version]).toEqual(['1', 'V5_4_0'])
    expect([same, balance]).toEqual(['Same subscription in the same group of consumer', 'Rebalance OK'])
    const info = await lines('consumerStatus', '-g', 'running', '-i', clientId!)
    expect(Object.fromEntries(keyValues(info, / +: /))).toMatchObject({
      PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY',
      PROP_CLIENT_VERSION: 'V5_4_0',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    expect(info).toContainEqual(expect.stringMatching(/^\d{3} Topic: Running +ClassFilter: false +SubExpression: red$/))
    for (const queueId of queueIds) {
      expect(info.map(cells)).toContainEqual([topic, servers.brokerName, String(queueId), '2'])
    }
    const stacks = await lines('consumerStatus', '-g', 'running', '-i', clientId!, '-s')
    expect(stacks).toContainEqual(expect.stringMatching(/^ConsumeMessageThread_running_\d+ +TID: \d+ STATE: /))
    await consumer.stop()
    expect((await mqadmin.run('consumerStatus', '-g', 'running')).error).toContain('CODE: 206')
  })

  test('queryMsgByUniqueKey hands a message to a member, at once', async () => {
    const { lines, createTopic, consumers, producer } = session()
    const topic = 'HandedOver'
    await createTopic(topic)
    const consumer = await consumers.push({ name: 'taker', kind: 'concurrent', group: 'handed-over', topic })
    const [result] = await producer.send({ topic, mode: 'sync', count: 1 })
    expect(await consumer.deliveries(1)).toHaveLength(1)
    const [, row] = await lines('consumerConnection', '-g', 'handed-over')
    const member = ['-g', 'handed-over', '-d', cells(row!)[0]!]
    const [taken] = await lines('queryMsgByUniqueKey', '-t', topic, '-i', result!.msgId, ...member)
    expect(taken).toMatch(
      /^ConsumeMessageDirectlyResult \[order=false, autoCommit=true, consumeResult=CR_SUCCESS, remark=null, spentTimeMills=\d+\]$/,
    )
    expect((await consumer.deliveries(2)).map(({ msgId }) => msgId)).toEqual([result!.msgId, result!.msgId])
    await consumer.stop()
  })
}

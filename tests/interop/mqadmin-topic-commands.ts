import { expect, test } from 'vitest'
import { cells, routeText, topicConfig } from './mqadmin-output.js'
import type { MqadminSession } from './mqadmin-session.js'

const topicsOfEveryBroker = ['BenchmarkTest', 'OFFSET_MOVED_EVENT', 'SCHEDULE_TOPIC_XXXX', 'SELF_TEST_TOPIC', 'TBW102']

/** The commands about topics. */
export function topicCommands(session: () => MqadminSession): void {
  test('updateTopic on a broker makes a topic that topicRoute shows with its queues', async () => {
    const { servers, lines } = session()
    expect(await lines('updateTopic', '-b', servers.brokerAddr, '-t', 'Made', '-r', '4', '-w', '3')).toEqual([
      `create topic to ${servers.brokerAddr} success.`,
      topicConfig('Made', { readQueueNums: 4, writeQueueNums: 3 }),
    ])
    expect(await lines('topicRoute', '-t', 'Made')).toEqual(routeText(servers, { read: 4, write: 3, perm: 6 }))
    const [head, row, , total] = await lines('topicRoute', '-t', 'Made', '-l')
    expect(cells(head!)).toEqual(['#ClusterName', '#BrokerName', '#BrokerAddrs', '#ReadQueue #WriteQueue #Perm'])
    expect(cells(row!)).toEqual([
      ...[servers.clusterName, servers.brokerName, `{0=${servers.brokerAddr}}`, '4', '3', '6'],
    ])
    expect(cells(total!)).toEqual(['Total:', '1', '4', '3'])
  })

  test('updateTopic on a cluster makes 8 queues on each of its brokers', async () => {
    const { servers, lines } = session()
    expect(await lines('updateTopic', '-c', servers.clusterName, '-t', 'Wide')).toEqual([
      `create topic to ${servers.brokerAddr} success.`,
      topicConfig('Wide', {}),
    ])
    expect(await lines('topicRoute', '-t', 'Wide')).toEqual(routeText(servers, { read: 8, write: 8, perm: 6 }))
  })

  test('updateTopic changes the queues of a topic that exists', async () => {
    const { servers, lines, createTopic } = session()
    await createTopic('Growing', 2)
    await createTopic('Growing', 6)
    expect(await lines('topicRoute', '-t', 'Growing')).toEqual(routeText(servers, { read: 6, write: 6, perm: 6 }))
  })

  test('updateTopic -o records the order of the brokers at the name server', async () => {
    const { servers, lines, kvConfig } = session()
    expect(
      await lines('updateTopic', '-c', servers.clusterName, '-t', 'InOrder', '-r', '2', '-w', '2', '-o', 'true'),
    ).toEqual([
      `create topic to ${servers.brokerAddr} success.`,
      `set cluster orderConf. isOrder=true, orderConf=[${servers.brokerName}:2]`,
      topicConfig('InOrder', { readQueueNums: 2, writeQueueNums: 2, order: true }),
    ])
    expect(await kvConfig('ORDER_TOPIC_CONFIG', 'InOrder')).toBe(`${servers.brokerName}:2`)
  })

  test('updateTopic takes a message type as an attribute and refuses an unknown attribute', async () => {
    const { servers, lines, mqadmin } = session()
    const topic = ['-b', servers.brokerAddr, '-t', 'Delays']
    expect(await lines('updateTopic', ...topic, '-a', '+message.type=DELAY')).toContain(
      topicConfig('Delays', { attributes: '{+message.type=DELAY}' }),
    )
    const refused = await mqadmin.run('updateTopic', ...topic, '-a', '+no.such.attribute=1')
    expect(refused.error).toMatch(/CODE: 1 {2}DESC: .*no\.such\.attribute/)
  })

  test('updateTopic refuses a name with illegal characters', async () => {
    const { servers, mqadmin } = session()
    const { error } = await mqadmin.run('updateTopic', '-b', servers.brokerAddr, '-t', 'bad topic!')
    expect(error).toContain(
      'CODE: 29  DESC: The specified topic: bad topic!, contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$',
    )
  })

  test('topicList names what was made and the topics of every broker', async () => {
    const { servers, lines, createTopic } = session()
    await createTopic('Listed')
    const topics = await lines('topicList')
    expect(topics).toEqual(expect.arrayContaining(['Listed', servers.clusterName, servers.brokerName]))
    expect(topics).toEqual(expect.arrayContaining(topicsOfEveryBroker))
    expect(new Set(topics).size).toBe(topics.length)
    const [head, ...rows] = await lines('topicList', '-c')
    expect(cells(head!)).toEqual(['#Cluster Name', '#Topic', '#Consumer Group'])
    expect(rows.map(cells)).toContainEqual([servers.clusterName, 'Listed'])
  })

  test('topicClusterList names the cluster of a topic', async () => {
    const { servers, lines, createTopic } = session()
    await createTopic('Clustered')
    expect(await lines('topicClusterList', '-t', 'Clustered')).toEqual([servers.clusterName])
  })

  test('topicRoute of an unknown topic is code 17', async () => {
    const { mqadmin } = session()
    expect((await mqadmin.run('topicRoute', '-t', 'Nowhere')).error).toContain(
      'CODE: 17  DESC: No topic route info in name server for the topic: Nowhere',
    )
  })

  test('topicStatus shows the offsets of each queue and when it last changed', async () => {
    const { servers, lines, createTopic, producer, mqadmin } = session()
    await createTopic('Filled', 2)
    const empty = (await lines('topicStatus', '-t', 'Filled')).map(cells)
    expect(empty.slice(0, 3)).toEqual([
      ['#Broker Name', '#QID', '#Min Offset', '#Max Offset', '#Last Updated'],
      [servers.brokerName, '0', '0', '0'],
      [servers.brokerName, '1', '0', '0'],
    ])
    const queue = { brokerName: servers.brokerName, queueId: 1 }
    await producer.send({ topic: 'Filled', mode: 'queue', ...queue, count: 3 })
    const [, first, second, , tps] = (await lines('topicStatus', '-t', 'Filled')).map(cells)
    expect(first).toEqual([servers.brokerName, '0', '0', '0'])
    expect(second!.slice(0, 4)).toEqual([servers.brokerName, '1', '0', '3'])
    expect(second![4]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/)
    expect(tps).toEqual([expect.stringMatching(/^Topic Put TPS: \d/)])
    expect((await mqadmin.run('topicStatus', '-t', 'Nowhere')).error).toContain('CODE: 17')
  })

  test('updateTopicPerm takes the write permission of a topic, and gives it back', async () => {
    const { servers, lines, createTopic, producer } = session()
    await createTopic('Guarded', 4)
    expect(await lines('updateTopicPerm', '-b', servers.brokerAddr, '-t', 'Guarded', '-p', '4')).toEqual([
      `update topic perm from 6 to 4 in ${servers.brokerAddr} success.`,
      `${topicConfig('Guarded', { readQueueNums: 4, writeQueueNums: 4, perm: 'R--' })}.`,
    ])
    expect(await lines('topicRoute', '-t', 'Guarded')).toEqual(routeText(servers, { read: 4, write: 4, perm: 4 }))
    const [refused] = await producer.send({ topic: 'Guarded', mode: 'sync', count: 1 })
    expect(refused!.error).toContain('No route info of this topic: Guarded')
    expect(await lines('updateTopicPerm', '-c', servers.clusterName, '-t', 'Guarded', '-p', '6')).toEqual([
      `update topic perm from 4 to 6 in ${servers.brokerAddr} success.`,
    ])
    const [sent] = await producer.send({ topic: 'Guarded', mode: 'sync', count: 1 })
    expect(sent!.status).toBe('SEND_OK')
  })

  test('deleteTopic removes a topic from broker and name server, and refuses a system topic', async () => {
    const { servers, lines, createTopic, mqadmin } = session()
    await createTopic('Doomed')
    const deleted = (topic: string): string[] => [
      `delete topic [${topic}] from cluster [${servers.clusterName}] success.`,
      `delete topic [${topic}] from NameServer success.`,
    ]
    expect(await lines('deleteTopic', '-c', servers.clusterName, '-t', 'Doomed')).toEqual(deleted('Doomed'))
    expect((await mqadmin.run('topicRoute', '-t', 'Doomed')).error).toContain('CODE: 17')
    expect(await lines('topicList')).not.toContain('Doomed')
    expect(await lines('deleteTopic', '-c', servers.clusterName, '-t', 'Nowhere')).toEqual(deleted('Nowhere'))
    expect((await mqadmin.run('deleteTopic', '-c', servers.clusterName, '-t', 'TBW102')).error).toContain(
      'CODE: 29  DESC: The topic[TBW102] is conflict with system topic.',
    )
  })
}

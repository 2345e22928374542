import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import type { ConsumerSession } from './consumer-session.js'
import { eventually, queueIds } from './group-progress.js'
import { cells } from './mqadmin-output.js'
import { TemporaryFolder } from './temporary-folder.js'

/** The commands about all topics, groups or brokers at once. */
export function clusterCommands(session: () => ConsumerSession): void {
  test('statsAll shows who consumes each topic, and what has piled up', async () => {
    const { consumers, createTopic, lines, producer, untilConsumed } = session()
    await createTopic('Counted')
    await createTopic('Uncounted')
    await producer.send({ topic: 'Counted', mode: 'sync', count: 8 })
    const consumer = await consumers.push({ kind: 'concurrent', group: 'counted', topic: 'Counted' })
    await untilConsumed('counted', 'Counted')
    await consumer.stop()
    await producer.send({ topic: 'Counted', mode: 'sync', count: 4 })
    await vi.waitFor(async () => {
      const [head, row, ...rest] = (await lines('statsAll', '-t', 'Counted')).map(cells)
      expect(head).toEqual([
        ...['#Topic', '#Consumer Group', '#Accumulation', '#InTPS', '#OutTPS', '#InMsg24Hour', '#OutMsg24Hour'],
      ])
      expect(row!.slice(0, 3)).toEqual(['Counted', 'counted', '4'])
      expect(row!.slice(3).join(' ')).toMatch(/^\d+\.\d\d \d+\.\d\d \d+ \d+$/)
      expect(rest).toEqual([])
    }, eventually)
    const all = (await lines('statsAll')).map(cells)
    const uncounted = all.find(([topic]) => topic === 'Uncounted')!
    expect([uncounted[1], uncounted.at(-1)]).toEqual(['0', 'NO_CONSUMER'])
    expect(all.find(([topic]) => topic!.startsWith('%RETRY%'))).toBeUndefined()
  })

  test('allocateMQ shares the queues of a topic out', async () => {
    const { createTopic, lines, queue } = session()
    await createTopic('Shared')
    const [line] = await lines('allocateMQ', '-t', 'Shared', '-i', 'a,b,c')
    const { result } = JSON.parse(line!) as { result: Record<string, unknown[]> }
    expect(Object.values(result).map((queues) => queues.length)).toEqual([2, 1, 1])
    const all = queueIds.map((queueId) => queue('Shared', queueId))
    expect(Object.values(result).flat()).toEqual(expect.arrayContaining(all))
  })

  test('clusterRT sends to the topic of each broker and tells how long it took', async () => {
    const { mqadmin, servers } = session()
    // It would go on for ever: it ends because there is no waiting for -1 s.
    const { lines, error } = await mqadmin.run('clusterRT', '-a', '3', '-s', '10', '-i', '-1')
    expect(error).toContain('timeout value is negative')
    expect(lines.map(cells)).toEqual([
      ['#Cluster Name', '#Broker Name', '#RT', '#successCount  #failCount'].flatMap((cell) => cell.split('  ')),
      [servers.clusterName, servers.brokerName, expect.stringMatching(/^\d+\.\d\d$/), '3', '0'],
    ])
  })

  test('exportMetadata writes the topics and groups of a cluster', async () => {
    const { createTopic, lines, servers } = session()
    await createTopic('Exported', 3)
    await lines('updateSubGroup', '-b', servers.brokerAddr, '-g', 'exported', '-r', '7')
    using folder = new TemporaryFolder()
    const written = async (file: string, ...args: string[]): Promise<Exported> => {
      const [line] = await lines('exportMetadata', '-f', folder.path, ...args)
      expect(line).toBe(`export ${folder.path}/${file} success`)
      return JSON.parse(readFileSync(`${folder.path}/${file}`, 'utf8')) as Exported
    }
    const topic = { topicName: 'Exported', readQueueNums: 3, writeQueueNums: 3, perm: 6, order: false }
    const group = { groupName: 'exported', retryMaxTimes: 7, retryQueueNums: 1, consumeFromMinEnable: false }
    const metadata = await written('metadata.json', '-c', servers.clusterName)
    expect(metadata.topicConfigTable!['Exported']).toMatchObject(topic)
    expect(metadata.subscriptionGroupTable!['exported']).toMatchObject(group)
    // Neither what every broker has nor what belongs to groups is anyone's metadata.
    const names = Object.keys(metadata.topicConfigTable!)
    expect(names.filter((name) => name === 'TBW102' || name.startsWith('%RETRY%'))).toEqual([])
    expect(metadata.subscriptionGroupTable).not.toHaveProperty('TOOLS_CONSUMER')
    const topics = await written('topic.json', '-b', servers.brokerAddr, '-t')
    expect(topics.topicConfigTable!['Exported']).toMatchObject(topic)
    expect(topics.dataVersion!.counter).toBeGreaterThan(0)
    const groups = await written('subscriptionGroup.json', '-b', servers.brokerAddr, '-g')
    expect(groups.subscriptionGroupTable!['exported']).toMatchObject(group)
  })

  test('exportConfigs writes the size of a cluster and the configuration of its brokers', async () => {
    const { lines, servers } = session()
    using folder = new TemporaryFolder()
    expect(await lines('exportConfigs', '-c', servers.clusterName, '-f', folder.path)).toEqual([
      `export ${folder.path}/configs.json success`,
    ])
    expect(JSON.parse(readFileSync(`${folder.path}/configs.json`, 'utf8'))).toMatchObject({
      clusterScale: { namesrvSize: 1, masterBrokerSize: 1, slaveBrokerSize: 0 },
      brokerConfigs: {
        [servers.brokerName]: {
          autoCreateSubscriptionGroup: 'true',
          autoCreateTopicEnable: 'true',
          brokerClusterName: servers.clusterName,
          brokerId: '0',
          brokerName: servers.brokerName,
          brokerRole: 'ASYNC_MASTER',
          flushDiskType: 'ASYNC_FLUSH',
          maxMessageSize: '4194304',
          messageDelayLevel: '1s 1s 1s 1s 1s 1s',
        },
      },
    })
  })
}

interface Exported {
  readonly topicConfigTable?: Readonly<Record<string, unknown>>
  readonly subscriptionGroupTable?: Readonly<Record<string, unknown>>
  readonly dataVersion?: { readonly counter: number }
}

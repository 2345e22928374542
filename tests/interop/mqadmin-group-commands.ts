import { expect, test } from 'vitest'
import type { ConsumerSession } from './consumer-session.js'
import { keyValues } from './mqadmin-output.js'

/** The commands about the settings of groups. */
export function groupCommands(session: () => ConsumerSession): void {
  const config = async (group: string): Promise<Record<string, string>> => {
    return Object.fromEntries(keyValues(await session().lines('getConsumerConfig', '-g', group), / *= {2}/))
  }

  test('updateSubGroup makes a group with the settings given, and later replaces them all', async () => {
    const { lines, servers } = session()
    const made = (settings: string): string[] => [
      `create subscription group to ${servers.brokerAddr} success.`,
      expect.stringContaining(`SubscriptionGroupConfig{groupName=made, ${settings}`) as string,
    ]
    const toBroker = ['-b', servers.brokerAddr, '-g', 'made']
    expect(await lines('updateSubGroup', ...toBroker, '-r', '3', '-q', '2', '-d', 'true', '-s', 'false')).toEqual(
      made('consumeEnable=false, consumeFromMinEnable=false, consumeBroadcastEnable=true'),
    )
    expect(await config('made')).toMatchObject({
      consumeEnable: 'false',
      consumeBroadcastEnable: 'true',
      retryQueueNums: '2',
      retryMaxTimes: '3',
    })
    expect(await lines('updateSubGroup', '-c', servers.clusterName, '-g', 'made', '-r', '5')).toEqual(
      made('consumeEnable=true, consumeFromMinEnable=false, consumeBroadcastEnable=false'),
    )
    const [head] = await lines('getConsumerConfig', '-g', 'made')
    const line = '='.repeat(29)
    expect(head).toBe(`${line}${servers.clusterName}:${servers.brokerName}${line}`)
    expect(await config('made')).toEqual({
      ...defaults,
      groupName: 'made',
      consumeFromMinEnable: 'false',
      consumeBroadcastEnable: 'false',
      retryMaxTimes: '5',
    })
  })

  test('getConsumerConfig shows the defaults of a group that came by itself, and nothing of one that did not', async () => {
    const { lines, consumers, createTopic } = session()
    await createTopic('Configured')
    await (await consumers.push({ kind: 'concurrent', group: 'configured', topic: 'Configured' })).stop()
    expect(await config('configured')).toEqual({ ...defaults, groupName: 'configured' })
    expect(await lines('getConsumerConfig', '-g', 'nobody')).toEqual([])
  })

  test('a group that may not consume is refused its pulls, until it may', async () => {
    const { lines, consumers, createTopic, producer, queue, servers } = session()
    const topic = 'Forbidden'
    await createTopic(topic, 1)
    const [result] = await producer.send({ topic, mode: 'sync', count: 1 })
    await lines('updateSubGroup', '-b', servers.brokerAddr, '-g', 'forbidden', '-s', 'false')
    const consumer = await consumers.pull({ group: 'forbidden', topic })
    const first = { queue: queue(topic, 0), offset: 0 }
    await expect(consumer.pull(first)).rejects.toThrow('CODE: 16  DESC: ')
    await lines('updateSubGroup', '-b', servers.brokerAddr, '-g', 'forbidden', '-s', 'true')
    expect((await consumer.pull(first)).messages.map(({ msgId }) => msgId)).toEqual([result!.msgId])
    await consumer.stop()
  })

  test('deleteSubGroup removes a group, and with the cluster named its retry topic', async () => {
    const { lines, consumers, createTopic, servers } = session()
    await createTopic('Left')
    await (await consumers.push({ kind: 'concurrent', group: 'left', topic: 'Left' })).stop()
    expect(await lines('topicList')).toContain('%RETRY%left')
    expect(await lines('deleteSubGroup', '-c', servers.clusterName, '-g', 'left')).toEqual([
      `delete subscription group [left] from broker [${servers.brokerAddr}] in cluster [${servers.clusterName}] success.`,
    ])
    expect(await lines('topicList')).not.toContain('%RETRY%left')
    expect(await lines('getConsumerConfig', '-g', 'left')).toEqual([])
  })
}

const defaults = {
  groupName: '',
  consumeEnable: 'true',
  consumeFromMinEnable: 'true',
  consumeBroadcastEnable: 'true',
  consumeMessageOrderly: 'false',
  retryQueueNums: '1',
  retryMaxTimes: '16',
  groupRetryPolicy: 'GroupRetryPolicy{type=CUSTOMIZED, exponentialRetryPolicy=null, customizedRetryPolicy=null}',
  brokerId: '0',
  whichBrokerWhenConsumeSlowly: '1',
  notifyConsumerIdsChangedEnable: 'true',
  groupSysFlag: '0',
  consumeTimeoutMinute: '15',
  subscriptionDataSet: '',
  attributes: '{}',
}

import { expect, test } from 'vitest'
import { cells, keyValues, routeText } from './mqadmin-output.js'
import type { MqadminSession } from './mqadmin-session.js'

const runtimeInfoKeys = `EndTransactionQueueSize EndTransactionThreadPoolQueueCapacity ackThreadPoolQueueCapacity
  ackThreadPoolQueueHeadWaitTimeMills ackThreadPoolQueueSize bootTimestamp brokerActive brokerVersionDesc commitLogDirCapacity
  commitLogDiskRatio commitLogMaxOffset commitLogMinOffset consumeQueueDiskRatio dispatchBehindBytes dispatchMaxBuffer
  earliestMessageTimeStamp getFoundTps getMessageEntireTimeMax getMissTps getTotalTps getTransferredTps
  litePullThreadPoolQueueCapacity litePullThreadPoolQueueHeadWaitTimeMills litePullThreadPoolQueueSize msgGetTotalTodayMorning
  msgGetTotalTodayNow msgGetTotalYesterdayMorning msgPutTotalTodayMorning msgPutTotalTodayNow msgPutTotalYesterdayMorning
  pageCacheLockTimeMills pullThreadPoolQueueCapacity pullThreadPoolQueueHeadWaitTimeMills pullThreadPoolQueueSize putLatency99
  putLatency999 putMessageAverageSize putMessageDistributeTime putMessageEntireTimeMax putMessageFailedTimes putMessageSizeTotal
  putMessageTimesTotal putTps queryThreadPoolQueueCapacity queryThreadPoolQueueHeadWaitTimeMills queryThreadPoolQueueSize
  remainHowManyDataToFlush remainTransientStoreBufferNumbs runtime sendThreadPoolQueueCapacity
  sendThreadPoolQueueHeadWaitTimeMills sendThreadPoolQueueSize startAcceptSendRequestTimeStamp timerCongestNum timerDequeueTps
  timerEnqueueTps timerOffsetBehind timerReadBehind`.split(/\s+/)

/** The commands about brokers, their clients and name servers. */
export function serverCommands(session: () => MqadminSession): void {
  test('clusterList shows the broker, its address, version and counters', async () => {
    const { servers, lines } = session()
    const [head, row, ...rest] = await lines('clusterList')
    expect(cells(head!)).toEqual([
      ...['#Cluster Name', '#Broker Name', '#BID', '#Addr', '#Version', '#InTPS(LOAD)', '#OutTPS(LOAD)'],
      ...['#Timer(Progress)', '#PCWait(ms)', '#Hour', '#SPACE', '#ACTIVATED'],
    ])
    const [cluster, broker, id, address, version, inTps, outTps, timer, wait, hour, space, activated] = cells(row!)
    expect([cluster, broker, id, address, activated]).toEqual([
      ...[servers.clusterName, servers.brokerName, '0', servers.brokerAddr, 'true'],
    ])
    expect(version).toMatch(/^V5_\d_\d$/)
    expect(inTps).toMatch(/^\d+\.\d\d\(\d+,\d+ms\)$/)
    expect(outTps).toMatch(/^\d+\.\d\d\(\d+,\d+ms\|\d+,\d+ms\)$/)
    // The first is how many seconds a timer wheel is behind: a Java broker on a busy machine may be.
    expect(timer).toMatch(/^\d+-0\(0\.0w, 0\.0, 0\.0\)$/)
    expect(Number(wait)).toBeGreaterThanOrEqual(0)
    expect(Number(hour)).toBeGreaterThanOrEqual(0)
    expect(space).toMatch(/^0\.\d{4}$/)
    expect(rest).toEqual([])
  })

  test('clusterList -m counts the messages of today', async () => {
    const { servers, lines, producer } = session()
    await producer.send({ topic: 'Counted', mode: 'sync', count: 3 })
    const [head, row] = await lines('clusterList', '-m')
    expect(cells(head!)).toEqual([
      ...['#Cluster Name', '#Broker Name', '#InTotalYest', '#OutTotalYest', '#InTotalToday #OutTotalToday'],
    ])
    const [cluster, broker, inYesterday, , inToday] = cells(row!)
    expect([cluster, broker, inYesterday]).toEqual([servers.clusterName, servers.brokerName, '0'])
    expect(Number(inToday)).toBeGreaterThanOrEqual(3)
  })

  test('brokerStatus lists the figures Java lists', async () => {
    const { servers, lines } = session()
    const status = keyValues(await lines('brokerStatus', '-b', servers.brokerAddr), /\s*: /)
    expect([...status.keys()]).toEqual(expect.arrayContaining(runtimeInfoKeys))
    expect(status.get('brokerActive')).toBe('true')
    expect(status.get('commitLogMinOffset')).toBe('0')
    expect(Number(status.get('commitLogMaxOffset'))).toBeGreaterThan(0)
    expect(Number(status.get('putMessageTimesTotal'))).toBeGreaterThan(0)
    expect(status.get('getTotalTps')).toMatch(/^\S+ \S+ \S+$/)
    expect(Math.abs(Number(status.get('bootTimestamp')) - Date.now())).toBeLessThan(3_600_000)
    const cluster = await lines('brokerStatus', '-c', servers.clusterName)
    expect(cells(cluster[0]!)[0]).toBe(servers.brokerAddr)
    expect(cluster).toHaveLength(status.size)
  })

  test('getBrokerConfig answers with the configuration in force', async () => {
    const { servers, lines } = session()
    const [head, ...properties] = await lines('getBrokerConfig', '-b', servers.brokerAddr)
    expect(head).toBe(`============${servers.brokerAddr}============`)
    expect(Object.fromEntries(keyValues(properties, / += {2}/))).toMatchObject({
      autoCreateTopicEnable: 'true',
      brokerClusterName: servers.clusterName,
      brokerId: '0',
      brokerIP1: '127.0.0.1',
      brokerName: servers.brokerName,
      brokerPermission: '6',
      brokerRole: 'ASYNC_MASTER',
      flushDiskType: 'ASYNC_FLUSH',
      listenPort: servers.brokerAddr.split(':')[1],
      mappedFileSizeCommitLog: '1048576',
      maxMessageSize: '4194304',
      namesrvAddr: servers.namesrvAddr,
    })
    const [kind, ...cluster] = await lines('getBrokerConfig', '-c', servers.clusterName)
    expect(kind).toBe(`============Master: ${servers.brokerAddr}============`)
    expect(cluster).toEqual(expect.arrayContaining([expect.stringMatching(/^brokerName += {2}first$/)]))
  })

  test('producerConnection shows who produces, and refuses a group nobody is in', async () => {
    const { lines, createTopic, producer, mqadmin } = session()
    await createTopic('Watched')
    await producer.send({ topic: 'Watched', mode: 'sync', count: 1 })
    const [row, ...rest] = await lines('producerConnection', '-g', 'contract-producer', '-t', 'Watched')
    const [number, client, address, language, version] = cells(row!)
    expect([number, language, version]).toEqual(['0001', 'JAVA', 'V5_4_0'])
    expect(client).toMatch(/^[\d.]+@\d+#\d+$/)
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(rest).toEqual([])
    const { error } = await mqadmin.run('producerConnection', '-g', 'nobody', '-t', 'Watched')
    expect(error).toContain('CODE: 1  DESC: the producer group[nobody] not exist')
  })

  test('getNamesrvConfig answers with the configuration in force', async () => {
    const { servers, lines } = session()
    const [head, ...properties] = await lines('getNamesrvConfig')
    expect(head).toBe(`============${servers.namesrvAddr}============`)
    expect(Object.fromEntries(keyValues(properties, / += {2}/))).toMatchObject({
      listenPort: servers.namesrvAddr.split(':')[1],
      orderMessageEnable: 'false',
      returnOrderTopicConfigToBroker: 'true',
      scanNotActiveBrokerInterval: '5000',
    })
  })

  test('updateKvConfig keeps a value that deleteKvConfig takes away, even one that is not there', async () => {
    const { lines, kvConfig } = session()
    const deleted = ['delete kv config from namespace success.']
    expect(await lines('updateKvConfig', '-s', 'ns', '-k', 'colour', '-v', 'red')).toEqual([
      'create or update kv config to namespace success.',
    ])
    expect(await kvConfig('ns', 'colour')).toBe('red')
    expect(await lines('deleteKvConfig', '-s', 'ns', '-k', 'colour')).toEqual(deleted)
    expect(await kvConfig('ns', 'colour')).toBeUndefined()
    expect(await lines('deleteKvConfig', '-s', 'ns', '-k', 'colour')).toEqual(deleted)
  })

  test('wipeWritePerm takes the write permission of all topics of a broker, addWritePerm gives it back', async () => {
    const { servers, lines, createTopic } = session()
    await createTopic('Wiped')
    const answer = async (command: string, broker: string): Promise<number> => {
      const [line] = await lines(command, '-b', broker)
      const verb = command.slice(0, command.indexOf('W'))
      const text = `${verb} write perm of broker[${broker}] in name server[${servers.namesrvAddr}] OK, `
      expect(line).toContain(text)
      return Number(line!.slice(text.length))
    }
    const topics = await lines('topicList')
    const wiped = await answer('wipeWritePerm', servers.brokerName)
    expect(wiped).toBeGreaterThanOrEqual(topics.length - 2)
    expect(await lines('topicRoute', '-t', 'Wiped')).toEqual(routeText(servers, { read: 4, write: 4, perm: 4 }))
    expect(await answer('addWritePerm', servers.brokerName)).toBe(wiped)
    expect(await lines('topicRoute', '-t', 'Wiped')).toEqual(routeText(servers, { read: 4, write: 4, perm: 6 }))
    expect(await answer('wipeWritePerm', 'nobody')).toBe(0)
  })
}

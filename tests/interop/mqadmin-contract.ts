import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { JavaProducer, messageBody } from './java-producer.js'
import { hasJava } from './java-toolchain.js'
import { Mqadmin } from './mqadmin.js'
import { cells, javaMap, keyValues, routeText, takeBody, topicConfig } from './mqadmin-output.js'
import type { Servers } from './servers.js'

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

/** For what servers do on their own after they answered. */
const eventually = { timeout: 20_000, interval: 100 }

const topicsOfEveryBroker = ['BenchmarkTest', 'OFFSET_MOVED_EVENT', 'SCHEDULE_TOPIC_XXXX', 'SELF_TEST_TOPIC', 'TBW102']

/** What Apache RocketMQ's mqadmin gets from any name server and broker worth the name: Apache's own, and ours. */
export function mqadminContract(title: string, start: () => Promise<Servers>): void {
  describe.skipIf(!hasJava)(`mqadmin asks ${title}`, () => {
    const stack = new DisposalStack()
    let servers: Servers
    let mqadmin: Mqadmin
    let producer: JavaProducer
    const lines = async (command: string, ...args: readonly string[]): Promise<readonly string[]> => {
      const output = await mqadmin.run(command, ...args)
      expect(output.error, `mqadmin ${command} ${args.join(' ')}`).toBe('')
      return output.lines
    }
    const createTopic = async (topic: string, queues = 4): Promise<void> => {
      await lines('updateTopic', '-b', servers.brokerAddr, '-t', topic, '-r', String(queues), '-w', String(queues))
    }

    beforeAll(async () => {
      servers = stack.use(await start())
      mqadmin = stack.use(await Mqadmin.start(servers.namesrvAddr))
      producer = stack.use(await JavaProducer.start({ namesrvAddr: servers.namesrvAddr, group: 'contract-producer' }))
    })
    afterAll(() => stack[Symbol.asyncDispose]())

    test('clusterList shows the broker, its address, version and counters', async () => {
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
      expect(timer).toBe('0-0(0.0w, 0.0, 0.0)')
      expect(Number(wait)).toBeGreaterThanOrEqual(0)
      expect(Number(hour)).toBeGreaterThanOrEqual(0)
      expect(space).toMatch(/^0\.\d{4}$/)
      expect(rest).toEqual([])
    })

    test('clusterList -m counts the messages of today', async () => {
      await producer.send({ topic: 'Counted', mode: 'sync', count: 3 })
      const [head, row] = await lines('clusterList', '-m')
      expect(cells(head!)).toEqual([
        ...['#Cluster Name', '#Broker Name', '#InTotalYest', '#OutTotalYest', '#InTotalToday #OutTotalToday'],
      ])
      const [cluster, broker, inYesterday, , inToday] = cells(row!)
      expect([cluster, broker, inYesterday]).toEqual([servers.clusterName, servers.brokerName, '0'])
      expect(Number(inToday)).toBeGreaterThanOrEqual(3)
    })

    test('updateTopic on a broker makes a topic that topicRoute shows with its queues', async () => {
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
      expect(await lines('updateTopic', '-c', servers.clusterName, '-t', 'Wide')).toEqual([
        `create topic to ${servers.brokerAddr} success.`,
        topicConfig('Wide', {}),
      ])
      expect(await lines('topicRoute', '-t', 'Wide')).toEqual(routeText(servers, { read: 8, write: 8, perm: 6 }))
    })

    test('updateTopic changes the queues of a topic that exists', async () => {
      await createTopic('Growing', 2)
      await createTopic('Growing', 6)
      expect(await lines('topicRoute', '-t', 'Growing')).toEqual(routeText(servers, { read: 6, write: 6, perm: 6 }))
    })

    test('updateTopic -o records the order of the brokers at the name server', async () => {
      expect(
        await lines('updateTopic', '-c', servers.clusterName, '-t', 'InOrder', '-r', '2', '-w', '2', '-o', 'true'),
      ).toEqual([
        `create topic to ${servers.brokerAddr} success.`,
        `set cluster orderConf. isOrder=true, orderConf=[${servers.brokerName}:2]`,
        topicConfig('InOrder', { readQueueNums: 2, writeQueueNums: 2, order: true }),
      ])
    })

    test('updateTopic takes a message type as an attribute and refuses an unknown attribute', async () => {
      const topic = ['-b', servers.brokerAddr, '-t', 'Delays']
      expect(await lines('updateTopic', ...topic, '-a', '+message.type=DELAY')).toContain(
        topicConfig('Delays', { attributes: '{+message.type=DELAY}' }),
      )
      const refused = await mqadmin.run('updateTopic', ...topic, '-a', '+no.such.attribute=1')
      expect(refused.error).toContain('CODE: 1  DESC: unsupported key: no.such.attribute')
    })

    test('updateTopic refuses a name with illegal characters', async () => {
      const { error } = await mqadmin.run('updateTopic', '-b', servers.brokerAddr, '-t', 'bad topic!')
      expect(error).toContain(
        'CODE: 29  DESC: The specified topic: bad topic!, contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$',
      )
    })

    test('topicList names what was made and the topics of every broker', async () => {
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
      await createTopic('Clustered')
      expect(await lines('topicClusterList', '-t', 'Clustered')).toEqual([servers.clusterName])
    })

    test('topicRoute of an unknown topic is code 17', async () => {
      expect((await mqadmin.run('topicRoute', '-t', 'Nowhere')).error).toContain(
        'CODE: 17  DESC: No topic route info in name server for the topic: Nowhere',
      )
    })

    test('topicStatus shows the offsets of each queue and when it last changed', async () => {
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

    test('brokerStatus lists the figures Java lists', async () => {
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

    test('queryMsgById finds a message by offset id and by client id, with everything that was sent', async () => {
      await createTopic('Searched')
      const sent = { topic: 'Searched', tags: 'created', keys: 'k', properties: { colour: 'red' }, size: 40, count: 2 }
      const [, result] = await producer.send({ ...sent, mode: 'sync' })
      const found = await lines('queryMsgById', '-t', 'Searched', '-i', result!.offsetMsgId)
      const fields = keyValues(found, /: +/)
      expect(Object.fromEntries(fields)).toMatchObject({
        OffsetID: result!.offsetMsgId,
        Topic: 'Searched',
        Tags: '[created]',
        Keys: '[k1]',
        'Queue ID': String(result!.queueId),
        'Queue Offset': String(result!.queueOffset),
        'Reconsume Times': '0',
        'Store Host': servers.brokerAddr,
        'System Flag': '0',
      })
      expect(javaMap(fields.get('Properties')!)).toEqual({
        CLUSTER: servers.clusterName,
        KEYS: 'k1',
        MSG_REGION: 'DefaultRegion',
        TAGS: 'created',
        TRACE_ON: 'true',
        UNIQ_KEY: result!.msgId,
        WAIT: 'true',
        colour: 'red',
      })
      expect(takeBody(fields)).toBe(messageBody(1, 40))
      expect(found.at(-1)).toBe('WARN: No Consumer')
      // The client id is found through the index, which is built after the send was answered.
      await vi.waitFor(async () => {
        expect(await lines('queryMsgById', '-t', 'Searched', '-i', result!.msgId)).toEqual(found)
      }, eventually)
      const past = `${result!.offsetMsgId.slice(0, 16)}0000000FFFFFFFFF`
      expect((await mqadmin.run('queryMsgById', '-t', 'Searched', '-i', past)).error).toContain('CODE: 208')
    })

    test('queryMsgByOffset reads one place of a queue', async () => {
      await createTopic('Placed')
      const queue = { brokerName: servers.brokerName, queueId: 3 }
      const results = await producer.send({ topic: 'Placed', mode: 'queue', ...queue, count: 3, size: 20 })
      const place = ['-t', 'Placed', '-b', servers.brokerName, '-i', '3', '-o']
      const fields = keyValues(await lines('queryMsgByOffset', ...place, '2'), /: +/)
      expect(Object.fromEntries(fields)).toMatchObject({
        OffsetID: results[2]!.offsetMsgId,
        'Queue ID': '3',
        'Queue Offset': '2',
      })
      expect(javaMap(fields.get('Properties')!)).toMatchObject({ MIN_OFFSET: '0', MAX_OFFSET: '3' })
      expect(takeBody(fields)).toBe(messageBody(2, 20))
      expect(await lines('queryMsgByOffset', ...place, '100')).toEqual([])
    })

    test('sendMessage stores a message with its key and tag', async () => {
      await createTopic('Told')
      const [head, row] = await lines(
        'sendMessage',
        '-t',
        'Told',
        '-p',
        'told by mqadmin',
        '-k',
        'a-key',
        '-c',
        'a-tag',
      )
      expect(cells(head!)).toEqual(['#Broker Name', '#QID', '#Send Result', '#MsgId'])
      const [broker, queueId, status, msgId] = cells(row!)
      expect([broker, status]).toEqual([servers.brokerName, 'SEND_OK'])
      const fields = keyValues(await lines('queryMsgById', '-t', 'Told', '-i', msgId!), /: +/)
      expect(Object.fromEntries(fields)).toMatchObject({ Tags: '[a-tag]', Keys: '[a-key]', 'Queue ID': queueId })
      expect(takeBody(fields)).toBe('told by mqadmin')
    })

    test('sendMessage to a queue stores it there', async () => {
      await createTopic('Aimed')
      const [, row] = await lines('sendMessage', '-t', 'Aimed', '-p', 'x', '-b', servers.brokerName, '-i', '2')
      expect(cells(row!).slice(0, 3)).toEqual([servers.brokerName, '2', 'SEND_OK'])
    })

    test('checkMsgSendRT sends to every queue in turn', async () => {
      await createTopic('Timed', 2)
      const [head, ...rows] = await lines('checkMsgSendRT', '-t', 'Timed', '-a', '4', '-s', '64')
      expect(cells(head!)).toEqual(['#Broker Name', '#QID', '#Send Result', '#RT'])
      expect(rows.slice(0, 4).map((row) => cells(row).slice(0, 3))).toEqual([
        [servers.brokerName, '0', 'true'],
        [servers.brokerName, '1', 'true'],
        [servers.brokerName, '0', 'true'],
        [servers.brokerName, '1', 'true'],
      ])
      expect(rows[4]).toMatch(/^Avg RT: \d+\.\d+$/)
    })

    test('producerConnection shows who produces, and refuses a group nobody is in', async () => {
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
      const [head, ...properties] = await lines('getNamesrvConfig')
      expect(head).toBe(`============${servers.namesrvAddr}============`)
      expect(Object.fromEntries(keyValues(properties, / += {2}/))).toMatchObject({
        listenPort: servers.namesrvAddr.split(':')[1],
        orderMessageEnable: 'false',
        returnOrderTopicConfigToBroker: 'true',
        scanNotActiveBrokerInterval: '5000',
      })
    })

    test('updateKvConfig and deleteKvConfig are taken, even for a key that is not there', async () => {
      const deleted = ['delete kv config from namespace success.']
      expect(await lines('updateKvConfig', '-s', 'ns', '-k', 'colour', '-v', 'red')).toEqual([
        'create or update kv config to namespace success.',
      ])
      expect(await lines('deleteKvConfig', '-s', 'ns', '-k', 'colour')).toEqual(deleted)
      expect(await lines('deleteKvConfig', '-s', 'ns', '-k', 'colour')).toEqual(deleted)
    })

    test('wipeWritePerm takes the write permission of all topics of a broker, addWritePerm gives it back', async () => {
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
  })
}

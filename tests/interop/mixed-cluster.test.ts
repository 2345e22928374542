import { DefaultMQProducer, type SendResult } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { JavaBroker } from './java-broker.js'
import { JavaNameServer } from './java-name-server.js'
import { JavaReader } from './java-reader.js'
import { hasJava } from './java-toolchain.js'
import { Mqadmin } from './mqadmin.js'
import { OurBrokerProcess } from './our-broker-process.js'
import { TemporaryFolder } from './temporary-folder.js'

const eventually = { timeout: 30_000, interval: 100 }
const topic = 'Spread'

describe.skipIf(!hasJava)('a cluster of a Java broker and ours, at a Java name server and ours', () => {
  const stack = new DisposalStack()
  let javaNamesrv: string
  let ourNamesrv: string
  let java: JavaBroker
  let ours: OurBrokerProcess
  let producer: DefaultMQProducer
  const acknowledged: SendResult[] = []

  const startJava = (listenPort?: number): Promise<JavaBroker> => startBroker(JavaBroker, 'java', listenPort)
  const startOurs = (listenPort?: number): Promise<OurBrokerProcess> =>
    startBroker(OurBrokerProcess, 'ours', listenPort)
  const stores = new Map<string, string>()
  const startBroker = async <Kind extends JavaBroker | OurBrokerProcess>(
    kind: { start(options: Parameters<typeof JavaBroker.start>[0]): Promise<Kind> },
    brokerName: string,
    listenPort: number | undefined,
  ): Promise<Kind> => {
    const storePathRootDir = stores.get(brokerName) ?? stack.use(new TemporaryFolder()).path
    stores.set(brokerName, storePathRootDir)
    const namesrvAddr = `${javaNamesrv};${ourNamesrv}`
    const port = listenPort === undefined ? {} : { listenPort }
    return stack.use(await kind.start({ brokerName, namesrvAddr, storePathRootDir, ...port }))
  }
  const send = async (count: number): Promise<Map<string, number>> => {
    const sent = new Map<string, number>()
    for (let index = 0; index < count; index++) {
      const result = await producer.send({ topic, body: `message ${acknowledged.length}` })
      expect(result.sendStatus).toBe('SEND_OK')
      acknowledged.push(result)
      const { brokerName } = result.messageQueue
      sent.set(brokerName, (sent.get(brokerName) ?? 0) + 1)
    }
    return sent
  }

  beforeAll(async () => {
    javaNamesrv = stack.use(await JavaNameServer.start()).address
    ourNamesrv = stack.use(await NameServer.start({ listenPort: 0 })).address
    java = await startJava()
    ours = await startOurs()
    const mqadmin = stack.use(await Mqadmin.start(`${javaNamesrv};${ourNamesrv}`))
    await mqadmin.run('updateTopic', '-c', 'InteropCluster', '-t', topic, '-r', '4', '-w', '4')
    producer = new DefaultMQProducer({
      producerGroup: 'spreading',
      namesrvAddr: `${javaNamesrv};${ourNamesrv}`,
      pollNameServerInterval: 500,
    })
    await producer.start()
    stack.use(producer)
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  test('both name servers tell mqadmin of both brokers', async () => {
    for (const namesrvAddr of [javaNamesrv, ourNamesrv]) {
      await using mqadmin = await Mqadmin.start(namesrvAddr)
      const [, ...rows] = (await mqadmin.run('clusterList')).lines
      expect(
        rows
          .map((row) =>
            row
              .trim()
              .split(/\s{2,}/)
              .slice(0, 4),
          )
          .toSorted(),
      ).toEqual([
        ['InteropCluster', 'java', '0', java.address],
        ['InteropCluster', 'ours', '0', ours.address],
      ])
      const route = (await mqadmin.run('topicRoute', '-t', topic)).lines.join('\n')
      expect(JSON.parse(route.replaceAll(/\b0:/g, '"0":'))).toMatchObject({
        queueDatas: expect.arrayContaining([
          { brokerName: 'java', perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 },
          { brokerName: 'ours', perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 },
        ]) as unknown,
      })
    }
  })

  test('the producer spreads its messages evenly over both', async () => {
    expect(await send(40)).toEqual(
      new Map([
        ['java', 20],
        ['ours', 20],
      ]),
    )
  })

  test('the Java broker killed, every send is acknowledged by ours', async () => {
    await java.kill()
    expect(await send(40)).toEqual(new Map([['ours', 40]]))
  })

  test('the Java broker back, it takes its share again', async () => {
    java = await startJava(java.port)
    await vi.waitFor(async () => expect((await send(2)).get('java')).toBeGreaterThan(0), eventually)
  })

  test('our broker killed, every send is acknowledged by the Java broker', async () => {
    await ours.kill()
    expect(await send(40)).toEqual(new Map([['java', 40]]))
  })

  test('our broker back, a Java consumer finds every acknowledged message once, where the producer was told', async () => {
    ours = await startOurs(ours.port)
    await vi.waitFor(async () => expect((await send(2)).get('ours')).toBeGreaterThan(0), eventually)
    await using reader = await JavaReader.start(ourNamesrv)
    const read = (await reader.messages(topic)).map(({ msgId, queueId, queueOffset, body, brokerName }) =>
      [brokerName, queueId, queueOffset, msgId, body.toString()].join(' '),
    )
    expect(read.toSorted()).toEqual(
      acknowledged
        .map(({ msgId, messageQueue, queueOffset }, index) =>
          [messageQueue.brokerName, messageQueue.queueId, queueOffset, msgId, `message ${index}`].join(' '),
        )
        .toSorted(),
    )
  })
})

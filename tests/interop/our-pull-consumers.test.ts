import {
  DefaultLitePullConsumer,
  DefaultMQProducer,
  DefaultMQPullConsumer,
  type MessageExt,
  type MessageQueue,
} from '@mq/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { hasJava } from './java-presence.js'
import { JavaProducer, messageBody } from './java-producer.js'
import { startJavaServers } from './java-servers.js'
import { Mqadmin } from './mqadmin.js'
import { startOurServers } from './our-servers.js'
import { until } from './consumers.js'
import type { Servers } from './servers.js'

const makes: [string, () => Promise<Servers>][] = [
  ['Apache RocketMQ', startJavaServers],
  ['this repository', startOurServers],
]

const text = ({ body }: MessageExt): string => body.toString()

describe.skipIf(!hasJava).each(makes)('our consumers pull from the servers of %s', (_, startServers) => {
  const stack = new DisposalStack()
  let servers: Servers
  let mqadmin: Mqadmin
  let producer: DefaultMQProducer

  beforeAll(async () => {
    servers = stack.use(await startServers())
    mqadmin = stack.use(await Mqadmin.start(servers.namesrvAddr))
    producer = stack.use(new DefaultMQProducer({ producerGroup: 'feed', namesrvAddr: servers.namesrvAddr }))
    await producer.start()
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  const createTopic = async (topic: string): Promise<string> => {
    await mqadmin.run('updateTopic', '-b', servers.brokerAddr, '-t', topic, '-r', '4', '-w', '4')
    return topic
  }
  const createGroup = async (group: string): Promise<string> => {
    await mqadmin.run('updateSubGroup', '-b', servers.brokerAddr, '-g', group)
    return group
  }
  const send = async (topic: string, count: number): Promise<void> => {
    for (let index = 0; index < count; index++) await producer.send({ topic, tags: `t${index % 2}`, body: `${index}` })
  }
  const lite = async (topic: string, consumerGroup: string): Promise<DefaultLitePullConsumer> => {
    const { namesrvAddr } = servers
    const consumer = stack.use(
      new DefaultLitePullConsumer({ consumerGroup, namesrvAddr, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }),
    )
    await consumer.subscribe(topic)
    await consumer.start()
    return consumer
  }
  const drain = async (consumer: DefaultLitePullConsumer, count: number): Promise<string[]> => {
    const found: string[] = []
    while (found.length < count) {
      const messages = await consumer.poll({ timeoutMs: 20_000 })
      if (messages.length === 0) break
      found.push(...messages.map(text))
    }
    return found.toSorted((a, b) => Number(a) - Number(b))
  }

  test('two lite pull consumers share the queues, and a third begins where they committed', async () => {
    const topic = await createTopic('LiteShared')
    const group = await createGroup('lite-shared')
    const first = await lite(topic, group)
    const second = await lite(topic, group)
    await expect.poll(() => second.assignment().length, { timeout: 30_000 }).toBe(2)
    await expect.poll(() => first.assignment().length, { timeout: 30_000 }).toBe(2)
    await send(topic, 40)
    const [one, two] = await Promise.all([drain(first, 20), drain(second, 20)])
    expect([...one, ...two].map(Number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    )
    await Promise.all([first.commit(), second.commit()])
    await Promise.all([first.close(), second.close()])
    await send(topic, 4)
    const third = await lite(topic, group)
    expect(await drain(third, 4)).toEqual(['0', '1', '2', '3'])
  })

  test('a seek, a time and the bounds of a queue mean the same to both sides', async () => {
    const topic = await createTopic('LiteSeek')
    const consumer = stack.use(
      new DefaultLitePullConsumer({ consumerGroup: await createGroup('lite-seek'), namesrvAddr: servers.namesrvAddr }),
    )
    const queue: MessageQueue = { topic, brokerName: servers.brokerName, queueId: 2 }
    for (let index = 0; index < 10; index++) await producer.send({ topic, body: `${index}` }, { queue })
    consumer.assign([queue])
    await consumer.start()
    // Java's broker puts a message into its queue some time after it has acknowledged it.
    await until(async () => (await producer.maxOffset(queue)) === 10)
    await consumer.seek(queue, 7)
    expect(await drain(consumer, 3)).toEqual(['7', '8', '9'])
    await expect(consumer.seek(queue, 11)).rejects.toMatchObject({ code: 'SEEK_ILLEGAL', fields: { min: 0, max: 10 } })
    expect(await consumer.offsetForTimestamp(queue, Date.now() + 60_000)).toBe(10)
    await consumer.commit()
    expect(await consumer.committed(queue)).toBe(10)
  })

  test('a pull consumer pulls by tag, is held until a message comes, and keeps offsets', async () => {
    const topic = await createTopic('Pulled')
    const consumer = stack.use(
      new DefaultMQPullConsumer({ consumerGroup: await createGroup('pulled'), namesrvAddr: servers.namesrvAddr }),
    )
    await consumer.start()
    const queues = await consumer.fetchSubscribeMessageQueues(topic)
    expect(queues).toHaveLength(4)
    const queue = queues[0] as MessageQueue
    for (let index = 0; index < 6; index++) {
      await producer.send({ topic, tags: index % 2 === 0 ? 'even' : 'odd', body: `${index}` }, { queue })
    }
    const found = await consumer.pull(queue, 0, { expression: 'odd' })
    expect(found).toMatchObject({ pullStatus: 'FOUND', minOffset: 0, maxOffset: 6, undecodable: [] })
    expect(found.msgFoundList.map(text)).toEqual(['1', '3', '5'])
    expect(await consumer.pull(queue, 6)).toMatchObject({ pullStatus: 'NO_NEW_MSG', nextBeginOffset: 6 })
    expect(await consumer.pull(queue, 99)).toMatchObject({ pullStatus: 'OFFSET_ILLEGAL', nextBeginOffset: 6 })
    const held = consumer.pullBlockIfNotFound(queue, 6)
    await producer.send({ topic, body: 'late' }, { queue })
    expect((await held).msgFoundList.map(text)).toEqual(['late'])
    consumer.updateConsumeOffset(queue, 7)
    await consumer.persistConsumerOffset()
    await expect.poll(() => consumer.fetchConsumeOffset(queue, { fromStore: true })).toBe(7)
  })

  test('mqadmin shows what lite pull and pull consumers do', async () => {
    const topic = await createTopic('PullStatus')
    const consumer = await lite(topic, await createGroup('lite-status'))
    await send(topic, 8)
    await drain(consumer, 8)
    await consumer.commit()
    const shown = async (group: string, { clientId }: { clientId: string }): Promise<string> => {
      return (await mqadmin.run('consumerStatus', '-g', group, '-i', clientId)).lines.join('\n')
    }
    const info = await shown('lite-status', consumer)
    expect(info).toMatch(/^PROP_CONSUME_TYPE +: CONSUME_ACTIVELY$/m)
    expect(info).toMatch(new RegExp(`Topic: ${topic} +ClassFilter: false +SubExpression: \\*$`, 'm'))
    for (let queueId = 0; queueId < 4; queueId++) {
      expect(info).toMatch(new RegExp(`^${topic} +${servers.brokerName} +${queueId} +2 `, 'm'))
    }
    const pulling = stack.use(
      new DefaultMQPullConsumer({ consumerGroup: await createGroup('pull-status'), namesrvAddr: servers.namesrvAddr }),
    )
    await pulling.start()
    const [queue] = await pulling.fetchSubscribeMessageQueues(topic)
    await pulling.pull(queue as MessageQueue, 0)
    const { lines } = await mqadmin.run('consumerConnection', '-g', 'pull-status')
    expect(lines.join('\n')).toContain('ConsumeType: CONSUME_ACTIVELY')
    expect(await shown('pull-status', pulling)).toMatch(/^PROP_CONSUME_TYPE +: CONSUME_ACTIVELY$/m)
  })

  test.each(['LZ4', 'ZSTD', 'ZLIB'])('bodies that a Java producer compressed with %s are read', async (type) => {
    const topic = await createTopic(`Compressed${type}`)
    await using java = await JavaProducer.start({
      namesrvAddr: servers.namesrvAddr,
      group: `java-${type}`,
      properties: { 'rocketmq.message.compressType': type },
    })
    await java.send({ topic, mode: 'sync', count: 3, size: 50_000 })
    const consumer = await lite(topic, await createGroup(`compressed-${type}`))
    const found: MessageExt[] = []
    while (found.length < 3) found.push(...(await consumer.poll({ timeoutMs: 20_000 })))
    expect(found.map(text).toSorted()).toEqual([0, 1, 2].map((index) => messageBody(index, 50_000)))
    expect(new Set(found.map(({ sysFlag }) => sysFlag))).toEqual(
      new Set([{ LZ4: 0x100, ZSTD: 0x200, ZLIB: 0x300 }[type]]),
    )
  })
})

import { DefaultMQProducer, type SendResult } from '@mq/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { JavaProducer } from './java-producer.js'
import { type JavaMessage, JavaReader } from './java-reader.js'
import { startJavaServers } from './java-servers.js'
import { hasJava } from './java-presence.js'
import { Mqadmin } from './mqadmin.js'
import type { Servers } from './servers.js'
import { shardingKeys } from './sharding-keys.js'

// Java: MessageSysFlag.COMPRESSION_ZLIB_TYPE; a consumer that decompressed the body takes COMPRESSED_FLAG away
const compressedByZlib = 0x300

describe.skipIf(!hasJava)("our producer sends to Apache RocketMQ's servers", () => {
  const stack = new DisposalStack()
  let servers: Servers
  let mqadmin: Mqadmin
  let reader: JavaReader
  let java: JavaProducer

  beforeAll(async () => {
    servers = stack.use(await startJavaServers())
    const { namesrvAddr } = servers
    mqadmin = stack.use(await Mqadmin.start(namesrvAddr))
    reader = stack.use(await JavaReader.start(namesrvAddr))
    java = stack.use(await JavaProducer.start({ namesrvAddr, group: 'java-producer' }))
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  describe.each(['JSON', 'ROCKETMQ'] as const)('with %s headers', (serializeType) => {
    let producer: DefaultMQProducer
    const group = `our-producer-${serializeType}`
    const createTopic = async (name: string): Promise<string> => {
      const topic = `${name}-${serializeType}`
      await mqadmin.run('updateTopic', '-b', servers.brokerAddr, '-t', topic, '-r', '4', '-w', '4')
      return topic
    }

    beforeAll(async () => {
      const { namesrvAddr } = servers
      producer = stack.use(
        new DefaultMQProducer({ producerGroup: group, namesrvAddr, serializeType, sendMsgTimeout: 10_000 }),
      )
      await producer.start()
    })

    test('every awaited message is read by a Java consumer as it was sent, where the result says it is', async () => {
      const topic = await createTopic('Sync')
      const results: SendResult[] = []
      for (let index = 0; index < 8; index++) {
        const message = { topic, tags: 'created', keys: [`k${index}`, 'common'], properties: { colour: 'rot/röd' } }
        results.push(await producer.send({ ...message, body: `body ${index} ü` }))
      }
      expect(results.map(({ sendStatus }) => sendStatus)).toEqual(Array(8).fill('SEND_OK'))
      expect(new Set(results.map(({ messageQueue }) => messageQueue.queueId)).size).toBe(4)
      const read = await reader.messages(topic, { count: 8 })
      expect(read.map(readPlace)).toEqual(results.map(sentPlace).toSorted())
      for (const [index, result] of results.entries()) {
        const message = read.find(({ msgId }) => msgId === result.msgId)!
        expect(message.body.toString()).toBe(`body ${index} ü`)
        expect(message).toMatchObject({
          tags: 'created',
          keys: `k${index} common`,
          properties: { UNIQ_KEY: result.msgId, WAIT: 'true', colour: 'rot/röd' },
          bornHost: '127.0.0.1',
          sysFlag: 0,
        })
        expect(Math.abs(message.bornTimestamp - message.storeTimestamp)).toBeLessThan(60_000)
      }
    })

    test('messages sent at once or with callbacks are each stored once', async () => {
      const topic = await createTopic('Concurrent')
      const awaited = Array.from({ length: 100 }, (_, index) => producer.send({ topic, body: `awaited ${index}` }))
      const called = Array.from(
        { length: 100 },
        (_, index) =>
          new Promise<SendResult>((onSuccess, onException) => {
            void producer.sendAsync({ topic, body: `called ${index}` }, { onSuccess, onException })
          }),
      )
      const results = await Promise.all([...awaited, ...called])
      const read = await reader.messages(topic, { count: 200 })
      expect(read.map(readPlace)).toEqual(results.map(sentPlace).toSorted())
      expect(new Set(read.map(({ body }) => body.toString())).size).toBe(200)
    })

    test('one-way messages arrive', async () => {
      const topic = await createTopic('Oneway')
      const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`)
      await Promise.all(bodies.map((body) => producer.sendOneway({ topic, body })))
      const read = await reader.messages(topic, { count: 20 })
      expect(read.map(({ body }) => body.toString()).toSorted()).toEqual(bodies.toSorted())
    })

    test('a batch becomes consecutive messages of one queue, with the ids the result names', async () => {
      const topic = await createTopic('Batch')
      const indexes = [0, 1, 2, 3, 4]
      const result = await producer.send(
        indexes.map((index) => ({ topic, body: `body ${index}`, tags: `t${index}`, keys: [`k${index}`] })),
      )
      const read = await reader.messages(topic, { count: 5 })
      expect(read.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual(
        indexes.map((index) => [result.messageQueue.queueId, result.queueOffset + index]),
      )
      expect(read.map(({ body }) => body.toString())).toEqual(indexes.map((index) => `body ${index}`))
      expect(read.map(({ tags, keys }) => [tags, keys])).toEqual(indexes.map((index) => [`t${index}`, `k${index}`]))
      expect(read.map(({ msgId }) => msgId).join()).toBe(result.msgId)
      expect(read.map(({ offsetMsgId }) => offsetMsgId).join()).toBe(result.offsetMsgId)
    })

    test("sharding keys go to the queues that Java's hash selector picks", async () => {
      const topic = await createTopic('Hash')
      const theirs = await java.send({ topic, mode: 'hash', count: shardingKeys.length, shardingKeys })
      const ours = await Promise.all(
        shardingKeys.map((shardingKey) => producer.send({ topic, body: 'x' }, { shardingKey })),
      )
      const queueIds = ours.map(({ messageQueue }) => messageQueue.queueId)
      expect(queueIds).toEqual(theirs.map(({ queueId }) => queueId))
      expect(new Set(queueIds)).toEqual(new Set([0, 1, 2, 3]))
    })

    test('a large body is sent compressed, and a Java consumer reads it whole', async () => {
      const topic = await createTopic('Compressed')
      const body = 'compressible '.repeat(10_000)
      const large = await producer.send({ topic, body })
      const next = await producer.send({ topic, body: 'small' })
      const read = await reader.messagesById(topic, [large.offsetMsgId, next.offsetMsgId])
      expect(read.map((message) => message.body.toString())).toEqual([body, 'small'])
      expect(read.map(({ sysFlag }) => sysFlag)).toEqual([compressedByZlib, 0])
      expect(read[1]!.commitLogOffset - read[0]!.commitLogOffset).toBeLessThan(2_000)
    })

    test('the first message to an unknown topic makes it, with four queues', async () => {
      const topic = `Unknown-${serializeType}`
      expect((await producer.send({ topic, body: 'first' })).sendStatus).toBe('SEND_OK')
      const { lines } = await mqadmin.run('topicRoute', '-t', topic)
      expect(lines.map((line) => line.trim())).toEqual(expect.arrayContaining(['"perm":6,', '"writeQueueNums":4']))
    })

    test("the broker's refusal reaches the caller with its code and text", async () => {
      const topic = await createTopic('Narrow')
      const queue = { topic, brokerName: servers.brokerName, queueId: 99 }
      await expect(producer.send({ topic, body: 'x' }, { queue })).rejects.toMatchObject({
        responseCode: 29,
        message: expect.stringContaining('request queueId[99] is illegal') as string,
      })
    })

    test('mqadmin shows the producer as a NODE_JS client of a real version', async () => {
      const topic = await createTopic('Watched')
      await producer.send({ topic, body: 'x' })
      const { lines } = await mqadmin.run('producerConnection', '-g', group, '-t', topic)
      expect(lines).toEqual([expect.stringMatching(/^0001 .* 127\.0\.0\.1:\d+ +NODE_JS +V5_4_0$/)])
    })
  })
})

function sentPlace({ messageQueue, queueOffset, msgId, offsetMsgId }: SendResult): string {
  return [messageQueue.queueId, String(queueOffset).padStart(6), msgId, offsetMsgId].join(' ')
}

function readPlace({ queueId, queueOffset, msgId, offsetMsgId }: JavaMessage): string {
  return [queueId, String(queueOffset).padStart(6), msgId, offsetMsgId].join(' ')
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { JavaProducer, type JavaSendResult, messageBody } from './java-producer.js'
import { type JavaMessage, JavaReader } from './java-reader.js'
import { hasJava } from './java-presence.js'
import { Mqadmin } from './mqadmin.js'
import type { Servers } from './servers.js'

const queues = 4

/** The ways in which a Java producer speaks, by the system properties that choose them. */
const manners: ReadonlyArray<[title: string, name: string, properties: Readonly<Record<string, string>>]> = [
  ['JSON headers', 'json', {}],
  ['binary headers', 'binary', { 'rocketmq.serialize.type': 'ROCKETMQ' }],
  [
    'long field names, through the VIP channel',
    'vip',
    {
      'org.apache.rocketmq.client.sendSmartMsg': 'false',
      'com.rocketmq.sendMessageWithVIPChannel': 'true',
    },
  ],
]

/** What Apache RocketMQ's producer and consumer get from any name server and broker worth the name: Apache's own, and ours. */
export function javaProducerContract(title: string, start: () => Promise<Servers>): void {
  describe.skipIf(!hasJava)(`a Java producer sends to ${title}`, () => {
    const stack = new DisposalStack()
    let servers: Servers
    let mqadmin: Mqadmin
    let reader: JavaReader

    beforeAll(async () => {
      servers = stack.use(await start())
      mqadmin = stack.use(await Mqadmin.start(servers.namesrvAddr))
      reader = stack.use(await JavaReader.start(servers.namesrvAddr))
    })
    afterAll(() => stack[Symbol.asyncDispose]())

    describe.each(manners)('with %s', (_, manner, properties) => {
      let producer: JavaProducer
      const createTopic = async (name: string): Promise<string> => {
        const topic = `${name}-${manner}`
        const queueCounts = ['-r', String(queues), '-w', String(queues)]
        await mqadmin.run('updateTopic', '-b', servers.brokerAddr, '-t', topic, ...queueCounts)
        return topic
      }

      beforeAll(async () => {
        const group = `producer-${manner}`
        producer = stack.use(await JavaProducer.start({ namesrvAddr: servers.namesrvAddr, group, properties }))
      })

      test('every message sent and awaited is read back as it was sent, where the result says it is', async () => {
        const topic = await createTopic('Sync')
        const sent = { topic, tags: 'created', keys: 'k', properties: { colour: 'rot/röd' }, size: 100 }
        const results = await producer.send({ ...sent, mode: 'sync', count: 8 })
        expect(results.map(({ status }) => status)).toEqual(Array(8).fill('SEND_OK'))
        expect(new Set(results.map(({ queueId }) => queueId))).toEqual(new Set([0, 1, 2, 3]))
        const read = await reader.messages(topic, { count: 8 })
        expect(read.map(places)).toEqual(results.map(places).toSorted())
        for (const [index, result] of results.entries()) {
          const message = read.find(({ msgId }) => msgId === result.msgId)!
          expect(message.body.toString()).toBe(messageBody(index, 100))
          expect(message).toMatchObject({
            offsetMsgId: result.offsetMsgId,
            tags: 'created',
            keys: `k${index}`,
            properties: {
              CLUSTER: servers.clusterName,
              MSG_REGION: 'DefaultRegion',
              TRACE_ON: 'true',
              UNIQ_KEY: result.msgId,
              WAIT: 'true',
              colour: 'rot/röd',
            },
            bornHost: '127.0.0.1',
            storeHost: `/${servers.brokerAddr}`,
            sysFlag: 0,
            reconsumeTimes: 0,
          })
          expect(message.storeTimestamp).toBeGreaterThanOrEqual(message.bornTimestamp)
        }
        expect(await reader.messagesById(topic, [results[3]!.offsetMsgId])).toMatchObject([
          {
            queueId: results[3]!.queueId,
            queueOffset: results[3]!.queueOffset,
            body: Buffer.from(messageBody(3, 100)),
          },
        ])
      })

      test('200 messages in flight at once are each stored once, at the place their callback was told', async () => {
        const topic = await createTopic('Async')
        const results = await producer.send({ topic, mode: 'async', count: 200, size: 200 })
        expect(results.filter(({ error }) => error !== undefined)).toEqual([])
        const read = await reader.messages(topic, { count: 200 })
        expectConsecutive(read)
        expect(bodies(read)).toEqual(expectedBodies(200, 200))
        expect(read.map(places)).toEqual(results.map(places).toSorted())
      })

      test('one-way messages arrive without an answer', async () => {
        const topic = await createTopic('Oneway')
        expect(await producer.send({ topic, mode: 'oneway', count: 20 })).toEqual(Array(20).fill({}))
        expect(bodies(await reader.messages(topic, { count: 20 }))).toEqual(expectedBodies(20))
      })

      test('a batch is one answer and consecutive messages of one queue, each with its own id, tag and keys', async () => {
        const topic = await createTopic('Batch')
        const [result] = await producer.send({ topic, mode: 'batch', count: 5, size: 50, tags: 'b', keys: 'k' })
        expect(result!.status).toBe('SEND_OK')
        const read = await reader.messages(topic, { count: 5 })
        expect(read.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual(
          [0, 1, 2, 3, 4].map((index) => [result!.queueId, result!.queueOffset + index]),
        )
        expect(read.map(({ body }) => body.toString())).toEqual([0, 1, 2, 3, 4].map((index) => messageBody(index, 50)))
        expect(read.map(({ tags, keys }) => [tags, keys])).toEqual([0, 1, 2, 3, 4].map((index) => ['b', `k${index}`]))
        expect(read.map(({ msgId }) => msgId).join()).toBe(result!.msgId)
        expect(read.map(({ offsetMsgId }) => offsetMsgId).join()).toBe(result!.offsetMsgId)
      })

      test('messages of one sharding key keep their order in one queue', async () => {
        const topic = await createTopic('Hash')
        const shardingKeys = ['customer-9', 'customer-9', 'customer-9']
        const results = await producer.send({ topic, mode: 'hash', count: 3, shardingKeys })
        expect(results.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual([
          [hashOfCustomer9 % queues, 0],
          [hashOfCustomer9 % queues, 1],
          [hashOfCustomer9 % queues, 2],
        ])
        const read = await reader.messages(topic, { count: 3 })
        expect(read.map(({ body }) => body.toString())).toEqual(['0 ', '1 ', '2 '])
      })

      test('a subscription to tags gets the messages with one of them, and no others', async () => {
        const topic = await createTopic('Tagged')
        for (const tags of ['red', 'blau', 'vert']) await producer.send({ topic, mode: 'sync', tags, count: 8 })
        await producer.send({ topic, mode: 'batch', tags: 'vert', count: 8 })
        await producer.send({ topic, mode: 'sync', count: 8 })
        const read = await reader.messages(topic, { tags: 'red || vert', count: 24 })
        expect(read.map(({ tags }) => tags).toSorted()).toEqual([
          ...Array<string>(8).fill('red'),
          ...Array<string>(16).fill('vert'),
        ])
      })

      test('a large body is stored compressed and read back whole', async () => {
        const topic = await createTopic('Compressed')
        const [result] = await producer.send({ topic, mode: 'sync', count: 1, size: 100_000 })
        const [message] = await reader.messages(topic, { count: 1 })
        expect(message!.body.toString()).toBe(messageBody(0, 100_000))
        expect(message!.sysFlag).toBe(compressedByZlib)
        const next = await producer.send({ topic, mode: 'queue', count: 1, ...place(result!) })
        expect(commitLogOffset(next[0]!) - commitLogOffset(result!)).toBeLessThan(2_000)
      })

      test('the first message to an unknown topic makes it, with the queues of the template', async () => {
        const topic = `Unknown-${manner}`
        const [result] = await producer.send({ topic, mode: 'sync', count: 1 })
        expect(result!.status).toBe('SEND_OK')
        const { lines } = await mqadmin.run('topicRoute', '-t', topic)
        expect(lines.map((line) => line.trim())).toEqual(expect.arrayContaining(['"perm":6,', '"writeQueueNums":4']))
      })

      test('a queue that the topic does not have is refused with code 29', async () => {
        const topic = await createTopic('Narrow')
        const queue = { brokerName: servers.brokerName, queueId: 99 }
        const [result] = await producer.send({ topic, mode: 'queue', count: 1, ...queue })
        expect(result!.error).toContain('CODE: 29  DESC: request queueId[99] is illegal, ')
      })
    })
  })
}

// Java: MessageSysFlag.COMPRESSION_ZLIB_TYPE; a consumer that decompressed the body takes COMPRESSED_FLAG away
const compressedByZlib = 0x300

// Java: Math.abs("customer-9".hashCode())
const hashOfCustomer9 = 1_581_185_526

function places({ queueId, queueOffset, msgId }: JavaSendResult | JavaMessage): string {
  return `${queueId} ${String(queueOffset).padStart(6)} ${msgId}`
}

function place({ brokerName, queueId }: JavaSendResult): { brokerName: string; queueId: number } {
  return { brokerName, queueId }
}

function commitLogOffset({ offsetMsgId }: JavaSendResult): number {
  return Number.parseInt(offsetMsgId.slice(16), 16)
}

function bodies(messages: readonly JavaMessage[]): string[] {
  return messages.map(({ body }) => body.toString()).toSorted()
}

function expectedBodies(count: number, size = 0): string[] {
  return Array.from({ length: count }, (_, index) => messageBody(index, size)).toSorted()
}

/** Within each queue the offsets run from 0 without a gap. */
function expectConsecutive(messages: readonly JavaMessage[]): void {
  const next = new Map<number, number>()
  for (const { queueId, queueOffset } of messages) {
    expect(queueOffset).toBe(next.get(queueId) ?? 0)
    next.set(queueId, queueOffset + 1)
  }
}

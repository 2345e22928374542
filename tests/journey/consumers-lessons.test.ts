import type { SendMessageContext } from '@mq/broker'
import type { DefaultMQProducer, MessageExt } from '@mq/client'
import { ResponseCode, ResponseError, SendMessage, SystemFlag } from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { ConsumingCluster, Watched, withResolvers } from './consuming-cluster.js'
import { RawPeer, rawRequest } from './raw-peer.js'

const oneQueue = async (): Promise<ConsumingCluster> => {
  const cluster = await ConsumingCluster.start()
  await cluster.makeTopic('Orders', 1)
  return cluster
}

test('a stored message that cannot be decoded costs itself alone: it is surfaced, and all around it is consumed and committed', async () => {
  await using cluster = await oneQueue()
  await cluster.sendInOrder(['0', '1', '2'])
  await storeUndecodable(cluster)
  await cluster.sendInOrder(['4', '5', '6'])
  const surfaced: (number | undefined)[] = []
  const consumed: string[] = []
  const { promise: last, resolve } = withResolvers()
  const consumer = cluster.consumer({ onUndecodable: ({ queueOffset }) => surfaced.push(queueOffset) })
  consumer.listen(({ body }) => {
    consumed.push(String(body))
    if (String(body) === '6') resolve(undefined)
  })
  await consumer.start()
  await last
  await consumer.close()
  expect(consumed).toEqual(['0', '1', '2', '4', '5', '6'])
  expect(surfaced).toEqual([3])
  expect(cluster.consumerLog.matching(/cannot be decoded/)).toHaveLength(1)
  expect(await cluster.committedOffset()).toBe(7)
})

/** Stores a body that says of itself that it is compressed, and is not. */
async function storeUndecodable({ broker }: ConsumingCluster): Promise<void> {
  using peer = await RawPeer.connect(broker.address)
  const fields = SendMessage.requestHeader.encode({
    producerGroup: 'p',
    topic: 'Orders',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 1,
    queueId: 0,
    sysFlag: SystemFlag.COMPRESSED,
    bornTimestamp: 0,
    flag: 0,
  })
  const answered = await peer.ask(rawRequest(SendMessage.code, fields, 'no compressed bytes'))
  expect(answered?.code).toBe(ResponseCode.SUCCESS)
}

test('a broker that is busy twice is sent the same a third time, and the consumer reads the body that was sent', async () => {
  const attempts: string[] = []
  const sendMessageBefore = ({ bodyLength, properties }: SendMessageContext): void => {
    attempts.push(JSON.stringify([bodyLength, ...properties]))
    if (attempts.length < 3) throw new ResponseError(ResponseCode.SYSTEM_BUSY, 'busy')
  }
  await using cluster = await ConsumingCluster.start({ sendMessageHooks: [{ name: 'busy', sendMessageBefore }] })
  const body = Buffer.from('a large body '.repeat(1000))
  await cluster.producer.send({ topic: 'Orders', body })
  expect(attempts).toHaveLength(3)
  expect(new Set(attempts).size).toBe(1)
  const { promise: received, resolve } = withResolvers<MessageExt>()
  const consumer = cluster.consumer()
  consumer.listen(resolve)
  await consumer.start()
  const message = await received
  expect(message.body.equals(body)).toBe(true)
  expect(message.storeSize).toBeLessThan(body.length)
})

test('a key comes to the queue that the Java selector picks, be it queue 0, a key outside ASCII, or one of extreme hash', async () => {
  await using cluster = await ConsumingCluster.start()
  await cluster.makeTopic('Orders', 4)
  // Chosen by SelectMessageQueueByHash of Apache RocketMQ 5.4.0 among 4 queues.
  const picked = { polygenelubricants: 0, 'customer-9': 2, 'order-1234567890': 2, 'ü€😀': 3 }
  for (const [shardingKey, queueId] of Object.entries(picked)) {
    const { messageQueue } = await cluster.producer.send({ topic: 'Orders', body: 'x' }, { shardingKey })
    expect([shardingKey, messageQueue.queueId]).toEqual([shardingKey, queueId])
  }
})

describe('a new group with CONSUME_FROM_LAST_OFFSET', () => {
  test('gets a young topic from its first message, as with Java, and broker and client say so', async () => {
    await using cluster = await oneQueue()
    await cluster.sendInOrder(['0', '1', '2'])
    const consumed: string[] = []
    const { promise: last, resolve } = withResolvers()
    const consumer = cluster.consumer({ consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' })
    consumer.listen(({ body }) => {
      if (consumed.push(String(body)) === 3) resolve(undefined)
    })
    await consumer.start()
    await last
    expect(consumed).toEqual(['0', '1', '2'])
    expect(cluster.consumerLog.matching(/begins at the first message although it asks for the last/)).toHaveLength(1)
    expect(cluster.brokerLog.matching(/^a group without an offset/)).not.toEqual([])
  })

  test('gets what is sent after it came, when message 0 is not in memory any more', async () => {
    await using cluster = await ConsumingCluster.start({ accessMessageInMemoryMaxRatio: 0 })
    await cluster.makeTopic('Orders', 1)
    await cluster.sendInOrder(['0', '1', '2'])
    const { promise: first, resolve } = withResolvers<string>()
    const consumer = cluster.consumer({ consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' })
    consumer.listen(({ body }) => resolve(String(body)))
    await consumer.start()
    await cluster.consumerLog.until(/^a group without an offset begins in a queue/)
    await cluster.sendInOrder(['3'])
    expect(await first).toBe('3')
  })
})

test('one slow message stalls neither its own queue nor another, and what lies before it is committed', async () => {
  await using cluster = await ConsumingCluster.start()
  await cluster.makeTopic('Orders', 2)
  const bodies = Array.from({ length: 100 }, (_, index) => String(index))
  await cluster.sendInOrder(bodies, 0)
  await cluster.sendInOrder(bodies, 1)
  const slow = withResolvers()
  const consumed = new Watched<string>()
  const consumer = cluster.consumer()
  consumer.listen(async ({ queueId, queueOffset }) => {
    if (queueId === 0 && queueOffset === 40) await slow.promise
    consumed.add(`${queueId}/${queueOffset}`)
  })
  await consumer.start()
  await consumed.until(({ size }) => size === 199)
  // The pull that brings the second of these was sent when everything but the slow message had been consumed, and tells the broker.
  for (const offset of [100, 101]) {
    await cluster.sendInOrder(['one more'], 0)
    await consumed.until((seen) => seen.has(`0/${offset}`))
  }
  expect(await cluster.committedOffset(0)).toBe(40)
  slow.resolve(undefined)
  await consumer.close()
  expect(await cluster.committedOffset(0)).toBe(102)
  expect(await cluster.committedOffset(1)).toBe(100)
})

test.each(['concurrently', 'in order'])(
  'a handler that consumes %s and throws, rejects, or rejects with no error, gets its message again, with the cause in the log',
  async (how) => {
    await using cluster = await oneQueue()
    const failures = new Map<string, () => unknown>([
      [
        'throws',
        () => {
          throw new Error('no stock')
        },
      ],
      ['rejects', () => Promise.reject(new Error('no money'))],
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      ['rejects with no error', () => Promise.reject('no reason')],
    ])
    await cluster.sendInOrder([...failures.keys(), 'succeeds'])
    const consumed = new Watched<string>()
    const consumer = cluster.consumer({ suspendCurrentQueueTimeMillis: 10 })
    consumer.listen(
      ({ body }, context) => {
        context.delayLevel = 1
        const fail = context.attempt === 1 ? failures.get(String(body)) : undefined
        if (fail !== undefined) return fail()
        consumed.add(`${String(body)}, attempt ${context.attempt}`)
        return undefined
      },
      { orderly: how === 'in order' },
    )
    await consumer.start()
    await consumed.until(({ size }) => size === 4)
    const expected = [...failures.keys()].map((body) => `${body}, attempt 2`)
    expect([...consumed.seen].sort()).toEqual([...expected, 'succeeds, attempt 1'].sort())
    const causes = cluster.consumerLog.matching(/^a handler failed/).map(({ fields }) => String(fields['cause']))
    expect(causes).toEqual(['Error: no stock', 'Error: no money', 'no reason'])
  },
)

describe('"no route info of this topic" names its cause', () => {
  const failureOf = async (producer: DefaultMQProducer): Promise<unknown> =>
    producer.send({ topic: 'Nowhere', body: 'x' }).then(
      () => undefined,
      (cause: unknown) => cause,
    )

  test('no name server answers', async () => {
    await using cluster = await ConsumingCluster.start()
    await cluster.nameServer.close()
    expect(await failureOf(cluster.producer)).toMatchObject({
      code: 'NAME_SERVER_UNREACHABLE',
      message: expect.stringContaining(cluster.nameServer.address) as string,
    })
  })

  test('the topic does not exist and brokers do not create topics', async () => {
    await using cluster = await ConsumingCluster.start({ autoCreateTopicEnable: false })
    expect(await failureOf(cluster.producer)).toMatchObject({
      code: 'TOPIC_NOT_FOUND',
      message: expect.stringContaining('autoCreateTopicEnable') as string,
    })
  })

  test('no broker is registered', async () => {
    await using cluster = await ConsumingCluster.start()
    await cluster.broker.close()
    expect(await failureOf(cluster.producer)).toMatchObject({ code: 'NO_BROKER_REGISTERED' })
  })

  test('nothing listens where the broker says it does', async () => {
    await using cluster = await ConsumingCluster.start({ brokerIP1: '127.0.0.99' })
    expect(await failureOf(cluster.producer)).toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringMatching(/127\.0\.0\.99:\d+.*brokerIP1/s) as string,
    })
  })
})

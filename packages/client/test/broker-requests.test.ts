import {
  ConsumeMessageDirectly,
  crc32,
  createRequest,
  decodeConsumeMessageDirectlyResult,
  decodeConsumerRunningInfo,
  decodeConsumerStatusBody,
  encodedRecordSize,
  encodeResetOffsetBody,
  GetConsumerRunningInfo,
  GetConsumerStatusFromClient,
  parseHostAddress,
  type RemotingCommand,
  ResetConsumerClientOffset,
  ResponseCode,
  writeRecord,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { ConsumeLater, type DefaultMQPushConsumer, type ListenOptions, type MessageHandler } from '../src/index.js'
import { ConsumeScene, group, retryTopic, text } from './consume-scene.js'

async function scene(
  handler: MessageHandler,
  options: ListenOptions = {},
): Promise<{
  scene: ConsumeScene
  consumer: DefaultMQPushConsumer
  ask: (request: RemotingCommand) => Promise<RemotingCommand>
}> {
  const made = await ConsumeScene.start()
  made.append(0, ['a', 'b', 'c'])
  const consumer = made.consumer()
  consumer.listen(handler, options)
  await made.started(consumer)
  return { scene: made, consumer, ask: (request) => made.cluster.askClient(request) }
}

function storedRecord(body: string): Buffer {
  const fields = {
    topic: retryTopic,
    queueId: 3,
    flag: 0,
    sysFlag: 0,
    body: Buffer.from(body),
    bodyCrc: crc32(Buffer.from(body)),
    properties: 'RETRY_TOPIC\u0001Orders\u0002',
    queueOffset: 5,
    physicalOffset: 100,
    bornTimestamp: 1,
    bornHost: parseHostAddress('10.0.0.9:1'),
    storeTimestamp: 2,
    storeHost: parseHostAddress('10.0.0.9:2'),
    reconsumeTimes: 1,
    preparedTransactionOffset: 0,
  }
  const record = Buffer.alloc(encodedRecordSize(fields))
  writeRecord(record, 0, fields)
  return record
}

test('running info tells settings, subscriptions, queues and rates', async () => {
  let release!: () => void
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const { scene: at, consumer, ask } = await scene((message) => (text(message) === 'b' ? gate : undefined))
  const response = await ask(createRequest(GetConsumerRunningInfo, { consumerGroup: group, clientId: 'any' }))
  expect(response.code).toBe(ResponseCode.SUCCESS)
  const info = decodeConsumerRunningInfo(response.body as Buffer)
  expect(Object.fromEntries(info.properties)).toMatchObject({
    PROP_CONSUMEORDERLY: 'false',
    PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY',
    PROP_THREADPOOL_CORE_SIZE: '20',
    PROP_NAMESERVER_ADDR: '10.0.0.1:9876;',
    PROP_CLIENT_VERSION: expect.stringMatching(/^V5_/) as string,
    consumerGroup: group,
    pullBatchSize: '32',
  })
  expect(info.subscriptionSet.map(({ topic }) => topic)).toEqual(['Orders', retryTopic])
  expect(info.mqTable.find(({ messageQueue }) => messageQueue.topic === 'Orders')?.info).toMatchObject({
    commitOffset: 1,
    cachedMsgMinOffset: 1,
    cachedMsgMaxOffset: 1,
    cachedMsgCount: 1,
    droped: false,
    locked: false,
  })
  expect(info.statusTable.get('Orders')).toMatchObject({ consumeOKTPS: 2 / 60, pullTPS: 3 / 60, consumeFailedMsgs: 0 })
  release()
  await at.run(consumer.close())
})

test('running info of a group that is not here says so', async () => {
  const { scene: at, consumer, ask } = await scene(() => {})
  const response = await ask(createRequest(GetConsumerRunningInfo, { consumerGroup: 'other', clientId: 'any' }))
  expect(response).toMatchObject({
    code: ResponseCode.SYSTEM_ERROR,
    remark: 'The Consumer Group <other> not exist in this consumer',
  })
  await at.run(consumer.close())
})

test('the offsets in memory are told by topic', async () => {
  const { scene: at, consumer, ask } = await scene(() => {})
  const response = await ask(createRequest(GetConsumerStatusFromClient, { group, topic: 'Orders' }))
  expect(decodeConsumerStatusBody(response.body as Buffer).messageQueueTable).toEqual([
    { messageQueue: { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }, offset: 3 },
  ])
  await at.run(consumer.close())
})

test.each<[string, string, MessageHandler]>([
  ['returns', 'CR_SUCCESS', () => {}],
  [
    'asks for it later',
    'CR_LATER',
    () => {
      throw new ConsumeLater()
    },
  ],
  [
    'throws',
    'CR_THROW_EXCEPTION',
    () => {
      throw new Error('no ink')
    },
  ],
])('a message consumed directly whose handler %s is answered with %s', async (_what, result, handler) => {
  const seen: string[] = []
  const {
    scene: at,
    consumer,
    ask,
  } = await scene((message, context) => {
    if (text(message) !== 'direct') return
    seen.push(`${message.topic} ${message.brokerName} ${context.queue.queueId}`)
    return handler(message, context)
  })
  const request = createRequest(
    ConsumeMessageDirectly,
    { consumerGroup: group, clientId: 'any', brokerName: 'broker-a' },
    { body: storedRecord('direct') },
  )
  const answered = decodeConsumeMessageDirectlyResult((await ask(request)).body as Buffer)
  expect(answered).toMatchObject({ consumeResult: result, order: false, autoCommit: true })
  if (result === 'CR_THROW_EXCEPTION') expect(answered.remark).toContain('no ink')
  expect(seen).toEqual(['Orders broker-a 3'])
  expect(at.group.sentBack).toEqual([])
  await at.run(consumer.close())
})

test.each([{ orderly: false }, { orderly: true }])(
  'offsets are reset while the consumer runs (%j)',
  async (options) => {
    const seen: string[] = []
    const { scene: at, consumer } = await scene((message) => {
      seen.push(text(message))
    }, options)
    expect(seen).toEqual(['a', 'b', 'c'])
    const [connection] = at.cluster.broker.server.connections
    const offsetTable = [{ messageQueue: { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }, offset: 1 }]
    const body = encodeResetOffsetBody({ offsetTable })
    connection?.sendOneway(createRequest(ResetConsumerClientOffset, { group, topic: 'Orders' }, { body }))
    await at.advance(9000)
    at.append(0, ['while it waits'])
    expect(seen).toHaveLength(3)
    await at.advance(5000)
    expect(seen.slice(3)).toEqual(['b', 'c', 'while it waits'])
    await at.run(consumer.close())
    expect(at.offset(0)).toBe(4)
  },
)

test('a close ends a reset that waits', async () => {
  const { scene: at, consumer } = await scene(() => {})
  const [connection] = at.cluster.broker.server.connections
  const offsetTable = [{ messageQueue: { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }, offset: 1 }]
  const body = encodeResetOffsetBody({ offsetTable })
  connection?.sendOneway(createRequest(ResetConsumerClientOffset, { group, topic: 'Orders' }, { body }))
  await at.advance(100)
  const startedMs = at.cluster.runtime.clock.monotonic()
  await at.run(consumer.close())
  expect(at.cluster.runtime.clock.monotonic() - startedMs).toBeLessThan(1000)
})

import {
  type ByteStream,
  type ConsumerData,
  createRequest,
  decodeKVTable,
  defaultSubscriptionGroupConfig,
  encodeFrame,
  encodeHeartbeatData,
  encodeSubscriptionGroupConfig,
  FrameDecoder,
  GetBrokerRuntimeInfo,
  Heartbeat,
  javaStringHash,
  LitePullMessage,
  PullMessage,
  type PullMessageRequest,
  type RemotingCommand,
  readRecords,
  ResponseCode,
  type SubscriptionGroupConfig,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateTopic,
  UpdateBrokerConfig,
} from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { properties, pullHeader, SimulatedBroker, storePath } from './simulated-broker.js'

function pull(rig: SimulatedBroker, header: Partial<PullMessageRequest> = {}): Promise<RemotingCommand> {
  return rig.call(PullMessage, { ...pullHeader, ...header })
}

function bodies({ body }: RemotingCommand): string[] {
  return body === undefined ? [] : readRecords(body).map((message) => message.body.toString())
}

async function withMessages(count: number): Promise<SimulatedBroker> {
  const rig = await SimulatedBroker.started()
  for (let sent = 0; sent < count; sent++) await rig.send({}, `m${sent}`)
  return rig
}

const subscription = {
  topic: 'Orders',
  subString: 'red || blue',
  expressionType: 'TAG',
  tagsSet: ['red', 'blue'],
  codeSet: [javaStringHash('red'), javaStringHash('blue')],
  subVersion: 5,
  classFilterMode: false,
}

async function heartbeat(rig: SimulatedBroker, change: Partial<ConsumerData> = {}): Promise<void> {
  const consumer: ConsumerData = {
    groupName: 'readers',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [subscription],
    unitMode: false,
    ...change,
  }
  const data = { clientID: 'c', producerDataSet: [], consumerDataSet: [consumer] }
  await rig.call(Heartbeat, {}, { body: encodeHeartbeatData({ ...data, heartbeatFingerprint: 0, withoutSub: false }) })
}

function setGroup(rig: SimulatedBroker, change: Partial<SubscriptionGroupConfig>): Promise<RemotingCommand> {
  const group = { ...defaultSubscriptionGroupConfig('readers'), ...change }
  return rig.call(UpdateAndCreateSubscriptionGroup, {}, { body: encodeSubscriptionGroupConfig(group) })
}

describe('a pull', () => {
  test('answers what is there from the offset on, and where to go on', async () => {
    await using rig = await withMessages(5)
    const answered = await pull(rig, { queueOffset: 2, maxMsgNums: 2 })
    expect(answered).toMatchObject({ code: ResponseCode.SUCCESS, remark: 'FOUND' })
    expect(bodies(answered)).toEqual(['m2', 'm3'])
    expect({ ...answered.extFields }).toEqual({
      suggestWhichBrokerId: '0',
      nextBeginOffset: '4',
      minOffset: '0',
      maxOffset: '5',
      topicSysFlag: '0',
      groupSysFlag: '0',
    })
  })

  test.each([
    { what: 'at the end', header: { queueOffset: 3 }, code: 19, remark: 'OFFSET_OVERFLOW_ONE', next: '3' },
    { what: 'past the end', header: { queueOffset: 100 }, code: 21, remark: 'OFFSET_OVERFLOW_BADLY', next: '3' },
    { what: 'of an empty queue', header: { queueId: 1 }, code: 19, remark: 'NO_MESSAGE_IN_QUEUE', next: '0' },
    {
      what: 'inside an empty queue',
      header: { queueId: 1, queueOffset: 7 },
      code: 21,
      remark: 'NO_MESSAGE_IN_QUEUE',
      next: '0',
    },
    { what: 'without a match', header: { subscription: 'red' }, code: 20, remark: 'NO_MATCHED_MESSAGE', next: '3' },
  ])('$what is answered $code and where to go on', async ({ header, code, remark, next }) => {
    await using rig = await withMessages(3)
    const answered = await pull(rig, header)
    expect(answered).toMatchObject({ code, remark, extFields: { nextBeginOffset: next }, body: undefined })
  })

  test('compares the tags of the subscription it carries, or of the heartbeats', async () => {
    await using rig = await SimulatedBroker.started()
    for (const tag of ['red', 'green', 'blue']) await rig.send({ properties: properties({ TAGS: tag }) }, tag)
    await rig.send({}, 'none')
    expect(bodies(await pull(rig, { subscription: 'green' }))).toEqual(['green'])
    await heartbeat(rig)
    expect(bodies(await pull(rig, { sysFlag: 0, subVersion: 5 }))).toEqual(['red', 'blue'])
  })
})

interface Row {
  readonly what: string
  readonly prepare?: (rig: SimulatedBroker) => Promise<unknown>
  readonly header?: Partial<PullMessageRequest>
  readonly code: number
  readonly forbiddenType?: string
}

const known = { sysFlag: 0, subVersion: 5 }
const set = (rig: SimulatedBroker, text: string): Promise<RemotingCommand> =>
  rig.call(UpdateBrokerConfig, {}, { body: Buffer.from(text) })
const unreadable = { defaultTopic: 'TBW102', readQueueNums: 4, writeQueueNums: 4, perm: 2 } as const

const rows: readonly Row[] = [
  {
    what: 'from a broker that must not be read',
    prepare: (rig) => set(rig, 'brokerPermission=2'),
    code: ResponseCode.NO_PERMISSION,
    forbiddenType: '1',
  },
  {
    what: 'of a group that is not made',
    prepare: (rig) => set(rig, 'autoCreateSubscriptionGroup=false'),
    code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
  },
  { what: 'of a group with an illegal name', header: { consumerGroup: '../x' }, code: 26 },
  {
    what: 'of a group that must not consume',
    prepare: (rig) => setGroup(rig, { consumeEnable: false }),
    code: ResponseCode.NO_PERMISSION,
    forbiddenType: '2',
  },
  { what: 'of a topic that does not exist', header: { topic: 'Nothing' }, code: ResponseCode.TOPIC_NOT_EXIST },
  { what: 'of a topic that is a path', header: { topic: '../../x' }, code: ResponseCode.TOPIC_NOT_EXIST },
  {
    what: 'of a topic that must not be read',
    prepare: (rig) =>
      rig.call(UpdateAndCreateTopic, { ...unreadable, topic: 'Orders', topicFilterType: 'SINGLE_TAG', order: false }),
    code: ResponseCode.NO_PERMISSION,
    forbiddenType: '3',
  },
  { what: 'of a queue the topic does not have', header: { queueId: 4 }, code: ResponseCode.INVALID_PARAMETER },
  { what: 'of a negative queue', header: { queueId: -1 }, code: ResponseCode.INVALID_PARAMETER },
  { what: 'before the first heartbeat', header: known, code: ResponseCode.SUBSCRIPTION_NOT_EXIST },
  {
    what: 'of a topic the heartbeats do not name',
    prepare: (rig) => heartbeat(rig, { subscriptionDataSet: [] }),
    header: known,
    code: ResponseCode.SUBSCRIPTION_NOT_EXIST,
  },
  {
    what: 'with a newer subscription than the heartbeats',
    prepare: (rig) => heartbeat(rig),
    header: { ...known, subVersion: 6 },
    code: ResponseCode.SUBSCRIPTION_NOT_LATEST,
  },
  {
    what: 'by broadcasting of a group that must not',
    prepare: async (rig) => {
      await setGroup(rig, { consumeBroadcastEnable: false })
      await heartbeat(rig, { messageModel: 'BROADCASTING' })
    },
    header: known,
    code: ResponseCode.NO_PERMISSION,
    forbiddenType: '4',
  },
  { what: 'with tags that are none', header: { subscription: '|| ||' }, code: ResponseCode.SUBSCRIPTION_PARSE_FAILED },
  {
    what: 'with a filter of an unknown type',
    header: { expressionType: 'XPATH' },
    code: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
  },
  {
    what: 'with an empty filter in SQL',
    header: { expressionType: 'SQL92', subscription: '' },
    code: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
  },
  { what: 'with a filter in SQL', header: { expressionType: 'SQL92' }, code: ResponseCode.SYSTEM_ERROR },
  {
    what: 'of a pull consumer where those are rejected',
    prepare: (rig) => set(rig, 'rejectPullConsumerEnable=true'),
    code: ResponseCode.SUBSCRIPTION_NOT_EXIST,
  },
]

test.each(rows)('a pull $what is refused with $code', async ({ prepare, header, code, forbiddenType }) => {
  await using rig = await withMessages(1)
  await prepare?.(rig)
  const answered = await pull(rig, header)
  expect(answered.code).toBe(code)
  expect(answered.extFields?.['forbiddenType']).toBe(forbiddenType)
  expect(answered.body).toBeUndefined()
})

test('a lite pull is a pull that can be switched off', async () => {
  await using rig = await withMessages(1)
  expect(bodies(await rig.call(LitePullMessage, pullHeader))).toEqual(['m0'])
  await set(rig, 'litePullMessageEnable=false')
  expect((await rig.call(LitePullMessage, pullHeader)).code).toBe(ResponseCode.NO_PERMISSION)
  expect(bodies(await pull(rig))).toEqual(['m0'])
})

describe('a pull for more than the limits', () => {
  test.each([
    { what: 'at most 32 messages', maxMsgNums: 2_147_483_647, expected: 32 },
    { what: 'one message', maxMsgNums: 0, expected: 1 },
    { what: 'one message', maxMsgNums: -5, expected: 1 },
  ])('gets $what for a maxMsgNums of $maxMsgNums', async ({ maxMsgNums, expected }) => {
    await using rig = await withMessages(40)
    expect(bodies(await pull(rig, { maxMsgNums }))).toHaveLength(expected)
  })

  test('gets no more bytes than maxTransferBytesOnMessageInMemory, but always one message', async () => {
    await using rig = await SimulatedBroker.started({ maxTransferBytesOnMessageInMemory: 10_000 })
    for (const size of [20_000, 4000, 4000, 4000]) await rig.send({}, Buffer.alloc(size))
    expect(bodies(await pull(rig))).toHaveLength(1)
    expect(bodies(await pull(rig, { queueOffset: 1 }))).toHaveLength(2)
  })
})

test('a pull before the first message that is kept is moved to it', async () => {
  const rig = await SimulatedBroker.started()
  for (let sent = 0; sent < 5; sent++) await rig.send({}, Buffer.alloc(300_000))
  await rig.run(rig.broker.close())
  await rig.fileSystem.unlink(`${storePath}/commitlog/00000000000000000000`)
  await using next = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
  await next.start()
  const answered = await pull(next)
  expect(answered).toMatchObject({ code: ResponseCode.PULL_OFFSET_MOVED, remark: 'OFFSET_TOO_SMALL' })
  expect(answered.extFields).toMatchObject({ nextBeginOffset: '3', minOffset: '3', maxOffset: '5' })
})

describe('the broker to pull from next', () => {
  const slow = { slaveReadEnable: true, accessMessageInMemoryMaxRatio: 0 }

  test.each([
    { what: 'the master, where slaves are not read', options: { accessMessageInMemoryMaxRatio: 0 }, expected: '0' },
    { what: "the group's, for those who keep up", options: { slaveReadEnable: true }, expected: '7' },
    { what: "the group's for the slow, for those who are", options: slow, expected: '8' },
  ])('is $what', async ({ options, expected }) => {
    await using rig = await SimulatedBroker.started(options)
    await rig.send()
    await rig.send()
    await setGroup(rig, { brokerId: 7, whichBrokerWhenConsumeSlowly: 8 })
    expect((await pull(rig)).extFields?.['suggestWhichBrokerId']).toBe(expected)
  })

  test('is the master for whoever asks a slave, which refuses pulls unless slaveReadEnable is set', async () => {
    const slave = { brokerRole: 'SLAVE', brokerId: 1 } as const
    const rig = await withMessages(2)
    await rig.messages('Orders')
    await rig.run(rig.broker.close())
    const refusing = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
    await refusing.start(slave)
    expect((await pull(refusing)).code).toBe(ResponseCode.SYSTEM_BUSY)
    await refusing.close()
    await using reading = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
    await reading.start({ ...slave, slaveReadEnable: true })
    const found = await pull(reading)
    expect(found).toMatchObject({ code: ResponseCode.SUCCESS, extFields: { suggestWhichBrokerId: '0' } })
    const beyond = await pull(reading, { queueOffset: 50 })
    expect(beyond).toMatchObject({ code: ResponseCode.PULL_RETRY_IMMEDIATELY, extFields: { nextBeginOffset: '50' } })
  })
})

describe('a peer that pipelines pulls', () => {
  test('and never reads makes the broker read the store for a few, not for all', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send({}, Buffer.alloc(500_000))
    const peer = await pipeline(rig, 200)
    await rig.runtime.advance(5000)
    expect(peer.received).toBe(0)
    expect(await messagesRead(rig)).toBeLessThan(20)
  })

  test('is answered every one, in order, once it reads', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send({}, Buffer.alloc(500_000))
    const peer = await pipeline(rig, 100)
    await rig.runtime.advance(5000)
    peer.stream.resume()
    await rig.runtime.advance(5000)
    expect(peer.opaques).toEqual(Array.from({ length: 100 }, (_, opaque) => opaque))
  })

  test('and is cut off lets go of the pulls that waited for it', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send({}, Buffer.alloc(500_000))
    await pipeline(rig, 200)
    await rig.runtime.advance(1000)
    rig.runtime.hosts.reset('10.0.8.2', '10.0.1.1')
    await rig.runtime.advance(1000)
    expect(await messagesRead(rig)).toBeLessThan(20)
    const startMs = rig.runtime.clock.monotonic()
    await rig.run(rig.broker.close())
    expect(rig.runtime.clock.monotonic() - startMs).toBeLessThan(1000)
  })
})

/** A peer that has sent so many pulls at once, and reads nothing until its stream is resumed. */
async function pipeline(rig: SimulatedBroker, count: number) {
  const decoder = new FrameDecoder({ maxFrameSize: 16_777_216 })
  const opaques: number[] = []
  const peer = { opaques, received: 0, stream: await connect(rig) }
  peer.stream.open({
    onData(chunk) {
      peer.received += chunk.length
      decoder.push(chunk)
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) opaques.push(frame.opaque)
    },
    onDrain() {},
    onClose() {},
  })
  peer.stream.pause()
  const frames = Array.from({ length: count }, (_, opaque) => {
    const request = createRequest(PullMessage, pullHeader)
    request.opaque = opaque
    return encodeFrame(request)
  })
  peer.stream.write(Buffer.concat(frames))
  return peer
}

function connect(rig: SimulatedBroker): Promise<ByteStream> {
  const [host = '', port] = rig.broker.address.split(':')
  return rig.run(rig.host('10.0.8.2').network.connect({ host, port: Number(port), timeoutMs: 1000 }))
}

async function messagesRead(rig: SimulatedBroker): Promise<number> {
  const { body } = await rig.call(GetBrokerRuntimeInfo, {})
  return Number(decodeKVTable(body as Buffer).table.get('msgGetTotalTodayNow'))
}

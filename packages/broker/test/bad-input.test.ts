import {
  allCommands,
  type Command,
  createExtFields,
  encodeFrame,
  FrameDecoder,
  Heartbeat,
  type RemotingClient,
  RemotingCommand,
  ResponseCode,
  SendMessage,
  SendMessageV2,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateSubscriptionGroupList,
  UpdateAndCreateTopicList,
} from '@mq/remoting'
import { SeededRandom } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { properties, pullHeader, sendHeader, SimulatedBroker, storePath } from './simulated-broker.js'

/** A request with exactly these fields, whatever the command wants. */
function raw(code: number, extFields: Readonly<Record<string, string>> = {}, body?: Buffer): RemotingCommand {
  const request = new RemotingCommand(code)
  request.extFields = createExtFields(extFields)
  request.body = body
  return request
}

function ask(
  rig: SimulatedBroker,
  request: RemotingCommand,
  client: RemotingClient = rig.client,
): Promise<RemotingCommand> {
  return rig.run(client.invokeSync(rig.broker.address, request, { timeoutMs: 10_000 }))
}

async function expectAlive(rig: SimulatedBroker): Promise<void> {
  expect((await rig.send({ topic: 'Alive' })).code).toBe(ResponseCode.SUCCESS)
  expect(rig.fileSystem.paths().filter((path) => path !== storePath && !path.startsWith(`${storePath}/`))).toEqual([])
}

const served = new Set([
  'SEND_MESSAGE',
  'SEND_MESSAGE_V2',
  'SEND_BATCH_MESSAGE',
  'CONSUMER_SEND_MSG_BACK',
  'LOCK_BATCH_MQ',
  'UNLOCK_BATCH_MQ',
  'GET_ALL_DELAY_OFFSET',
  'GET_CONSUMER_RUNNING_INFO',
  'CONSUME_MESSAGE_DIRECTLY',
  'INVOKE_BROKER_TO_GET_CONSUMER_STATUS',
  'CHECK_CLIENT_CONFIG',
  'UPDATE_AND_GET_GROUP_FORBIDDEN',
  'QUERY_ASSIGNMENT',
  'SET_MESSAGE_REQUEST_MODE',
  'PULL_MESSAGE',
  'LITE_PULL_MESSAGE',
  'QUERY_MESSAGE',
  'VIEW_MESSAGE_BY_ID',
  'HEART_BEAT',
  'UNREGISTER_CLIENT',
  'GET_CONSUMER_LIST_BY_GROUP',
  'GET_PRODUCER_CONNECTION_LIST',
  'GET_ALL_PRODUCER_INFO',
  'GET_CONSUMER_CONNECTION_LIST',
  'QUERY_TOPIC_CONSUME_BY_WHO',
  'QUERY_CONSUMER_OFFSET',
  'UPDATE_CONSUMER_OFFSET',
  'GET_ALL_CONSUMER_OFFSET',
  'INVOKE_BROKER_TO_RESET_OFFSET',
  'CLONE_GROUP_OFFSET',
  'QUERY_CORRECTION_OFFSET',
  'GET_CONSUME_STATS',
  'GET_BROKER_CONSUME_STATS',
  'QUERY_TOPICS_BY_CONSUMER',
  'QUERY_SUBSCRIPTION_BY_CONSUMER',
  'QUERY_CONSUME_TIME_SPAN',
  'QUERY_CONSUME_QUEUE',
  'VIEW_BROKER_STATS_DATA',
  'CLEAN_EXPIRED_CONSUMEQUEUE',
  'CLEAN_UNUSED_TOPIC',
  'SEARCH_OFFSET_BY_TIMESTAMP',
  'GET_MAX_OFFSET',
  'GET_MIN_OFFSET',
  'GET_EARLIEST_MSG_STORETIME',
  'GET_TOPIC_STATS_INFO',
  'UPDATE_AND_CREATE_TOPIC',
  'UPDATE_AND_CREATE_TOPIC_LIST',
  'DELETE_TOPIC_IN_BROKER',
  'GET_ALL_TOPIC_CONFIG',
  'GET_TOPIC_CONFIG',
  'GET_SYSTEM_TOPIC_LIST_FROM_BROKER',
  'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP',
  'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST',
  'DELETE_SUBSCRIPTIONGROUP',
  'GET_SUBSCRIPTIONGROUP_CONFIG',
  'GET_ALL_SUBSCRIPTIONGROUP_CONFIG',
  'UPDATE_BROKER_CONFIG',
  'GET_BROKER_CONFIG',
  'GET_BROKER_RUNTIME_INFO',
])

test('every code of the protocol without a handler here is answered as not supported, and so is an unknown one', async () => {
  await using rig = await SimulatedBroker.started()
  const unserved = allCommands.filter((command) => !served.has(command.name))
  expect(unserved.length + served.size).toBe(allCommands.length)
  for (const code of [...unserved.map((command) => command.code), 0, 9999, 2_000_000_000]) {
    const answered = await ask(rig, raw(code))
    expect(answered).toMatchObject({
      code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
      remark: ` request type ${code} not supported`,
    })
  }
  await expectAlive(rig)
})

test('every request that is served gets an answer without any field or body', async () => {
  await using rig = await SimulatedBroker.started()
  for (const { code, name } of allCommands.filter((command) => served.has(command.name))) {
    const answered = await ask(rig, raw(code))
    expect(answered.code, name).not.toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED)
  }
  await expectAlive(rig)
})

/** Every field that some served command needs, well formed, so that the handlers are reached. */
const wellFormed: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'queueId queueOffset maxMsgNums sysFlag commitOffset suspendTimeoutMillis subVersion timestamp offset maxNum beginTimestamp endTimestamp readQueueNums writeQueueNums perm defaultTopicQueueNums bornTimestamp flag d e f g h j'
      .split(' ')
      .map((name) => [name, '1']),
  ),
  topicFilterType: 'SINGLE_TAG',
  order: 'false',
  cleanOffset: 'false',
}

/** Every field that holds a name. */
const names = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    'topic defaultTopic key consumerGroup producerGroup group groupName clientID a b c'
      .split(' ')
      .map((field) => [field, name]),
  )

test.each(['../../x', '/etc/passwd', '..', '.', 'a/b', 'a\\b', 'a\u0000b', '%RETRY%../x', '%DLQ%..'])(
  'the name %j, in any field of any request, leads nowhere',
  async (name) => {
    await using rig = await SimulatedBroker.started()
    for (const { code } of allCommands.filter((command) => served.has(command.name))) {
      const answered = await ask(rig, raw(code, { ...wellFormed, ...names(name) }, Buffer.from('body')))
      expect(answered.isResponse).toBe(true)
    }
    await expectAlive(rig)
  },
)

describe('a send whose header is wrong', () => {
  const good = SendMessageV2.requestHeader.encode(sendHeader())

  test.each(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])(
    'in that field %s is missing is a system error',
    async (field) => {
      await using rig = await SimulatedBroker.started()
      const { [field]: _dropped, ...rest } = good
      const answered = await ask(rig, raw(SendMessageV2.code, rest, Buffer.from('x')))
      expect(answered.code).toBe(ResponseCode.SYSTEM_ERROR)
      expect(answered.remark).toContain('SEND_MESSAGE_V2')
      await expectAlive(rig)
    },
  )

  test.each(['', ' ', 'x', '1.5', '1e3', '0x10', '2147483648', '-2147483649', '99999999999999999999', 'NaN'])(
    'in that its queue is "%s" is a system error',
    async (queueId) => {
      await using rig = await SimulatedBroker.started()
      const answered = await ask(rig, raw(SendMessageV2.code, { ...good, e: queueId }, Buffer.from('x')))
      expect(answered.code).toBe(ResponseCode.SYSTEM_ERROR)
      await expectAlive(rig)
    },
  )

  test('by fields that have a meaning in JavaScript is a send like any other', async () => {
    await using rig = await SimulatedBroker.started()
    const sent = `${properties({ constructor: 'y', toString: 'z' })}__proto__\u0001polluted\u0002`
    const fields = JSON.parse('{"__proto__":"polluted","constructor":"x","hasOwnProperty":"y"}') as Record<
      string,
      string
    >
    const answered = await ask(rig, raw(SendMessageV2.code, { ...fields, ...good, i: sent }, Buffer.from('x')))
    expect(answered.code).toBe(ResponseCode.SUCCESS)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    const [message] = await rig.messages('Orders')
    expect(message?.properties.get('__proto__')).toBe('polluted')
    expect(message?.properties.get('constructor')).toBe('y')
  })

  test('in that it claims an address of 16 bytes is stored so that all can read it', async () => {
    await using rig = await SimulatedBroker.started()
    for (const sysFlag of [0x10, 0x20, 0x30]) await rig.send({ sysFlag }, `flag ${sysFlag}`)
    await rig.send({}, 'after')
    const bodies = (await rig.messages('Orders')).map((message) => message.body.toString())
    expect(bodies).toEqual(['flag 16', 'flag 32', 'flag 48', 'after'])
  })
})

describe('a body that is no JSON, or not the JSON it should be', () => {
  const withBody: readonly Command[] = [
    Heartbeat,
    UpdateAndCreateTopicList,
    UpdateAndCreateSubscriptionGroup,
    UpdateAndCreateSubscriptionGroupList,
  ]
  const whole =
    '{"clientID":"c","producerDataSet":[{"groupName":"p"}],"groupName":"g","topicConfigList":[{"topicName":"t"}]}'

  test.each(withBody)('is answered by $name and harms nothing', async ({ code }) => {
    await using rig = await SimulatedBroker.started()
    const cuts = Array.from({ length: whole.length }, (_, size) => whole.slice(0, size))
    const odd = ['null', '[]', '7', '"x"', '{"__proto__":{"polluted":1}}', '['.repeat(5000), '{"a":'.repeat(5000)]
    const strange = ['{"producerDataSet":7,"consumerDataSet":{"a":1}}', '{"topicConfigList":[7,null,"x",[]]}']
    const nested = ['{"consumerDataSet":[{"groupName":"g","subscriptionDataSet":[null,{"topic":9}]}]}']
    for (const text of [...cuts, ...odd, ...strange, ...nested]) await ask(rig, raw(code, {}, Buffer.from(text)))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    await expectAlive(rig)
  })

  test('and is not even text is answered and harms nothing', async () => {
    await using rig = await SimulatedBroker.started()
    const random = new SeededRandom(7)
    for (const { code } of withBody) {
      for (let times = 0; times < 50; times++) await ask(rig, raw(code, {}, random.bytes(random.int(200))))
    }
    await expectAlive(rig)
  })
})

test('a body over the limit is refused, one over the largest frame closes the connection, and others are served', async () => {
  await using rig = await SimulatedBroker.started()
  const large = Buffer.alloc(4_194_305)
  expect((await rig.call(SendMessage, sendHeader(), { body: large })).code).toBe(ResponseCode.MESSAGE_ILLEGAL)
  const other = rig.newClient()
  const request = raw(SendMessage.code, {}, Buffer.alloc(17_000_000))
  await expect(ask(rig, request, other)).rejects.toMatchObject({ code: 'REMOTING_SEND_REQUEST' })
  await rig.run(other.close())
  await expectAlive(rig)
})

test('one-way requests of every kind get no answer', async () => {
  await using rig = await SimulatedBroker.started()
  let received = 0
  const stream = await rig.run(
    rig.host('10.0.8.2').network.connect({ host: '10.0.1.1', port: 10_911, timeoutMs: 1000 }),
  )
  const decoder = new FrameDecoder()
  stream.open({
    onData(chunk) {
      decoder.push(chunk)
      while (decoder.next() !== undefined) received++
    },
    onDrain() {},
    onClose() {},
  })
  for (const { code } of allCommands) {
    const request = raw(code, { ...wellFormed, ...names('x') }, Buffer.from('x'))
    request.markOneway()
    stream.write(encodeFrame(request))
  }
  await rig.runtime.advance(3000)
  stream.write(encodeFrame(raw(9999)))
  await rig.runtime.advance(100)
  expect(received).toBe(1)
  stream.destroy()
  await expectAlive(rig)
})

test('a pull with numbers at the ends of their range is answered', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send()
  const extremes = ['-9223372036854775808', '9223372036854775807', '-1', '0']
  for (const queueOffset of extremes) {
    for (const maxMsgNums of ['-2147483648', '2147483647', '0']) {
      const header = Object.fromEntries(Object.entries(pullHeader).map(([name, value]) => [name, String(value)]))
      await ask(rig, raw(11, { ...header, queueOffset, maxMsgNums }))
    }
  }
  await expectAlive(rig)
})

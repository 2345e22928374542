import {
  answer,
  CheckClientConfig,
  ConsumeMessageDirectly,
  decodeConsumerStatusBody,
  decodeGroupForbidden,
  encodeCheckClientRequest,
  encodeConsumerStatusBody,
  encodeHeartbeatData,
  GetConsumerRunningInfo,
  GetConsumerStatusFromClient,
  Heartbeat,
  InvokeBrokerToGetConsumerStatus,
  readRecord,
  type RemotingClient,
  ResponseCode,
  UpdateAndGetGroupForbidden,
  buildSubscriptionData,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

const consumerGroup = 'billing'

/** A client of its own in the group, older than others if a version is given. */
async function member(rig: SimulatedBroker, clientID: string, version?: number): Promise<RemotingClient> {
  const client = rig.newClient()
  const group = {
    groupName: consumerGroup,
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [buildSubscriptionData('Orders', '*', 1)],
    unitMode: false,
  } as const
  const producers = { producerDataSet: [], heartbeatFingerprint: 0, withoutSub: false }
  const body = encodeHeartbeatData({ clientID, consumerDataSet: [group], ...producers })
  const change = version === undefined ? {} : { change: (request: { version: number }) => (request.version = version) }
  await rig.call(Heartbeat, {}, { body, client, ...change })
  return client
}

const running = (rig: SimulatedBroker, clientId = 'c1'): ReturnType<SimulatedBroker['call']> =>
  rig.call(GetConsumerRunningInfo, { consumerGroup, clientId, jstackEnable: true })

test('what a client does is asked of the client named, and its answer passed back as it is', async () => {
  await using rig = await SimulatedBroker.started()
  const [first, second] = [await member(rig, 'c1'), await member(rig, 'c2')]
  first.handlers.on(GetConsumerRunningInfo, () => answer({ code: 77, remark: 'asked the wrong one' }))
  second.handlers.on(GetConsumerRunningInfo, (header) => answer({ body: Buffer.from(JSON.stringify(header)) }))
  const answered = await running(rig, 'c2')
  expect(answered.code).toBe(ResponseCode.SUCCESS)
  expect(JSON.parse(answered.body?.toString() ?? '')).toMatchObject({
    consumerGroup,
    clientId: 'c2',
    jstackEnable: true,
  })
  expect(await running(rig, 'c1')).toMatchObject({ code: 77, remark: 'asked the wrong one' })
  await rig.run(Promise.all([first.close(), second.close()]))
})

test('a client that does not answer within 10 s is reported, and one that leaves meanwhile too', async () => {
  await using rig = await SimulatedBroker.started()
  const client = await member(rig, 'c1')
  client.handlers.on(GetConsumerRunningInfo, () => new Promise(() => undefined))
  const startMs = rig.runtime.clock.monotonic()
  const late = await running(rig)
  expect(late).toMatchObject({ code: ResponseCode.CONSUME_MSG_TIMEOUT })
  expect(late.remark).toMatch(/^consumer <billing> <c1>: .*within 10000 ms/)
  expect(rig.runtime.clock.monotonic() - startMs).toBeLessThan(11_500)
  const leaving = running(rig)
  await rig.runtime.advance(100)
  await rig.run(client.close())
  expect(await leaving).toMatchObject({ code: ResponseCode.SYSTEM_ERROR })
})

test('clients that are away or too old are not asked', async () => {
  await using rig = await SimulatedBroker.started()
  expect(await running(rig)).toMatchObject({
    code: ResponseCode.SYSTEM_ERROR,
    remark: 'The Consumer <billing> <c1> not online',
  })
  const old = await member(rig, 'c1', 61)
  expect(await running(rig)).toMatchObject({
    code: ResponseCode.SYSTEM_ERROR,
    remark: expect.stringMatching(/too low to finish, please upgrade it to V3_1_8_SNAPSHOT/) as unknown,
  })
  await rig.run(old.close())
})

test('a message to be consumed directly reaches the client whole, with what the broker knows of topic and group', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({}, 'consume me')
  const [message] = await rig.messages('Orders')
  const client = await member(rig, 'c1')
  client.handlers.on(ConsumeMessageDirectly, (header, { body }) => {
    const { brokerName, topicSysFlag, groupSysFlag } = header
    const text = readRecord(body ?? Buffer.alloc(0), 0).body.toString()
    return answer({ body: Buffer.from(JSON.stringify({ brokerName, topicSysFlag, groupSysFlag, text })) })
  })
  const header = { consumerGroup, clientId: 'c1', topic: 'Orders' }
  const answered = await rig.call(ConsumeMessageDirectly, { ...header, msgId: message?.offsetMsgId })
  expect(JSON.parse(answered.body?.toString() ?? '')).toEqual({
    brokerName: 'broker-a',
    topicSysFlag: 0,
    groupSysFlag: 0,
    text: 'consume me',
  })
  const missing = message?.offsetMsgId.replace(/.$/, '7')
  for (const msgId of [missing, 'no id', undefined]) {
    expect((await rig.call(ConsumeMessageDirectly, { ...header, msgId })).code).toBe(ResponseCode.SYSTEM_ERROR)
  }
  await rig.run(client.close())
})

test('where the clients of a group are is asked of all or of one, and silent ones are left out', async () => {
  await using rig = await SimulatedBroker.started()
  const status = (clientAddr?: string): ReturnType<SimulatedBroker['call']> =>
    rig.call(InvokeBrokerToGetConsumerStatus, { topic: 'Orders', group: consumerGroup, clientAddr })
  expect((await status()).code).toBe(ResponseCode.SYSTEM_ERROR)
  const messageQueue = { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }
  const clients = [await member(rig, 'c1'), await member(rig, 'c2'), await member(rig, 'c3')]
  for (const [index, client] of clients.slice(0, 2).entries()) {
    client.handlers.on(GetConsumerStatusFromClient, () => {
      const messageQueueTable = [{ messageQueue, offset: index }]
      return answer({ body: encodeConsumerStatusBody({ messageQueueTable, consumerTable: new Map() }) })
    })
  }
  clients[2]!.handlers.on(GetConsumerStatusFromClient, () => new Promise(() => undefined))
  const told = async (clientAddr?: string): Promise<unknown> => {
    const { code, body } = await status(clientAddr)
    expect(code).toBe(ResponseCode.SUCCESS)
    return [...decodeConsumerStatusBody(body ?? Buffer.alloc(0)).consumerTable]
  }
  expect(await told()).toEqual([
    ['c1', [{ messageQueue, offset: 0 }]],
    ['c2', [{ messageQueue, offset: 1 }]],
  ])
  expect(await told('c2')).toEqual([['c2', [{ messageQueue, offset: 1 }]]])
  expect(await told('c9')).toEqual([])
  await rig.run(Promise.all(clients.map((client) => client.close())))
})

test('subscriptions by tags are accepted and those in SQL refused', async () => {
  await using rig = await SimulatedBroker.started()
  const check = async (expressionType: string): Promise<number> => {
    const subscriptionData = { ...buildSubscriptionData('Orders', '*'), expressionType }
    const body = encodeCheckClientRequest({ clientId: 'c1', group: consumerGroup, namespace: '', subscriptionData })
    return (await rig.call(CheckClientConfig, {}, { body })).code
  }
  expect(await check('TAG')).toBe(ResponseCode.SUCCESS)
  expect(await check('SQL92')).toBe(ResponseCode.SYSTEM_ERROR)
})

test('a group is forbidden to read a topic until it is allowed again, also across a restart', async () => {
  const rig = await SimulatedBroker.started()
  const ask = async (broker: SimulatedBroker, readable?: boolean): Promise<boolean> => {
    const { code, body } = await broker.call(UpdateAndGetGroupForbidden, {
      group: 'billing',
      topic: 'Orders',
      readable,
    })
    expect(code).toBe(ResponseCode.SUCCESS)
    return decodeGroupForbidden(body ?? Buffer.alloc(0)).readable
  }
  expect([await ask(rig), await ask(rig, false), await ask(rig)]).toEqual([true, false, false])
  await rig.close()
  await using again = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
  await again.start()
  expect([await ask(again), await ask(again, true), await ask(again)]).toEqual([false, true, true])
  const bad = await again.call(UpdateAndGetGroupForbidden, { group: '../x', topic: 'Orders', readable: false })
  expect(bad.code).toBe(ResponseCode.INVALID_PARAMETER)
})

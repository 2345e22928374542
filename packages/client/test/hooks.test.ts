import diagnostics from 'node:diagnostics_channel'
import { createExtFields, type RemotingCommand } from '@mq/remoting'
import { expect, test } from 'vitest'
import type { SendMessageContext, SendTrace } from '../src/index.js'
import { SimulatedCluster } from './simulated-cluster.js'

const message = { topic: 'Orders', body: 'hello' }

test('send hooks see every attempt with its broker and outcome', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next({ code: 2 })
  const seen: [string, SendMessageContext][] = []
  const producer = await cluster.startedProducer({
    sendMessageHooks: [
      {
        sendMessageBefore: (context) => void seen.push(['before', context]),
        sendMessageAfter: (context) => void seen.push(['after', { ...context }]),
      },
    ],
  })
  const sent = await cluster.run(producer.send(message))
  expect(seen.map(([when]) => when)).toEqual(['before', 'after', 'before', 'after'])
  expect(seen[1]?.[1]).toMatchObject({ exception: { responseCode: 2 }, brokerAddress: '10.0.1.1:10911' })
  expect(seen[3]?.[1]).toMatchObject({ sendResult: sent, communicationMode: 'SYNC', producerGroup: 'orders' })
})

test('a property that a hook adds is sent, and a hook that throws changes nothing', async () => {
  const cluster = await SimulatedCluster.start()
  const producer = await cluster.startedProducer({
    sendMessageHooks: [
      {
        sendMessageBefore() {
          throw new Error('from the hook')
        },
      },
      { sendMessageBefore: ({ message: outgoing }) => void outgoing.properties.set('traceparent', '00-1-2-03') },
    ],
  })
  await cluster.run(producer.send(message))
  expect(cluster.broker.sends[0]?.fields['i']).toContain('traceparent\u000100-1-2-03\u0002')
  expect(cluster.warnings).toEqual(['a send message hook failed'])
})

test('a forbidding hook keeps the message from leaving, and its reason is the cause', async () => {
  const cluster = await SimulatedCluster.start()
  const reason = new Error('not on Sundays')
  const producer = await cluster.startedProducer({
    checkForbiddenHooks: [
      {
        checkForbidden() {
          throw reason
        },
      },
    ],
  })
  const failure = await cluster.failure(producer.send(message))
  expect(failure).toMatchObject({ code: 'SEND_FORBIDDEN', retryable: false, cause: { cause: reason } })
  expect(cluster.broker.sends).toEqual([])
})

test('an RPC hook sees requests and answers, and its fields are sent', async () => {
  const cluster = await SimulatedCluster.start()
  const answered: number[] = []
  const producer = await cluster.startedProducer({
    rpcHook: {
      doBeforeRequest(_address: string, request: RemotingCommand) {
        request.extFields = Object.assign(request.extFields ?? createExtFields(), { Signature: 's' })
      },
      doAfterResponse(_address: string, request: RemotingCommand) {
        answered.push(request.code)
      },
    },
    namespaceV2: 'ns2',
    enableStreamRequestType: true,
  })
  await cluster.run(producer.send(message))
  expect(cluster.broker.sends[0]?.fields).toMatchObject({ Signature: 's', ns: 'ns2', nsd: 'true', ReqT: '0' })
  expect(answered).toContain(310)
  expect(producer.clientId).toMatch(/@STREAM$/)
})

test('subscribers of mq:send get one trace a send, with its result or error', async () => {
  const cluster = await SimulatedCluster.start()
  cluster.broker.next('SEND_OK', { code: 13 })
  const producer = await cluster.startedProducer()
  const traces: SendTrace[] = []
  const channel = diagnostics.tracingChannel('mq:send')
  const note = (trace: unknown): void => void traces.push(trace as SendTrace)
  const subscriber = { start() {}, end() {}, asyncStart() {}, asyncEnd: note, error() {} }
  channel.subscribe(subscriber)
  const sent = await cluster.run(producer.send(message))
  await cluster.failure(producer.send(message))
  channel.unsubscribe(subscriber)
  await cluster.run(producer.send(message))
  expect(traces).toMatchObject([
    { message, mode: 'SYNC', producerGroup: 'orders', clientId: producer.clientId, result: sent },
    { error: { code: 'SEND_REFUSED' } },
  ])
})

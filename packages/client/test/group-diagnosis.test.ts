import { buildSubscriptionData } from '@mq/remoting'
import { answer, CheckClientConfig, decodeCheckClientRequest, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { ConsumeScene, retryTopic } from './consume-scene.js'

test('two members with different subscriptions are warned of, and both are named', async () => {
  const scene = await ConsumeScene.start()
  scene.group.others.push('10.0.8.2@other')
  scene.group.subscriptions = [buildSubscriptionData('Orders', 'paid'), buildSubscriptionData(retryTopic, '*')]
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  await scene.advance(6000)
  const warnings = scene.cluster.warnings.filter((text) => text.includes('subscribe to different things'))
  expect(warnings).toEqual([
    expect.stringContaining(
      `${consumer.clientId} has TAG '*' on topic 'Orders', but the broker was told TAG 'paid' by one of 10.0.8.2@other`,
    ),
  ])
  await scene.run(consumer.close())
})

test('members with the same subscriptions are warned of nothing', async () => {
  const scene = await ConsumeScene.start()
  const consumers = [scene.consumer({ instanceName: 'a' }), scene.consumer({ instanceName: 'b' })]
  for (const consumer of consumers) {
    consumer.listen(() => {})
    await scene.started(consumer)
  }
  await scene.advance(60_000)
  expect(scene.cluster.warnings).toEqual([])
  for (const consumer of consumers) await scene.run(consumer.close())
})

test('a pull refused for want of the subscription names who wants something else', async () => {
  const scene = await ConsumeScene.start()
  const consumer = scene.consumer()
  consumer.listen(() => {})
  await scene.started(consumer)
  await scene.advance(10_000)
  scene.group.others.push('10.0.8.2@other')
  scene.group.subscriptions = [buildSubscriptionData('Payments', '*')]
  scene.stored.script.push(answer({ code: ResponseCode.SUBSCRIPTION_NOT_EXIST, remark: 'not here' }))
  scene.append(0, ['wakes the pull'])
  await scene.advance(100)
  expect(scene.cluster.logged('members of consumer group')).toEqual([
    expect.objectContaining({ topic: 'Orders', known: 'nothing', others: ['10.0.8.2@other'] }),
    expect.objectContaining({ topic: retryTopic, known: 'nothing' }),
    expect.objectContaining({ topic: 'Payments', own: 'nothing' }),
  ])
  await scene.run(consumer.close())
})

test('a client id that another live client uses is warned of, with where both are connected from', async () => {
  const scene = await ConsumeScene.start()
  scene.group.others.push('10.0.8.1@same')
  const consumer = scene.consumer({ instanceName: 'same' })
  consumer.listen(() => {})
  await scene.started(consumer)
  await scene.advance(41_000)
  const warnings = scene.cluster.warnings.filter((text) => text.startsWith('two clients'))
  expect(warnings).toEqual([expect.stringContaining('10.0.8.1@same (connected from 10.0.8.1:5000 and 10.0.8.2:5000)')])
  await scene.run(consumer.close())
})

test('an expression that is no tag is checked by a broker, whose refusal ends the start', async () => {
  const scene = await ConsumeScene.start()
  const checked: unknown[] = []
  scene.cluster.broker.server.handlers.on(CheckClientConfig, (_request, { body }) => {
    checked.push(decodeCheckClientRequest(body as Buffer))
    return answer({ code: ResponseCode.SUBSCRIPTION_PARSE_FAILED, remark: 'what is >>' })
  })
  const consumer = scene.consumer()
  consumer.subscribe('Orders', { sql: 'a >> 1' })
  consumer.listen(() => {})
  expect(await scene.cluster.failure(consumer.start())).toMatchObject({
    code: 'SUBSCRIPTION_REFUSED',
    responseCode: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
    message: expect.stringContaining("SQL92 'a >> 1' on topic 'Orders'") as string,
  })
  expect(checked).toEqual([
    expect.objectContaining({
      group: 'billing',
      clientId: consumer.clientId,
      subscriptionData: expect.objectContaining({ expressionType: 'SQL92', subString: 'a >> 1' }) as object,
    }),
  ])
  await scene.advance(1000)
  expect(scene.cluster.broker.server.connections.size).toBe(0)
})

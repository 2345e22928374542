import { expect, test } from 'vitest'
import { VirtualCluster } from './virtual-cluster.js'

test('two members of one group with different subscriptions are both named, by a client and in the log of the broker', async () => {
  await using cluster = await VirtualCluster.start()
  const producer = await cluster.producer()
  await cluster.runtime.run(producer.send({ topic: 'Orders', tags: 'created', body: 'x' }))
  const members = [cluster.consumer('10.0.8.1'), cluster.consumer('10.0.8.2')] as const
  for (const [index, member] of members.entries()) {
    member.subscribe('Orders', ['created', 'paid'][index])
    member.listen(() => undefined)
    await cluster.runtime.run(member.start())
  }
  await cluster.runtime.advance(60_000)
  for (const log of [cluster.consumerLog, cluster.brokerLog]) {
    const [warning] = log.matching(/subscribe (to different things|differently)/)
    for (const { clientId } of members) expect(warning?.message).toContain(clientId)
    for (const tag of ['created', 'paid']) expect(warning?.message).toContain(tag)
  }
})

test('two clients with one client id are found out by themselves and by the broker, which names both addresses', async () => {
  await using cluster = await VirtualCluster.start()
  const producer = await cluster.producer()
  await cluster.runtime.run(producer.send({ topic: 'Orders', body: 'x' }))
  for (const host of ['10.0.8.1', '10.0.8.2']) {
    const twin = cluster.consumer(host, { clientIP: '10.0.8.1', instanceName: 'twin' })
    twin.subscribe('Orders')
    twin.listen(() => undefined)
    await cluster.runtime.run(twin.start())
  }
  await cluster.runtime.advance(120_000)
  const [told] = cluster.consumerLog.matching(/use the client id 10\.0\.8\.1@twin/)
  expect(told?.message).toMatch(/connected from .*10\.0\.8\.1:\d+/)
  expect(told?.message).toMatch(/connected from .*10\.0\.8\.2:\d+/)
  const [logged] = cluster.brokerLog.matching(/two clients call themselves 10\.0\.8\.1@twin/)
  const addresses = logged?.fields['addresses'] as string[]
  expect(addresses.map((address) => address.split(':')[0])).toEqual(['10.0.8.1', '10.0.8.2'])
})

const delaysS = Array.from({ length: 18 }, (_, index) => index + 1)

test('a message that always fails is delivered 17 times, each later than the one before, and then lies in the dead-letter topic', async () => {
  await using cluster = await VirtualCluster.start({
    messageDelayLevel: delaysS.map((seconds) => `${seconds}s`).join(' '),
  })
  const producer = await cluster.producer()
  const sent = await cluster.runtime.run(producer.send({ topic: 'Orders', keys: ['o-17'], body: 'poison' }))
  const deliveries: { attempt: number; atMs: number; text: string }[] = []
  const consumer = cluster.consumer('10.0.8.1')
  consumer.subscribe('Orders')
  consumer.listen(({ topic, body, msgId }, { attempt }) => {
    const atMs = cluster.runtime.clock.monotonic()
    deliveries.push({ attempt, atMs, text: `${topic} ${String(body)} ${msgId}` })
    throw new Error('never')
  })
  await cluster.runtime.run(consumer.start())
  await cluster.runtime.advance(180_000)
  expect(deliveries.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 17 }, (_, index) => index + 1))
  expect(new Set(deliveries.map(({ text }) => text))).toEqual(new Set([`Orders poison ${sent.msgId}`]))
  const waits = deliveries.slice(1).map(({ atMs }, index) => atMs - deliveries[index]!.atMs)
  // The first retry waits at level 3.
  for (const [index, waitMs] of waits.entries()) expect(waitMs).toBeGreaterThanOrEqual(delaysS[index + 2]! * 1000)

  const dead = cluster.consumer('10.0.8.3', {
    consumerGroup: 'undertaker',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  })
  const buried: string[] = []
  dead.subscribe('%DLQ%billing')
  dead.listen(({ body }) => buried.push(String(body)))
  await cluster.runtime.run(dead.start())
  await cluster.runtime.advance(60_000)
  expect(buried).toEqual(['poison'])
})

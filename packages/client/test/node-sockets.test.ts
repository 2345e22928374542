import { nodeRuntime } from '@mq/remoting'
import { expect, test } from 'vitest'
import { DefaultMQProducer, type SendResult } from '../src/index.js'
import { ScriptedBroker } from './scripted-broker.js'
import { routeOver, ScriptedNameServer } from './scripted-name-server.js'

async function withServers(
  use: (servers: { broker: ScriptedBroker; nameServer: ScriptedNameServer }) => Promise<void>,
): Promise<void> {
  const local = { runtime: nodeRuntime, host: '127.0.0.1' }
  const nameServer = await new ScriptedNameServer(local).start()
  const broker = await new ScriptedBroker({ ...local, brokerName: 'broker-a' }).start()
  nameServer.routes.set('Orders', routeOver(broker))
  try {
    await use({ broker, nameServer })
  } finally {
    await broker.close()
    await nameServer.close()
  }
}

/** How many things keep the event loop alive that could be a client's. */
function activeCount(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|GetAddrInfo/.test(name)).length
}

test('after close nothing of the producer keeps the process alive, and before the first send nothing does either', async () => {
  await withServers(async ({ nameServer }) => {
    const before = activeCount()
    const producer = new DefaultMQProducer({
      producerGroup: 'orders',
      namesrvAddr: nameServer.address,
      sendLatencyEnable: true,
      startDetectorEnable: true,
    })
    await producer.start()
    expect(activeCount()).toBeLessThanOrEqual(before)
    await producer.send({ topic: 'Orders', body: 'x' })
    await producer.close()
    // Sockets take a turn or two to close.
    for (let turn = 0; turn < 100 && activeCount() > before; turn++)
      await new Promise((resolve) => setImmediate(resolve))
    expect(activeCount()).toBeLessThanOrEqual(before)
  })
})

test('concurrent sends over loopback are each acknowledged once', async () => {
  await withServers(async ({ broker, nameServer }) => {
    await using producer = new DefaultMQProducer({ producerGroup: 'orders', namesrvAddr: nameServer.address })
    await producer.start()
    const results: SendResult[] = await Promise.all(
      Array.from({ length: 500 }, (_, index) => producer.send({ topic: 'Orders', body: `message ${index}` })),
    )
    expect(new Set(results.map(({ msgId }) => msgId)).size).toBe(500)
    expect(new Set(results.map(({ offsetMsgId }) => offsetMsgId)).size).toBe(500)
    expect(new Set(broker.sends.map(({ body }) => body.toString())).size).toBe(500)
  })
})

test('a body over 32 KiB, compressed or random, arrives whole', async () => {
  await withServers(async ({ broker, nameServer }) => {
    await using producer = new DefaultMQProducer({
      producerGroup: 'orders',
      namesrvAddr: nameServer.address,
      compressMsgBodyOverHowmuch: 1_000_000,
    })
    await producer.start()
    const body = Buffer.alloc(500_000, 'abc')
    await producer.send({ topic: 'Orders', body })
    expect(broker.sends[0]?.body.equals(body)).toBe(true)
  })
})

test('a name server given by host name is found', async () => {
  await withServers(async ({ nameServer }) => {
    const { port } = nameServer.server.endpoint
    await using producer = new DefaultMQProducer({ producerGroup: 'orders', namesrvAddr: `localhost:${port}` })
    await producer.start()
    expect((await producer.send({ topic: 'Orders', body: 'x' })).sendStatus).toBe('SEND_OK')
  })
})

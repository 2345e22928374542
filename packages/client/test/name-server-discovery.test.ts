import { expect, test } from 'vitest'
import { SimulatedCluster } from './simulated-cluster.js'

/** An address server on 10.0.0.5 that answers every request with the text it holds then. */
async function startAddressServer(cluster: SimulatedCluster): Promise<{ body: string; requests: number }> {
  const state = { body: '', requests: 0 }
  await cluster.runtime.host('10.0.0.5').network.listen({
    host: '10.0.0.5',
    port: 8080,
    onConnection(stream) {
      stream.open({
        onData() {
          state.requests += 1
          stream.write(Buffer.from(`HTTP/1.0 200 OK\r\n\r\n${state.body}\n`))
          stream.end()
        },
        onDrain() {},
        onClose() {},
      })
    },
  })
  return state
}

const byDomain = { namesrvAddr: '', namesrvDomain: '10.0.0.5:8080' }

test('name servers are learnt from the address server that the options name', async () => {
  const cluster = await SimulatedCluster.start()
  const server = await startAddressServer(cluster)
  server.body = cluster.nameServer.address
  const producer = await cluster.startedProducer(byDomain)
  expect((await cluster.run(producer.send({ topic: 'Orders', body: 'x' }))).sendStatus).toBe('SEND_OK')
})

test('an address server without an answer at the start is asked again after 10 s', async () => {
  const cluster = await SimulatedCluster.start()
  const server = await startAddressServer(cluster)
  const producer = await cluster.startedProducer(byDomain)
  const early = producer.send({ topic: 'Orders', body: 'x' })
  expect(await cluster.failure(early)).toMatchObject({ name: 'NoRouteError', code: 'NO_NAME_SERVER' })
  server.body = cluster.nameServer.address
  await cluster.runtime.advance(10_100)
  expect((await cluster.run(producer.send({ topic: 'Orders', body: 'x' }))).sendStatus).toBe('SEND_OK')
})

test('an answer that is no list of addresses changes nothing and is logged', async () => {
  const cluster = await SimulatedCluster.start()
  const server = await startAddressServer(cluster)
  server.body = 'not found'
  await cluster.startedProducer(byDomain)
  expect(cluster.warnings).toEqual(['the address server answered with something that is no list of name servers'])
})

test('with namesrvAddr no address server is asked', async () => {
  const cluster = await SimulatedCluster.start()
  const server = await startAddressServer(cluster)
  await cluster.startedProducer({ namesrvDomain: '10.0.0.5:8080' })
  await cluster.runtime.advance(200_000)
  expect(server.requests).toBe(0)
})

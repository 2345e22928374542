import { connect as rawConnect } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  answer,
  createRequest,
  type Endpoint,
  nodeRuntime,
  RemotingClient,
  RemotingServer,
  type RemotingServerOptions,
} from '../src/index.js'
import { SimulatedRuntime } from '../src/testing/index.js'
import { Echo, requestFrame, WirePeer } from './wire-peer.js'

async function echoServer(options: Partial<RemotingServerOptions> = {}): Promise<RemotingServer> {
  const server = new RemotingServer({ port: 0, ...options })
  server.handlers.on(Echo, ({ text }, { body }) => answer({ header: { text }, body }))
  await server.start()
  return server
}

function addressOf({ host, port }: Endpoint): string {
  return `${host}:${port}`
}

describe('over real sockets', () => {
  // First, so that no other test's sockets are still closing.
  test('after close neither client nor server keeps the process alive', async () => {
    const held = (): number => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP/.test(name)).length
    const before = held()
    const server = await echoServer()
    const client = new RemotingClient()
    client.start()
    await client.invoke(addressOf(server.endpoint), Echo, { text: 'x' }, { timeoutMs: 20_000 })
    expect(held()).toBeGreaterThan(before)
    await client.close()
    await server.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(held()).toBe(before)
  })

  test('thousands of calls at once each get their own answer', async () => {
    await using server = await echoServer()
    await using client = new RemotingClient()
    const address = addressOf(server.endpoint)
    const calls = Array.from({ length: 5_000 }, (_, index) => {
      const body = Buffer.alloc(index % 3_000, index)
      return client.invoke(address, Echo, { text: `${index}` }, { timeoutMs: 20_000, body })
    })
    const responses = await Promise.all(calls)
    for (const [index, { text, body }] of responses.entries()) {
      expect(text).toBe(`${index}`)
      expect(body?.length ?? 0).toBe(index % 3_000)
      expect(body === undefined || body.every((byte) => byte === (index & 0xff))).toBe(true)
    }
    expect(server.connections.size).toBe(1)
  })

  test('a body of megabytes arrives unharmed both ways', async () => {
    await using server = await echoServer()
    await using client = new RemotingClient()
    const body = nodeRuntime.random.bytes(8 << 20)
    const call = client.invoke(addressOf(server.endpoint), Echo, { text: 'big' }, { timeoutMs: 20_000, body })
    expect((await call).body?.equals(body)).toBe(true)
  })

  test('pipelined frames cut at every byte are all answered', async () => {
    await using server = await echoServer()
    const peer = await WirePeer.connect(nodeRuntime, server.endpoint)
    const frames = [1, 2, 3].map((opaque) => requestFrame(Echo, { text: 'x' }, { opaque, body: Buffer.from('body') }))
    for (const byte of Buffer.concat(frames)) peer.stream.write(Buffer.from([byte]))
    for (const opaque of [1, 2, 3]) expect((await peer.next()).opaque).toBe(opaque)
    peer.stream.destroy()
  })

  test('a slow reader is not read from while its answers wait, so memory stays bounded', async () => {
    const writeHighWaterMark = 500_000
    await using server = await echoServer({ limits: { writeHighWaterMark } })
    let highestBytes = 0
    const body = Buffer.alloc(100_000)
    const request = requestFrame(Echo, { text: 'x' }, { body })
    const peer = rawConnect(server.endpoint.port, server.endpoint.host).pause()
    let isFlooding = true
    const flood = (): void => {
      while (isFlooding && peer.write(request));
    }
    peer.on('drain', flood)
    peer.on('connect', flood)
    // The flood ends by itself: neither side reads, so nothing moves any more.
    for (let stillTurns = 0, before = -1; stillTurns < 200; ) {
      await new Promise((resolve) => setImmediate(resolve))
      const [connection] = server.connections
      highestBytes = Math.max(highestBytes, connection?.pendingBytes ?? 0)
      const sentBytes = peer.bytesWritten - peer.writableLength
      stillTurns = sentBytes === before && sentBytes > 0 ? stillTurns + 1 : 0
      before = sentBytes
    }
    expect(highestBytes).toBeGreaterThan(writeHighWaterMark)
    expect(highestBytes).toBeLessThan(writeHighWaterMark + 3 * body.length)
    isFlooding = false
    peer.destroy()
  })

  test('a reset in the middle of a frame is survived, and the client told why', async () => {
    await using server = await echoServer()
    const gone = new Promise((resolve) => server.onConnectionClosed(resolve))
    const socket = rawConnect(server.endpoint.port, server.endpoint.host)
    socket.write(requestFrame(Echo, { text: 'half' }).subarray(0, 30), () => socket.resetAndDestroy())
    socket.on('error', () => {}) // its own reset
    await gone
    await using client = new RemotingClient()
    const call = client.invoke(addressOf(server.endpoint), Echo, { text: 'x' }, { timeoutMs: 20_000 })
    expect((await call).text).toBe('x')
  })
})

describe('in simulation', () => {
  /** A server and three clients calling through latency, cuts, a reset and a partition. */
  async function run(seed: number): Promise<{ digest: string; outcomes: string[] }> {
    const world = new SimulatedRuntime({ seed, network: { fragmentation: 0.3, windowBytes: 4_096 } })
    const server = await world.run(echoServer({ runtime: world.host('10.0.0.1') }))
    const address = addressOf(server.endpoint)
    const outcomes: string[] = []
    const hosts = ['10.0.0.2', '10.0.0.3', '10.0.0.4']
    const clients = hosts.map((host) => new RemotingClient({ runtime: world.host(host) }))
    const work = clients.map(async (client, index) => {
      for (let round = 0; round < 30; round++) {
        const body = world.random.bytes(world.random.int(10_000))
        const request = createRequest(Echo, { text: `${index}.${round}` }, { body })
        const outcome = await client.invokeSync(address, request, { timeoutMs: 800 }).then(
          (response) => ((response.body?.equals(body) ?? body.length === 0) ? 'ok' : 'WRONG BODY'),
          (error: unknown) => (error as { code: string }).code,
        )
        outcomes.push(outcome)
      }
    })
    world.timers.after(15, () => world.hosts.reset('10.0.0.1', '10.0.0.2'))
    world.timers.after(20, () => world.hosts.partition('10.0.0.1', '10.0.0.3'))
    world.timers.after(2_000, () => world.hosts.heal('10.0.0.1', '10.0.0.3'))
    await world.run(Promise.all(work))
    await world.run(Promise.all([...clients.map((client) => client.close()), server.close()]))
    return { digest: world.digest(), outcomes }
  }

  test('a client and a server that were closed leave no timer behind', async () => {
    const world = new SimulatedRuntime({ seed: 1 })
    const server = await world.run(echoServer({ runtime: world }))
    const client = new RemotingClient({ runtime: world })
    client.start()
    await world.run(client.invoke(addressOf(server.endpoint), Echo, { text: 'x' }, { timeoutMs: 100 }))
    await world.run(Promise.all([client.close(), server.close()]))
    const closedMs = world.clock.monotonic()
    await expect(world.run(new Promise(() => {}))).rejects.toThrow('stuck')
    expect(world.clock.monotonic() - closedMs).toBeLessThan(10)
  })

  test('two runs of one seed are alike to the byte, and another seed is not', async () => {
    const first = await run(2026)
    const second = await run(2026)
    expect(second).toEqual(first)
    expect((await run(2027)).digest).not.toBe(first.digest)
  })

  test('under resets and partitions every call ends, with its own answer or a named error', async () => {
    const codes = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const { outcomes } = await run(seed)
      expect(outcomes).toHaveLength(90)
      for (const outcome of outcomes) codes.add(outcome)
    }
    const expected = ['REMOTING_CONNECT', 'REMOTING_SEND_REQUEST', 'REMOTING_TIMEOUT', 'ok']
    expect([...codes].toSorted()).toEqual(expected)
  })
})

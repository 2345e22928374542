import { describe, expect, test } from 'vitest'
import type { ByteStream, StreamReceiver } from '../runtime/runtime.js'
import { SimulatedRuntime } from './simulated-runtime.js'

function receiver(over: Partial<StreamReceiver> = {}): StreamReceiver {
  return { onData() {}, onDrain() {}, onClose() {}, ...over }
}

/** A server on another host that hands its accepted stream out. */
async function pair(runtime: SimulatedRuntime): Promise<{ client: ByteStream; server: ByteStream }> {
  let server: ByteStream | undefined
  const listener = await runtime.host('10.0.0.2').network.listen({
    host: '0.0.0.0',
    port: 0,
    onConnection(stream) {
      server = stream
    },
  })
  const client = await runtime.run(runtime.network.connect({ ...listener.endpoint, timeoutMs: 3000 }))
  return { client, server: server! }
}

describe('SimulatedRuntime', () => {
  test('timers run in the order of their time without anyone waiting', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const order: string[] = []
    runtime.timers.after(7_200_000, () => order.push('late'))
    runtime.timers.after(1, () => order.push('early'))
    runtime.timers.after(2, () => order.push('never')).cancel()
    runtime.timers.turnEnd(() => order.push('this turn'))
    await runtime.advance(7_200_000)
    expect(order).toEqual(['this turn', 'early', 'late'])
    expect(runtime.clock.monotonic()).toBe(7_200_000)
    expect(runtime.clock.now()).toBe(Date.UTC(2026, 0, 1, 2))
  })

  test('a periodic timer can cancel itself', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const times: number[] = []
    const timer = runtime.timers.every(
      10,
      () => {
        times.push(runtime.clock.monotonic())
        if (times.length === 3) timer.cancel()
      },
      { firstDelayMs: 5 },
    )
    await runtime.advance(1000)
    expect(times).toEqual([5, 15, 25])
  })

  test('a promise that nothing can settle is reported', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    await expect(runtime.run(new Promise(() => {}))).rejects.toThrow('stuck')
  })

  test('bytes arrive in order however they are cut, and a kept view of a chunk is overwritten', async () => {
    const runtime = new SimulatedRuntime({ seed: 7, network: { fragmentation: 0.9, windowBytes: 100 } })
    const { client, server } = await pair(runtime)
    const views: Buffer[] = []
    let text = ''
    const closed = new Promise((resolve) => {
      server.open(
        receiver({
          onData(chunk) {
            views.push(chunk)
            text += chunk.toString()
          },
          onClose: resolve,
        }),
      )
    })
    client.open(receiver())
    const sent = Array.from({ length: 500 }, (_, index) => `${index},`).join('')
    client.write(Buffer.from(sent))
    client.end()
    expect(await runtime.run(closed)).toBeUndefined()
    expect(text).toBe(sent)
    expect(views.length).toBeGreaterThan(20)
    expect(views[0]?.every((byte) => byte === 0xdb)).toBe(true)
  })

  test('a peer that does not read holds the writer back by its window', async () => {
    const runtime = new SimulatedRuntime({ seed: 3, network: { windowBytes: 1000 } })
    const { client, server } = await pair(runtime)
    let drains = 0
    client.open(receiver({ onDrain: () => (drains += 1) }))
    expect(client.write(Buffer.alloc(5000))).toBe(false)
    await runtime.advance(1000)
    expect(client.pendingBytes).toBe(4000)
    server.open(receiver())
    await runtime.advance(1000)
    expect(client.pendingBytes).toBe(0)
    expect(drains).toBe(1)
  })

  test('a partition withholds bytes until it heals, and swallows connection attempts', async () => {
    const runtime = new SimulatedRuntime({ seed: 5 })
    const { client, server } = await pair(runtime)
    let received = 0
    server.open(receiver({ onData: (chunk) => (received += chunk.length) }))
    client.open(receiver())
    runtime.hosts.partition('127.0.0.1', '10.0.0.2')
    client.write(Buffer.from('abc'))
    await runtime.advance(60_000)
    expect(received).toBe(0)
    const attempt = runtime.network.connect({ host: '10.0.0.2', port: server.local.port, timeoutMs: 3000 })
    await expect(runtime.run(attempt)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    runtime.hosts.heal('127.0.0.1', '10.0.0.2')
    await runtime.advance(1)
    expect(received).toBe(3)
  })

  test('a crashed host resets its peers and refuses connections', async () => {
    const runtime = new SimulatedRuntime({ seed: 5 })
    const { client, server } = await pair(runtime)
    const closed = new Promise((resolve) => client.open(receiver({ onClose: resolve })))
    runtime.hosts.crash('10.0.0.2')
    expect(await runtime.run(closed)).toMatchObject({ code: 'ECONNRESET' })
    const attempt = runtime.network.connect({ host: '10.0.0.2', port: server.local.port, timeoutMs: 3000 })
    await expect(runtime.run(attempt)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('the digest tells apart what happened at different times', async () => {
    const digestAfter = async (durationMs: number): Promise<string> => {
      const runtime = new SimulatedRuntime({ seed: 1 })
      await runtime.advance(durationMs)
      runtime.hosts.partition('10.0.0.1', '10.0.0.2')
      return runtime.digest()
    }
    expect(await digestAfter(1)).toBe(await digestAfter(1))
    expect(await digestAfter(2)).not.toBe(await digestAfter(1))
  })

  test('a seed decides the run: equal seeds agree, another seed differs', async () => {
    async function digestOf(seed: number): Promise<string> {
      const runtime = new SimulatedRuntime({ seed, network: { fragmentation: 0.5 } })
      const { client, server } = await pair(runtime)
      server.open(receiver({ onData: (chunk) => server.write(Buffer.from(chunk)) }))
      client.open(receiver())
      for (let index = 0; index < 50; index++) client.write(runtime.random.bytes(100))
      await runtime.advance(1000)
      return runtime.digest()
    }
    const digest = await digestOf(42)
    expect(await digestOf(42)).toBe(digest)
    expect(await digestOf(43)).not.toBe(digest)
  })
})

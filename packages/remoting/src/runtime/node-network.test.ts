import { once } from 'node:events'
import { connect as rawConnect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { nodeNetwork } from './node-network.js'
import type { ByteStream, Listener } from './runtime.js'

/** Collects what a stream reports. */
class Collector {
  readonly chunks: Buffer[] = []
  drains = 0
  readonly closed: Promise<Error | undefined>
  #onBytes: (() => void) | undefined
  #close!: (cause: Error | undefined) => void

  constructor(stream: ByteStream) {
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
    stream.open({
      onData: (chunk) => {
        this.chunks.push(Buffer.from(chunk))
        this.#onBytes?.()
      },
      onDrain: () => {
        this.drains += 1
        this.#onBytes?.()
      },
      onClose: (cause) => this.#close(cause),
    })
  }

  get size(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#onBytes = resolve
      })
    }
  }
}

const cleanups: Array<() => void> = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Pair {
  listener: Listener
  accepted: ByteStream
  /** A plain Node socket on the other side. */
  peer: Socket
}

async function acceptedPair(): Promise<Pair> {
  let accept!: (stream: ByteStream) => void
  const acceptance = new Promise<ByteStream>((resolve) => {
    accept = resolve
  })
  const listener = await nodeNetwork.listen({ host: '127.0.0.1', port: 0, onConnection: accept })
  const peer = rawConnect(listener.endpoint.port, '127.0.0.1')
  peer.on('error', () => {}) // a reset is what some tests provoke
  const accepted = await acceptance
  cleanups.push(() => {
    void listener.close()
    accepted.destroy()
    peer.destroy()
  })
  return { listener, accepted, peer }
}

describe('nodeNetwork', () => {
  test('an accepted stream delivers what arrived before it was opened', async () => {
    const { accepted, peer } = await acceptedPair()
    await new Promise<void>((resolve) => peer.write('early', () => resolve()))
    const collector = new Collector(accepted)
    await collector.until(() => collector.size === 5)
    expect(Buffer.concat(collector.chunks).toString()).toBe('early')
  })

  test('an accepted stream reports the end of its peer once, without a cause', async () => {
    const { accepted, peer } = await acceptedPair()
    const collector = new Collector(accepted)
    peer.end('bye')
    expect(await collector.closed).toBeUndefined()
    expect(Buffer.concat(collector.chunks).toString()).toBe('bye')
  })

  test('a peer that resets is reported with its cause', async () => {
    const { accepted, peer } = await acceptedPair()
    const collector = new Collector(accepted)
    peer.resetAndDestroy()
    expect(await collector.closed).toMatchObject({ code: 'ECONNRESET' })
  })

  test('destroy reports the cause it was given', async () => {
    const { accepted } = await acceptedPair()
    const collector = new Collector(accepted)
    const cause = new Error('enough')
    accepted.destroy(cause)
    expect(await collector.closed).toBe(cause)
  })

  test('a stream destroyed before it was opened still reports its close', async () => {
    const { accepted, peer } = await acceptedPair()
    accepted.destroy()
    await once(peer.resume(), 'close')
    expect(await new Collector(accepted).closed).toBeUndefined()
  })

  test('end sends what was queued first', async () => {
    const { accepted, peer } = await acceptedPair()
    const bytes = Buffer.alloc(1 << 20, 'x')
    new Collector(accepted)
    accepted.write(bytes)
    accepted.end()
    let size = 0
    peer.on('data', (chunk) => {
      size += chunk.length
    })
    await once(peer, 'end')
    expect(size).toBe(bytes.length)
  })

  test('a paused stream reads nothing until it is resumed', async () => {
    const { accepted, peer } = await acceptedPair()
    const collector = new Collector(accepted)
    peer.write('a')
    await collector.until(() => collector.size === 1)
    accepted.pause()
    const bytes = Buffer.alloc(32 << 20, 'x')
    peer.write(bytes)
    // The kernel's buffers cannot hold it all, so the peer stays blocked for as long as nothing is read here.
    expect(peer.writableLength).toBeGreaterThan(0)
    expect(collector.size).toBe(1)
    accepted.resume()
    await collector.until(() => collector.size === 1 + bytes.length)
  })

  test('a slow peer makes write return false, and onDrain follows once everything left', async () => {
    const { accepted, peer } = await acceptedPair()
    peer.pause()
    const collector = new Collector(accepted)
    const bytes = Buffer.alloc(32 << 20, 'x')
    let written = 0
    expect(accepted.write(bytes, () => (written += 1))).toBe(false)
    expect(accepted.pendingBytes).toBeGreaterThan(0)
    expect(written).toBe(0)
    peer.resume()
    await collector.until(() => collector.drains === 1)
    expect(written).toBe(1)
    expect(accepted.pendingBytes).toBe(0)
  })

  test('onWritten never runs when the stream closes first', async () => {
    const { accepted, peer } = await acceptedPair()
    peer.pause()
    const collector = new Collector(accepted)
    let written = 0
    accepted.write(Buffer.alloc(32 << 20), () => (written += 1))
    accepted.destroy()
    await collector.closed
    expect(written).toBe(0)
  })

  test('closing the listener frees the port while accepted streams live on', async () => {
    const { listener, accepted, peer } = await acceptedPair()
    const collector = new Collector(accepted)
    await listener.close()
    const again = await nodeNetwork.listen({ ...listener.endpoint, onConnection: () => {} })
    await again.close()
    peer.write('still here')
    await collector.until(() => collector.size === 10)
  })

  test('a port in use is refused with its cause', async () => {
    const { listener } = await acceptedPair()
    await expect(nodeNetwork.listen({ ...listener.endpoint, onConnection: () => {} })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  test('a connected stream carries bytes both ways and names both ends', async () => {
    let accepted: ByteStream | undefined
    const listener = await nodeNetwork.listen({
      host: '127.0.0.1',
      port: 0,
      onConnection(stream) {
        accepted = stream
        stream.open({ onData: (chunk) => stream.write(Buffer.from(chunk)), onDrain() {}, onClose() {} })
      },
    })
    const stream = await nodeNetwork.connect({ ...listener.endpoint, timeoutMs: 3000 })
    const collector = new Collector(stream)
    expect(stream.remote).toEqual(listener.endpoint)
    stream.write(Buffer.from('echo'))
    await collector.until(() => collector.size === 4)
    expect(accepted?.remote).toEqual(stream.local)
    stream.destroy()
    await collector.closed
    await listener.close()
  })

  // Two small writes, of which the peer answers neither, as a long poll and what follows it: Nagle's algorithm keeps the second back until the
  // first is acknowledged, which Linux does after 40 ms unless it has something to say.
  test('a write does not wait until the peer has acknowledged the one before', async () => {
    const delaysMs: number[] = []
    for (let round = 0; round < 5; round++) delaysMs.push(await secondWriteDelayMs())
    // The fastest: others may have been held up by a busy machine.
    expect(Math.min(...delaysMs)).toBeLessThan(30)
  })

  test('a refused connection rejects with its cause', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await expect(nodeNetwork.connect({ host: '127.0.0.1', port, timeoutMs: 3000 })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  test('an aborted attempt rejects at once with the reason', async () => {
    const { listener } = await acceptedPair()
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const attempt = nodeNetwork.connect({ ...listener.endpoint, timeoutMs: 3000, signal: controller.signal })
    controller.abort(reason)
    await expect(attempt).rejects.toBe(reason)
  })
})

/** Milliseconds until the second of two writes arrives, on a connection that has been talking for a while. */
async function secondWriteDelayMs(): Promise<number> {
  let accepted: ByteStream | undefined
  let received: Collector | undefined
  const listener = await nodeNetwork.listen({
    host: '127.0.0.1',
    port: 0,
    onConnection(stream) {
      accepted = stream
      received = new Collector(stream)
    },
  })
  const stream = await nodeNetwork.connect({ ...listener.endpoint, timeoutMs: 3000 })
  const answered = new Collector(stream)
  for (let size = 1; size <= 50; size++) {
    stream.write(Buffer.alloc(1))
    while (received?.size !== size) await nextTurn()
    accepted?.write(Buffer.alloc(1))
    await answered.until(() => answered.size === size)
  }
  const startMs = performance.now()
  stream.write(Buffer.alloc(1))
  await nextTurn()
  stream.write(Buffer.alloc(1))
  while (received?.size !== 52) await nextTurn()
  const delayMs = performance.now() - startMs
  stream.destroy()
  await listener.close()
  return delayMs
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

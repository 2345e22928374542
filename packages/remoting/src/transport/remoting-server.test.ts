import { describe, expect, test } from 'vitest'
import { Echo, requestFrame, WirePeer } from '../../test/wire-peer.js'
import type { RemotingCommand } from '../codec/remoting-command.js'
import { createRequest, createResponse } from '../codec/remoting-command.js'
import { ResponseCode } from '../commands/response-code.js'
import type { Logger } from '../logger.js'
import { SimulatedRuntime } from '../testing/simulated-runtime.js'
import { type Answer, answer, deferred, ResponseError } from './answer.js'
import type { RequestContext } from './handler-table.js'
import { RemotingServer, type RemotingServerOptions } from './remoting-server.js'

const runtime = (): SimulatedRuntime => new SimulatedRuntime({ seed: 1 })

async function serve(
  world: SimulatedRuntime,
  options: Partial<RemotingServerOptions> = {},
  register: (server: RemotingServer) => void = echo,
): Promise<RemotingServer> {
  const server = new RemotingServer({ port: 0, runtime: world, ...options })
  register(server)
  await world.run(server.start())
  return server
}

function echo(server: RemotingServer): void {
  server.handlers.on(Echo, ({ text }, { body }) => answer({ header: { text }, body }))
}

function connect(world: SimulatedRuntime, server: RemotingServer): Promise<WirePeer> {
  return world.run(WirePeer.connect(world, server.endpoint))
}

/** Keeps what is logged. */
class Log implements Logger {
  readonly lines: string[] = []
  debug(): void {}
  info(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.lines.push(`${message} ${String(fields?.['error'])}`)
  }
  warn(message: string): void {
    this.lines.push(message)
  }
  error(message: string): void {
    this.lines.push(message)
  }
}

describe('RemotingServer answers', () => {
  test('pipelined requests come back in their order, each under its own opaque', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world))
    const frames = [7, -1, 2_147_483_647].map((opaque) => requestFrame(Echo, { text: `t${opaque}` }, { opaque }))
    peer.stream.write(Buffer.concat(frames))
    for (const opaque of [7, -1, 2_147_483_647]) {
      const response = await world.run(peer.next())
      expect(response).toMatchObject({ opaque, code: ResponseCode.SUCCESS, isResponse: true })
      expect(response.extFields?.['text']).toBe(`t${opaque}`)
    }
  })

  test('a request that arrives byte by byte is answered with its whole body', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world))
    const body = Buffer.from('0123456789'.repeat(20))
    for (const byte of requestFrame(Echo, { text: 'slow' }, { opaque: 3, body })) peer.stream.write(Buffer.from([byte]))
    const response = await world.run(peer.next())
    expect(response.body).toEqual(body)
  })

  test('a body too large for a slab arrives unharmed between small ones', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world))
    const large = Buffer.alloc(300_000, 'abc')
    peer.request(Echo, { text: 'a' }, { opaque: 1 })
    peer.request(Echo, { text: 'b' }, { opaque: 2, body: large })
    peer.request(Echo, { text: 'c' }, { opaque: 3 })
    expect((await world.run(peer.next())).opaque).toBe(1)
    expect((await world.run(peer.next())).body?.equals(large)).toBe(true)
    expect((await world.run(peer.next())).opaque).toBe(3)
  })

  test('an unknown code is REQUEST_CODE_NOT_SUPPORTED', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world, {}, () => {}))
    peer.request(Echo, { text: 'x' }, { opaque: 5 })
    expect(await world.run(peer.next())).toMatchObject({
      opaque: 5,
      code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
      remark: ' request type 29001 not supported',
    })
  })

  test('a one-way request is never answered, not even when it fails', async () => {
    const world = runtime()
    let handled = 0
    const server = await serve(world, {}, ({ handlers }) => {
      handlers.on(Echo, ({ text }) => {
        handled += 1
        if (text === 'throw') throw new Error('no')
        return { text }
      })
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'quiet' }, { isOneway: true })
    peer.request(Echo, { text: 'throw' }, { isOneway: true })
    await world.advance(1000)
    expect(handled).toBe(2)
    expect(peer.receivedBytes).toBe(0)
    expect(server.pendingRequests).toBe(0)
  })

  test.each([
    { name: 'a ResponseError', error: new ResponseError(ResponseCode.NO_PERMISSION, 'not you'), code: 16 },
    { name: 'anything else', error: new TypeError('broken'), code: 1 },
  ])('a handler that throws $name is answered so, whether at once or in a promise', async ({ error, code }) => {
    const world = runtime()
    const server = await serve(world, {}, ({ handlers }) => {
      handlers.on(Echo, ({ text }) => {
        if (text === 'now') throw error
        return Promise.reject(error)
      })
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'now' })
    peer.request(Echo, { text: 'later' })
    expect(await world.run(peer.next())).toMatchObject({ code, remark: error.message })
    expect(await world.run(peer.next())).toMatchObject({ code, remark: error.message })
    expect(server.pendingRequests).toBe(0)
  })

  test('a missing field is SYSTEM_ERROR naming it, and the connection goes on', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world))
    peer.request(Echo, { text: 'x' }, { extFields: undefined })
    peer.request(Echo, { text: 'y' })
    const refused = await world.run(peer.next())
    expect(refused.code).toBe(ResponseCode.SYSTEM_ERROR)
    expect(refused.remark).toContain('text')
    expect((await world.run(peer.next())).code).toBe(ResponseCode.SUCCESS)
  })

  test('an answer without its mandatory header is SYSTEM_ERROR instead of silence', async () => {
    const world = runtime()
    const server = await serve(world, {}, ({ handlers }) => {
      handlers.on(Echo, () => ({}) as { text: string })
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'x' })
    expect(await world.run(peer.next())).toMatchObject({ code: ResponseCode.SYSTEM_ERROR })
  })

  test('a deferred request is answered once, by its first reply', async () => {
    const world = runtime()
    const contexts: RequestContext[] = []
    const server = await serve(world, {}, ({ handlers }) => {
      handlers.on(Echo, (_, context) => {
        contexts.push(context)
        return deferred
      })
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'x' }, { opaque: 9 })
    await world.advance(5000)
    expect(peer.receivedBytes).toBe(0)
    expect(server.pendingRequests).toBe(1)
    contexts[0]?.reply(answer({ header: { text: 'first' } }))
    contexts[0]?.reply(answer({ header: { text: 'second' } }))
    const response = await world.run(peer.next())
    expect(response).toMatchObject({ opaque: 9 })
    expect(response.extFields?.['text']).toBe('first')
    await world.advance(1000)
    expect(peer.unread).toBe(0)
    expect(server.pendingRequests).toBe(0)
  })

  test('a handler that holds its bound of requests is overloaded, and no longer once one is answered', async () => {
    const world = runtime()
    const contexts: RequestContext[] = []
    const server = await serve(world, {}, ({ handlers }) => {
      const hold = (_: unknown, context: RequestContext): typeof deferred => {
        contexts.push(context)
        return deferred
      }
      handlers.on(Echo, hold, { maxPending: 2 })
    })
    const peer = await connect(world, server)
    for (const opaque of [1, 2, 3]) peer.request(Echo, { text: 'x' }, { opaque })
    const refused = await world.run(peer.next())
    expect(refused).toMatchObject({ opaque: 3, code: ResponseCode.SYSTEM_BUSY })
    expect(refused.remark).toMatch(/^\[OVERLOAD\]/)
    const done: Answer = answer({ header: { text: 'done' } })
    contexts[0]?.reply(done)
    expect((await world.run(peer.next())).opaque).toBe(1)
    peer.request(Echo, { text: 'x' }, { opaque: 4 })
    await world.advance(100)
    expect(contexts).toHaveLength(3)
  })

  test('a rejecting handler answers SYSTEM_BUSY with its remark and is not called', async () => {
    const world = runtime()
    const server = await serve(world, {}, ({ handlers }) => {
      const fail = (): never => {
        throw new Error('called')
      }
      handlers.on(Echo, fail, { reject: () => 'disk full' })
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'x' })
    expect(await world.run(peer.next())).toMatchObject({ code: 2, remark: '[REJECTREQUEST]disk full' })
  })

  test("answers use the server's header form, whatever the request's was", async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world, { serializeType: 'ROCKETMQ' }))
    peer.request(Echo, { text: 'json' })
    expect((await world.run(peer.next())).serializeType).toBe('ROCKETMQ')
  })

  test('hooks run in order around the handler, and one that throws a ResponseError decides the answer', async () => {
    const world = runtime()
    const calls: string[] = []
    const hook = (name: string) => ({
      doBeforeRequest(_: string, request: RemotingCommand): void {
        calls.push(`${name} before`)
        if (request.extFields?.['text'] === 'stop') throw new ResponseError(ResponseCode.NO_PERMISSION, 'stopped')
      },
      doAfterResponse(_: string, __: RemotingCommand, response: RemotingCommand | undefined): void {
        calls.push(`${name} after ${response?.code}`)
      },
    })
    const server = await serve(world, { hooks: [hook('a'), hook('b')] }, ({ handlers }) => {
      handlers.on(Echo, ({ text }) => {
        calls.push('handler')
        return { text }
      })
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'go' })
    await world.run(peer.next())
    expect(calls.splice(0)).toEqual(['a before', 'b before', 'handler', 'a after 0', 'b after 0'])
    peer.request(Echo, { text: 'stop' })
    expect(await world.run(peer.next())).toMatchObject({ code: ResponseCode.NO_PERMISSION, remark: 'stopped' })
    expect(calls).not.toContain('handler')
  })
})

describe('RemotingServer protects itself', () => {
  test.each([
    ['a negative length', [0xff, 0xff, 0xff, 0xff]],
    ['a length of zero', [0, 0, 0, 0]],
    ['a length over the limit', [0x01, 0x00, 0x00, 0x00]],
    ['a header longer than its frame', [0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0]],
    ['an unknown header form', [0, 0, 0, 8, 7, 0, 0, 4, 0, 0, 0, 0]],
    ['a TLS handshake', [0x16, 0x03, 0x01, 0x02, 0x00]],
    ['another protocol', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ])('%s closes the connection with one line in the log', async (_, bytes) => {
    const world = runtime()
    const logger = new Log()
    const server = await serve(world, { logger })
    const peer = await connect(world, server)
    peer.stream.write(Buffer.from(bytes))
    await world.run(peer.closed)
    expect(server.connections.size).toBe(0)
    expect(logger.lines).toHaveLength(1)
    expect(logger.lines[0]).toContain('FrameError')
    expect(peer.receivedBytes).toBe(0)
  })

  test('a flood of silent connections is closed by the deadline of the first frame, and others are not', async () => {
    const world = runtime()
    const server = await serve(world)
    const talking = await connect(world, server)
    talking.request(Echo, { text: 'here' })
    const silent = await Promise.all(Array.from({ length: 300 }, () => connect(world, server)))
    expect(server.connections.size).toBe(301)
    await world.advance(8_000)
    expect(server.connections.size).toBe(301)
    await world.advance(4_000)
    expect(silent.every((peer) => peer.isClosed)).toBe(true)
    expect(server.connections.size).toBe(1)
    expect(talking.isClosed).toBe(false)
  })

  test('an address may have only so many connections that have sent nothing; those that have do not count', async () => {
    const world = runtime()
    const limits = { maxSilentConnectionsPerAddress: 2 }
    const server = await serve(world, { limits, runtime: world.host('10.0.0.1') })
    for (let index = 0; index < 5; index++) {
      const peer = await connect(world, server)
      peer.request(Echo, { text: 'x' })
      await world.run(peer.next())
    }
    await connect(world, server)
    await connect(world, server)
    const third = await connect(world, server)
    await world.run(third.closed)
    expect(server.refusedConnections).toBe(1)
    const elsewhere = await world.run(WirePeer.connect(world.host('10.0.0.9'), server.endpoint))
    elsewhere.request(Echo, { text: 'not from there' })
    expect((await world.run(elsewhere.next())).code).toBe(ResponseCode.SUCCESS)
  })

  test('connections beyond the bound are closed at once', async () => {
    const world = runtime()
    const server = await serve(world, { limits: { maxConnections: 1 } })
    const first = await connect(world, server)
    const second = await connect(world, server)
    await world.run(second.closed)
    expect(server.connections.size).toBe(1)
    first.request(Echo, { text: 'still served' })
    expect((await world.run(first.next())).code).toBe(ResponseCode.SUCCESS)
  })

  test('a frame that trickles in is given up after its deadline', async () => {
    const world = runtime()
    const server = await serve(world)
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'proper' })
    await world.run(peer.next())
    const frame = requestFrame(Echo, { text: 'trickle' })
    for (let index = 0; index < 6 && !peer.isClosed; index++) {
      peer.stream.write(frame.subarray(index, index + 1))
      await world.advance(5_000)
    }
    expect(peer.isClosed).toBe(true)
    expect(world.clock.monotonic()).toBeLessThan(21_000)
  })

  test('a busy connection whose every chunk ends in the middle of a frame is not taken for a trickling one', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world))
    const frame = requestFrame(Echo, { text: 'steady' })
    peer.stream.write(frame.subarray(0, 10))
    for (let second = 0; second < 40; second++) {
      await world.advance(1_000)
      peer.stream.write(Buffer.concat([frame.subarray(10), frame.subarray(0, 10)]))
    }
    await world.advance(10)
    expect(peer.isClosed).toBe(false)
    expect(peer.unread).toBe(40)
  })

  test('a connection without traffic is closed when it has been idle for its limit, and not before', async () => {
    const world = runtime()
    const peer = await connect(world, await serve(world))
    peer.request(Echo, { text: 'x' })
    await world.run(peer.next())
    await world.advance(119_000)
    expect(peer.isClosed).toBe(false)
    await world.advance(3_000)
    expect(peer.isClosed).toBe(true)
  })

  test('a peer that does not read its answers is no longer read from, and is served again once it reads', async () => {
    const world = runtime()
    let handled = 0
    const body = Buffer.alloc(100_000, 'x')
    const server = await serve(world, { limits: { writeHighWaterMark: 200_000 } }, ({ handlers }) => {
      handlers.on(Echo, ({ text }) => {
        handled += 1
        return answer({ header: { text }, body })
      })
    })
    const peer = await connect(world, server)
    peer.stream.pause()
    const requests = Array.from({ length: 100 }, (_, opaque) => requestFrame(Echo, { text: 'more' }, { opaque }))
    peer.stream.write(Buffer.concat(requests))
    await world.advance(10_000)
    const [connection] = server.connections
    expect(handled).toBeLessThan(6)
    expect(connection?.pendingBytes).toBeLessThan(200_000 + body.length + 1000)
    peer.stream.resume()
    for (let opaque = 0; opaque < 100; opaque++) expect((await world.run(peer.next())).opaque).toBe(opaque)
    expect(handled).toBe(100)
  })

  test('a task for when the peer has read runs then, or when it is gone, and not at all when it is not behind', async () => {
    const world = runtime()
    const server = await serve(world, { limits: { writeHighWaterMark: 1_000 } })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'x' })
    await world.run(peer.next())
    const [connection] = server.connections
    const ran: string[] = []
    expect(connection?.onceRead(() => ran.push('at once'))).toBe(false)
    peer.stream.pause()
    peer.request(Echo, { text: 'x' }, { body: Buffer.alloc(200_000) })
    await world.advance(100)
    expect(connection?.onceRead(() => ran.push('read'))).toBe(true)
    await world.advance(100)
    expect(ran).toEqual([])
    peer.stream.resume()
    await world.run(peer.next())
    await world.advance(100)
    expect(ran).toEqual(['read'])
    peer.stream.pause()
    peer.request(Echo, { text: 'x' }, { body: Buffer.alloc(200_000) })
    await world.advance(100)
    expect(connection?.onceRead(() => ran.push('gone'))).toBe(true)
    connection?.close()
    await world.advance(100)
    expect(ran).toEqual(['read', 'gone'])
  })

  test('a peer that never reads is closed in the end', async () => {
    const world = runtime()
    const server = await serve(world, { limits: { writeHighWaterMark: 1_000, writeStallTimeoutMs: 20_000 } })
    const peer = await connect(world, server)
    peer.stream.pause()
    peer.request(Echo, { text: 'x' }, { body: Buffer.alloc(200_000) })
    await world.advance(19_000)
    expect(server.connections.size).toBe(1)
    await world.advance(3_000)
    expect(server.connections.size).toBe(0)
  })

  test('a peer that resets in the middle of a frame leaves the server serving others', async () => {
    const world = runtime()
    const server = await serve(world, { runtime: world.host('10.0.0.1') })
    const closed: string[] = []
    server.onConnectionClosed((connection) => closed.push(connection.remoteAddress))
    const peer = await world.run(WirePeer.connect(world.host('10.0.0.7'), server.endpoint))
    const other = await connect(world, server)
    peer.stream.write(requestFrame(Echo, { text: 'half' }).subarray(0, 20))
    await world.advance(10)
    world.hosts.reset('10.0.0.7', '10.0.0.1')
    await world.advance(10)
    expect(closed).toEqual([`10.0.0.7:${peer.stream.local.port}`])
    other.request(Echo, { text: 'whole' })
    expect((await world.run(other.next())).code).toBe(ResponseCode.SUCCESS)
  })
})

describe('RemotingServer asks its clients', () => {
  test('a request on the connection of a client is answered by it, with a body of its own', async () => {
    const world = runtime()
    const server = await serve(world)
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'hello' })
    await world.run(peer.next())
    const [connection] = server.connections
    const call = connection!.invoke(createRequest(Echo, { text: 'and you?' }), { timeoutMs: 1000 })
    const question = await world.run(peer.next())
    expect(question.extFields?.['text']).toBe('and you?')
    peer.send(createResponse(ResponseCode.SUCCESS, { opaque: question.opaque, body: Buffer.from('fine') }))
    const response = await world.run(call)
    await world.advance(10)
    expect(response.body?.toString()).toBe('fine')
  })

  test('a client that does not answer times out, and its late answer is counted', async () => {
    const world = runtime()
    const server = await serve(world)
    const peer = await connect(world, server)
    const [connection] = server.connections
    const call = connection!.invoke(createRequest(Echo, { text: 'x' }), { timeoutMs: 1000 })
    await expect(world.run(call)).rejects.toMatchObject({ code: 'REMOTING_TIMEOUT' })
    const question = await world.run(peer.next())
    peer.send(createResponse(ResponseCode.SUCCESS, { opaque: question.opaque }))
    await world.advance(10)
    expect(server.unknownResponses).toBe(1)
    expect(server.connections.size).toBe(1)
  })

  test('a call to a client that goes away fails with what broke the connection', async () => {
    const world = runtime()
    const server = await serve(world)
    await connect(world, server)
    const [connection] = server.connections
    const call = connection!.invoke(createRequest(Echo, { text: 'x' }), { timeoutMs: 1000 })
    world.hosts.reset('127.0.0.1', '127.0.0.1')
    await expect(world.run(call)).rejects.toMatchObject({
      code: 'REMOTING_SEND_REQUEST',
      cause: { code: 'ECONNRESET' },
    })
  })

  test('one-way requests to a peer that reads nothing are dropped and counted, not gathered', async () => {
    const world = runtime()
    const server = await serve(world, { limits: { writeHighWaterMark: 10_000 } })
    const peer = await connect(world, server)
    peer.stream.pause()
    const [connection] = server.connections
    for (let index = 0; index < 1_000; index++) {
      connection!.sendOneway(createRequest(Echo, { text: 'news' }, { body: Buffer.alloc(1_000) }))
      if (index % 10 === 0) await world.advance(1)
    }
    expect(connection!.droppedOneways).toBeGreaterThan(800)
    expect(connection!.pendingBytes).toBeLessThan(100_000)
  })
})

describe('RemotingServer ends', () => {
  test('while it goes away, peers that know GO_AWAY are told so and older ones are served', async () => {
    const world = runtime()
    const server = await serve(world)
    const peer = await connect(world, server)
    server.stopAccepting()
    peer.request(Echo, { text: 'new' }, { version: 476 })
    peer.request(Echo, { text: 'old' }, { version: 475 })
    expect((await world.run(peer.next())).code).toBe(ResponseCode.GO_AWAY)
    expect((await world.run(peer.next())).code).toBe(ResponseCode.SUCCESS)
    await expect(world.run(WirePeer.connect(world, server.endpoint))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('close waits for what is being handled, sends its answer and ends the connection', async () => {
    const world = runtime()
    let finish = (): void => {}
    const server = await serve(world, {}, ({ handlers }) => {
      handlers.on(
        Echo,
        ({ text }) =>
          new Promise((resolve) => {
            finish = () => resolve({ text })
          }),
      )
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'last words' })
    await world.advance(10)
    const closing = server.close()
    expect(server.close()).toBe(closing)
    world.timers.after(500, () => finish())
    const response = await world.run(peer.next())
    expect(response.extFields?.['text']).toBe('last words')
    await world.run(closing)
    expect(world.clock.monotonic()).toBeLessThan(1_000)
    expect(await world.run(peer.closed)).toBeUndefined()
    expect(server.connections.size).toBe(0)
  })

  test('close gives up on handlers and peers that do not end after its timeout', async () => {
    const world = runtime()
    const server = await serve(world, {}, ({ handlers }) => {
      handlers.on(Echo, () => deferred)
    })
    const peer = await connect(world, server)
    peer.request(Echo, { text: 'never answered' })
    await world.advance(10)
    // It will not see that the server has ended.
    peer.stream.pause()
    const startMs = world.clock.monotonic()
    await world.run(server.close({ timeoutMs: 2_000 }))
    expect(world.clock.monotonic() - startMs).toBeCloseTo(2_000, -2)
    expect(server.connections.size).toBe(0)
  })
})

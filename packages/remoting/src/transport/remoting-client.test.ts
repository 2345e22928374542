import { getEventListeners } from 'node:events'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, test } from 'vitest'
import { Echo, WirePeer } from '../../test/wire-peer.js'
import { createRequest, createResponse, type RemotingCommand } from '../codec/remoting-command.js'
import { ResponseCode } from '../commands/response-code.js'
import type { MqError } from '../errors.js'
import { silentLogger } from '../logger.js'
import { createExtFields } from '../schema/ext-fields.js'
import { SimulatedRuntime } from '../testing/simulated-runtime.js'
import { answer, ResponseError } from './answer.js'
import type { RemotingClientOptions } from './client-options.js'
import { RemotingClient } from './remoting-client.js'
import { RemotingServer } from './remoting-server.js'

const SERVER_HOST = '10.0.0.1'

/** A client, and a server whose every word the test chooses. */
class Scene {
  readonly world = new SimulatedRuntime({ seed: 11 })
  readonly client: RemotingClient
  readonly peers: WirePeer[] = []
  address = ''
  #onPeer: (() => void) | undefined

  constructor(options: RemotingClientOptions = {}) {
    this.client = new RemotingClient({ runtime: this.world, ...options })
    this.client.start()
  }

  async listen(host: string = SERVER_HOST, port = 0): Promise<string> {
    const listener = await this.world.host(host).network.listen({
      host,
      port,
      onConnection: (stream) => {
        this.peers.push(new WirePeer(stream))
        this.#onPeer?.()
      },
    })
    this.address = `${host}:${listener.endpoint.port}`
    return this.address
  }

  /** The connection with this number once it has been made. */
  async peer(index: number): Promise<WirePeer> {
    while (this.peers.length <= index) {
      await this.world.run(
        new Promise<void>((resolve) => {
          this.#onPeer = resolve
        }),
      )
    }
    return this.peers[index]!
  }

  /** The next request on a connection. */
  async request(index = 0): Promise<RemotingCommand> {
    return this.world.run((await this.peer(index)).next())
  }

  call(text: string, timeoutMs = 3000, signal?: AbortSignal): Promise<RemotingCommand> {
    const call = this.client.invokeSync(this.address, createRequest(Echo, { text }), { timeoutMs, signal })
    call.catch(() => {}) // the test looks at it later
    return call
  }

  reply(index: number, request: RemotingCommand, body?: Buffer): void {
    const extFields = createExtFields({ text: 'answer' })
    this.peers[index]?.send(createResponse(ResponseCode.SUCCESS, { opaque: request.opaque, extFields, body }))
  }
}

async function scene(options?: RemotingClientOptions): Promise<Scene> {
  const made = new Scene(options)
  await made.listen()
  return made
}

describe('RemotingClient calls', () => {
  test('a typed call decodes the answer, with a body of its own', async () => {
    const world = new SimulatedRuntime({ seed: 2 })
    const server = new RemotingServer({ port: 0, runtime: world })
    server.handlers.on(Echo, ({ text }, { body }) => answer({ header: { text: `${text}!` }, body }))
    await world.run(server.start())
    const client = new RemotingClient({ runtime: world })
    const address = `127.0.0.1:${server.endpoint.port}`
    const body = Buffer.from('mine')
    const first = await world.run(client.invoke(address, Echo, { text: 'a' }, { timeoutMs: 1000, body }))
    await world.run(client.invoke(address, Echo, { text: 'b' }, { timeoutMs: 1000, body: Buffer.from('other') }))
    expect(first.text).toBe('a!')
    expect(first.body?.toString()).toBe('mine')
  })

  test('an answer with another code than SUCCESS is an error that names code, remark, command and address', async () => {
    const world = new SimulatedRuntime({ seed: 2 })
    const server = new RemotingServer({ port: 0, runtime: world })
    server.handlers.on(Echo, () => {
      throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, 'no such topic')
    })
    await world.run(server.start())
    const client = new RemotingClient({ runtime: world })
    const address = `127.0.0.1:${server.endpoint.port}`
    const error: MqError = await world.run(client.invoke(address, Echo, { text: 'a' }, { timeoutMs: 1000 })).then(
      () => expect.unreachable(),
      (cause: unknown) => cause as MqError,
    )
    expect(error).toMatchObject({ code: 'RESPONSE_CODE', responseCode: 17 })
    expect(error.message).toBe(`ECHO to ${address} was answered TOPIC_NOT_EXIST (17): no such topic`)
  })

  test('calls made at the same time share one connection, and answers in any order find their call', async () => {
    const stage = await scene()
    const calls = ['a', 'b', 'c'].map((text) => stage.call(text))
    const requests = [await stage.request(), await stage.request(), await stage.request()]
    expect(stage.peers).toHaveLength(1)
    for (const request of requests.toReversed()) {
      stage.reply(0, request, Buffer.from(request.extFields?.['text'] ?? ''))
    }
    const bodies = (await stage.world.run(Promise.all(calls))).map((response) => response.body?.toString())
    expect(bodies).toEqual(['a', 'b', 'c'])
  })

  test('a connection that is refused fails the call with the cause, the address and what to do', async () => {
    const stage = new Scene()
    stage.address = '10.0.0.1:1'
    const error: MqError = await stage.world.run(stage.call('x')).then(
      () => expect.unreachable(),
      (cause: unknown) => cause as MqError,
    )
    expect(error).toMatchObject({ code: 'REMOTING_CONNECT', cause: { code: 'ECONNREFUSED' } })
    expect(error.message).toContain('10.0.0.1:1')
    expect(error.message).toContain('check that')
  })

  test('an address that is none is an error at once', async () => {
    const stage = new Scene()
    stage.address = 'broker'
    await expect(stage.world.run(stage.call('x'))).rejects.toMatchObject({ code: 'REMOTING_CONNECT', retryable: false })
  })

  test('time spent connecting counts against the timeout: awaited calls time out, others report too much', async () => {
    const stage = await scene()
    stage.world.hosts.partition('127.0.0.1', SERVER_HOST)
    await expect(stage.world.run(stage.call('x', 500))).rejects.toMatchObject({ code: 'REMOTING_TIMEOUT' })
    expect(stage.world.clock.monotonic()).toBeLessThan(530)
    const outcome = new Promise<{ error?: MqError }>((resolve) => {
      stage.client.invokeAsync(stage.address, createRequest(Echo, { text: 'x' }), { timeoutMs: 500 }, resolve)
    })
    expect((await stage.world.run(outcome)).error?.code).toBe('REMOTING_TOO_MUCH_REQUEST')
    expect(stage.client.pendingCalls).toBe(0)
  })

  test('a reply after its timeout leaves the connection usable and is counted', async () => {
    const stage = await scene({ closeSocketIfTimeout: false })
    const late = stage.call('late', 200)
    const lateRequest = await stage.request()
    await expect(stage.world.run(late)).rejects.toMatchObject({ code: 'REMOTING_TIMEOUT' })
    stage.reply(0, lateRequest)
    const next = stage.call('next')
    stage.reply(0, await stage.request())
    expect((await stage.world.run(next)).code).toBe(ResponseCode.SUCCESS)
    expect(stage.client.unknownResponses).toBe(1)
    expect(stage.peers).toHaveLength(1)
  })

  test('an awaited call that times out closes its connection, one with a callback does not', async () => {
    const stage = await scene()
    const outcome = new Promise<{ error?: MqError }>((resolve) => {
      stage.client.invokeAsync(stage.address, createRequest(Echo, { text: 'x' }), { timeoutMs: 500 }, resolve)
    })
    expect((await stage.world.run(outcome)).error?.code).toBe('REMOTING_TIMEOUT')
    await stage.world.advance(10)
    expect(stage.peers[0]?.isClosed).toBe(false)
    await expect(stage.world.run(stage.call('x', 500))).rejects.toMatchObject({ code: 'REMOTING_TIMEOUT' })
    await stage.world.advance(10)
    expect(stage.peers[0]?.isClosed).toBe(true)
  })

  test('a timeout is never early and at most two ticks late', async () => {
    const stage = await scene()
    const startMs = stage.world.clock.monotonic()
    await expect(stage.world.run(stage.call('x', 333))).rejects.toMatchObject({ code: 'REMOTING_TIMEOUT' })
    const tookMs = stage.world.clock.monotonic() - startMs
    expect(tookMs).toBeGreaterThanOrEqual(333)
    expect(tookMs).toBeLessThan(354)
  })

  test('calls in flight fail with the cause when the peer resets, without waiting for their timeout', async () => {
    const stage = await scene()
    const calls = [stage.call('a', 60_000), stage.call('b', 60_000)]
    await stage.request()
    stage.world.hosts.reset('127.0.0.1', SERVER_HOST)
    for (const call of calls) {
      await expect(stage.world.run(call)).rejects.toMatchObject({
        code: 'REMOTING_SEND_REQUEST',
        cause: { code: 'ECONNRESET' },
      })
    }
    expect(stage.world.clock.monotonic()).toBeLessThan(1000)
  })

  test('an answer that is no frame breaks the connection and names the cause to its calls', async () => {
    const stage = await scene()
    const call = stage.call('a')
    await stage.request()
    stage.peers[0]?.stream.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await expect(stage.world.run(call)).rejects.toMatchObject({
      code: 'REMOTING_SEND_REQUEST',
      cause: { code: 'FRAME' },
    })
  })

  test('hooks see each request and its answer once, and a failing one fails the call', async () => {
    const seen: string[] = []
    const hook = {
      doBeforeRequest(remoteAddress: string, request: RemotingCommand): void {
        seen.push(`before ${remoteAddress}`)
        request.extFields = createExtFields({ ...request.extFields, signature: 'abc' })
        if (request.extFields['text'] === 'stop') throw new Error('not signed')
      },
      doAfterResponse(_: string, __: RemotingCommand, response: RemotingCommand | undefined): void {
        seen.push(`after ${response?.code}`)
      },
    }
    const stage = await scene({ hooks: [hook] })
    const call = stage.call('a')
    const request = await stage.request()
    expect(request.extFields?.['signature']).toBe('abc')
    stage.reply(0, request)
    await stage.world.run(call)
    expect(seen).toEqual([`before ${stage.address}`, 'after 0'])
    await expect(stage.world.run(stage.call('stop'))).rejects.toMatchObject({ cause: { message: 'not signed' } })
    expect(stage.client.pendingCalls).toBe(0)
  })

  test('a request of the peer is answered on the same connection', async () => {
    const stage = await scene()
    stage.client.handlers.on(Echo, ({ text }) => ({ text: `client got ${text}` }))
    const call = stage.call('a')
    const request = await stage.request()
    stage.peers[0]?.request(Echo, { text: 'question' }, { opaque: request.opaque })
    const response = await stage.request()
    expect(response).toMatchObject({ isResponse: true, opaque: request.opaque })
    expect(response.extFields?.['text']).toBe('client got question')
    stage.reply(0, request)
    await stage.world.run(call)
  })

  test('an idle connection is closed, and the next call makes another', async () => {
    const stage = await scene()
    const events: string[] = []
    stage.client.onConnect((address) => events.push(`connect ${address}`))
    stage.client.onDisconnect((address) => events.push(`disconnect ${address}`))
    const call = stage.call('a')
    stage.reply(0, await stage.request())
    await stage.world.run(call)
    await stage.world.advance(122_000)
    expect(stage.peers[0]?.isClosed).toBe(true)
    const next = stage.call('b')
    stage.reply(1, await stage.request(1))
    await stage.world.run(next)
    expect(events).toEqual([`connect ${stage.address}`, `disconnect ${stage.address}`, `connect ${stage.address}`])
  })

  test('codes beyond 16 bits go out with a JSON header from a client set to ROCKETMQ', async () => {
    const stage = await scene({ serializeType: 'ROCKETMQ' })
    const request = createRequest(Echo, { text: 'x' })
    request.code = 200_050
    void stage.client.invokeSync(stage.address, request, { timeoutMs: 1000 }).catch(() => {})
    expect(await stage.request()).toMatchObject({ code: 200_050, serializeType: 'JSON' })
    void stage.call('y').catch(() => {})
    expect(await stage.request()).toMatchObject({ code: Echo.code, serializeType: 'ROCKETMQ' })
  })
})

describe('RemotingClient permits', () => {
  test('a call beyond the permits waits for the next one free, first come first served', async () => {
    const stage = await scene({ permitsAsync: 1 })
    const order: string[] = []
    const calls = ['a', 'b', 'c'].map(async (text) => {
      await stage.call(text)
      order.push(text)
    })
    for (let round = 0; round < 3; round++) {
      const request = await stage.request()
      await stage.world.advance(5)
      expect(stage.peers[0]?.unread).toBe(0)
      stage.reply(0, request)
    }
    await stage.world.run(Promise.all(calls))
    expect(order).toEqual(['a', 'b', 'c'])
  })

  test('without a free permit a call fails at once if it has no time, else when its time is up', async () => {
    const stage = await scene({ permitsAsync: 1 })
    void stage.call('holds it', 60_000)
    const holder = await stage.request()
    await expect(stage.world.run(stage.call('x', 0))).rejects.toMatchObject({ code: 'REMOTING_TOO_MUCH_REQUEST' })
    await expect(stage.world.run(stage.call('x', 100))).rejects.toMatchObject({ code: 'REMOTING_TIMEOUT' })
    expect(stage.client.pendingCalls).toBe(1)
    stage.reply(0, holder)
    const next = stage.call('next')
    const request = await stage.request()
    expect(request.extFields?.['text']).toBe('next')
    stage.reply(0, request)
    await stage.world.run(next)
    expect(stage.peers[0]?.unread).toBe(0)
  })

  test('a one-way request keeps its permit until its last byte has left, or its connection is gone', async () => {
    const unsent: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void unsent.push(message) }
    const stage = await scene({ permitsOneway: 1, logger })
    const send = (body?: Buffer): Promise<void> | undefined =>
      stage.client.invokeOneway(stage.address, createRequest(Echo, { text: 'x' }, { body }), { timeoutMs: 1000 })
    await stage.world.run(send()!)
    expect((await stage.request()).isOneway).toBe(true)
    stage.peers[0]?.stream.pause()
    await stage.world.advance(10)
    // The peer's window holds a part of it.
    expect(send(Buffer.alloc(500_000))).toBeUndefined()
    await stage.world.run(send()!)
    expect(unsent).toEqual(['a one-way request was not sent: no permit was free in time'])
    stage.world.hosts.reset('127.0.0.1', SERVER_HOST)
    await stage.world.advance(10)
    await stage.world.run(send()!)
    expect((await stage.request(1)).isOneway).toBe(true)
    expect(unsent).toHaveLength(1)
  })

  test('a one-way request to nobody is silent, but without any name server it is an error', async () => {
    const stage = new Scene()
    const request = createRequest(Echo, { text: 'x' })
    await stage.world.run(stage.client.invokeOneway('10.0.0.1:1', request, { timeoutMs: 100 })!)
    await expect(stage.client.invokeOneway(undefined, request, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'REMOTING_CONNECT',
    })
  })
})

describe('RemotingClient and AbortSignal', () => {
  test('an aborted call rejects at once with the reason, and its late answer is dropped', async () => {
    const stage = await scene()
    const controller = new AbortController()
    const call = stage.call('x', 60_000, controller.signal)
    const request = await stage.request()
    const reason = new Error('no longer needed')
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    expect(stage.client.pendingCalls).toBe(0)
    stage.reply(0, request)
    await stage.world.advance(10)
    expect(stage.client.unknownResponses).toBe(1)
    expect(stage.peers[0]?.isClosed).toBe(false)
  })

  test('a call aborted before it began is never sent', async () => {
    const stage = await scene()
    await expect(stage.call('x', 1000, AbortSignal.abort('no'))).rejects.toBe('no')
    await stage.world.advance(100)
    expect(stage.peers).toHaveLength(0)
  })

  test('ten thousand aborted calls leave no listener, no entry and no permit behind', async () => {
    const stage = await scene({ permitsAsync: 10_000 })
    const shared = new AbortController()
    const first = stage.call('connect', 3000, shared.signal)
    stage.reply(0, await stage.request())
    await stage.world.run(first)
    const controllers = Array.from({ length: 10_000 }, () => new AbortController())
    const calls = controllers.map(({ signal }) => stage.call('x', 60_000, signal))
    expect(stage.client.pendingCalls).toBe(10_000)
    for (const controller of controllers) controller.abort()
    const results = await Promise.allSettled(calls)
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(stage.client.pendingCalls).toBe(0)
    expect(controllers.every(({ signal }) => getEventListeners(signal, 'abort').length === 0)).toBe(true)
    expect(getEventListeners(shared.signal, 'abort')).toHaveLength(0)
    const next = stage.call('after')
    for (let index = 0; index < 10_000; index++) await stage.request()
    stage.reply(0, await stage.request())
    expect((await stage.world.run(next)).code).toBe(ResponseCode.SUCCESS)
  })
})

describe('RemotingClient and GO_AWAY', () => {
  function goAway(stage: Scene, index: number, request: RemotingCommand): void {
    stage.peers[index]?.send(createResponse(ResponseCode.GO_AWAY, { opaque: request.opaque, remark: 'go' }))
  }

  test('a call answered GO_AWAY is made once more as it was, on a new connection, under a new opaque', async () => {
    let hooked = 0
    const stage = await scene({ hooks: [{ doBeforeRequest: () => (hooked += 1), doAfterResponse() {} }] })
    const call = stage.call('x')
    const other = stage.call('in flight on the old one')
    const request = await stage.request()
    const otherRequest = await stage.request()
    goAway(stage, 0, request)
    const again = await stage.request(1)
    expect(again.opaque).not.toBe(request.opaque)
    expect(again.extFields).toEqual(request.extFields)
    stage.reply(1, again)
    expect((await stage.world.run(call)).code).toBe(ResponseCode.SUCCESS)
    expect(stage.peers[0]?.isClosed).toBe(false)
    stage.reply(0, otherRequest)
    expect((await stage.world.run(other)).code).toBe(ResponseCode.SUCCESS)
    expect(hooked).toBe(2)
    await stage.world.advance(10)
    expect(stage.peers[0]?.isClosed).toBe(true)
  })

  test('a second GO_AWAY fails the call', async () => {
    const stage = await scene()
    const call = stage.call('x')
    goAway(stage, 0, await stage.request())
    goAway(stage, 1, await stage.request(1))
    await expect(stage.world.run(call)).rejects.toMatchObject({ code: 'REMOTING_SEND_REQUEST' })
    expect(stage.client.pendingCalls).toBe(0)
  })

  test('without a replacement connection the call fails with what hindered it', async () => {
    const stage = await scene()
    const call = stage.call('x')
    const request = await stage.request()
    goAway(stage, 0, request)
    stage.world.hosts.partition('127.0.0.1', SERVER_HOST)
    await stage.world.advance(1)
    stage.world.hosts.crash(SERVER_HOST)
    stage.world.hosts.heal('127.0.0.1', SERVER_HOST)
    await expect(stage.world.run(call)).rejects.toMatchObject({ code: 'REMOTING_SEND_REQUEST' })
  })

  test('a client told not to reconnect hands the answer on', async () => {
    const stage = await scene({ enableReconnectForGoAway: false })
    const call = stage.call('x')
    goAway(stage, 0, await stage.request())
    expect((await stage.world.run(call)).code).toBe(ResponseCode.GO_AWAY)
  })
})

describe('RemotingClient and name servers', () => {
  test('calls without an address stay with one name server and move on when it is gone', async () => {
    const stage = new Scene()
    const hosts = ['10.0.1.1', '10.0.1.2', '10.0.1.3']
    for (const host of hosts) await stage.listen(host, 9876)
    stage.client.updateNameServerAddressList(hosts.map((host) => `${host}:9876`))
    const ask = async (index: number): Promise<void> => {
      const call = stage.client.invokeSync(undefined, createRequest(Echo, { text: 'route' }), { timeoutMs: 3000 })
      stage.reply(index, await stage.request(index))
      await stage.world.run(call)
    }
    await ask(0)
    await ask(0)
    expect(stage.peers).toHaveLength(1)
    stage.world.hosts.crash(stage.peers[0]!.stream.local.host)
    await stage.world.advance(10)
    await ask(1)
    expect(stage.peers[1]?.stream.local.host).not.toBe(stage.peers[0]?.stream.local.host)
  })

  test('when no name server can be reached the error names them all', async () => {
    const stage = new Scene()
    stage.client.updateNameServerAddressList(['10.0.1.1:9876', '10.0.1.2:9876'])
    const call = stage.client.invokeSync(undefined, createRequest(Echo, { text: 'x' }), { timeoutMs: 3000 })
    await expect(stage.world.run(call)).rejects.toThrow(/none of the name servers .*10\.0\.1\.[12]:9876.*10\.0\.1/)
    const without = new RemotingClient({ runtime: stage.world })
    const lost = without.invokeSync(undefined, createRequest(Echo, { text: 'x' }), { timeoutMs: 3000 })
    await expect(stage.world.run(lost)).rejects.toThrow('namesrvAddr')
  })

  test('a new list without the chosen name server closes its connection; an empty one changes nothing', async () => {
    const stage = new Scene()
    const address = await stage.listen('10.0.1.1', 9876)
    stage.client.updateNameServerAddressList([address])
    const call = stage.client.invokeSync(undefined, createRequest(Echo, { text: 'x' }), { timeoutMs: 3000 })
    stage.reply(0, await stage.request())
    await stage.world.run(call)
    stage.client.updateNameServerAddressList([])
    expect(stage.client.nameServerAddresses).toEqual([address])
    stage.client.updateNameServerAddressList(['10.0.1.2:9876'])
    await stage.world.advance(10)
    expect(stage.peers[0]?.isClosed).toBe(true)
  })
})

describe('RemotingClient ends', () => {
  test('close fails calls in flight, waiting and connecting, refuses new ones and may be repeated', async () => {
    const stage = await scene({ permitsAsync: 1 })
    const inFlight = stage.call('a', 60_000)
    await stage.request()
    const queued = stage.call('b', 60_000)
    const connecting = stage.client.invokeSync('10.9.9.9:1', createRequest(Echo, { text: 'c' }), { timeoutMs: 60_000 })
    connecting.catch(() => {})
    const closing = stage.client.close()
    expect(stage.client.close()).toBe(closing)
    await stage.world.run(closing)
    await expect(inFlight).rejects.toMatchObject({ code: 'REMOTING_SEND_REQUEST' })
    await expect(inFlight).rejects.toThrow('the client is closed')
    await expect(queued).rejects.toThrow('the client is closed')
    await expect(connecting).rejects.toThrow('the client is closed')
    await expect(stage.call('d')).rejects.toMatchObject({ code: 'REMOTING_CONNECT', retryable: false })
    expect(stage.client.pendingCalls).toBe(0)
  })

  test('a connection that was being made when the client closed does not outlive it', async () => {
    const stage = await scene()
    const call = stage.call('a')
    await stage.world.run(stage.client.close())
    await expect(call).rejects.toThrow('the client is closed')
    await stage.world.advance(100)
    expect(stage.peers.every((peer) => peer.isClosed)).toBe(true)
  })

  test('close with a timeout lets calls in flight end first', async () => {
    const stage = await scene()
    const call = stage.call('a', 60_000)
    const request = await stage.request()
    const closing = stage.client.close({ timeoutMs: 5_000 })
    stage.world.timers.after(1_000, () => stage.reply(0, request))
    expect((await stage.world.run(call)).code).toBe(ResponseCode.SUCCESS)
    await stage.world.run(closing)
    expect(stage.world.clock.monotonic()).toBeLessThan(1_200)
  })

  test('connections are published on diagnostics channels from their beginning to their end', async () => {
    const stage = await scene()
    const events: unknown[] = []
    const record = (event: unknown, name: string | symbol): void => void events.push([name, event])
    subscribe('mq:remoting:connect', record)
    subscribe('mq:remoting:disconnect', record)
    const call = stage.call('a')
    stage.reply(0, await stage.request())
    await stage.world.run(call)
    await stage.world.run(stage.client.close())
    unsubscribe('mq:remoting:connect', record)
    unsubscribe('mq:remoting:disconnect', record)
    const remoteAddress = stage.address
    expect(events).toMatchObject([
      ['mq:remoting:connect', { side: 'client', remoteAddress, connectionId: 1 }],
      ['mq:remoting:disconnect', { side: 'client', remoteAddress, cause: { code: 'REMOTING_CONNECT' } }],
    ])
  })
})

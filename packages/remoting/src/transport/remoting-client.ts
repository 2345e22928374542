import { createRequest, type RemotingCommand } from '../codec/remoting-command.js'
import { ResponseCode } from '../commands/response-code.js'
import { MqError, RemotingConnectError, RemotingSendRequestError, ResponseCodeError } from '../errors.js'
import { type Logger, silentLogger } from '../logger.js'
import { nodeRuntime } from '../runtime/node-runtime.js'
import type { Runtime, Timer } from '../runtime/runtime.js'
import type { Command, RequestInput } from '../schema/command.js'
import type { InvokeOutcome, RemotingClientOptions, TypedInvokeOptions, TypedResponse } from './client-options.js'
import type { Connection, ConnectionHost } from './connection.js'
import type { InvokeOptions } from './connection-call.js'
import { ConnectionTable } from './connection-table.js'
import { DeadlineWheel } from './deadline-wheel.js'
import { publishConnect, publishDisconnect } from './diagnostics.js'
import { FlushQueue } from './flush-queue.js'
import { HandlerTable } from './handler-table.js'
import { Invocation, type InvocationHost, type InvocationOptions } from './invocation.js'
import { NameServers } from './name-servers.js'
import { OnewaySender } from './oneway-sender.js'
import type { CloseOptions } from './remoting-server.js'
import { RequestDispatcher } from './request-dispatcher.js'
import { requestName, responseName } from './request-name.js'
import { ResponseTable } from './response-table.js'
import { Semaphore } from './semaphore.js'
import { SlabPool } from './write-slab.js'

const SWEEP_PERIOD_MS = 1_000
const DEFAULT_CONNECT_TIMEOUT_MS = 3_000
const DEFAULT_PERMITS = 65_535
const DEFAULT_IDLE_TIMEOUT_MS = 120_000
const DEFAULT_MAX_FRAME_SIZE = 16_777_216
const DEFAULT_WRITE_HIGH_WATER_MARK = 67_108_864
const WRITE_STALL_TIMEOUT_MS = 60_000

/**
 * Makes calls to brokers and name servers over one connection each, and answers what they ask in return.
 * Java: NettyRemotingClient.
 *
 * A call fails with RemotingConnectError (no connection), RemotingTooMuchRequestError (no permit, nothing was sent),
 * RemotingTimeoutError, or RemotingSendRequestError (the connection closed first, or the peer is shutting down); after the last
 * two it is unknown whether the request was executed.
 */
export class RemotingClient {
  /** What peers may ask of this client, such as CHECK_TRANSACTION_STATE. */
  readonly handlers: HandlerTable = new HandlerTable()
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #options: RemotingClientOptions
  readonly #wheel: DeadlineWheel
  readonly #responses: ResponseTable
  readonly #oneways: OnewaySender
  readonly #connections: ConnectionTable
  readonly #nameServers: NameServers
  readonly #invocations: InvocationHost
  readonly #connectListeners: Array<(address: string) => void> = []
  readonly #disconnectListeners: Array<(address: string) => void> = []
  #sweep: Timer | undefined
  #onIdle: (() => void) | undefined
  #isClosed = false
  #closing: Promise<void> | undefined

  constructor(options: RemotingClientOptions = {}) {
    this.#options = options
    this.#runtime = options.runtime ?? nodeRuntime
    this.#logger = options.logger ?? silentLogger
    this.#wheel = new DeadlineWheel(this.#runtime)
    this.#responses = new ResponseTable(this.#wheel)
    this.#oneways = new OnewaySender({
      permits: options.permitsOneway ?? DEFAULT_PERMITS,
      hooks: options.hooks ?? [],
      responses: this.#responses,
      timers: this.#runtime.timers,
      logger: this.#logger,
    })
    this.#connections = new ConnectionTable({
      runtime: this.#runtime,
      host: this.#connectionHost(),
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      onConnect: (address, connection) => {
        publishConnect('client', connection)
        this.#notify(this.#connectListeners, address)
      },
    })
    this.#nameServers = new NameServers(this.#connections, this.#runtime.random)
    this.#invocations = {
      clock: this.#runtime.clock,
      wheel: this.#wheel,
      responses: this.#responses,
      permits: new Semaphore(options.permitsAsync ?? DEFAULT_PERMITS),
      hooks: options.hooks ?? [],
      enableReconnectForGoAway: options.enableReconnectForGoAway ?? true,
      closeSocketIfTimeout: options.closeSocketIfTimeout ?? true,
      waiting: new Set(),
      findConnection: (address) => this.#findConnection(address),
      connect: (address) => this.#connect(address),
      replace: (leaving) => this.#connections.replace(leaving),
      onSettled: () => {
        if (this.#onIdle !== undefined && this.pendingCalls === 0) this.#onIdle()
      },
    }
  }

  /** Calls that have not ended. */
  get pendingCalls(): number {
    return this.#responses.size + this.#invocations.waiting.size
  }

  /** Answers that came too late, or that nobody had asked for. */
  get unknownResponses(): number {
    return this.#responses.unknownResponses
  }

  /** In the order in which they are tried. */
  get nameServerAddresses(): readonly string[] {
    return this.#nameServers.addresses
  }

  /** Starts the upkeep of idle connections. Calls may be made before. */
  start(): void {
    if (this.#isClosed) return
    this.#sweep ??= this.#runtime.timers.every(SWEEP_PERIOD_MS, () => {
      const nowMs = this.#runtime.clock.monotonic()
      for (const connection of this.#connections.connections) connection.checkDeadlines(nowMs)
    })
  }

  /** Sets the name servers that calls without an address go to; an empty list changes nothing. */
  updateNameServerAddressList(addresses: readonly string[]): void {
    this.#nameServers.update(addresses)
  }

  /** Calls the listener with the address whenever a connection is made. */
  onConnect(listener: (address: string) => void): void {
    this.#connectListeners.push(listener)
  }

  /** Calls the listener with the address whenever a connection is gone. */
  onDisconnect(listener: (address: string) => void): void {
    this.#disconnectListeners.push(listener)
  }

  /** Makes a call and decodes its answer. @throws ResponseCodeError for any code but SUCCESS, and what {@link invokeSync} throws. */
  // eslint-disable-next-line @typescript-eslint/max-params -- whom, what, its fields, how long: the shape of every call
  async invoke<C extends Command>(
    address: string | undefined,
    command: C,
    header: RequestInput<C>,
    options: TypedInvokeOptions,
  ): Promise<TypedResponse<C>> {
    const response = await this.invokeSync(address, createRequest(command, header, options), options)
    if (response.code !== ResponseCode.SUCCESS) throw responseCodeError(address, command, response)
    const values = command.responseHeader.decode(response.extFields) as object
    return Object.assign(values, { body: response.body, extFields: response.extFields }) as TypedResponse<C>
  }

  /** Makes a call; resolves with any response code. An undefined address means some name server. */
  invokeSync(address: string | undefined, request: RemotingCommand, options: InvokeOptions): Promise<RemotingCommand> {
    const { timeoutMs, signal } = options
    return new Promise((resolve, reject) => {
      this.#start({
        address,
        request,
        timeoutMs,
        signal,
        style: 'sync',
        onSuccess: resolve,
        onFailure: reject,
      })
    })
  }

  /** Makes a call; the callback learns how it ended, exactly once, possibly before this returns. An answer's body is its own. */
  // eslint-disable-next-line @typescript-eslint/max-params -- the shape of invoke, with a callback for the promise
  invokeAsync(
    address: string | undefined,
    request: RemotingCommand,
    options: Pick<InvokeOptions, 'timeoutMs'>,
    callback: (outcome: InvokeOutcome) => void,
  ): void {
    const settle = (outcome: InvokeOutcome): void => {
      try {
        callback(outcome)
      } catch (error) {
        this.#logger.error('the callback of a call failed', { request: requestName(request.code), error })
      }
    }
    this.#start({
      address,
      request,
      timeoutMs: options.timeoutMs,
      style: 'async',
      onSuccess: (response) => settle({ response }),
      onFailure: (error) => settle({ error: asMqError(error) }),
    })
  }

  /**
   * Sends a request without an answer. Returns undefined when it has been handed over already, else a promise of that; a
   * connection or a permit that cannot be had in time is logged, not thrown. @throws RemotingConnectError without any address.
   */
  invokeOneway(
    address: string | undefined,
    request: RemotingCommand,
    options: Pick<InvokeOptions, 'timeoutMs'>,
  ): Promise<void> | undefined {
    if (this.#isClosed) return Promise.reject(clientClosed())
    // Without any name server set there is nobody to fail to reach: connecting says so.
    if (address === undefined && this.nameServerAddresses.length === 0) return this.#connect(address).then(() => {})
    request.markOneway()
    const connection = this.#findConnection(address)
    if (connection !== undefined && this.#oneways.trySend(connection, request)) return undefined
    return this.#oneways.sendLater(this.#connect(address), request, options.timeoutMs)
  }

  /** Closes the connections of these addresses; their calls fail. */
  closeConnections(addresses: readonly string[]): void {
    for (const address of addresses) this.#connections.close(address)
  }

  /** Refuses new calls, waits for those in flight (by default not at all) and closes every connection. May be called again. */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? 0)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start(options: InvocationOptions): void {
    const invocation = new Invocation(this.#invocations, options)
    if (this.#isClosed) invocation.fail(clientClosed())
    else invocation.start()
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#isClosed = true
    if (timeoutMs > 0 && this.pendingCalls > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#runtime.timers.after(timeoutMs, resolve)
        this.#onIdle = () => {
          timer.cancel()
          resolve()
        }
      })
    }
    const cause = clientClosed()
    for (const invocation of this.#invocations.waiting) invocation.fail(cause)
    await this.#connections.closeAll(cause)
    this.#sweep?.cancel()
    this.#wheel.stop()
  }

  #findConnection(address: string | undefined): Connection | undefined {
    return address === undefined ? this.#nameServers.find() : this.#connections.find(address)
  }

  #connect(address: string | undefined): Promise<Connection> {
    return address === undefined ? this.#nameServers.connect() : this.#connections.connect(address)
  }

  #connectionHost(): ConnectionHost {
    const { serializeType, maxFrameSize, writeHighWaterMark, idleTimeoutMs, hooks } = this.#options
    const dispatcher = new RequestDispatcher({ handlers: this.handlers, hooks: hooks ?? [], logger: this.#logger })
    return {
      runtime: this.#runtime,
      limits: {
        maxFrameSize: maxFrameSize ?? DEFAULT_MAX_FRAME_SIZE,
        writeHighWaterMark: writeHighWaterMark ?? DEFAULT_WRITE_HIGH_WATER_MARK,
        idleTimeoutMs: idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
        writeStallTimeoutMs: WRITE_STALL_TIMEOUT_MS,
        // Servers speak only when spoken to, and a large answer may take its time: the calls' own timeouts bound both.
        firstFrameTimeoutMs: Infinity,
        frameTimeoutMs: Infinity,
      },
      serializeType: serializeType ?? 'JSON',
      slabs: new SlabPool(),
      flushQueue: new FlushQueue(this.#runtime.timers),
      responses: this.#responses,
      holdsBackSlowPeers: false,
      requestHeaders: undefined,
      onRequest: (connection, request) => dispatcher.dispatch(connection, request),
      onFirstFrame: () => {},
      onOnewaysWritten: (count) => this.#oneways.onWritten(count),
      onClosed: (connection, cause) => this.#onClosed(connection, cause),
    }
  }

  #onClosed(connection: Connection, cause: Error | undefined): void {
    const address = this.#connections.onClosed(connection)
    this.#logger.debug('a connection ended', { address, error: cause })
    publishDisconnect('client', connection, cause)
    this.#notify(this.#disconnectListeners, address)
  }

  #notify(listeners: ReadonlyArray<(address: string) => void>, address: string): void {
    for (const listener of listeners) {
      try {
        listener(address)
      } catch (error) {
        this.#logger.error('a listener to connections failed', { address, error })
      }
    }
  }
}

function clientClosed(): RemotingConnectError {
  return new RemotingConnectError('the client is closed: make another one', { retryable: false })
}

function asMqError(error: Error): MqError {
  return MqError.is(error) ? error : new RemotingSendRequestError(error.message, { cause: error })
}

function responseCodeError(
  address: string | undefined,
  command: Command,
  response: RemotingCommand,
): ResponseCodeError {
  const peer = address ?? 'the name server'
  const { remark, code } = response
  const message = `${command.name} to ${peer} was answered ${responseName(code)}: ${remark ?? 'without a remark'}`
  return new ResponseCodeError(message, { responseCode: code, remark, address, command: command.name })
}

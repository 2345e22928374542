import type { RemotingCommand, SerializeType } from '../codec/remoting-command.js'
import { RequestHeaderScanner } from '../codec/request-header-scanner.js'
import { MqError, RemotingTooMuchRequestError } from '../errors.js'
import { type Logger, silentLogger } from '../logger.js'
import { nodeRuntime } from '../runtime/node-runtime.js'
import type { ByteStream, Endpoint, Listener, Runtime, Timer } from '../runtime/runtime.js'
import { Connection, type ConnectionHost } from './connection.js'
import { DeadlineWheel } from './deadline-wheel.js'
import { publishConnect, publishDisconnect } from './diagnostics.js'
import { FlushQueue } from './flush-queue.js'
import { HandlerTable } from './handler-table.js'
import { RequestDispatcher } from './request-dispatcher.js'
import { ResponseTable } from './response-table.js'
import type { RpcHook } from './rpc-hook.js'
import { defaultServerLimits, type ServerLimits } from './server-limits.js'
import { SlabPool } from './write-slab.js'

const SWEEP_PERIOD_MS = 1_000
const DEFAULT_CLOSE_TIMEOUT_MS = 3_000

/** What a server is made of. */
export interface RemotingServerOptions {
  /** Address to bind. Default 127.0.0.1. */
  readonly host?: string
  /** 0 takes a free port; {@link RemotingServer.endpoint} tells which. */
  readonly port: number
  readonly runtime?: Runtime
  readonly logger?: Logger
  /** How answers and requests of this server are encoded, whatever the peer uses. Default JSON. */
  readonly serializeType?: SerializeType
  /** See {@link defaultServerLimits} for what is left out. */
  readonly limits?: Partial<ServerLimits>
  readonly hooks?: readonly RpcHook[]
}

/** How long a close may take. */
export interface CloseOptions {
  /** Milliseconds for what is in flight; after them everything is cut. */
  readonly timeoutMs?: number
}

/** Listens, and answers requests from its handler table. Java: NettyRemotingServer. */
export class RemotingServer {
  readonly handlers: HandlerTable = new HandlerTable()
  readonly #options: RemotingServerOptions
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #limits: ServerLimits
  readonly #dispatcher: RequestDispatcher
  readonly #responses: ResponseTable
  readonly #host: ConnectionHost
  readonly #connections = new Set<Connection>()
  /** Connections by address that have not sent a complete frame. */
  readonly #silent = new Map<string, number>()
  readonly #closeListeners: Array<(connection: Connection) => void> = []
  #lastConnectionId = 0
  #refusedConnections = 0
  #hasWarnedOfRefusal = false
  #listener: Listener | undefined
  #sweep: Timer | undefined
  #onNoConnections: (() => void) | undefined
  #starting: Promise<void> | undefined
  #isStopped = false
  #closing: Promise<void> | undefined

  constructor(options: RemotingServerOptions) {
    this.#options = options
    this.#runtime = options.runtime ?? nodeRuntime
    this.#logger = options.logger ?? silentLogger
    this.#limits = { ...defaultServerLimits, ...options.limits }
    this.#dispatcher = new RequestDispatcher({
      handlers: this.handlers,
      hooks: options.hooks ?? [],
      logger: this.#logger,
    })
    this.#responses = new ResponseTable(new DeadlineWheel(this.#runtime))
    this.#host = {
      runtime: this.#runtime,
      limits: this.#limits,
      serializeType: options.serializeType ?? 'JSON',
      slabs: new SlabPool(),
      flushQueue: new FlushQueue(this.#runtime.timers),
      responses: this.#responses,
      holdsBackSlowPeers: true,
      requestHeaders: new RequestHeaderScanner((code) => this.handlers.find(code)?.command.requestHeader),
      onRequest: (connection: Connection, request: RemotingCommand) => this.#dispatcher.dispatch(connection, request),
      onFirstFrame: (connection) => this.#countSilent(connection, -1),
      onOnewaysWritten: () => {},
      onClosed: (connection, cause) => this.#onClosed(connection, cause),
    }
  }

  /** The address bound; before {@link start} the one asked for. */
  get endpoint(): Endpoint {
    return this.#listener?.endpoint ?? { host: this.#options.host ?? '127.0.0.1', port: this.#options.port }
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Requests handled and not answered yet. */
  get pendingRequests(): number {
    return this.#dispatcher.pending
  }

  /** Connections closed as soon as they were accepted, because a limit was reached. */
  get refusedConnections(): number {
    return this.#refusedConnections
  }

  /** Answers of peers that nobody waited for. */
  get unknownResponses(): number {
    return this.#responses.unknownResponses
  }

  /** Binds the port; rejects with the system's error when it cannot. Called again, it does nothing more. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Calls the listener whenever a connection is gone. */
  onConnectionClosed(listener: (connection: Connection) => void): void {
    this.#closeListeners.push(listener)
  }

  /** Accepts no more connections; peers that know GO_AWAY are answered so, older ones are served until {@link close}. */
  stopAccepting(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#dispatcher.goAway()
    void this.#listener?.close()
  }

  /** Stops accepting, answers what is being handled, ends every connection. May be called again. Default timeout 3,000 ms. */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<void> {
    const { host, port } = this.endpoint
    this.#listener = await this.#runtime.network.listen({
      host,
      port,
      onConnection: (stream) => this.#onConnection(stream),
      onAcceptError: (error) => this.#logger.warn('a connection could not be accepted', { error }),
    })
    if (this.#isStopped) await this.#listener.close()
    else this.#sweep = this.#runtime.timers.every(SWEEP_PERIOD_MS, () => this.#checkDeadlines())
  }

  async #close(timeoutMs: number): Promise<void> {
    this.stopAccepting()
    let cut = (): void => {}
    const timeUp = new Promise<void>((resolve) => {
      cut = resolve
    })
    const timer = this.#runtime.timers.after(timeoutMs, cut)
    await Promise.race([this.#dispatcher.idle(), timeUp])
    for (const connection of this.#connections) connection.end()
    await Promise.race([this.#noConnections(), timeUp])
    timer.cancel()
    for (const connection of this.#connections) connection.close()
    await this.#noConnections()
    this.#sweep?.cancel()
  }

  #checkDeadlines(): void {
    this.#hasWarnedOfRefusal = false
    const nowMs = this.#runtime.clock.monotonic()
    for (const connection of this.#connections) connection.checkDeadlines(nowMs)
  }

  #noConnections(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onNoConnections = resolve
    })
  }

  #onConnection(stream: ByteStream): void {
    const refusal = this.#refusal(stream.remote)
    if (refusal !== undefined) {
      this.#refusedConnections += 1
      // Once a second is enough for the log; a flood shall not fill it.
      if (!this.#hasWarnedOfRefusal) this.#logger.warn('connections are refused', { error: refusal })
      this.#hasWarnedOfRefusal = true
      stream.destroy()
      return
    }
    const connection = new Connection(this.#host, stream, ++this.#lastConnectionId)
    this.#connections.add(connection)
    this.#countSilent(connection, 1)
    publishConnect('server', connection)
    connection.open()
  }

  #refusal(remote: Endpoint): Error | undefined {
    const { maxConnections, maxSilentConnectionsPerAddress } = this.#limits
    if (this.#connections.size >= maxConnections) {
      return new RemotingTooMuchRequestError(
        `${maxConnections} connections are open: raise maxConnections, or use fewer`,
      )
    }
    if ((this.#silent.get(remote.host) ?? 0) < maxSilentConnectionsPerAddress) return undefined
    return new RemotingTooMuchRequestError(
      `${maxSilentConnectionsPerAddress} connections from ${remote.host} have sent nothing yet: see maxSilentConnectionsPerAddress`,
    )
  }

  #countSilent(connection: Connection, change: number): void {
    const { host } = connection.remote
    const count = (this.#silent.get(host) ?? 0) + change
    if (count === 0) this.#silent.delete(host)
    else this.#silent.set(host, count)
  }

  #onClosed(connection: Connection, cause: Error | undefined): void {
    this.#connections.delete(connection)
    if (!connection.hasReceivedFrame) this.#countSilent(connection, -1)
    const { remoteAddress } = connection
    // A peer that resets its connection is no news; one that breaks the protocol or a deadline is.
    if (cause === undefined) this.#logger.debug('a connection ended', { remoteAddress })
    else if (MqError.is(cause)) this.#logger.info('a connection was closed', { remoteAddress, error: cause })
    else this.#logger.debug('a connection broke', { remoteAddress, error: cause })
    publishDisconnect('server', connection, cause)
    for (const listener of this.#closeListeners) {
      try {
        listener(connection)
      } catch (error) {
        this.#logger.error('a listener to closed connections failed', { error })
      }
    }
    if (this.#connections.size === 0) this.#onNoConnections?.()
  }
}

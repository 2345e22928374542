import type { RemotingCommand } from '../codec/remoting-command.js'
import { ResponseCode } from '../commands/response-code.js'
import {
  MqError,
  RemotingConnectError,
  RemotingSendRequestError,
  RemotingTimeoutError,
  RemotingTooMuchRequestError,
} from '../errors.js'
import type { Clock } from '../runtime/runtime.js'
import type { Connection } from './connection.js'
import { ownResponse } from './connection-call.js'
import { Deadline, type DeadlineWheel } from './deadline-wheel.js'
import { requestName } from './request-name.js'
import type { ResponseFuture, ResponseListener, ResponseTable } from './response-table.js'
import type { RpcHook } from './rpc-hook.js'
import type { PermitWaiter, Semaphore } from './semaphore.js'

/** Time that has to have been left when a call was sent for its timeout to close the connection. */
const ENOUGH_TIME_MS = 100
const ENOUGH_TIME_FRACTION = 0.25

/** What the calls of one client share. */
export interface InvocationHost {
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly responses: ResponseTable
  readonly permits: Semaphore
  readonly hooks: readonly RpcHook[]
  readonly enableReconnectForGoAway: boolean
  readonly closeSocketIfTimeout: boolean
  /** Calls that wait for a connection or a permit. */
  readonly waiting: Set<Invocation>
  /** A usable connection to the address, or to a name server if it is undefined. */
  findConnection(address: string | undefined): Connection | undefined
  connect(address: string | undefined): Promise<Connection>
  replace(leaving: Connection): Promise<Connection>
  onSettled(): void
}

/** A call as its caller describes it. */
export interface InvocationOptions {
  /** Undefined means some name server. */
  readonly address: string | undefined
  readonly request: RemotingCommand
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Java reports a timeout while connecting, and closes the connection of a call timed out, by style. */
  readonly style: 'sync' | 'async'
  /** Either this is called once, with an answer that is the receiver's own … */
  onSuccess(response: RemotingCommand): void
  /** … or this, with the signal's reason or an error of this package. */
  onFailure(error: Error): void
}

/**
 * One call from its start to its end: connection, permit, request, answer, and once more if the peer says GO_AWAY. All of it
 * happens within one timeout. Java: NettyRemotingAbstract#invoke0.
 */
export class Invocation extends Deadline implements ResponseListener, PermitWaiter {
  readonly #host: InvocationHost
  readonly #options: InvocationOptions
  #connection: Connection | undefined
  #future: ResponseFuture | undefined
  #hasPermit = false
  #isReplayed = false
  #isOver = false
  #sentMs = 0

  constructor(host: InvocationHost, options: InvocationOptions) {
    super()
    this.#host = host
    this.#options = options
  }

  /** Begins; called once. */
  start(): void {
    const { signal, timeoutMs, address } = this.#options
    if (signal?.aborted === true) {
      this.#finish(undefined, signal.reason)
      return
    }
    signal?.addEventListener('abort', this.#onAbort)
    this.deadlineMs = this.#host.clock.monotonic() + timeoutMs
    const connection = this.#host.findConnection(address)
    if (connection === undefined) this.#connectThrough(this.#host.connect(address))
    else this.#onConnection(connection)
  }

  /** Ends the call with an error; does nothing when it is over. */
  fail(error: unknown): void {
    this.#finish(undefined, error)
  }

  onPermit(): void {
    this.#hasPermit = true
    this.#host.wheel.remove(this)
    this.#host.waiting.delete(this)
    this.#send()
  }

  /** Time is up before the request was sent. */
  override onDeadline(): void {
    const { timeoutMs, style } = this.#options
    if (this.#connection !== undefined) {
      const message = `${this.#description} waited ${timeoutMs} ms for a permit: send less at once, or raise the permits`
      this.#finish(undefined, new RemotingTimeoutError(message))
      return
    }
    const message = `${this.#description} had no connection within ${timeoutMs} ms: check that the address can be reached, or raise the timeout`
    this.#finish(
      undefined,
      style === 'sync' ? new RemotingTimeoutError(message) : new RemotingTooMuchRequestError(message),
    )
  }

  onResponse(response: RemotingCommand): void {
    this.#future = undefined
    if (response.code === ResponseCode.GO_AWAY && this.#host.enableReconnectForGoAway) {
      this.#onGoAway()
      return
    }
    this.#finish(ownResponse(response), undefined)
  }

  onTimeout(): void {
    this.#future = undefined
    const { timeoutMs, style } = this.#options
    const error = new RemotingTimeoutError(
      `${this.#description} was not answered within ${timeoutMs} ms: it may have been executed all the same; look at the load of the peer`,
    )
    const leftMs = this.deadlineMs - this.#sentMs
    const hadTime = leftMs > ENOUGH_TIME_MS || leftMs > timeoutMs * ENOUGH_TIME_FRACTION
    const connection = this.#connection
    this.#finish(undefined, error)
    if (style === 'sync' && hadTime && this.#host.closeSocketIfTimeout) connection?.close(error)
  }

  onConnectionClosed(cause: Error | undefined): void {
    this.#future = undefined
    const reason = cause === undefined ? 'the peer closed the connection' : `the connection closed: ${cause.message}`
    const message = `${this.#description} was not answered (${reason}): it may have been executed all the same`
    this.#finish(undefined, new RemotingSendRequestError(message, { cause }))
  }

  get #description(): string {
    const { request, address } = this.#options
    return `${requestName(request.code)} to ${address ?? this.#connection?.remoteAddress ?? 'a name server'}`
  }

  readonly #onAbort = (): void => this.#finish(undefined, this.#options.signal?.reason)

  #connectThrough(connecting: Promise<Connection>): void {
    this.#connection = undefined
    this.#host.waiting.add(this)
    this.#host.wheel.add(this)
    connecting.then(
      (connection) => {
        if (this.#isOver) return
        this.#host.wheel.remove(this)
        this.#host.waiting.delete(this)
        this.#onConnection(connection)
      },
      (error: unknown) => {
        this.#finish(undefined, this.#isReplayed ? this.#goneAway(error) : error)
      },
    )
  }

  #onConnection(connection: Connection): void {
    this.#connection = connection
    if (this.#hasPermit) {
      this.#send()
    } else if (this.#host.permits.tryAcquire()) {
      this.#hasPermit = true
      this.#send()
    } else if (this.#options.timeoutMs <= 0) {
      const message = `${this.#description}: all ${this.#host.permits.permits} permits are taken: send less at once, or raise them`
      this.#finish(undefined, new RemotingTooMuchRequestError(message))
    } else {
      this.#host.waiting.add(this)
      this.#host.wheel.add(this)
      this.#host.permits.wait(this)
    }
  }

  #send(): void {
    const { request } = this.#options
    const { clock, hooks, responses } = this.#host
    const connection = this.#connection!
    if (!connection.isOpen) {
      const message = `${this.#description} was not sent: the connection closed first; send it again`
      this.#finish(undefined, new RemotingConnectError(message))
      return
    }
    if (connection.isBacklogged) {
      const message = `${this.#description}: the peer leaves ${connection.pendingBytes} bytes unread: send less at once`
      this.#finish(undefined, new RemotingTooMuchRequestError(message))
      return
    }
    try {
      if (!this.#isReplayed) for (const hook of hooks) hook.doBeforeRequest(connection.remoteAddress, request)
      this.#sentMs = clock.monotonic()
      this.#future = responses.add({ channel: connection, listener: this, deadlineMs: this.deadlineMs })
      request.opaque = this.#future.opaque
      connection.send(request)
    } catch (cause) {
      const error = MqError.is(cause)
        ? cause
        : new RemotingSendRequestError(`${this.#description} was not sent`, { cause, retryable: false })
      this.#finish(undefined, error)
    }
  }

  #onGoAway(): void {
    const leaving = this.#connection
    if (this.#isReplayed || leaving === undefined) {
      this.#finish(undefined, this.#goneAway(undefined))
      return
    }
    this.#isReplayed = true
    this.#connectThrough(this.#host.replace(leaving))
  }

  #goneAway(cause: unknown): MqError {
    const message = `${this.#description} was not executed: the peer is shutting down; send to another broker`
    return new RemotingSendRequestError(message, { cause })
  }

  #finish(response: RemotingCommand | undefined, error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    const host = this.#host
    const { signal } = this.#options
    signal?.removeEventListener('abort', this.#onAbort)
    host.wheel.remove(this)
    host.waiting.delete(this)
    if (this.#future !== undefined) host.responses.remove(this.#future)
    host.permits.cancel(this)
    if (this.#hasPermit) host.permits.release()
    if (response === undefined) this.#options.onFailure(error as Error)
    else this.#succeed(response)
    host.onSettled()
  }

  #succeed(response: RemotingCommand): void {
    const { request } = this.#options
    try {
      for (const hook of this.#host.hooks)
        hook.doAfterResponse(this.#connection?.remoteAddress ?? '', request, response)
    } catch (cause) {
      const message = `${this.#description} was answered, then a hook failed`
      this.#options.onFailure(
        MqError.is(cause) ? cause : new RemotingSendRequestError(message, { cause, retryable: false }),
      )
      return
    }
    this.#options.onSuccess(response)
  }
}

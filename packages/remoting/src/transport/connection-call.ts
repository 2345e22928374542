import type { RemotingCommand } from '../codec/remoting-command.js'
import { RemotingSendRequestError, RemotingTimeoutError } from '../errors.js'
import type { Clock } from '../runtime/runtime.js'
import { requestName } from './request-name.js'
import type { Channel, ResponseFuture, ResponseListener, ResponseTable } from './response-table.js'

/** How long a call may take, and who may end it early. */
export interface InvokeOptions {
  /** Milliseconds from now to the answer. */
  readonly timeoutMs: number
  /** Rejects the call at once with `signal.reason`; the request may have been executed. */
  readonly signal?: AbortSignal | undefined
}

/** The part of a connection that a call uses. */
export interface CallChannel extends Channel {
  send(request: RemotingCommand): void
}

/** An answer that outlives the read buffer it arrived in. */
export function ownResponse(response: RemotingCommand): RemotingCommand {
  if (response.body !== undefined) response.body = Buffer.from(response.body)
  return response
}

/** A request to the peer of one existing connection, as brokers make them to clients. */
export class ConnectionCall implements ResponseListener {
  readonly #channel: CallChannel
  readonly #request: RemotingCommand
  readonly #options: InvokeOptions
  #table: ResponseTable | undefined
  #future: ResponseFuture | undefined
  #resolve!: (response: RemotingCommand) => void
  #reject!: (error: unknown) => void

  constructor(channel: CallChannel, request: RemotingCommand, options: InvokeOptions) {
    this.#channel = channel
    this.#request = request
    this.#options = options
  }

  /** Sends the request; called once. */
  run(table: ResponseTable, clock: Clock): Promise<RemotingCommand> {
    const { signal, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      if (signal?.aborted === true) {
        this.#fail(signal.reason)
        return
      }
      this.#table = table
      const deadlineMs = clock.monotonic() + timeoutMs
      this.#future = table.add({ channel: this.#channel, listener: this, deadlineMs })
      this.#request.opaque = this.#future.opaque
      signal?.addEventListener('abort', this.#onAbort)
      try {
        this.#channel.send(this.#request)
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  onResponse(response: RemotingCommand): void {
    this.#forget()
    this.#resolve(ownResponse(response))
  }

  onTimeout(): void {
    const { timeoutMs } = this.#options
    this.#fail(
      new RemotingTimeoutError(
        `${this.#description} was not answered within ${timeoutMs} ms; it may have been executed all the same`,
      ),
    )
  }

  onConnectionClosed(cause: Error | undefined): void {
    const message = `${this.#description} was not answered: the connection closed; it may have been executed all the same`
    this.#fail(new RemotingSendRequestError(message, { cause }))
  }

  get #description(): string {
    return `${requestName(this.#request.code)} to ${this.#channel.remoteAddress}`
  }

  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason)

  #fail(error: unknown): void {
    this.#forget()
    this.#reject(error)
  }

  #forget(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#future !== undefined) this.#table?.remove(this.#future)
  }
}

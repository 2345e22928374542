import type { RemotingCommand } from '../codec/remoting-command.js'
import type { Logger } from '../logger.js'
import type { Timers } from '../runtime/runtime.js'
import type { Connection } from './connection.js'
import { requestName } from './request-name.js'
import type { ResponseTable } from './response-table.js'
import type { RpcHook } from './rpc-hook.js'
import { type PermitWaiter, Semaphore } from './semaphore.js'

/** What one-way requests of a client share. */
export interface OnewaySenderOptions {
  /** Requests that may wait to be written. */
  readonly permits: number
  readonly hooks: readonly RpcHook[]
  readonly responses: ResponseTable
  readonly timers: Timers
  readonly logger: Logger
}

/** Sends requests that nobody answers; each holds a permit until its bytes have left. Java: NettyRemotingAbstract#invokeOnewayImpl. */
export class OnewaySender {
  readonly #options: OnewaySenderOptions
  readonly #permits: Semaphore

  constructor(options: OnewaySenderOptions) {
    this.#options = options
    this.#permits = new Semaphore(options.permits)
  }

  /** Sends at once; false when no permit is free. @throws what a hook throws, and RemotingCommandError */
  trySend(connection: Connection, request: RemotingCommand): boolean {
    if (!this.#permits.tryAcquire()) return false
    this.#send(connection, request)
    return true
  }

  /** Sends once there is a connection and a permit; what cannot be had in time is logged, not thrown. */
  async sendLater(connecting: Promise<Connection>, request: RemotingCommand, timeoutMs: number): Promise<void> {
    let connection: Connection
    try {
      connection = await connecting
    } catch (error) {
      this.#options.logger.warn('a one-way request was not sent', { request: requestName(request.code), error })
      return
    }
    if (await this.#acquire(timeoutMs)) {
      this.#send(connection, request)
      return
    }
    const fields = { request: requestName(request.code), remoteAddress: connection.remoteAddress, timeoutMs }
    this.#options.logger.warn('a one-way request was not sent: no permit was free in time', fields)
  }

  /** Requests that held a permit have left, or never will. */
  onWritten(count: number): void {
    this.#permits.release(count)
  }

  #send(connection: Connection, request: RemotingCommand): void {
    const { hooks, responses } = this.#options
    try {
      for (const hook of hooks) hook.doBeforeRequest(connection.remoteAddress, request)
    } catch (error) {
      this.#permits.release()
      throw error
    }
    request.opaque = responses.nextOpaque()
    connection.sendWithPermit(request)
  }

  #acquire(timeoutMs: number): Promise<boolean> {
    if (this.#permits.tryAcquire()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter: PermitWaiter = {
        onPermit() {
          timer.cancel()
          resolve(true)
        },
      }
      const giveUp = (): void => {
        this.#permits.cancel(waiter)
        resolve(false)
      }
      const timer = this.#options.timers.after(timeoutMs, giveUp, { background: true })
      this.#permits.wait(waiter)
    })
  }
}

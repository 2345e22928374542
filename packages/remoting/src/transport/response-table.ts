import type { RemotingCommand } from '../codec/remoting-command.js'
import { Deadline, type DeadlineWheel } from './deadline-wheel.js'
import { type OpaqueEntry, OpaqueTable } from './opaque-table.js'

/** What a pending call needs to know of the connection its request went out on. */
export interface Channel {
  readonly remoteAddress: string
  /** Calls on this connection that wait for their answer. */
  pendingResponses: number
  /** The last pending call of the connection is over. */
  onNoPendingResponses(): void
}

/** How a call ends: exactly one of these is called, once. */
export interface ResponseListener {
  /** The answer; its body is borrowed until this returns. */
  onResponse(response: RemotingCommand): void
  onTimeout(): void
  /** The connection closed first. */
  onConnectionClosed(cause: Error | undefined): void
}

/** A request written whose answer has not come. Java: ResponseFuture. */
export class ResponseFuture extends Deadline implements OpaqueEntry<ResponseFuture> {
  readonly opaque: number
  nextInBucket: ResponseFuture | undefined
  readonly channel: Channel
  readonly listener: ResponseListener
  readonly #table: ResponseTable

  constructor(table: ResponseTable, opaque: number, call: { channel: Channel; listener: ResponseListener }) {
    super()
    this.#table = table
    this.opaque = opaque
    this.channel = call.channel
    this.listener = call.listener
  }

  override onDeadline(): void {
    if (this.#table.remove(this)) this.listener.onTimeout()
  }
}

/** A call about to be written. */
export interface PendingCall {
  readonly channel: Channel
  readonly listener: ResponseListener
  /** Monotonic milliseconds. */
  readonly deadlineMs: number
}

/**
 * Pairs answers with requests by their opaque. An answer that comes after its deadline, twice, or on another connection than its
 * request went out on is dropped and counted. Java: the responseTable of NettyRemotingAbstract.
 */
export class ResponseTable {
  readonly #wheel: DeadlineWheel
  readonly #futures = new OpaqueTable<ResponseFuture>()
  #lastOpaque: number
  #unknownResponses = 0

  /** `firstOpaque` is for tests of the wrap from 2^31 - 1 to -2^31. */
  constructor(wheel: DeadlineWheel, firstOpaque = 0) {
    this.#wheel = wheel
    this.#lastOpaque = firstOpaque - 1
  }

  /** Calls that wait for their answer. */
  get size(): number {
    return this.#futures.size
  }

  /** Answers dropped because nobody waited for them. */
  get unknownResponses(): number {
    return this.#unknownResponses
  }

  /** The next opaque; it comes again after 2^32 requests, long after the call that had it has timed out. */
  nextOpaque(): number {
    this.#lastOpaque = (this.#lastOpaque + 1) | 0
    return this.#lastOpaque
  }

  /** Waits for the answer to a request that is to carry the returned future's opaque. */
  add(call: PendingCall): ResponseFuture {
    const future = new ResponseFuture(this, this.nextOpaque(), call)
    future.deadlineMs = call.deadlineMs
    this.#futures.add(future)
    this.#wheel.add(future)
    call.channel.pendingResponses += 1
    return future
  }

  /** Forgets a call, whose listener hears nothing more. False when it was over already. */
  remove(future: ResponseFuture): boolean {
    if (!this.#futures.remove(future)) return false
    this.#wheel.remove(future)
    future.channel.pendingResponses -= 1
    if (future.channel.pendingResponses === 0) future.channel.onNoPendingResponses()
    return true
  }

  /** An answer arrived. Java: NettyRemotingAbstract#processResponseCommand. */
  complete(channel: Channel, response: RemotingCommand): void {
    const future = this.#futures.get(response.opaque)
    if (future === undefined || future.channel !== channel) {
      this.#unknownResponses += 1
      return
    }
    this.remove(future)
    future.listener.onResponse(response)
  }

  /** The connection is gone: its calls fail now instead of timing out. Java: NettyRemotingAbstract#failFast. */
  onChannelClosed(channel: Channel, cause: Error | undefined): void {
    if (channel.pendingResponses === 0) return
    for (const future of this.#futures.entries()) {
      if (future.channel === channel && this.remove(future)) future.listener.onConnectionClosed(cause)
    }
  }
}

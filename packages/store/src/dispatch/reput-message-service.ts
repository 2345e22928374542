import {
  type Logger,
  type MessageProperties,
  nodeRuntime,
  type Runtime,
  silentLogger,
  SystemFlag,
  type Timer,
  transactionValueOf,
} from '@mq/remoting'
import type { MessageArrival } from '../message-store.js'
import type { CommitLogReader } from './commit-log-reader.js'
import type { DelayLevels } from './delivery-time.js'
import type { CommitLogDispatcher, DispatchRequest } from './dispatch-request.js'
import { readRequests } from './request-reader.js'

/** Where records come from and who takes them. */
export interface ReputMessageServiceOptions {
  readonly commitLog: CommitLogReader
  /** Called in this order for every record. */
  readonly dispatchers: readonly CommitLogDispatcher[]
  readonly delayLevels: DelayLevels
  readonly runtime?: Runtime
  readonly logger?: Logger
}

/** ms between two looks at a saturated dispatcher, or at a log that could not be read. Java: ReputMessageService sleeps as long. */
const retryMs = 1

/** Records kept in memory while a dispatcher is saturated or older ones are read; beyond it all are read from the log again. */
const maxPendingRequests = 65_536

/** ms that closing waits for dispatch to catch up. Java: ReputMessageService#shutdown, 50 × 100 ms. */
const closeTimeoutMs = 5000

/**
 * Hands stored records to consume queues, index and listeners, each once and in the order of the log. Java: ReputMessageService.
 *
 * Records come from the append loop as soon as they may be shown; those before (at start) or lost to an overload are read from the log.
 * Invariant: every record that ends at `reputFromOffset` or before has been dispatched.
 */
export class ReputMessageService {
  readonly #options: ReputMessageServiceOptions
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #listeners: ((arrival: MessageArrival) => void)[] = []
  /** Records to dispatch next, in the order of the log; those before `#pendingDone` are dispatched. */
  #pending: DispatchRequest[] = []
  #pendingDone = 0
  /** Records that end here or before are read from the log, and come before the pending ones. */
  #readUntil = 0
  /** Where the newest record that was handed over ends. */
  #acceptedEnd = 0
  #reputFromOffset = 0
  #isStarted = false
  #isReading = false
  #retryTimer: Timer | undefined
  readonly #idleListeners: (() => void)[] = []

  constructor(options: ReputMessageServiceOptions) {
    this.#options = options
    this.#runtime = options.runtime ?? nodeRuntime
    this.#logger = options.logger ?? silentLogger
  }

  /** Physical offset behind the last record dispatched. */
  get reputFromOffset(): number {
    return this.#reputFromOffset
  }

  /** Adds a listener that is called after a record has been dispatched, in the order of the log. */
  onMessageArriving(listener: (arrival: MessageArrival) => void): void {
    this.#listeners.push(listener)
  }

  /** Bytes of the log that may be shown and are not dispatched. Java: DefaultMessageStore#dispatchBehindBytes. */
  behindBytes(): number {
    if (this.#isCaughtUp()) return 0
    return Math.max(0, this.#options.commitLog.getConfirmOffset() - this.#reputFromOffset)
  }

  /** Starts at a physical offset and catches up in the background with what may be shown now. */
  start(reputFromOffset: number): void {
    this.#reputFromOffset = reputFromOffset
    this.#readUntil = this.#options.commitLog.getConfirmOffset()
    this.#acceptedEnd = this.#readUntil
    this.#isStarted = true
    this.#advance()
  }

  /**
   * Takes the records that may be shown from now on: all of them, each once, in the order of the log. Dispatches them at once if it can.
   * Java reads them from the log.
   */
  dispatchConfirmed(requests: readonly DispatchRequest[]): void {
    const last = requests.at(-1)
    if (last === undefined) return
    if (this.#pending.length - this.#pendingDone + requests.length > maxPendingRequests) this.#dropPending()
    for (const request of requests) this.#pending.push(request)
    this.#acceptedEnd = last.commitLogOffset + last.msgSize
    this.#advance()
  }

  /** Hands a record to the dispatchers, not to listeners: for recovery, before `start`. Settles when they can take the next. */
  async dispatchRecovered(request: DispatchRequest): Promise<void> {
    while (this.#isSaturated()) await this.#pause()
    for (const dispatcher of this.#options.dispatchers) dispatcher.dispatch(request)
  }

  /** Waits until dispatch has caught up, 5 s at most, then stops; a second call does nothing. Answers the bytes left behind. */
  async close(): Promise<number> {
    if (!this.#isStarted) return 0
    await this.#caughtUpWithin(closeTimeoutMs)
    const behindBytes = this.behindBytes()
    this.#isStarted = false
    this.#retryTimer?.cancel()
    if (behindBytes > 0) {
      this.#logger.warn('dispatch did not catch up before the end; the next start does', { behindBytes })
    }
    return behindBytes
  }

  /** Dispatches as far as the dispatchers take it now, and arranges for the rest. */
  #advance(): void {
    if (!this.#isStarted || this.#isReading) return
    if (this.#reputFromOffset < this.#readUntil) {
      this.#isReading = true
      void this.#readBehind()
      return
    }
    while (this.#pendingDone < this.#pending.length) {
      if (this.#isSaturated()) {
        this.#retryTimer ??= this.#runtime.timers.after(retryMs, () => this.#retry())
        return
      }
      this.#dispatch(this.#pending[this.#pendingDone++] as DispatchRequest)
    }
    this.#dropPending()
    for (const listener of this.#idleListeners.splice(0)) listener()
  }

  #retry(): void {
    this.#retryTimer = undefined
    this.#advance()
  }

  /** Dispatches the records that were not handed over, read from the log piece by piece. */
  async #readBehind(): Promise<void> {
    try {
      while (this.#isBehindInLog()) {
        const range = { from: this.#reputFromOffset, end: this.#readUntil }
        const { commitLog, delayLevels } = this.#options
        const { requests, nextOffset } = await readRequests(commitLog, range, { logger: this.#logger, delayLevels })
        for (const request of requests) {
          while (this.#isSaturated()) await this.#pause()
          if (!this.#isBehindInLog()) return
          this.#dispatch(request)
        }
        this.#reputFromOffset = nextOffset
      }
    } catch (cause) {
      this.#logger.error('the commit log cannot be read for dispatch; it is tried again', { cause })
      await this.#pause()
    } finally {
      this.#isReading = false
    }
    this.#advance()
  }

  #dispatch(request: DispatchRequest): void {
    for (const dispatcher of this.#options.dispatchers) dispatcher.dispatch(request)
    this.#reputFromOffset = request.commitLogOffset + request.msgSize
    if (this.#listeners.length > 0 && isQueued(request)) this.#notify(request)
  }

  #notify(request: DispatchRequest): void {
    const arrival = new Arrival(request)
    for (const listener of this.#listeners) {
      try {
        listener(arrival)
      } catch (cause) {
        this.#logger.error('a message-arriving listener threw', { cause })
      }
    }
  }

  /** Forgets the pending records; those that are not dispatched are read from the log when their turn comes. */
  #dropPending(): void {
    if (this.#pendingDone < this.#pending.length) this.#readUntil = this.#acceptedEnd
    this.#pending = []
    this.#pendingDone = 0
  }

  #isCaughtUp(): boolean {
    return this.#reputFromOffset >= this.#readUntil && this.#pending.length === 0
  }

  #isBehindInLog(): boolean {
    return this.#isStarted && this.#reputFromOffset < this.#readUntil
  }

  #isSaturated(): boolean {
    for (const dispatcher of this.#options.dispatchers) if (dispatcher.isSaturated) return true
    return false
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#runtime.timers.after(retryMs, resolve)
    })
  }

  #caughtUpWithin(timeoutMs: number): Promise<void> {
    if (this.#isCaughtUp()) return Promise.resolve()
    return new Promise((resolve) => {
      const timeout = this.#runtime.timers.after(timeoutMs, resolve)
      this.#idleListeners.push(() => {
        timeout.cancel()
        resolve()
      })
    })
  }
}

/** What listeners are told of a record; its properties are decoded only for who asks for them. */
class Arrival implements MessageArrival {
  readonly topic: string
  readonly queueId: number
  readonly maxOffset: number
  readonly tagsCode: number
  readonly storeTimestamp: number
  readonly #request: DispatchRequest

  constructor(request: DispatchRequest) {
    this.topic = request.topic
    this.queueId = request.queueId
    this.maxOffset = request.consumeQueueOffset + 1
    this.tagsCode = request.tagsCode
    this.storeTimestamp = request.storeTimestamp
    this.#request = request
  }

  get properties(): MessageProperties {
    return this.#request.properties
  }
}

function isQueued(request: DispatchRequest): boolean {
  const transaction = transactionValueOf(request.sysFlag)
  return transaction === SystemFlag.TRANSACTION_NOT || transaction === SystemFlag.TRANSACTION_COMMIT
}

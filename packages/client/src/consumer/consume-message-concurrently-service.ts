import { type Clock, type Logger, type MessageQueue, SlotList, type Timer, type Timers } from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { InFlight } from '../producer/in-flight.js'
import type { CachedMessage } from '../rebalance/process-queue.js'
import {
  abortGraceMs,
  type ConsumeMessageService,
  type ConsumeMessageServiceOptions,
  type OwnQueue,
} from './consume-message-service.js'
import { Delivery } from './delivery.js'
import { Fifo } from './fifo.js'
import type { HandlerOutcome } from './handler-call.js'
import { placeOf } from './send-message-back.js'

/** Milliseconds until a message that no broker took back is handed out again here. */
const localRetryDelayMs = 5000
/** Level with which a message is given to others that a handler has held for too long. */
const timeoutDelayLevel = 3
const msPerMinute = 60_000
/** Handlers called, if they do not wait, before sockets and timers get their turn. */
const mostInOneTurn = 64

/** Messages of one queue, to be handed over together. */
interface ConsumeRequest {
  readonly own: OwnQueue
  readonly entries: readonly CachedMessage[]
}

/** A request whose handler runs. */
interface Running {
  readonly request: ConsumeRequest
  readonly delivery: Delivery
  /** Its slot among all that run. */
  slot: number
}

/**
 * Hands messages to as many handlers as may run at the same time, whatever queue they are of. What lies before the first message
 * that is not consumed can be committed. Java: ConsumeMessageConcurrentlyService.
 */
export class ConsumeMessageConcurrentlyService implements ConsumeMessageService {
  readonly #options: ConsumeMessageServiceOptions
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #logger: Logger
  readonly #waiting = new Fifo<ConsumeRequest>()
  readonly #running = new SlotList<Running>()
  readonly #inFlight = new InFlight()
  /** Of requests that are handed out again after a while. */
  readonly #retryTimers = new Map<Timer, ConsumeRequest>()
  #timeoutTimer: Timer | undefined
  #isFillScheduled = false
  #isClosed = false

  constructor(options: ConsumeMessageServiceOptions) {
    const { logger, runtime } = options.config.client
    this.#options = options
    this.#clock = runtime.clock
    this.#timers = runtime.timers
    this.#logger = logger
  }

  start(): void {
    const periodMs = Math.min(msPerMinute, this.#timeoutMs)
    this.#timeoutTimer = this.#timers.every(periodMs, () => this.#expire())
  }

  submit(own: OwnQueue, added: readonly CachedMessage[]): void {
    const { batchSize } = this.#options.listener
    for (let at = 0; at < added.length; at += batchSize) {
      this.#waiting.push({ own, entries: added.slice(at, at + batchSize) })
    }
    this.#fillSoon()
  }

  async close(deadline: Deadline): Promise<void> {
    this.#isClosed = true
    this.#timeoutTimer?.cancel()
    const left = [...this.#waiting.drain(), ...this.#retryTimers.values()]
    for (const timer of this.#retryTimers.keys()) timer.cancel()
    this.#retryTimers.clear()
    const message = (): Error => new Error(`${this.#inFlight.count} handlers have not ended`)
    try {
      await deadline.wait(this.#inFlight.idle(), message)
    } catch (cause) {
      if (deadline.timeoutMs > 0) this.#logger.warn('the consumer closes before all its handlers have ended', { cause })
      await this.#abort()
    }
    await this.#releaseBlocked([...left, ...[...this.#running].map(({ request }) => request)])
  }

  get #timeoutMs(): number {
    return this.#options.config.consumeTimeout * msPerMinute
  }

  /** After this turn has written what it has to write: so a queue's next pull is under way while its messages are handled. */
  #fillSoon(): void {
    if (this.#isFillScheduled) return
    this.#isFillScheduled = true
    this.#timers.turnEnd(() => this.#timers.turnEnd(this.#fillNow))
  }

  readonly #fillNow = (): void => {
    this.#isFillScheduled = false
    this.#fill()
  }

  #fill(): void {
    const { concurrency } = this.#options.listener
    for (let handed = 0; this.#running.size < concurrency; handed++) {
      if (handed === mostInOneTurn) {
        this.#fillSoon()
        return
      }
      const request = this.#waiting.shift()
      if (request === undefined) return
      if (!request.own.processQueue.isDropped) this.#run(request)
    }
  }

  #run(request: ConsumeRequest): void {
    const delivery = this.#delivery(request.own.queue, request.entries)
    const running = { request, delivery, slot: -1 }
    running.slot = this.#running.add(running)
    this.#inFlight.enter()
    const outcome = this.#options.caller.call(delivery)
    const settling =
      outcome instanceof Promise ? outcome.then((late) => this.#settle(running, late)) : this.#settle(running, outcome)
    if (settling === undefined) {
      this.#end(running)
      return
    }
    void settling.then(() => {
      this.#end(running)
      this.#fill()
    })
  }

  #end(running: Running): void {
    this.#running.remove(running.slot)
    this.#inFlight.leave()
  }

  /** Undefined when nothing has to be waited for. Never throws or rejects. */
  #settle(running: Running, outcome: HandlerOutcome): Promise<void> | undefined {
    const { request, delivery } = running
    const { own, entries } = request
    if (own.processQueue.isDropped) {
      this.#logger.warn('a queue left while its messages were consumed, so others get them again', { queue: own.queue })
      return undefined
    }
    const firstFailed = outcome.isConsumed ? Math.min(delivery.ackIndex + 1, entries.length) : 0
    if (firstFailed < entries.length) return this.#settleFailed(running, firstFailed)
    this.#consumed(own, entries)
    return undefined
  }

  async #settleFailed({ request, delivery }: Running, firstFailed: number): Promise<void> {
    // Whoever was told that nobody waits any more leaves its messages uncommitted, for the next consumer.
    if (delivery.isAborted && this.#isClosed) return
    const { own, entries } = request
    await this.#giveBack(own, entries.slice(firstFailed), delivery.delayLevel)
    this.#consumed(own, entries.slice(0, firstFailed))
  }

  #consumed(own: OwnQueue, entries: readonly CachedMessage[]): void {
    for (const entry of entries) own.processQueue.remove(entry)
    this.#commit(own)
  }

  /** Java: processConsumeResult, the part on failures. */
  async #giveBack(own: OwnQueue, failed: readonly CachedMessage[], delayLevel: number): Promise<void> {
    if (this.#options.config.messageModel === 'BROADCASTING') {
      for (const entry of failed) {
        this.#logger.warn('a broadcast message was not consumed and is lost to this member', placeOf(entry.message))
        own.processQueue.remove(entry)
      }
      return
    }
    const kept = await Promise.all(failed.map((entry) => this.#sendBack(own, entry, delayLevel)))
    const again = failed.filter((_, index) => kept[index] === true)
    if (again.length > 0) this.#retryLater({ own, entries: again })
  }

  /** True when the message could be given to nobody and stays here. */
  async #sendBack(own: OwnQueue, entry: CachedMessage, delayLevel: number): Promise<boolean> {
    if (entry.isRemoved) return false
    try {
      await this.#options.sendMessageBack.sendBack(entry, delayLevel)
      own.processQueue.remove(entry)
      return false
    } catch (cause) {
      const place = placeOf(entry.message)
      this.#logger.error('no broker took a message back, so it is consumed again here', { ...place, cause })
      entry.localRetries += 1
      return true
    }
  }

  #retryLater(request: ConsumeRequest): void {
    if (this.#isClosed) return
    const timer = this.#timers.after(
      localRetryDelayMs,
      () => {
        this.#retryTimers.delete(timer)
        this.#waiting.push(request)
        this.#fillSoon()
      },
      { background: true },
    )
    this.#retryTimers.set(timer, request)
  }

  #commit({ queue, processQueue }: OwnQueue): void {
    const offset = processQueue.commitOffset
    if (offset === undefined || processQueue.isDropped) return
    try {
      this.#options.offsetStore.updateOffset(queue, offset, { increaseOnly: true })
    } catch (cause) {
      this.#logger.error('the offset store did not take an offset', { ...queue, offset, cause })
    }
  }

  /** Gives messages to others whose handlers have taken too long. Java: cleanExpireMsg. */
  #expire(): void {
    const nowMs = this.#clock.monotonic()
    for (const running of this.#running) {
      const { delivery, request } = running
      if (delivery.isAborted || nowMs - delivery.startedMs < this.#timeoutMs) continue
      const { consumeTimeout } = this.#options.config
      const reason = new Error(`the handler has not ended within consumeTimeout, ${consumeTimeout} minutes`)
      this.#logger.warn('a handler takes too long, so its message is given to others', { queue: request.own.queue })
      delivery.abort(reason)
      void this.#giveBack(request.own, request.entries, timeoutDelayLevel).then(() => this.#commit(request.own))
    }
  }

  async #abort(): Promise<void> {
    const reason = new Error('the consumer closes and does not wait for the handler any longer')
    for (const { delivery } of this.#running) delivery.abort(reason)
    const { runtime } = this.#options.config.client
    const grace = new Deadline({ runtime, timeoutMs: abortGraceMs })
    try {
      await grace.wait(this.#inFlight.idle(), () => reason)
    } catch {
      // Handlers that do not listen to their signal are left alone; their messages stay uncommitted.
    }
  }

  /**
   * Sends back what nobody has consumed but what lies before messages that were consumed: left in place, it would keep those from
   * being committed, and they would be delivered twice.
   */
  async #releaseBlocked(requests: readonly ConsumeRequest[]): Promise<void> {
    if (this.#options.config.messageModel === 'BROADCASTING') return
    for (const { own } of requests) {
      if (own.processQueue.isDropped) continue
      await Promise.all(own.processQueue.blocking().map((entry) => this.#sendBack(own, entry, 0)))
      this.#commit(own)
    }
  }

  #delivery(source: MessageQueue, entries: readonly CachedMessage[]): Delivery {
    const { namespace } = this.#options.config.client
    return new Delivery({ source, namespace, entries, startedMs: this.#clock.monotonic() })
  }
}

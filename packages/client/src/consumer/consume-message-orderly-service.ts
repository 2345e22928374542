import type { Clock, Logger, MessageQueue, Timer, Timers } from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { InFlight } from '../producer/in-flight.js'
import type { CachedMessage, ProcessQueue } from '../rebalance/process-queue.js'
import type { QueueLocks } from '../rebalance/queue-locks.js'
import {
  abortGraceMs,
  type ConsumeMessageService,
  type ConsumeMessageServiceOptions,
  type OwnQueue,
} from './consume-message-service.js'
import { attemptsOf, Delivery } from './delivery.js'
import { Fifo } from './fifo.js'
import { placeOf } from './send-message-back.js'

/** Milliseconds a queue may keep its place without letting others go first. Java: rocketmq.client.maxTimeConsumeContinuously. */
const maxTimeConsumeContinuouslyMs = 60_000
/** Milliseconds between two renewals of all locks. Java: rocketmq.client.rebalance.lockInterval. */
const lockIntervalMs = 20_000
const firstLockDelayMs = 1000
const pauseMs = 10
const relockDelayMs = 10
const relockDelayAtStartMs = 100
const lockedByOtherDelayMs = 3000
const minSuspendMs = 10
const maxSuspendMs = 30_000
const maxInteger = 2_147_483_647

/**
 * Hands the messages of each queue over one after the other, the next only once the one before is consumed, and only while the
 * broker grants the queue to this member. Java: ConsumeMessageOrderlyService.
 */
export class ConsumeMessageOrderlyService implements ConsumeMessageService {
  readonly #options: ConsumeMessageServiceOptions
  /** Undefined for broadcasting, where every member consumes every queue. */
  readonly #locks: QueueLocks | undefined
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #logger: Logger
  /** Queues being consumed, waiting for their turn, or suspended. */
  readonly #active = new Set<ProcessQueue>()
  readonly #waiting = new Fifo<OwnQueue>()
  readonly #handling = new Map<ProcessQueue, Delivery>()
  readonly #timersSet = new Set<Timer>()
  readonly #inFlight = new InFlight()
  /** Who waits for the handler of a queue to end, so that the queue can be released. */
  readonly #releasing = new Map<ProcessQueue, Array<() => void>>()
  #running = 0
  #lockTimer: Timer | undefined
  #isClosed = false

  constructor(options: ConsumeMessageServiceOptions, locks: QueueLocks | undefined) {
    const { logger, runtime } = options.config.client
    this.#options = options
    this.#locks = locks
    this.#clock = runtime.clock
    this.#timers = runtime.timers
    this.#logger = logger
  }

  start(): void {
    const locks = this.#locks
    if (locks === undefined) return
    const renew = (): void => void locks.lockAll()
    this.#lockTimer = this.#timers.every(lockIntervalMs, renew, { firstDelayMs: firstLockDelayMs })
  }

  submit(own: OwnQueue): void {
    if (this.#active.has(own.processQueue)) return
    this.#active.add(own.processQueue)
    this.#enqueue(own)
  }

  async close(deadline: Deadline): Promise<void> {
    this.#isClosed = true
    this.#lockTimer?.cancel()
    this.#waiting.drain()
    for (const timer of this.#timersSet) timer.cancel()
    this.#timersSet.clear()
    try {
      await deadline.wait(this.#inFlight.idle(), () => new Error(`${this.#inFlight.count} handlers have not ended`))
    } catch (cause) {
      if (deadline.timeoutMs > 0) this.#logger.warn('the consumer closes before all its handlers have ended', { cause })
      await this.#abort()
    }
  }

  /**
   * Waits until no handler works on the queue, at most this long, and tells whether that is so. While somebody waits, what the
   * handler consumed is still remembered as consumed. Java: the consume lock of ProcessQueue.
   */
  async whenIdle(processQueue: ProcessQueue, timeoutMs: number): Promise<boolean> {
    if (!this.#handling.has(processQueue)) return true
    return new Promise((resolve) => {
      const settle = (isIdle: boolean): void => {
        timer.cancel()
        resolve(isIdle)
      }
      const waiter = (): void => settle(true)
      const timer = this.#timers.after(
        timeoutMs,
        () => {
          this.#stopReleasing(processQueue, waiter)
          settle(false)
        },
        { background: true },
      )
      this.#releasing.set(processQueue, [...(this.#releasing.get(processQueue) ?? []), waiter])
    })
  }

  #stopReleasing(processQueue: ProcessQueue, waiter: () => void): void {
    const left = (this.#releasing.get(processQueue) ?? []).filter((other) => other !== waiter)
    if (left.length === 0) this.#releasing.delete(processQueue)
    else this.#releasing.set(processQueue, left)
  }

  #enqueue(own: OwnQueue): void {
    if (this.#isClosed) return
    this.#waiting.push(own)
    this.#fill()
  }

  #fill(): void {
    while (this.#running < this.#options.listener.concurrency) {
      const own = this.#waiting.shift()
      if (own === undefined) return
      this.#running += 1
      void this.#consume(own).finally(() => {
        this.#running -= 1
        this.#fill()
      })
    }
  }

  #later(delayMs: number, task: () => void): void {
    if (this.#isClosed) return
    const timer = this.#timers.after(
      delayMs,
      () => {
        this.#timersSet.delete(timer)
        task()
      },
      { background: true },
    )
    this.#timersSet.add(timer)
  }

  /** Consumes a queue until it is empty, gone, suspended, or had its turn. Never rejects. */
  async #consume(own: OwnQueue): Promise<void> {
    const { processQueue, queue } = own
    const startedMs = this.#clock.monotonic()
    for (let isFirst = true; !this.#isClosed; isFirst = false) {
      if (processQueue.isDropped) break
      if (!this.#isGranted(processQueue)) {
        this.#later(isFirst ? relockDelayAtStartMs : relockDelayMs, () => void this.#relock(own))
        return
      }
      if (this.#clock.monotonic() - startedMs > maxTimeConsumeContinuouslyMs) {
        this.#later(pauseMs, () => this.#enqueue(own))
        return
      }
      const entries = processQueue.take(this.#options.listener.batchSize)
      if (entries.length === 0) break
      try {
        const suspendMs = await this.#handle(own, entries)
        if (suspendMs !== undefined) {
          this.#later(suspendMs, () => this.#enqueue(own))
          return
        }
      } catch (cause) {
        this.#logger.error('what a handler left could not be dealt with', { queue, cause })
        processQueue.giveBack()
        this.#later(this.#options.config.suspendCurrentQueueTimeMillis, () => this.#enqueue(own))
        return
      }
    }
    this.#active.delete(processQueue)
  }

  #isGranted(processQueue: ProcessQueue): boolean {
    return this.#locks === undefined || (processQueue.isLocked && !processQueue.isLockExpired)
  }

  /** Java: tryLockLaterAndReconsume. */
  async #relock(own: OwnQueue): Promise<void> {
    if (own.processQueue.isDropped) {
      this.#active.delete(own.processQueue)
      return
    }
    const isLocked = (await this.#locks?.lock(own.queue)) ?? true
    this.#later(isLocked ? pauseMs : lockedByOtherDelayMs, () => this.#enqueue(own))
  }

  /** Calls the handler; returns the milliseconds to suspend the queue for when the messages are to come again. */
  async #handle(own: OwnQueue, entries: readonly CachedMessage[]): Promise<number | undefined> {
    const { processQueue, queue } = own
    const delivery = this.#delivery(queue, entries)
    this.#handling.set(processQueue, delivery)
    this.#inFlight.enter()
    try {
      const { isConsumed } = await this.#options.caller.call(delivery)
      if (!isConsumed && (await this.#mustComeAgain(entries))) {
        processQueue.giveBack()
        const suspendMs = delivery.suspendMs ?? this.#options.config.suspendCurrentQueueTimeMillis
        return Math.min(maxSuspendMs, Math.max(minSuspendMs, suspendMs))
      }
      this.#commit(own)
      return undefined
    } finally {
      this.#handling.delete(processQueue)
      for (const tell of this.#releasing.get(processQueue) ?? []) tell()
      this.#releasing.delete(processQueue)
      this.#inFlight.leave()
    }
  }

  #commit({ queue, processQueue }: OwnQueue): void {
    const offset = processQueue.commitTaken()
    if (offset === undefined) return
    if (processQueue.isDropped && !this.#releasing.has(processQueue)) return
    this.#options.offsetStore.updateOffset(queue, offset)
  }

  /** Whether some message has deliveries left; those without go to the retry topic. Java: checkReconsumeTimes. */
  async #mustComeAgain(entries: readonly CachedMessage[]): Promise<boolean> {
    const { config, sendMessageBack } = this.#options
    const max = config.maxReconsumeTimes === -1 ? maxInteger : config.maxReconsumeTimes
    let mustCome = false
    for (const entry of entries) {
      if (attemptsOf(entry) >= max) {
        try {
          await sendMessageBack.sendToRetryTopic(entry, max)
          continue
        } catch (cause) {
          const place = placeOf(entry.message)
          this.#logger.error('a message could not be given up, so its queue waits on', { ...place, cause })
        }
      }
      mustCome = true
      entry.localRetries += 1
    }
    return mustCome
  }

  async #abort(): Promise<void> {
    const reason = new Error('the consumer closes and does not wait for the handler any longer')
    for (const delivery of this.#handling.values()) delivery.abort(reason)
    const grace = new Deadline({ runtime: this.#options.config.client.runtime, timeoutMs: abortGraceMs })
    try {
      await grace.wait(this.#inFlight.idle(), () => reason)
    } catch {
      // Handlers that do not listen to their signal are left alone; their messages stay uncommitted.
    }
  }

  #delivery(source: MessageQueue, entries: readonly CachedMessage[]): Delivery {
    const { namespace } = this.#options.config.client
    return new Delivery({ source, namespace, entries, startedMs: this.#clock.monotonic() })
  }
}

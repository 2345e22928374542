import type { Clock, Logger, Timer, Timers } from '@mq/remoting'
import type { MQConsumerInner } from '../consumer/mq-consumer-inner.js'

/** Milliseconds between two rounds while everything is balanced. Java: rocketmq.client.rebalance.waitInterval. */
const waitIntervalMs = 20_000
/** Milliseconds between two rounds at least, and after one that left something to do. Java: …rebalance.minInterval. */
const minIntervalMs = 1000

/** What {@link RebalanceService} is made with. */
export interface RebalanceServiceOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  /** The consumers registered now. */
  consumers(): Iterable<MQConsumerInner>
}

/**
 * Lets every consumer rebalance: every 20 s, 1 s after a round that could not be finished, and soon when something changed, but
 * never twice within a second. Idle without consumers. Java: RebalanceService.
 */
export class RebalanceService {
  readonly #options: RebalanceServiceOptions
  #timer: Timer | undefined
  #dueMs = 0
  #round: Promise<void> | undefined
  #lastRoundMs = Number.NEGATIVE_INFINITY
  #isRunning = false

  constructor(options: RebalanceServiceOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#schedule(waitIntervalMs)
  }

  /** Stops, once the round under way has ended. */
  async shutdown(): Promise<void> {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timer = undefined
    await this.#round
  }

  /** Rebalances now, or as soon as the round before is a second ago. Java: rebalanceImmediately. */
  wakeup(): void {
    this.wakeupAfter(0)
  }

  /** Rebalances after this many milliseconds, unless a round is due sooner. Java: rebalanceLater. */
  wakeupAfter(delayMs: number): void {
    if (!this.#isRunning) return
    const sinceLastMs = this.#options.clock.monotonic() - this.#lastRoundMs
    this.#schedule(Math.max(delayMs, minIntervalMs - sinceLastMs))
  }

  /** Keeps the sooner of two times. */
  #schedule(delayMs: number): void {
    const dueMs = this.#options.clock.monotonic() + delayMs
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return
    this.#timer?.cancel()
    this.#dueMs = dueMs
    this.#timer = this.#options.timers.after(delayMs, () => this.#begin(), { background: true })
  }

  #begin(): void {
    this.#timer = undefined
    if (this.#round !== undefined) {
      this.#schedule(minIntervalMs)
      return
    }
    this.#round = this.#run().finally(() => {
      this.#round = undefined
    })
  }

  async #run(): Promise<void> {
    this.#lastRoundMs = this.#options.clock.monotonic()
    let isBalanced = true
    for (const consumer of this.#options.consumers()) {
      try {
        if (!(await consumer.doRebalance())) isBalanced = false
      } catch (cause) {
        isBalanced = false
        this.#options.logger.error('a consumer could not rebalance', { cause })
      }
    }
    this.#lastRoundMs = this.#options.clock.monotonic()
    if (this.#isRunning) this.#schedule(isBalanced ? waitIntervalMs : minIntervalMs)
  }
}

import type { Logger, Timer, Timers } from '@mq/remoting'
import type { MQConsumerInner } from '../consumer/mq-consumer-inner.js'

const waitIntervalMs = 20_000

/** What {@link RebalanceService} is made with. */
export interface RebalanceServiceOptions {
  readonly timers: Timers
  readonly logger: Logger
  /** The consumers registered now. */
  consumers(): Iterable<MQConsumerInner>
}

/**
 * Lets every consumer rebalance every 20 s, and at once when something changed; a wake-up during a round is answered by another
 * round. Idle without consumers. Java: RebalanceService.
 */
export class RebalanceService {
  readonly #options: RebalanceServiceOptions
  #timer: Timer | undefined
  #round: Promise<void> | undefined
  #isWokenUp = false

  constructor(options: RebalanceServiceOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer ??= this.#options.timers.every(waitIntervalMs, () => this.wakeup())
  }

  /** Stops, once the round under way has ended. */
  async shutdown(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#isWokenUp = false
    await this.#round
  }

  /** Rebalances now. Java: rebalanceImmediately. */
  wakeup(): void {
    if (this.#timer === undefined) return
    this.#isWokenUp = true
    this.#round ??= this.#run().finally(() => {
      this.#round = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#isWokenUp) {
      this.#isWokenUp = false
      for (const consumer of this.#options.consumers()) {
        try {
          await consumer.doRebalance()
        } catch (cause) {
          this.#options.logger.error('a consumer could not rebalance', { cause })
        }
      }
    }
  }
}

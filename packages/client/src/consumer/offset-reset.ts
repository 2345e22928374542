import type { Logger, QueueOffset, Runtime, Timer } from '@mq/remoting'
import type { OffsetStore } from '../offsets/offset-store.js'
import { QueueMap } from '../rebalance/queue-map.js'
import type { Rebalance } from '../rebalance/rebalance.js'

/** Milliseconds handlers get to end before the offsets change under them. */
const resetDelayMs = 10_000

/** What {@link OffsetReset} is made with. */
export interface OffsetResetOptions {
  readonly runtime: Runtime
  readonly logger: Logger
  readonly rebalance: Rebalance
  readonly offsetStore: OffsetStore
  /** Called after each reset: the queues have to be taken anew. */
  readonly onEnd: () => void
}

/** Makes a consumer go to other offsets while it runs. Java: MQClientInstance#resetOffset. */
export class OffsetReset {
  readonly #options: OffsetResetOptions
  #last: Promise<void> = Promise.resolve()
  #pending = 0
  #timer: Timer | undefined
  #endWait: (() => void) | undefined
  #isCancelled = false

  constructor(options: OffsetResetOptions) {
    this.#options = options
  }

  /** Whether pulls and rebalancing have to wait. */
  get isResetting(): boolean {
    return this.#pending > 0
  }

  /** Drops the queues, waits 10 s, saves the new offsets and lets the queues go; one reset at a time. Never rejects. */
  reset(topic: string, offsets: readonly QueueOffset[]): Promise<void> {
    this.#pending += 1
    this.#last = this.#last.then(() => this.#run(topic, offsets))
    return this.#last
  }

  /** Ends the wait of the reset under way, which then changes nothing. */
  cancel(): void {
    this.#isCancelled = true
    this.#timer?.cancel()
    this.#endWait?.()
  }

  async #run(topic: string, offsets: readonly QueueOffset[]): Promise<void> {
    const { rebalance, offsetStore, logger, onEnd } = this.#options
    const wanted = new QueueMap(offsets.map(({ messageQueue, offset }) => [messageQueue, offset] as const))
    const mine = [...rebalance.processQueues.keys()].filter((queue) => queue.topic === topic && wanted.has(queue))
    try {
      for (const queue of mine) {
        const processQueue = rebalance.processQueues.get(queue)
        processQueue?.drop()
        processQueue?.clear()
      }
      if (mine.length > 0 && !this.#isCancelled) await this.#wait()
      for (const queue of mine) {
        if (this.#isCancelled) return
        offsetStore.updateOffset(queue, wanted.get(queue) as number)
        await rebalance.removeProcessQueue(queue)
      }
    } catch (cause) {
      logger.error('the offsets of a topic could not be reset', { topic, cause })
    } finally {
      this.#pending -= 1
      if (!this.#isCancelled) onEnd()
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#endWait = resolve
      this.#timer = this.#options.runtime.timers.after(resetDelayMs, resolve, { background: true })
    })
  }
}

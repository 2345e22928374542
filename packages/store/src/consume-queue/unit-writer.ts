import type { Timers } from '@mq/remoting'
import type { ConsumeQueue } from './consume-queue.js'

/** When units are written, and who hears of a failure. */
export interface UnitWriterOptions {
  readonly timers: Timers
  /** A write that nobody waited for failed. */
  onFailed(cause: unknown): void
}

/** ms in which units are gathered before they are handed to the kernel: they are readable, and can be built again, all the time. */
const gatherMs = 100

/** Units in memory only, over all queues, at which they are written at once. */
const maxPendingUnits = 16_384

/**
 * Knows which queues have units that are not written, or not durable, and writes them together: one write a queue for the units of many
 * turns.
 */
export class UnitWriter {
  readonly #options: UnitWriterOptions
  /** Queues with units in memory only. */
  #unwritten: ConsumeQueue[] = []
  /** Queues with units that are written but not durable. */
  readonly #dirty = new Set<ConsumeQueue>()
  readonly #heldTopics = new Set<string>()
  #pendingUnits = 0
  #isScheduled = false

  constructor(options: UnitWriterOptions) {
    this.#options = options
  }

  /** Whether units of some topic are kept in memory whatever happens. */
  get holdsUnits(): boolean {
    return this.#heldTopics.size > 0
  }

  /** A unit was put into a queue: it is written soon. */
  added(queue: ConsumeQueue): void {
    if (queue.pendingUnits === 1) this.#unwritten.push(queue)
    this.#pendingUnits++
    if (this.#pendingUnits >= maxPendingUnits) {
      this.#writeInBackground()
    } else if (!this.#isScheduled) {
      this.#isScheduled = true
      this.#options.timers.after(gatherMs, () => this.#writeInBackground(), { background: true })
    }
  }

  /** A queue has units in its files that may not be durable. */
  markDirty(queue: ConsumeQueue): void {
    this.#dirty.add(queue)
  }

  /**
   * Writes all units; answers the queues that are not durable, and forgets them.
   * @throws StoreWriteError if a write fails.
   */
  takeDirtyQueues(): readonly ConsumeQueue[] {
    this.#write()
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    return dirty
  }

  /** Forgets queues that are going to be deleted, and writes no units of their topic before `releaseTopic`. */
  holdTopic(topic: string, deleted: Iterable<ConsumeQueue>): void {
    this.#heldTopics.add(topic)
    this.#unwritten = this.#unwritten.filter((queue) => queue.topic !== topic)
    for (const queue of deleted) this.#dirty.delete(queue)
  }

  /** Units of the topic may be written again. */
  releaseTopic(topic: string): void {
    this.#heldTopics.delete(topic)
  }

  #writeInBackground(): void {
    this.#isScheduled = false
    try {
      this.#write()
    } catch (cause) {
      this.#options.onFailed(cause)
    }
  }

  #write(): void {
    this.#pendingUnits = 0
    const queues = this.#unwritten
    this.#unwritten = queues.filter((queue) => this.#heldTopics.has(queue.topic))
    for (const queue of queues) {
      if (this.#heldTopics.has(queue.topic)) continue
      queue.writePending()
      this.#dirty.add(queue)
    }
  }
}

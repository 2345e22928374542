import type { Clock, Timer, Timers } from '@mq/remoting'
import type { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { ConsumeQueue } from './consume-queue.js'

/** What is flushed. */
interface FlushTarget {
  /** Store time of the newest record that has a unit. */
  dispatchedTimestamp(): number
  /** Hands every unit to the kernel; answers the queues that are not durable. They come again only when put back or dirtied. */
  takeDirtyQueues(): readonly ConsumeQueue[]
  putBack(queue: ConsumeQueue): void
  /** Makes new names in these queue directories durable. */
  syncDirectories(directories: ReadonlySet<string>): Promise<void>
}

/** How often, and what. */
export interface FlushConsumeQueueOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly checkpoint: StoreCheckpoint
  readonly flushIntervalConsumeQueue: number
  readonly flushConsumeQueueLeastPages: number
  readonly flushConsumeQueueThoroughInterval: number
  readonly target: FlushTarget
  /** A write or a sync failed; nothing is flushed any more. */
  onFailed(cause: unknown): void
}

/** Dirty queues up to which every round takes them all: it costs little and keeps the checkpoint close. */
const fewQueues = 16

/** Syncs that run at once: they share the journal's commits, and leave threads to the syncs of the log. */
const parallelSyncs = 3

/**
 * Makes consume queues durable in the background, a few at a time, and moves the checkpoint over what is durable.
 *
 * `checkpoint.logicsMsgTimestamp` never covers a unit that is not synced (Java's may: it is set at dispatch).
 * Java: ConsumeQueueStore.FlushConsumeQueueService.
 */
export class FlushConsumeQueueService {
  readonly #options: FlushConsumeQueueOptions
  #timer: Timer | undefined
  #rounds: Promise<void> = Promise.resolve()
  #waitingRounds = 0
  #lastThoroughAt: number
  #hasFailed = false

  constructor(options: FlushConsumeQueueOptions) {
    this.#options = options
    this.#lastThoroughAt = options.clock.monotonic()
  }

  start(): void {
    this.#timer ??= this.#options.timers.every(this.#options.flushIntervalConsumeQueue, () => {
      if (this.#waitingRounds === 0) void this.flush('when due')
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Runs one round after those that run already; never rejects, failures go to `onFailed`. */
  flush(extent: 'everything' | 'when due'): Promise<void> {
    return this.pausedWhile(() => this.#round(extent))
  }

  /** Runs `action` while no round runs. @throws what the action throws. */
  pausedWhile(action: () => Promise<void>): Promise<void> {
    this.#waitingRounds++
    const run = this.#rounds.then(action).finally(() => {
      this.#waitingRounds--
    })
    this.#rounds = run.catch(() => {
      // The caller of this run is told; the next run starts all the same.
    })
    return run
  }

  async #round(extent: 'everything' | 'when due'): Promise<void> {
    if (this.#hasFailed) return
    try {
      await this.#flush(extent)
    } catch (cause) {
      this.#hasFailed = true
      this.#options.onFailed(cause)
    }
  }

  async #flush(extent: 'everything' | 'when due'): Promise<void> {
    const { checkpoint, clock, flushConsumeQueueThoroughInterval, flushConsumeQueueLeastPages, target } = this.#options
    const dispatchedTimestamp = target.dispatchedTimestamp()
    const queues = target.takeDirtyQueues()
    const isDue = clock.monotonic() - this.#lastThoroughAt >= flushConsumeQueueThoroughInterval
    const isThorough = extent === 'everything' || isDue || queues.length <= fewQueues
    const directories = new Set<string>()
    const rest = queues.values()
    const workers = Array.from({ length: parallelSyncs }, async () => {
      for (const queue of rest) {
        await queue.flush(isThorough ? 0 : flushConsumeQueueLeastPages, directories)
        if (queue.isDirty) target.putBack(queue)
      }
    })
    await Promise.all(workers)
    await target.syncDirectories(directories)
    if (!isThorough) return
    this.#lastThoroughAt = clock.monotonic()
    if (dispatchedTimestamp <= checkpoint.logicsMsgTimestamp) return
    checkpoint.logicsMsgTimestamp = dispatchedTimestamp
    await checkpoint.flush()
  }
}

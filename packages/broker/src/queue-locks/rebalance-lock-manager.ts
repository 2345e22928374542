import type { Clock, Logger, MessageQueue, Timer, Timers } from '@mq/remoting'

/** Milliseconds a lock lives without being taken again. Java: rocketmq.broker.rebalance.lockMaxLiveTime. */
const LOCK_MAX_LIVE_MS = 60_000

/** What a RebalanceLockManager works with. */
export interface RebalanceLockManagerOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  /** Locks kept at once; a queue that is not locked yet is not locked while there are so many. */
  readonly maxLocks: number
}

/** The queues a client asks for, or gives back. */
export interface QueueLockClaim {
  readonly consumerGroup: string
  readonly clientId: string
  readonly mqSet: readonly MessageQueue[]
}

interface QueueLock {
  clientId: string
  /** Monotonic milliseconds: setting the clock of the machine frees nothing. */
  lastUpdateMs: number
}

/**
 * Which client of a group consumes a queue in order: at most one, for {@link LOCK_MAX_LIVE_MS} after it last asked. In memory
 * only: after a restart every queue is free, and the client that had it asks first. Java: RebalanceLockManager.
 */
export class RebalanceLockManager {
  readonly #options: RebalanceLockManagerOptions
  readonly #groups = new Map<string, Map<string, QueueLock>>()
  readonly #sweep: Timer
  #size = 0

  constructor(options: RebalanceLockManagerOptions) {
    this.#options = options
    this.#sweep = options.timers.every(LOCK_MAX_LIVE_MS, () => this.#forgetExpired())
  }

  /** Locks kept, expired ones included until they are forgotten. */
  get size(): number {
    return this.#size
  }

  /** Whether nobody of the group consumes in order. */
  isLockAllExpired(consumerGroup: string): boolean {
    const locks = this.#groups.get(consumerGroup)
    if (locks === undefined) return true
    return [...locks.values()].every((lock) => this.#isExpired(lock))
  }

  /** Locks what is free, expired or the client's own already, and answers those queues. */
  tryLockBatch(claim: QueueLockClaim): MessageQueue[] {
    return claim.mqSet.filter((queue) => this.#tryLock(claim, queue))
  }

  #tryLock({ consumerGroup, clientId }: QueueLockClaim, queue: MessageQueue): boolean {
    const { clock, logger } = this.#options
    const locks = this.#groups.get(consumerGroup)
    const lock = locks?.get(keyOf(queue))
    if (lock === undefined) return this.#add(consumerGroup, queue, { clientId, lastUpdateMs: clock.monotonic() })
    if (lock.clientId !== clientId) {
      if (!this.#isExpired(lock)) return false
      logger.warn('a queue whose lock expired goes to another client', { consumerGroup, queue, from: lock.clientId })
      lock.clientId = clientId
    }
    lock.lastUpdateMs = clock.monotonic()
    return true
  }

  #add(consumerGroup: string, queue: MessageQueue, lock: QueueLock): boolean {
    const { maxLocks, logger } = this.#options
    if (this.#size >= maxLocks) {
      logger.warn('a queue is not locked: the broker keeps as many locks as it may', { consumerGroup, queue, maxLocks })
      return false
    }
    const locks = this.#groups.get(consumerGroup) ?? new Map<string, QueueLock>()
    this.#groups.set(consumerGroup, locks)
    locks.set(keyOf(queue), lock)
    this.#size++
    return true
  }

  /** Frees the queues that the client itself has locked. */
  unlockBatch({ consumerGroup, clientId, mqSet }: QueueLockClaim): void {
    const locks = this.#groups.get(consumerGroup)
    if (locks === undefined) return
    for (const queue of mqSet) {
      const key = keyOf(queue)
      if (locks.get(key)?.clientId !== clientId) continue
      locks.delete(key)
      this.#size--
    }
    if (locks.size === 0) this.#groups.delete(consumerGroup)
  }

  #isExpired({ lastUpdateMs }: QueueLock): boolean {
    return this.#options.clock.monotonic() - lastUpdateMs > LOCK_MAX_LIVE_MS
  }

  #forgetExpired(): void {
    for (const [group, locks] of this.#groups) {
      for (const [key, lock] of locks) {
        if (!this.#isExpired(lock)) continue
        locks.delete(key)
        this.#size--
      }
      if (locks.size === 0) this.#groups.delete(group)
    }
  }

  /** Stops forgetting. */
  close(): void {
    this.#sweep.cancel()
  }
}

/** Queues are told apart by what the client sent, its broker name included; no name holds a line break. */
function keyOf({ topic, brokerName, queueId }: MessageQueue): string {
  return `${queueId}\n${brokerName}\n${topic}`
}

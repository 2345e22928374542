import { type MessageProperties, PropertyName, type Timer, type Timers } from '@mq/remoting'
import type { PutMessageStatus } from '../message-store.js'
import type { MessageStoreConfig } from '../message-store-options.js'

/** How a wait for replicas ended. */
export type ReplicaOutcome = Extract<PutMessageStatus, 'PUT_OK' | 'FLUSH_SLAVE_TIMEOUT'>

/**
 * Decides what a put waits for on the side of the replicas. No slave can connect yet, so a put that needs one ends with
 * FLUSH_SLAVE_TIMEOUT when `slaveTimeout` is over; its message stays stored. Java: DefaultHAService, CommitLog#handleHA.
 */
export class HAService {
  readonly #config: MessageStoreConfig
  readonly #timers: Timers
  readonly #waiting = new Map<Timer, (outcome: ReplicaOutcome) => void>()

  constructor(config: MessageStoreConfig, timers: Timers) {
    this.#config = config
    this.#timers = timers
  }

  /**
   * Replicas, this one included, that must have a message; 1 means that nothing is waited for, which is so for a SYNC_MASTER with the
   * default `inSyncReplicas` too.
   */
  needAckNums(properties: MessageProperties): number {
    const needsHandling = this.#config.brokerRole === 'SYNC_MASTER' && isWaitStoreMsgOK(properties)
    return needsHandling ? this.#config.inSyncReplicas : 1
  }

  /** Puts that wait for replicas. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Calls back when enough replicas have a message, the time is over, or the service is closed. */
  waitForReplicas(onComplete: (outcome: ReplicaOutcome) => void): void {
    const timer = this.#timers.after(
      this.#config.slaveTimeout,
      () => {
        this.#waiting.delete(timer)
        onComplete('FLUSH_SLAVE_TIMEOUT')
      },
      { background: true },
    )
    this.#waiting.set(timer, onComplete)
  }

  /** Ends every wait at once. */
  close(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [timer, onComplete] of waiting) {
      timer.cancel()
      onComplete('FLUSH_SLAVE_TIMEOUT')
    }
  }
}

/** Whether the sender wants the answer only when flush and replicas are done: property WAIT absent or `true`. */
export function isWaitStoreMsgOK(properties: MessageProperties): boolean {
  const wait = properties.get(PropertyName.WAIT)
  return wait === undefined || wait.toLowerCase() === 'true'
}

import { type MessageProperties, PropertyName, type Timers } from '@mq/remoting'
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

  /** Calls back when enough replicas have a message, or the time is over. */
  waitForReplicas(onComplete: (outcome: ReplicaOutcome) => void): void {
    this.#timers.after(this.#config.slaveTimeout, () => onComplete('FLUSH_SLAVE_TIMEOUT'), { background: true })
  }
}

/** Whether the sender wants the answer only when flush and replicas are done: property WAIT absent or `true`. */
export function isWaitStoreMsgOK(properties: MessageProperties): boolean {
  const wait = properties.get(PropertyName.WAIT)
  return wait === undefined || wait.toLowerCase() === 'true'
}

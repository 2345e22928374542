import {
  createRequest,
  decodeLockBatchResponse,
  encodeQueueLockRequest,
  LockBatchMQ,
  type MessageQueue,
  UnlockBatchMQ,
} from '@mq/remoting'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { brokerVIPChannel } from '../instance/vip-channel.js'
import type { ProcessQueue } from './process-queue.js'
import { QueueMap } from './queue-map.js'

/** Milliseconds a lock or its return may take. */
const lockTimeoutMs = 1000

/** What {@link QueueLocks} is made with. */
export interface QueueLocksOptions {
  readonly instance: MQClientInstance
  /** Within the namespace. */
  readonly consumerGroup: string
  /** The queues of this member. */
  readonly processQueues: QueueMap<ProcessQueue>
}

/**
 * The locks at brokers that make one member of a group the only one to consume a queue in order. A lock lives 60 s at the broker
 * and is renewed every 20 s; a member that could not renew its own for 30 s stops. Java: lock, lockAll, unlock of RebalanceImpl.
 */
export class QueueLocks {
  readonly #options: QueueLocksOptions

  constructor(options: QueueLocksOptions) {
    this.#options = options
  }

  /** Locks one queue; false when another member holds it, or the broker cannot be asked. */
  async lock(queue: MessageQueue): Promise<boolean> {
    const locked = await this.#lockAt(this.#brokerOf(queue), [queue])
    const isLocked = locked?.has(queue) === true
    if (isLocked) this.#options.processQueues.get(queue)?.setLocked()
    return isLocked
  }

  /** Renews the locks of all queues, one request a broker; a queue that is not granted any more is marked. */
  async lockAll(): Promise<void> {
    await Promise.all([...this.#byBroker()].map(([brokerName, queues]) => this.#renew(brokerName, queues)))
  }

  /** Gives one queue back without waiting for an answer. */
  async unlock(queue: MessageQueue): Promise<void> {
    const address = this.#options.instance.routes.brokers.masterOf(this.#brokerOf(queue))
    if (address === undefined) return
    const { remoting } = this.#options.instance
    const request = createRequest(UnlockBatchMQ, {}, { body: this.#body([queue]) })
    try {
      await remoting.invokeOneway(address, request, { timeoutMs: lockTimeoutMs })
    } catch (cause) {
      this.#warn('a queue could not be unlocked', { queue, cause })
    }
  }

  /** Gives all queues back, and waits for the answers. Never rejects. */
  async unlockAll(): Promise<void> {
    await Promise.all(
      [...this.#byBroker()].map(async ([brokerName, queues]) => {
        const address = this.#address(brokerName)
        if (address === undefined) return
        try {
          const options = { timeoutMs: lockTimeoutMs, body: this.#body(queues) }
          await this.#options.instance.remoting.invoke(address, UnlockBatchMQ, {}, options)
          for (const queue of queues) this.#options.processQueues.get(queue)?.setUnlocked()
        } catch (cause) {
          this.#warn('queues could not be unlocked', { brokerName, cause })
        }
      }),
    )
  }

  async #renew(brokerName: string, queues: readonly MessageQueue[]): Promise<void> {
    const locked = await this.#lockAt(brokerName, queues)
    if (locked === undefined) return
    for (const queue of queues) {
      const processQueue = this.#options.processQueues.get(queue)
      if (locked.has(queue)) {
        processQueue?.setLocked()
        continue
      }
      processQueue?.setUnlocked()
      this.#warn('the lock of a queue was not renewed: another member may have it', { queue })
    }
  }

  /** The queues among these that are locked now; undefined when the broker cannot be asked. */
  async #lockAt(brokerName: string, queues: readonly MessageQueue[]): Promise<QueueMap<true> | undefined> {
    const address = this.#address(brokerName)
    if (address === undefined) return undefined
    try {
      const options = { timeoutMs: lockTimeoutMs, body: this.#body(queues) }
      const { body } = await this.#options.instance.remoting.invoke(address, LockBatchMQ, {}, options)
      const granted = body === undefined ? [] : decodeLockBatchResponse(body).lockOKMQSet
      return new QueueMap(granted.map((queue) => [queue, true] as const))
    } catch (cause) {
      this.#warn('queues could not be locked', { brokerName, cause })
      return undefined
    }
  }

  #byBroker(): Map<string, MessageQueue[]> {
    const byBroker = new Map<string, MessageQueue[]>()
    for (const [queue, processQueue] of this.#options.processQueues) {
      if (processQueue.isDropped) continue
      const brokerName = this.#brokerOf(queue)
      const queues = byBroker.get(brokerName)
      if (queues === undefined) byBroker.set(brokerName, [queue])
      else queues.push(queue)
    }
    return byBroker
  }

  #brokerOf(queue: MessageQueue): string {
    return this.#options.instance.routes.brokerNameOf(queue)
  }

  #address(brokerName: string): string | undefined {
    const { config, routes } = this.#options.instance
    const address = routes.brokers.masterOf(brokerName)
    return address !== undefined && config.vipChannelEnabled ? brokerVIPChannel(address) : address
  }

  #body(mqSet: readonly MessageQueue[]): Buffer {
    const { consumerGroup, instance } = this.#options
    return encodeQueueLockRequest({ consumerGroup, clientId: instance.config.clientId, mqSet, onlyThisBroker: false })
  }

  #warn(message: string, fields: Record<string, unknown>): void {
    const { consumerGroup, instance } = this.#options
    instance.config.logger.warn(message, { consumerGroup, ...fields })
  }
}

import type { Logger, MessageQueue } from '@mq/remoting'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import type { MQAdmin } from '../producer/mq-admin.js'
import type { GroupMembers } from '../rebalance/consumer-ids.js'
import type { ProcessQueue } from '../rebalance/process-queue.js'
import type { QueueLocks } from '../rebalance/queue-locks.js'
import type { QueueShare, Rebalance, RebalanceListener } from '../rebalance/rebalance.js'
import { computePullFromWhere } from '../rebalance/start-offset.js'
import type { ConsumeMessageOrderlyService } from './consume-message-orderly-service.js'
import type { PullMessageService } from './pull-message-service.js'
import type { PushConsumerConfig } from './push-consumer-options.js'

/** Milliseconds a handler gets to end before its queue is released, a round at a time. */
const releaseWaitMs = 500
/** Milliseconds after the last lock from when a queue is released even while a handler works. Java: rocketmq.client.unlockDelayTimeMills. */
const unlockDelayMs = 20_000

/** What makes a queue this member's alone. */
export interface OrderedParts {
  readonly locks: QueueLocks
  readonly consume: ConsumeMessageOrderlyService
}

/** What {@link PushRebalance} is made with. */
export interface PushRebalanceOptions {
  readonly config: PushConsumerConfig
  readonly instance: MQClientInstance
  readonly offsetStore: OffsetStore
  readonly admin: MQAdmin
  /** Whether the group consumes in order and shares its messages, so that queues have to be locked. */
  readonly needsLocks: boolean
  /** The parts that are made after this one. */
  parts(): { rebalance: Rebalance; pulls: PullMessageService; ordered: OrderedParts | undefined }
  onShareChanged(topic: string, share: QueueShare): void
  onMembers(members: GroupMembers): void
}

/** What a push consumer does when queues come and go. Java: RebalancePushImpl. */
export class PushRebalance implements RebalanceListener {
  readonly acquire: RebalanceListener['acquire']
  readonly #options: PushRebalanceOptions
  readonly #logger: Logger

  constructor(options: PushRebalanceOptions) {
    this.#options = options
    this.#logger = options.config.client.logger
    if (options.needsLocks) this.acquire = (queue) => this.#lock(queue)
  }

  async computePullFromWhere(queue: MessageQueue): Promise<number | undefined> {
    this.#options.offsetStore.removeOffset(queue)
    return this.startOf(queue)
  }

  /** Where the group is in a queue, or is to begin. */
  startOf(queue: MessageQueue): Promise<number | undefined> {
    const { admin, config, offsetStore } = this.#options
    const { consumeFromWhere, consumeTimestamp } = config
    return computePullFromWhere(queue, {
      offsetStore,
      bounds: admin,
      consumeFromWhere,
      consumeTimestamp,
      readType: 'READ_FROM_STORE',
      logger: this.#logger,
    })
  }

  queueAdded(queue: MessageQueue, processQueue: ProcessQueue, nextOffset: number): void {
    this.#options.parts().pulls.begin({ queue, processQueue }, nextOffset)
  }

  async release(queue: MessageQueue, processQueue: ProcessQueue): Promise<boolean> {
    const { offsetStore } = this.#options
    const { ordered } = this.#options.parts()
    await offsetStore.persist(queue)
    if (ordered === undefined) {
      offsetStore.removeOffset(queue)
      return true
    }
    const isOverdue = processQueue.isDropped && processQueue.sinceLastLockMs > unlockDelayMs
    if (!isOverdue && !(await ordered.consume.whenIdle(processQueue, releaseWaitMs))) {
      processQueue.tryUnlockTimes += 1
      return false
    }
    await offsetStore.persist(queue)
    offsetStore.removeOffset(queue)
    processQueue.setUnlocked()
    await ordered.locks.unlock(queue)
    return true
  }

  messageQueueChanged(topic: string, share: QueueShare): void {
    const { config, instance } = this.#options
    const { subscriptions } = this.#options.parts().rebalance
    const subscription = subscriptions.get(topic)
    if (subscription !== undefined) {
      // Brokers take a subscription only if it is newer than the one they know.
      subscriptions.set(topic, { ...subscription, subVersion: config.client.runtime.clock.now() })
    }
    void instance.announceSubscriptions()
    this.#options.onShareChanged(topic, share)
  }

  membersFound(members: GroupMembers): void {
    this.#options.onMembers(members)
  }

  async #lock(queue: MessageQueue): Promise<boolean> {
    return (await this.#options.parts().ordered?.locks.lock(queue)) ?? false
  }
}

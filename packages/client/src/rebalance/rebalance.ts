import {
  type ConsumeType,
  isRetryTopic,
  type MessageModel,
  type MessageQueue,
  type SubscriptionData,
} from '@mq/remoting'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { topicRouteData2TopicSubscribeInfo } from '../routes/topic-subscribe-info.js'
import type { AllocateMessageQueueStrategy } from './allocate-message-queue-strategy.js'
import { findConsumerIdList, type GroupMembers } from './consumer-ids.js'
import { ProcessQueue } from './process-queue.js'
import { compareMessageQueues, compareText, QueueMap } from './queue-map.js'

/** Which queues of a topic there are, and which of them are this member's. */
export interface QueueShare {
  readonly mqAll: readonly MessageQueue[]
  readonly mqDivided: readonly MessageQueue[]
}

/** What a kind of consumer does when queues come and go. None of these may be called by anyone but {@link Rebalance}. */
export interface RebalanceListener {
  /** Asked before a queue is taken; false when another member still holds it, and another round follows in 500 ms. Java: lock. */
  readonly acquire?: ((queue: MessageQueue) => Promise<boolean>) | undefined
  /**
   * Where to begin in a queue that is about to be taken, after forgetting what was known of it; undefined, or a rejection, leaves
   * the queue to the next round. Java: removeDirtyOffset, computePullFromWhereWithException.
   */
  computePullFromWhere(queue: MessageQueue): Promise<number | undefined>
  /** The queue is this member's: begin to pull. Not called for a queue that was dropped meanwhile. Java: dispatchPullRequest. */
  queueAdded(queue: MessageQueue, processQueue: ProcessQueue, nextOffset: number): void
  /**
   * The queue is dropped and leaves: save its offset and forget it. False when that is not possible yet: the queue stays in the
   * table, dropped, and the next round asks again. Java: removeUnnecessaryMessageQueue.
   */
  release(queue: MessageQueue, processQueue: ProcessQueue): Promise<boolean>
  /** This member's share of a topic is another one now. Java: messageQueueChanged. */
  messageQueueChanged(topic: string, share: QueueShare): void
  /** A broker has told who is in the group. */
  membersFound?(members: GroupMembers): void
}

/** What {@link Rebalance} is made with. */
export interface RebalanceOptions {
  readonly instance: MQClientInstance
  /** Within the namespace. */
  readonly consumerGroup: string
  readonly messageModel: MessageModel
  readonly consumeType: ConsumeType
  readonly strategy: AllocateMessageQueueStrategy
  readonly listener: RebalanceListener
}

/** Milliseconds until the round after one in which a lock was not granted. */
const lockRetryMs = 500

/**
 * Which queues are this member's. A kind of consumer owns one Rebalance, keeps its subscriptions in {@link subscriptions} (topics
 * within the namespace, %RETRY% included), calls {@link doRebalance} when its MQConsumerInner#doRebalance is called, and does in
 * its {@link RebalanceListener} what is its own: push consumers pull from `queueAdded` on, lite pull consumers put the queue among
 * their assigned ones. A ProcessQueue is made here and dropped here; after it was dropped, nothing of it may be delivered or
 * committed. Java: RebalanceImpl, with RebalancePushImpl and RebalanceLitePullImpl as listeners.
 */
export class Rebalance {
  /** By topic; replace an entry to change it. */
  readonly subscriptions = new Map<string, SubscriptionData>()
  /** The queues of this member, and those dropped that could not be released yet. Not to be changed from outside. */
  readonly processQueues = new QueueMap<ProcessQueue>()
  readonly #options: RebalanceOptions
  #isClosed = false

  constructor(options: RebalanceOptions) {
    this.#options = options
  }

  /** Takes and drops queues of every topic subscribed to; false when something is left to do. One call at a time. */
  async doRebalance(): Promise<boolean> {
    let isBalanced = true
    for (const topic of [...this.subscriptions.keys()]) {
      try {
        if (!(await this.#rebalanceByTopic(topic))) isBalanced = false
      } catch (cause) {
        if (isRetryTopic(topic)) continue
        this.#warn('the queues of a topic could not be shared out', { topic, cause })
        isBalanced = false
      }
    }
    await this.#dropUnsubscribed()
    return isBalanced
  }

  /** Takes a queue out at once, whether it can be released or not; the next round may take it anew. */
  async removeProcessQueue(queue: MessageQueue): Promise<void> {
    const processQueue = this.processQueues.get(queue)
    if (processQueue === undefined) return
    this.processQueues.delete(queue)
    processQueue.drop()
    await this.#options.listener.release(queue, processQueue)
  }

  /** Takes no more queues; those in the table stay until the owner is done with them. */
  close(): void {
    this.#isClosed = true
  }

  async #rebalanceByTopic(topic: string): Promise<boolean> {
    const { instance, messageModel } = this.#options
    if (instance.routes.routeOf(topic) === undefined) await instance.routes.refresh(topic)
    const route = instance.routes.routeOf(topic)
    if (route === undefined) {
      if (!isRetryTopic(topic)) this.#warn('a topic that is subscribed to does not exist', { topic })
      return true
    }
    const mqAll = [...topicRouteData2TopicSubscribeInfo(topic, route)].sort(compareMessageQueues)
    if (messageModel === 'BROADCASTING') return this.#take(topic, { mqAll, mqDivided: mqAll })
    const members = await findConsumerIdList(instance, route, this.#options.consumerGroup)
    if (members === undefined) return true
    this.#options.listener.membersFound?.(members)
    const mqDivided = this.#allocate(mqAll, members)
    return mqDivided === undefined ? false : this.#take(topic, { mqAll, mqDivided })
  }

  #allocate(mqAll: readonly MessageQueue[], members: GroupMembers): readonly MessageQueue[] | undefined {
    const { consumerGroup, instance, strategy } = this.#options
    const cidAll = [...members.clientIds].sort(compareText)
    try {
      return strategy.allocate({ consumerGroup, currentCID: instance.config.clientId, mqAll, cidAll })
    } catch (cause) {
      instance.config.logger.error('an allocation strategy failed', { consumerGroup, strategy: strategy.name, cause })
      return undefined
    }
  }

  /** Makes the share of a topic what was decided; true when it is so now. Java: updateProcessQueueTableInRebalance. */
  async #take(topic: string, share: QueueShare): Promise<boolean> {
    if (this.#isClosed) return true
    const wanted = new QueueMap(share.mqDivided.map((queue) => [queue, true] as const))
    const wereDropped = await this.#dropOthers(topic, wanted)
    const wereAdded = await this.#add(share.mqDivided.filter((queue) => !this.processQueues.has(queue)))
    if (wereDropped || wereAdded) {
      const { consumerGroup, strategy, instance } = this.#options
      const counts = { queues: share.mqAll.length, mine: share.mqDivided.length }
      instance.config.logger.info('the share of a topic changed', {
        consumerGroup,
        topic,
        strategy: strategy.name,
        ...counts,
      })
      this.#options.listener.messageQueueChanged(topic, share)
    }
    return this.#isWorkingOn(topic, wanted)
  }

  async #dropOthers(topic: string, wanted: QueueMap<true>): Promise<boolean> {
    let isChanged = false
    for (const [queue, processQueue] of [...this.processQueues]) {
      if (queue.topic !== topic) continue
      const isStuck = processQueue.isPullExpired && this.#options.consumeType === 'CONSUME_PASSIVELY'
      if (wanted.has(queue) && !isStuck) continue
      if (wanted.has(queue)) this.#warn('a queue that was not pulled from for too long is begun anew', { queue })
      processQueue.drop()
      if (!(await this.#options.listener.release(queue, processQueue))) continue
      if (this.processQueues.get(queue) === processQueue) this.processQueues.delete(queue)
      isChanged = true
    }
    return isChanged
  }

  async #add(queues: readonly MessageQueue[]): Promise<boolean> {
    const outcomes = await Promise.all(queues.map((queue) => this.#addOne(queue)))
    if (outcomes.includes('NOT_ACQUIRED')) this.#options.instance.rebalanceLater(lockRetryMs)
    return outcomes.includes('ADDED')
  }

  async #addOne(queue: MessageQueue): Promise<'ADDED' | 'LEFT' | 'NOT_ACQUIRED'> {
    const { listener, instance } = this.#options
    try {
      if (listener.acquire !== undefined && !(await listener.acquire(queue))) return 'NOT_ACQUIRED'
      const nextOffset = await listener.computePullFromWhere(queue)
      const isTaken = nextOffset === undefined || this.#isClosed || this.processQueues.has(queue)
      if (isTaken) return 'LEFT'
      const processQueue = new ProcessQueue(instance.config.runtime.clock)
      this.processQueues.set(queue, processQueue)
      if (listener.acquire !== undefined) processQueue.setLocked()
      listener.queueAdded(queue, processQueue, nextOffset)
      return 'ADDED'
    } catch (cause) {
      this.#warn('a queue is left to the next round, because where to begin is unknown', { queue, cause })
      return 'LEFT'
    }
  }

  /** Java: truncateMessageQueueNotMyTopic, which neither saves offsets nor gives locks back. */
  async #dropUnsubscribed(): Promise<void> {
    for (const queue of [...this.processQueues.keys()]) {
      if (!this.subscriptions.has(queue.topic)) await this.removeProcessQueue(queue)
    }
  }

  #isWorkingOn(topic: string, wanted: QueueMap<true>): boolean {
    let working = 0
    for (const [queue, processQueue] of this.processQueues) {
      if (queue.topic !== topic || processQueue.isDropped) continue
      if (!wanted.has(queue)) return false
      working += 1
    }
    return working === wanted.size
  }

  #warn(message: string, fields: Record<string, unknown>): void {
    this.#options.instance.config.logger.warn(message, { consumerGroup: this.#options.consumerGroup, ...fields })
  }
}

import {
  type ConsumerData,
  type ConsumerRunningInfo,
  type MessageExt,
  type MessageQueue,
  type SubscriptionData,
  withNamespace,
  withoutNamespace,
} from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import { MQAdmin } from '../producer/mq-admin.js'
import type { AllocateMessageQueueStrategy } from '../rebalance/allocate-message-queue-strategy.js'
import { type QueueShare, Rebalance, type RebalanceListener } from '../rebalance/rebalance.js'
import { computePullFromWhere } from '../rebalance/start-offset.js'
import { Assignment } from './assignment.js'
import { ConsumeRequestCache, type TakeOptions } from './consume-request-cache.js'
import { GroupDiagnosis } from './group-diagnosis.js'
import type { LitePullConsumerConfig, LitePullConsumerOptions } from './lite-pull-consumer-options.js'
import type { LitePullTask } from './lite-pull-task.js'
import type { MQConsumerInner } from './mq-consumer-inner.js'
import { PullKernel } from './pull-kernel.js'
import type { PullResult } from './pull-result.js'
import { runningInfoOf } from './running-info.js'
import { type SubscriptionExpression, subscriptionOf } from './subscription-expression.js'
import { TopicQueueWatch } from './topic-queue-watch.js'

/** What the application wants: topics, whose queues are shared out, or these queues. */
export interface LitePullWants {
  readonly subscriptions: ReadonlyMap<string, SubscriptionExpression>
  readonly queues: readonly MessageQueue[]
  /** For the topics of `queues`. */
  readonly expressions: ReadonlyMap<string, SubscriptionExpression>
}

/** What {@link MQLitePullConsumerService} is made with. */
export interface MQLitePullConsumerServiceOptions {
  readonly config: LitePullConsumerConfig
  readonly instance: MQClientInstance
  readonly strategy: AllocateMessageQueueStrategy
  readonly offsetStore: OffsetStore
  /** What the application gave: listeners are taken from it. */
  readonly given: LitePullConsumerOptions
}

/** A started lite pull consumer. Queues and topics of its calls carry no namespace. Java: DefaultLitePullConsumerImpl. */
export class MQLitePullConsumerService implements MQConsumerInner {
  readonly admin: MQAdmin
  readonly watch: TopicQueueWatch
  readonly #options: MQLitePullConsumerServiceOptions
  readonly #assignment: Assignment
  readonly #cache: ConsumeRequestCache
  readonly #rebalance: Rebalance
  readonly #diagnosis: GroupDiagnosis
  /** Of topics whose queues were assigned, within the namespace. */
  readonly #expressions = new Map<string, SubscriptionExpression>()
  readonly #startedAt: number
  #nextAutoCommitMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(options: MQLitePullConsumerServiceOptions) {
    const { config, instance, strategy } = options
    const { client, consumerGroup, messageModel } = config
    this.#options = options
    this.admin = new MQAdmin(instance)
    this.#startedAt = client.runtime.clock.now()
    this.#cache = new ConsumeRequestCache(client.runtime)
    this.#assignment = new Assignment({
      config,
      kernel: new PullKernel({ instance, consumerGroup }),
      sink: this.#cache,
      subscriptionOf: ({ topic }) => this.#subscriptionOf(topic),
      startOf: (queue) => this.#startOf(queue),
      pulled: (result, queue) => this.#surface(result, queue),
    })
    this.#rebalance = new Rebalance({
      instance,
      consumerGroup,
      messageModel,
      consumeType: 'CONSUME_ACTIVELY',
      strategy,
      listener: this.#listener(),
    })
    const { subscriptions } = this.#rebalance
    this.#diagnosis = new GroupDiagnosis({ instance, consumerGroup, subscriptions })
    this.watch = new TopicQueueWatch({
      client,
      periodMs: config.topicMetadataCheckIntervalMillis,
      fetch: (topic) => this.admin.fetchSubscribeMessageQueues(topic),
    })
  }

  /**
   * Registers, starts the instance, fetches routes, lets brokers check expressions that are no tags, and takes the first queues
   * soon. Rejects, and has left again, when the group is taken or a broker refuses an expression.
   */
  async start(wants: LitePullWants): Promise<void> {
    const { config, instance, offsetStore } = this.#options
    await offsetStore.load()
    for (const [topic, expression] of wants.subscriptions) this.#setSubscription(topic, expression)
    instance.registerConsumer(config.consumerGroup, this)
    try {
      await instance.start()
      for (const topic of this.#rebalance.subscriptions.keys()) await this.#fetchRoute(topic)
      await this.#diagnosis.checkClientInBroker()
    } catch (cause) {
      await this.close()
      throw cause
    }
    this.watch.start()
    if (wants.queues.length > 0) this.assign(wants.queues, wants.expressions)
    await instance.announceSubscriptions()
    instance.rebalanceImmediately()
  }

  /** Stops pulling, commits what the application is done with, and leaves. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const { config, instance, offsetStore } = this.#options
    this.#rebalance.close()
    this.#diagnosis.close()
    this.watch.stop()
    this.#cache.close()
    const { queues } = this.#assignment
    if (config.autoCommit) this.#rememberConfirmed()
    this.#assignment.replace([])
    await offsetStore.handOver(queues)
    await instance.unregisterConsumer(config.consumerGroup)
  }

  /** Wants these messages of a topic from now on. */
  async subscribe(topic: string, expression: SubscriptionExpression): Promise<void> {
    this.#setSubscription(topic, expression)
    await this.#subscriptionsChanged()
  }

  /** Wants nothing of a topic any more. */
  async unsubscribe(topic: string): Promise<void> {
    const name = this.#inside(topic)
    this.#rebalance.subscriptions.delete(name)
    for (const queue of this.#assignment.queues) if (queue.topic === name) this.#assignment.remove(queue)
    await this.#subscriptionsChanged()
  }

  /** Pulls from these queues and no others. */
  assign(queues: readonly MessageQueue[], expressions: ReadonlyMap<string, SubscriptionExpression>): void {
    for (const [topic, expression] of expressions) this.#expressions.set(this.#inside(topic), expression)
    this.#assignment.replace(queues.map((queue) => this.#inward(queue)))
  }

  /** The queues pulled from now. */
  assigned(): readonly MessageQueue[] {
    return this.#assignment.queues.map((queue) => this.#outward(queue))
  }

  /** The next messages of one queue; none when the time is over or the consumer was closed. Everything handed out before is done. */
  async poll(options: TakeOptions): Promise<readonly MessageExt[]> {
    for (const task of this.#assignment.tasks) task.confirm()
    this.#maybeAutoCommit()
    const request = await this.#cache.take(options)
    if (request === undefined) return []
    const messages = request.task.handOut(request.messages)
    this.#assignment.wakeAll()
    return messages
  }

  /** Goes on from this offset. */
  async seek(queue: MessageQueue, offset: number): Promise<void> {
    this.#taskOf(queue)
    const [min, max] = await Promise.all([this.admin.minOffset(queue), this.admin.maxOffset(queue)])
    if (offset < min || offset > max) {
      throw new MQClientError(
        `offset ${offset} lies outside queue ${queue.queueId} of topic '${queue.topic}' on ${queue.brokerName}, ${min} to ${max}`,
        { code: 'SEEK_ILLEGAL', fields: { ...queue, offset, min, max } },
      )
    }
    this.#taskOf(queue).seek(offset)
  }

  pause(queues: Iterable<MessageQueue>): void {
    for (const queue of queues) this.#assignment.taskOf(this.#inward(queue))?.pause()
  }

  resume(queues: Iterable<MessageQueue>): void {
    for (const queue of queues) this.#assignment.taskOf(this.#inward(queue))?.resume()
  }

  /** The group's offset in a queue; undefined when there is none. */
  async committed(queue: MessageQueue): Promise<number | undefined> {
    const offset = await this.#options.offsetStore.readOffset(this.#inward(queue), 'MEMORY_FIRST_THEN_STORE')
    if (offset !== 'UNAVAILABLE') return offset === 'NOT_FOUND' ? undefined : offset
    throw new MQClientError(`the offset of queue ${queue.queueId} of topic '${queue.topic}' could not be read`, {
      code: 'OFFSET_UNAVAILABLE',
      fields: { ...queue },
    })
  }

  /** Stores offsets, by default of everything handed out, and waits until they are kept. */
  async commit(offsets: Iterable<readonly [MessageQueue, number]> | undefined, signal?: AbortSignal): Promise<void> {
    const wanted =
      offsets === undefined
        ? this.#polledOffsets()
        : [...offsets].map(([queue, offset]) => [this.#inward(queue), offset] as const)
    await Promise.all(wanted.map(([queue, offset]) => this.#commitOne(queue, offset, signal)))
  }

  topics(): Iterable<string> {
    return new Set([...this.#rebalance.subscriptions.keys(), ...this.#assignment.queues.map(({ topic }) => topic)])
  }

  heartbeatData(): ConsumerData {
    const { config } = this.#options
    return {
      groupName: config.consumerGroup,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: config.messageModel,
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: [...this.#rebalance.subscriptions.values()],
      unitMode: config.client.unitMode,
    }
  }

  consumerRunningInfo(): Promise<ConsumerRunningInfo> {
    const { config, offsetStore } = this.#options
    return runningInfoOf({
      config,
      subscriptions: this.#rebalance.subscriptions.values(),
      processQueues: this.#assignment.tasks.map(({ queue, processQueue }) => [queue, processQueue] as const),
      offsetStore,
      startedAt: this.#startedAt,
    })
  }

  async persistConsumerOffset(): Promise<void> {
    if (!this.#isClosed) await this.#options.offsetStore.persistAll(this.#assignment.queues)
  }

  async doRebalance(): Promise<boolean> {
    return this.#isClosed || this.#rebalance.doRebalance()
  }

  #listener(): RebalanceListener {
    const { offsetStore } = this.#options
    return {
      computePullFromWhere: (queue) => {
        offsetStore.removeOffset(queue)
        return this.#startOf(queue)
      },
      queueAdded: (queue, processQueue, nextOffset) => this.#assignment.add(queue, { processQueue, nextOffset }),
      release: async (queue) => {
        if (this.#options.config.autoCommit) this.#remember(queue, this.#assignment.taskOf(queue)?.confirmedOffset)
        this.#assignment.remove(queue)
        await offsetStore.persist(queue)
        offsetStore.removeOffset(queue)
        return true
      },
      messageQueueChanged: (topic, share) => this.#onShareChanged(topic, share),
      membersFound: (members) => this.#diagnosis.onMembers(members),
    }
  }

  #startOf(queue: MessageQueue): Promise<number | undefined> {
    const { config, offsetStore } = this.#options
    const { consumeFromWhere, consumeTimestamp } = config
    const bounds = this.admin
    const { logger } = config.client
    const readType = 'MEMORY_FIRST_THEN_STORE'
    return computePullFromWhere(queue, { offsetStore, bounds, consumeFromWhere, consumeTimestamp, readType, logger })
  }

  #subscriptionOf(topic: string): SubscriptionData {
    const subscribed = this.#rebalance.subscriptions.get(topic)
    const { clock } = this.#options.config.client.runtime
    return subscribed ?? subscriptionOf(topic, this.#expressions.get(topic) ?? '*', clock.now())
  }

  #setSubscription(topic: string, expression: SubscriptionExpression): void {
    const name = this.#inside(topic)
    const { clock } = this.#options.config.client.runtime
    this.#rebalance.subscriptions.set(name, subscriptionOf(name, expression, clock.now()))
  }

  async #subscriptionsChanged(): Promise<void> {
    await this.#options.instance.announceSubscriptions()
    this.#options.instance.rebalanceImmediately()
  }

  /** A topic without a route is no reason not to start: it may come. */
  async #fetchRoute(topic: string): Promise<void> {
    const { config, instance } = this.#options
    const { logger } = config.client
    try {
      if ((await instance.routes.refresh(topic)) === 'FOUND') return
      const cause = await instance.routes.missing(topic)
      logger.warn('a topic subscribed to does not exist yet: the name servers know no route', { topic, cause })
    } catch (cause) {
      logger.warn('the route of a topic subscribed to could not be fetched at the start', { topic, cause })
    }
  }

  #onShareChanged(topic: string, share: QueueShare): void {
    this.#diagnosis.onShareChanged()
    const { config, given } = this.#options
    try {
      given.messageQueueListener?.(topic, share)
    } catch (cause) {
      config.client.logger.error('messageQueueListener threw', { topic, cause })
    }
  }

  #surface({ undecodable }: PullResult, queue: MessageQueue): void {
    const { config, given } = this.#options
    for (const message of undecodable) {
      try {
        given.onUndecodable?.(message, this.#outward(queue))
      } catch (cause) {
        config.client.logger.error('onUndecodable threw', { ...queue, cause })
      }
    }
  }

  #maybeAutoCommit(): void {
    const { autoCommit, autoCommitIntervalMillis, client } = this.#options.config
    const nowMs = client.runtime.clock.monotonic()
    if (!autoCommit || nowMs < this.#nextAutoCommitMs) return
    this.#nextAutoCommitMs = nowMs + autoCommitIntervalMillis
    this.#rememberConfirmed()
  }

  #rememberConfirmed(): void {
    for (const { queue, confirmedOffset } of this.#assignment.tasks) this.#remember(queue, confirmedOffset)
  }

  #remember(queue: MessageQueue, offset: number | undefined): void {
    if (offset !== undefined) this.#options.offsetStore.updateOffset(queue, offset)
  }

  #polledOffsets(): (readonly [MessageQueue, number])[] {
    return this.#assignment.tasks.flatMap(({ queue, polledOffset }) =>
      polledOffset === undefined ? [] : [[queue, polledOffset] as const],
    )
  }

  /** A queue that left meanwhile is its new owner's: its offset is not this member's to set. */
  async #commitOne(queue: MessageQueue, offset: number, signal: AbortSignal | undefined): Promise<void> {
    const { config, offsetStore } = this.#options
    const task = this.#assignment.taskOf(queue)
    if (task === undefined) {
      config.client.logger.warn('an offset is not committed, because its queue is not assigned', { ...queue, offset })
      return
    }
    task.confirm(offset)
    offsetStore.updateOffset(queue, offset)
    if (offsetStore.updateConsumeOffsetToBroker === undefined) await offsetStore.persist(queue)
    else await offsetStore.updateConsumeOffsetToBroker(queue, offset, signal)
  }

  #taskOf(queue: MessageQueue): LitePullTask {
    const task = this.#assignment.taskOf(this.#inward(queue))
    if (task !== undefined) return task
    throw new MQClientError(`queue ${queue.queueId} of topic '${queue.topic}' on ${queue.brokerName} is not assigned`, {
      code: 'QUEUE_NOT_ASSIGNED',
      fields: { ...queue },
    })
  }

  #inside(topic: string): string {
    return withNamespace(this.#options.config.client.namespace, topic)
  }

  #inward(queue: MessageQueue): MessageQueue {
    return { ...queue, topic: this.#inside(queue.topic) }
  }

  #outward(queue: MessageQueue): MessageQueue {
    return { ...queue, topic: withoutNamespace(queue.topic, this.#options.config.client.namespace) }
  }
}

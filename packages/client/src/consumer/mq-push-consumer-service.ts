import {
  type ConsumeMessageDirectlyResult,
  type ConsumerData,
  type ConsumerRunningInfo,
  type MessageExt,
  type MessageQueue,
  type QueueOffset,
  withNamespace,
  withoutNamespace,
} from '@mq/remoting'
import { Deadline } from '../deadline.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import { MQAdmin } from '../producer/mq-admin.js'
import type { AllocateMessageQueueStrategy } from '../rebalance/allocate-message-queue-strategy.js'
import { QueueLocks } from '../rebalance/queue-locks.js'
import { type QueueShare, Rebalance } from '../rebalance/rebalance.js'
import { ConsumeHooks } from './consume-hooks.js'
import { ConsumeMessageConcurrentlyService } from './consume-message-concurrently-service.js'
import { ConsumeMessageOrderlyService } from './consume-message-orderly-service.js'
import {
  consumeMessageDirectly,
  type ConsumeMessageService,
  type ConsumeMessageServiceOptions,
} from './consume-message-service.js'
import { ConsumerStats } from './consumer-stats.js'
import { GroupDiagnosis } from './group-diagnosis.js'
import { HandlerCaller } from './handler-call.js'
import type { MessageListener } from './message-listener.js'
import type { MQConsumerInner } from './mq-consumer-inner.js'
import { OffsetReset } from './offset-reset.js'
import { PullKernel } from './pull-kernel.js'
import { PullMessageService, type PullThresholds } from './pull-message-service.js'
import type { PushConsumerConfig, PushConsumerOptions } from './push-consumer-options.js'
import { type OrderedParts, PushRebalance } from './push-rebalance.js'
import { outwardQueue, receivedMessage } from './received-message.js'
import { runningInfoOf } from './running-info.js'
import { SendMessageBack } from './send-message-back.js'
import { type SubscriptionExpression, subscriptionOf } from './subscription-expression.js'

/** What {@link MQPushConsumerService} is made with. */
export interface MQPushConsumerServiceOptions {
  readonly config: PushConsumerConfig
  readonly instance: MQClientInstance
  readonly listener: MessageListener
  readonly strategy: AllocateMessageQueueStrategy
  readonly offsetStore: OffsetStore
  /** What the application gave: hooks and listeners are taken from it. */
  readonly given: PushConsumerOptions
}

/** A started push consumer: builds and wires the parts of the consume path. Java: DefaultMQPushConsumerImpl. */
export class MQPushConsumerService implements MQConsumerInner {
  readonly admin: MQAdmin
  readonly #options: MQPushConsumerServiceOptions
  readonly #rebalance: Rebalance
  readonly #pulls: PullMessageService
  readonly #consume: ConsumeMessageService
  readonly #ordered: OrderedParts | undefined
  readonly #caller: HandlerCaller
  readonly #stats: ConsumerStats
  readonly #resets: OffsetReset
  readonly #diagnosis: GroupDiagnosis
  readonly #startedAt: number
  #thresholds: PullThresholds
  #isSuspended = false
  #isClosed = false

  constructor(options: MQPushConsumerServiceOptions) {
    const { config, instance, listener, offsetStore, given } = options
    const { runtime, logger } = config.client
    const { consumerGroup } = config
    this.#options = options
    this.#startedAt = runtime.clock.now()
    this.#thresholds = { messages: config.pullThresholdForQueue, sizeMiB: config.pullThresholdSizeForQueue }
    this.#stats = new ConsumerStats()
    this.admin = new MQAdmin(instance)
    const hooks = new ConsumeHooks(given.consumeMessageHooks ?? [], logger)
    this.#caller = new HandlerCaller({ config, listener, hooks, stats: this.#stats })
    const sharesMessages = config.messageModel === 'CLUSTERING'
    const pushRebalance = new PushRebalance({
      config,
      instance,
      offsetStore,
      admin: this.admin,
      needsLocks: listener.isOrderly && sharesMessages,
      parts: () => ({ rebalance: this.#rebalance, pulls: this.#pulls, ordered: this.#ordered }),
      onShareChanged: (topic, share) => this.#onShareChanged(topic, share),
      onMembers: (members) => this.#diagnosis.onMembers(members),
    })
    this.#rebalance = new Rebalance({
      instance,
      consumerGroup,
      messageModel: config.messageModel,
      consumeType: 'CONSUME_PASSIVELY',
      strategy: options.strategy,
      listener: pushRebalance,
    })
    const { processQueues, subscriptions } = this.#rebalance
    this.#diagnosis = new GroupDiagnosis({ instance, consumerGroup, subscriptions })
    const sendMessageBack = new SendMessageBack(config, instance)
    const service = { config, listener, caller: this.#caller, offsetStore, sendMessageBack }
    const locks = sharesMessages ? new QueueLocks({ instance, consumerGroup, processQueues }) : undefined
    const { consume, ordered } = consumeServiceFor(service, locks)
    this.#consume = consume
    this.#ordered = ordered
    this.#pulls = new PullMessageService({
      config,
      kernel: new PullKernel({ instance, consumerGroup }),
      rebalance: this.#rebalance,
      offsetStore,
      consume,
      stats: this.#stats,
      needsLocks: ordered !== undefined,
      isOrderly: listener.isOrderly,
      isPaused: () => this.#isPaused,
      thresholds: () => this.#thresholds,
      computePullFromWhere: ({ queue }) => pushRebalance.startOf(queue),
      onUndecodable: given.onUndecodable,
      onSubscriptionFault: (topic) => void this.#diagnosis.onSubscriptionFault(topic),
      rebalanceImmediately: () => instance.rebalanceImmediately(),
    })
    this.#resets = new OffsetReset({
      runtime,
      logger,
      rebalance: this.#rebalance,
      offsetStore,
      onEnd: () => instance.rebalanceImmediately(),
    })
  }

  get #isPaused(): boolean {
    return this.#isSuspended || this.#resets.isResetting
  }

  /**
   * Registers, starts the instance, fetches routes, lets brokers check expressions that are no tags, and takes the first queues
   * soon. Rejects, and has left again, when the group is taken or a broker refuses an expression.
   */
  async start(subscriptions: ReadonlyMap<string, SubscriptionExpression>): Promise<void> {
    const { config, instance, offsetStore } = this.#options
    await offsetStore.load()
    for (const [topic, expression] of subscriptions) this.#setSubscription(topic, expression)
    if (config.messageModel === 'CLUSTERING') this.#setSubscription(config.retryTopic, '*')
    instance.registerConsumer(config.consumerGroup, this)
    try {
      await instance.start()
      this.#consume.start()
      for (const topic of this.#rebalance.subscriptions.keys()) await this.#fetchRoute(topic)
      await this.#diagnosis.checkClientInBroker()
    } catch (cause) {
      await this.close(0)
      throw cause
    }
    await instance.announceSubscriptions()
    instance.rebalanceImmediately()
  }

  /** Takes no more messages, waits for handlers at most this long, saves offsets, gives locks back and leaves. Never rejects. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const { config, instance } = this.#options
    this.#rebalance.close()
    this.#pulls.stop()
    this.#resets.cancel()
    this.#diagnosis.close()
    await this.#consume.close(new Deadline({ runtime: config.client.runtime, timeoutMs }))
    await this.#options.offsetStore.handOver(this.#rebalance.processQueues.keys())
    await this.#ordered?.locks.unlockAll()
    for (const processQueue of this.#rebalance.processQueues.values()) processQueue.drop()
    await instance.unregisterConsumer(config.consumerGroup)
  }

  suspend(): void {
    this.#isSuspended = true
  }

  resume(): void {
    this.#isSuspended = false
    this.#options.instance.rebalanceImmediately()
  }

  /** Wants these messages of a topic from now on. */
  subscribe(topic: string, expression: SubscriptionExpression): void {
    this.#setSubscription(topic, expression)
    void this.#subscriptionsChanged()
  }

  /** Wants nothing of a topic any more. */
  unsubscribe(topic: string): void {
    this.#rebalance.subscriptions.delete(withNamespace(this.#options.config.client.namespace, topic))
    void this.#subscriptionsChanged()
  }

  /** Goes to the first message stored at this time or later, in this member's queues. Java: resetOffsetByTimeStamp. */
  async resetOffsetByTimestamp(timestamp: number): Promise<void> {
    const queues = [...this.#rebalance.processQueues.keys()]
    const offsets = await Promise.all(
      queues.map(async (messageQueue) => ({
        messageQueue,
        offset: await this.admin.searchOffset(messageQueue, timestamp),
      })),
    )
    for (const topic of this.#rebalance.subscriptions.keys()) await this.resetOffset(topic, offsets)
  }

  topics(): Iterable<string> {
    return this.#rebalance.subscriptions.keys()
  }

  heartbeatData(): ConsumerData {
    const { config } = this.#options
    return {
      groupName: config.consumerGroup,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: config.messageModel,
      consumeFromWhere: config.consumeFromWhere,
      subscriptionDataSet: [...this.#rebalance.subscriptions.values()],
      unitMode: config.client.unitMode,
    }
  }

  async persistConsumerOffset(): Promise<void> {
    if (this.#isClosed) return
    await this.#options.offsetStore.persistAll(this.#rebalance.processQueues.keys())
  }

  async doRebalance(): Promise<boolean> {
    return this.#isPaused || this.#isClosed || this.#rebalance.doRebalance()
  }

  consumerRunningInfo(): Promise<ConsumerRunningInfo> {
    const { config, listener, offsetStore } = this.#options
    return runningInfoOf({
      config,
      subscriptions: this.#rebalance.subscriptions.values(),
      processQueues: this.#rebalance.processQueues,
      offsetStore,
      startedAt: this.#startedAt,
      consuming: { listener, stats: this.#stats, nowMs: config.client.runtime.clock.monotonic() },
    })
  }

  offsetsOf(topic: string): ReadonlyMap<MessageQueue, number> {
    return this.#options.offsetStore.cloneOffsetTable(topic)
  }

  resetOffset(topic: string, offsets: readonly QueueOffset[]): Promise<void> {
    return this.#resets.reset(topic, offsets)
  }

  consumeMessageDirectly(message: MessageExt, brokerName: string): Promise<ConsumeMessageDirectlyResult> {
    const { config, listener } = this.#options
    const queue = { topic: message.topic, brokerName, queueId: message.queueId }
    const received = receivedMessage({ ...message, brokerName }, config)
    return consumeMessageDirectly(received, queue, { config, listener, caller: this.#caller })
  }

  #setSubscription(topic: string, expression: SubscriptionExpression): void {
    const { client } = this.#options.config
    const name = withNamespace(client.namespace, topic)
    this.#rebalance.subscriptions.set(name, subscriptionOf(name, expression, client.runtime.clock.now()))
  }

  async #subscriptionsChanged(): Promise<void> {
    await this.#options.instance.announceSubscriptions()
    this.#options.instance.rebalanceImmediately()
  }

  /** A topic without a route is no reason not to start: it may come. */
  async #fetchRoute(topic: string): Promise<void> {
    const { config, instance } = this.#options
    try {
      const found = await instance.routes.refresh(topic)
      if (found === 'FOUND' || topic === config.retryTopic) return
      const cause = await instance.routes.missing(topic)
      config.client.logger.warn('a topic subscribed to does not exist yet: the name servers know no route', {
        topic,
        cause,
      })
    } catch (cause) {
      config.client.logger.warn('the route of a topic subscribed to could not be fetched at the start', {
        topic,
        cause,
      })
    }
  }

  #onShareChanged(topic: string, share: QueueShare): void {
    const { config, given } = this.#options
    const { namespace } = config.client
    const queues = this.#rebalance.processQueues.size
    if (queues > 0) this.#thresholds = thresholdsFor(config, queues)
    this.#diagnosis.onShareChanged()
    try {
      given.messageQueueListener?.(withoutNamespace(topic, namespace), {
        mqAll: share.mqAll.map((queue) => outwardQueue(queue, namespace)),
        mqDivided: share.mqDivided.map((queue) => outwardQueue(queue, namespace)),
      })
    } catch (cause) {
      config.client.logger.error('messageQueueListener threw', { topic, cause })
    }
  }
}

/** Limits of all queues together are shared out among them. Java: messageQueueChanged of RebalancePushImpl. */
function thresholdsFor(config: PushConsumerConfig, queues: number): PullThresholds {
  const { pullThresholdForTopic: messages, pullThresholdSizeForTopic: sizeMiB } = config
  return {
    messages: messages === -1 ? config.pullThresholdForQueue : Math.max(1, Math.floor(messages / queues)),
    sizeMiB: sizeMiB === -1 ? config.pullThresholdSizeForQueue : Math.max(1, Math.floor(sizeMiB / queues)),
  }
}

function consumeServiceFor(
  options: ConsumeMessageServiceOptions,
  locks: QueueLocks | undefined,
): { consume: ConsumeMessageService; ordered: OrderedParts | undefined } {
  if (!options.listener.isOrderly)
    return { consume: new ConsumeMessageConcurrentlyService(options), ordered: undefined }
  const consume = new ConsumeMessageOrderlyService(options, locks)
  return { consume, ordered: locks === undefined ? undefined : { locks, consume } }
}

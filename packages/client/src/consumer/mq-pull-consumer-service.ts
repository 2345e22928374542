import {
  buildSubscriptionData,
  type ConsumerData,
  type ConsumerRunningInfo,
  type MessageExt,
  type MessageQueue,
  PullSystemFlag,
  withNamespace,
  withoutNamespace,
} from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import { MQAdmin } from '../producer/mq-admin.js'
import type { AllocateMessageQueueStrategy } from '../rebalance/allocate-message-queue-strategy.js'
import { QueueMap } from '../rebalance/queue-map.js'
import { Rebalance, type RebalanceListener } from '../rebalance/rebalance.js'
import type { MQConsumerInner } from './mq-consumer-inner.js'
import type { PullConsumerConfig } from './pull-consumer-options.js'
import { PullKernel } from './pull-kernel.js'
import type { PullResult } from './pull-result.js'
import { runningInfoOf } from './running-info.js'
import { SendMessageBack } from './send-message-back.js'
import { type SubscriptionExpression, subscriptionOf } from './subscription-expression.js'

/** What {@link MQPullConsumerService} is made with. */
export interface MQPullConsumerServiceOptions {
  readonly config: PullConsumerConfig
  readonly instance: MQClientInstance
  readonly strategy: AllocateMessageQueueStrategy
  readonly offsetStore: OffsetStore
}

/** One pull as the application asks for it. */
export interface PullCall {
  /** Its topic is without namespace. */
  readonly queue: MessageQueue
  readonly offset: number
  readonly expression: SubscriptionExpression
  readonly maxNums: number
  readonly maxSizeBytes: number
  /** Whether the broker may hold the pull until a message comes. */
  readonly mayBeHeld: boolean
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal | undefined
}

/** A started pull consumer. Java: DefaultMQPullConsumerImpl. */
export class MQPullConsumerService implements MQConsumerInner {
  readonly admin: MQAdmin
  readonly #options: MQPullConsumerServiceOptions
  readonly #kernel: PullKernel
  readonly #rebalance: Rebalance
  readonly #sendMessageBack: SendMessageBack
  /** Queues the application has set an offset of. */
  readonly #touched = new QueueMap<true>()
  readonly #closing = new AbortController()
  readonly #startedAt: number

  constructor(options: MQPullConsumerServiceOptions) {
    const { config, instance, strategy } = options
    const { consumerGroup, messageModel } = config
    this.#options = options
    this.admin = new MQAdmin(instance)
    this.#startedAt = config.client.runtime.clock.now()
    this.#kernel = new PullKernel({ instance, consumerGroup })
    this.#sendMessageBack = new SendMessageBack(config, instance)
    this.#rebalance = new Rebalance({
      instance,
      consumerGroup,
      messageModel,
      consumeType: 'CONSUME_ACTIVELY',
      strategy,
      listener: this.#listener(),
    })
    for (const topic of config.registerTopics)
      this.#rebalance.subscriptions.set(topic, buildSubscriptionData(topic, '*'))
  }

  /** Registers the group and starts the instance; rejects when the group is taken or local offsets cannot be read. */
  async start(): Promise<void> {
    const { config, instance, offsetStore } = this.#options
    await offsetStore.load()
    instance.registerConsumer(config.consumerGroup, this)
    try {
      await instance.start()
    } catch (cause) {
      await this.close()
      throw cause
    }
    await instance.sendHeartbeatToAllBroker()
  }

  /** Ends held pulls, saves offsets and leaves. Never rejects. */
  async close(): Promise<void> {
    const { config, instance, offsetStore } = this.#options
    this.#closing.abort(closed())
    this.#rebalance.close()
    await offsetStore.handOver(this.#touched.keys())
    await instance.unregisterConsumer(config.consumerGroup)
  }

  /** Pulls once; see DefaultMQPullConsumer#pull. */
  async pull(call: PullCall): Promise<PullResult> {
    const { config } = this.#options
    const queue = this.inward(call.queue)
    this.#noteTopic(queue.topic)
    const subscription = subscriptionOf(queue.topic, call.expression, config.client.runtime.clock.now())
    const whenHeld = config.consumerTimeoutMillisWhenSuspend
    return this.#kernel.pull(
      {
        queue,
        subscription,
        offset: call.offset,
        maxNums: call.maxNums,
        maxSizeBytes: call.maxSizeBytes,
        sysFlag: PullSystemFlag.SUBSCRIPTION | (call.mayBeHeld ? PullSystemFlag.SUSPEND : 0),
        commitOffset: 0,
        suspendTimeoutMs: config.brokerSuspendMaxTimeMillis,
        timeoutMs: call.timeoutMs ?? (call.mayBeHeld ? whenHeld : config.consumerPullTimeoutMillis),
        subVersion: subscription.expressionType === 'TAG' ? 0 : subscription.subVersion,
      },
      call.signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, call.signal]),
    )
  }

  /** The queues of a topic that are this member's share, as far as it has been shared out. */
  queuesInBalance(topic: string): readonly MessageQueue[] {
    const name = withNamespace(this.#options.config.client.namespace, topic)
    const queues = [...this.#rebalance.processQueues.keys()].filter((queue) => queue.topic === name)
    return queues.map((queue) => ({
      ...queue,
      topic: withoutNamespace(queue.topic, this.#options.config.client.namespace),
    }))
  }

  /** The group's offset in a queue, in memory or at its broker; undefined when there is none. */
  async fetchConsumeOffset(queue: MessageQueue, where: { fromStore: boolean }): Promise<number | undefined> {
    const type = where.fromStore ? 'READ_FROM_STORE' : 'MEMORY_FIRST_THEN_STORE'
    const offset = await this.#options.offsetStore.readOffset(this.inward(queue), type)
    if (offset === 'UNAVAILABLE') throw offsetUnavailable(queue)
    return offset === 'NOT_FOUND' ? undefined : offset
  }

  /** Remembers the group's offset in a queue; the next save brings it to its broker. */
  updateConsumeOffset(queue: MessageQueue, offset: number): void {
    const name = this.inward(queue)
    this.#touched.set(name, true)
    this.#options.offsetStore.updateOffset(name, offset)
  }

  /** Lets the group get a message again after the delay of this level; -1 puts it into the dead-letter topic. */
  async sendMessageBack(message: MessageExt, delayLevel: number): Promise<void> {
    await this.#sendMessageBack.sendBack({ message, localRetries: 0, isRemoved: false }, delayLevel)
  }

  topics(): Iterable<string> {
    return this.#rebalance.subscriptions.keys()
  }

  heartbeatData(): ConsumerData {
    const { config } = this.#options
    return {
      groupName: config.consumerGroup,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: config.messageModel,
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: config.registerTopics.map((topic) => buildSubscriptionData(topic, '*')),
      unitMode: config.client.unitMode,
    }
  }

  consumerRunningInfo(): Promise<ConsumerRunningInfo> {
    const { config, offsetStore } = this.#options
    const subscriptions = this.#rebalance.subscriptions.values()
    const startedAt = this.#startedAt
    return runningInfoOf({ config, subscriptions, offsetStore, startedAt })
  }

  offsetsOf(topic: string): ReadonlyMap<MessageQueue, number> {
    return this.#options.offsetStore.cloneOffsetTable(topic)
  }

  async persistConsumerOffset(): Promise<void> {
    await this.#options.offsetStore.persistAll(this.#touched.keys())
  }

  async doRebalance(): Promise<boolean> {
    return this.#closing.signal.aborted || this.#rebalance.doRebalance()
  }

  /** A queue as brokers know it. */
  inward(queue: MessageQueue): MessageQueue {
    return { ...queue, topic: withNamespace(this.#options.config.client.namespace, queue.topic) }
  }

  /** Routes of topics that are pulled from are kept fresh, and their queues shared out. Java: subscriptionAutomatically. */
  #noteTopic(topic: string): void {
    const { subscriptions } = this.#rebalance
    if (!subscriptions.has(topic)) subscriptions.set(topic, buildSubscriptionData(topic, '*'))
  }

  /** The share is only told, not worked on: the application pulls. */
  #listener(): RebalanceListener {
    const { offsetStore } = this.#options
    return {
      computePullFromWhere: () => Promise.resolve(0),
      queueAdded() {},
      messageQueueChanged() {},
      async release(queue) {
        await offsetStore.persist(queue)
        return true
      },
    }
  }
}

function offsetUnavailable({ brokerName, topic, queueId }: MessageQueue): MQClientError {
  return new MQClientError(`the offset of queue ${queueId} of topic '${topic}' on ${brokerName} could not be read`, {
    code: 'OFFSET_UNAVAILABLE',
    fields: { brokerName, topic, queueId },
  })
}

function closed(): MQClientError {
  return new MQClientError('the consumer was closed', { code: 'CLIENT_STATE' })
}

import type { MessageExt, MessageQueue } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import { within } from '../instance/client-options.js'
import { MQClientManager } from '../instance/mq-client-manager.js'
import { groupOffsetStore } from '../offsets/group-offset-store.js'
import type { CreateTopicOptions, QueryMessageOptions } from '../producer/mq-admin.js'
import { checkTopic } from '../producer/message-validation.js'
import { allocateMessageQueueAveragely } from '../rebalance/allocate-message-queue-averagely.js'
import { MQPullConsumerService } from './mq-pull-consumer-service.js'
import {
  type PullConsumerConfig,
  type PullConsumerOptions,
  resolvePullConsumerConfig,
} from './pull-consumer-options.js'
import type { PullResult } from './pull-result.js'
import type { SubscriptionExpression } from './subscription-expression.js'

/** How one pull is made. */
export interface PullOptions {
  /** Which messages are wanted: tags separated by `||`, `*` for all, or a SQL condition. Default all. */
  readonly expression?: SubscriptionExpression
  /** Messages wanted at most. Default 32. */
  readonly maxNums?: number
  /** Bytes wanted at most; brokers may not care. Default no limit. */
  readonly maxSizeBytes?: number
  /** Milliseconds until the answer has to be here. Default: as the consumer's options say. */
  readonly timeoutMs?: number
  /** Ends the pull at once with its reason. */
  readonly signal?: AbortSignal
}

const maxInt = 2_147_483_647
const defaultMaxNums = 32

/**
 * Pulls from a queue when asked to, and keeps offsets as told: for applications that do their own book-keeping. Whoever wants
 * queues shared out, cached and committed takes DefaultLitePullConsumer. Java: DefaultMQPullConsumer.
 */
export class DefaultMQPullConsumer {
  readonly #config: PullConsumerConfig
  readonly #options: PullConsumerOptions
  readonly #manager: MQClientManager
  #service: MQPullConsumerService | undefined
  #started: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** Checks the options and opens nothing. @throws MQClientError CLIENT_CONFIG or NO_NAME_SERVER. */
  constructor(options: PullConsumerOptions) {
    this.#options = options
    this.#config = resolvePullConsumerConfig(options)
    for (const topic of options.registerTopics ?? []) checkTopic(topic)
    this.#manager = options.clientManager ?? new MQClientManager()
  }

  /** Id the brokers know this client by. */
  get clientId(): string {
    return this.#config.client.clientId
  }

  /**
   * Registers the group and starts the client; a second call shares the first. Name servers and brokers need not be up.
   * @throws MQClientError CLIENT_STATE when the same client has a consumer of this group already, or this one was closed.
   */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /**
   * Asks once for the messages from an offset on and has the answer at once: a PullStatus, messages or none, and where to pull
   * next. @throws ResponseCodeError for any other answer; NoRouteError, or MQClientError BROKER_NOT_FOUND or BROKER_UNREACHABLE,
   * which say why nobody could be asked; MQClientError CLIENT_CONFIG for numbers that cannot be asked for.
   */
  async pull(queue: MessageQueue, offset: number, options: PullOptions = {}): Promise<PullResult> {
    return this.#pull(queue, offset, { ...options, mayBeHeld: false })
  }

  /** As {@link pull}, but without a message the broker waits for one, for as long as brokerSuspendMaxTimeMillis says. */
  async pullBlockIfNotFound(queue: MessageQueue, offset: number, options: PullOptions = {}): Promise<PullResult> {
    return this.#pull(queue, offset, { ...options, mayBeHeld: true })
  }

  /** The queues of a topic that can be read, asked at the name server. */
  async fetchSubscribeMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    return this.#running().admin.fetchSubscribeMessageQueues(topic)
  }

  /** The queues of a topic that are this member's share: of registerTopics, and of every topic that was pulled from. */
  fetchMessageQueuesInBalance(topic: string): readonly MessageQueue[] {
    return this.#running().queuesInBalance(topic)
  }

  /**
   * The group's offset in a queue: the one set here, else the one its broker has; undefined when there is none. With `fromStore`
   * the broker is asked in any case. @throws MQClientError OFFSET_UNAVAILABLE when it cannot be asked.
   */
  async fetchConsumeOffset(
    queue: MessageQueue,
    where: { readonly fromStore?: boolean } = {},
  ): Promise<number | undefined> {
    return this.#running().fetchConsumeOffset(queue, { fromStore: where.fromStore ?? false })
  }

  /** Sets the group's offset in a queue; it is saved every persistConsumerOffsetInterval and by {@link close}. */
  updateConsumeOffset(queue: MessageQueue, offset: number): void {
    within({ min: 0, max: Number.MAX_SAFE_INTEGER }, 'offset', offset)
    this.#running().updateConsumeOffset(queue, offset)
  }

  /** Saves what {@link updateConsumeOffset} has set, now. */
  async persistConsumerOffset(): Promise<void> {
    await this.#running().persistConsumerOffset()
  }

  /** Offset of the first message of a queue that was stored at this time (ms since the epoch) or later. */
  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    return this.#running().admin.searchOffset(queue, timestamp)
  }

  /** One past the last message of a queue. */
  async maxOffset(queue: MessageQueue): Promise<number> {
    return this.#running().admin.maxOffset(queue)
  }

  /** The first message of a queue that is still kept. */
  async minOffset(queue: MessageQueue): Promise<number> {
    return this.#running().admin.minOffset(queue)
  }

  /** Store time of the first message of a queue, in milliseconds since the epoch. */
  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    return this.#running().admin.earliestMsgStoreTime(queue)
  }

  /** The message with this id. @throws MQClientError MESSAGE_NOT_FOUND. */
  async viewMessage(topic: string, msgId: string): Promise<MessageExt> {
    return this.#running().admin.viewMessage(topic, msgId)
  }

  /** Messages with this key, from all brokers of the topic. */
  async queryMessage(options: QueryMessageOptions): Promise<readonly MessageExt[]> {
    return this.#running().admin.queryMessage(options)
  }

  /** Creates a topic on the brokers of the key topic. */
  async createTopic(options: CreateTopicOptions): Promise<void> {
    await this.#running().admin.createTopic(options)
  }

  /**
   * Lets the group get a message again, from its retry topic, after the delay of this level: 0 leaves the level to the broker,
   * -1 puts the message into the dead-letter topic. Rejects when no broker took it.
   */
  async sendMessageBack(message: MessageExt, delayLevel: number): Promise<void> {
    await this.#running().sendMessageBack(message, delayLevel)
  }

  /** Ends held pulls, saves offsets and leaves. May be called twice, and without `start`. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** Java's name of {@link close}. */
  shutdown(): Promise<void> {
    return this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #pull(queue: MessageQueue, offset: number, options: PullOptions & { mayBeHeld: boolean }): Promise<PullResult> {
    const { expression = '*', maxNums = defaultMaxNums, maxSizeBytes = maxInt, mayBeHeld, timeoutMs, signal } = options
    within({ min: 0, max: Number.MAX_SAFE_INTEGER }, 'offset', offset)
    within({ min: 1, max: maxInt }, 'maxNums', maxNums)
    within({ min: 1, max: maxInt }, 'maxSizeBytes', maxSizeBytes)
    const call = { queue, offset, expression, maxNums, maxSizeBytes, mayBeHeld, timeoutMs, signal }
    return this.#running().pull(call)
  }

  async #start(): Promise<void> {
    if (this.#closed !== undefined) throw notRunning('was closed')
    const instance = this.#manager.getOrCreateMQClientInstance(this.#config.client)
    const { consumerGroup, messageModel } = this.#config
    const { allocateMessageQueueStrategy, localOffsetStoreDir, offsetStore } = this.#options
    const service = new MQPullConsumerService({
      config: this.#config,
      instance,
      strategy: allocateMessageQueueStrategy ?? allocateMessageQueueAveragely,
      offsetStore: offsetStore ?? groupOffsetStore({ instance, consumerGroup, messageModel, localOffsetStoreDir }),
    })
    await service.start()
    this.#service = service
  }

  async #close(): Promise<void> {
    try {
      await this.#started
    } catch {
      // Whoever called start() has heard of it, and a consumer that did not start has nothing to close.
      return
    }
    await this.#service?.close()
  }

  #running(): MQPullConsumerService {
    if (this.#closed !== undefined) throw notRunning('was closed')
    if (this.#service === undefined) throw notRunning('is not started')
    return this.#service
  }
}

function notRunning(why: string): MQClientError {
  return new MQClientError(`the pull consumer ${why}`, { code: 'CLIENT_STATE' })
}

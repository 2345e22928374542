import type { MessageExt, MessageQueue } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import { within } from '../instance/client-options.js'
import { MQClientManager } from '../instance/mq-client-manager.js'
import { groupOffsetStore } from '../offsets/group-offset-store.js'
import { checkTopic } from '../producer/message-validation.js'
import { allocateMessageQueueAveragely } from '../rebalance/allocate-message-queue-averagely.js'
import {
  type LitePullConsumerConfig,
  type LitePullConsumerOptions,
  resolveLitePullConsumerConfig,
} from './lite-pull-consumer-options.js'
import { LitePullIterator } from './lite-pull-iterator.js'
import { MQLitePullConsumerService } from './mq-lite-pull-consumer-service.js'
import type { SubscriptionExpression } from './subscription-expression.js'
import type { TopicMessageQueueChangeListener } from './topic-queue-watch.js'

/** How long a poll waits. */
export interface PollOptions {
  /** Milliseconds to wait for a message. Default: pollTimeoutMillis. */
  readonly timeoutMs?: number
  /** Ends the wait at once with its reason; no message is lost by it. */
  readonly signal?: AbortSignal
}

/** What a commit stores. */
export interface CommitOptions {
  /** The next message of each queue. Default: what follows everything handed out. */
  readonly offsets?: Iterable<readonly [MessageQueue, number]>
  readonly signal?: AbortSignal
}

const allMessages = '*'

/**
 * Messages of topics, whose queues are shared out in the group, or of queues assigned by hand, pulled ahead and handed out when
 * asked for: by `poll`, or by `for await`. Every message is delivered at least once. Java: DefaultLitePullConsumer.
 */
export class DefaultLitePullConsumer implements AsyncIterable<MessageExt> {
  readonly #config: LitePullConsumerConfig
  readonly #options: LitePullConsumerOptions
  readonly #manager: MQClientManager
  readonly #subscriptions = new Map<string, SubscriptionExpression>()
  readonly #expressions = new Map<string, SubscriptionExpression>()
  readonly #listeners = new Map<string, TopicMessageQueueChangeListener>()
  #assigned: readonly MessageQueue[] = []
  #service: MQLitePullConsumerService | undefined
  #started: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #isIterated = false

  /** Checks the options and opens nothing. @throws MQClientError CLIENT_CONFIG or NO_NAME_SERVER. */
  constructor(options: LitePullConsumerOptions) {
    this.#options = options
    this.#config = resolveLitePullConsumerConfig(options)
    this.#manager = options.clientManager ?? new MQClientManager()
  }

  /** Id the brokers know this client by. */
  get clientId(): string {
    return this.#config.client.clientId
  }

  /**
   * Wants messages of a topic: those with one of some tags (`a || b`), all (`*`, the default), or those whose properties meet a
   * SQL condition. Its queues are shared out among the members of the group. Before the start or later.
   * @throws MQClientError MESSAGE_ILLEGAL for what can be no topic, CLIENT_STATE after {@link assign}.
   */
  async subscribe(topic: string, expression: SubscriptionExpression = allMessages): Promise<void> {
    checkTopic(topic)
    if (this.#assigned.length > 0) throw exclusive()
    this.#subscriptions.set(topic, expression)
    await this.#service?.subscribe(topic, expression)
  }

  /** Wants nothing of a topic any more. */
  async unsubscribe(topic: string): Promise<void> {
    this.#subscriptions.delete(topic)
    await this.#service?.unsubscribe(topic)
  }

  /**
   * Wants the messages of these queues and no others, whoever else is in the group; queues that were assigned before go on where
   * they are. Before the start or later. @throws MQClientError CLIENT_STATE after {@link subscribe}, CLIENT_CONFIG without a queue.
   */
  assign(queues: Iterable<MessageQueue>): void {
    const assigned = [...queues]
    if (this.#subscriptions.size > 0) throw exclusive()
    if (assigned.length === 0) {
      throw new MQClientError('no queue is assigned', { code: 'CLIENT_CONFIG', remedy: 'assign at least one queue' })
    }
    for (const { topic } of assigned) checkTopic(topic)
    this.#assigned = assigned
    this.#service?.assign(assigned, this.#expressions)
  }

  /** Which messages of the queues assigned of a topic are wanted, before the start. Java: setSubExpressionForAssign. */
  setSubExpressionForAssign(topic: string, expression: SubscriptionExpression): void {
    if (this.#started !== undefined) throw notRunning('is started already')
    checkTopic(topic)
    this.#expressions.set(topic, expression)
  }

  /** The queues it pulls from now. */
  assignment(): readonly MessageQueue[] {
    return this.#running().assigned()
  }

  /**
   * Begins to pull; a second call shares the first. Name servers, brokers and topics need not be there yet.
   * @throws MQClientError CLIENT_STATE when the same client has a consumer of this group already or this one was closed,
   * SUBSCRIPTION_REFUSED when a broker refuses an expression.
   */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /**
   * The next messages of one queue, at most pullBatchSize, waiting for some; none when the time is over, or when the consumer was
   * closed meanwhile. It confirms what earlier polls returned, which is then committed if autoCommit is on.
   */
  async poll(options: PollOptions = {}): Promise<readonly MessageExt[]> {
    const timeoutMs = options.timeoutMs ?? this.#config.pollTimeoutMillis
    within({ min: 0, max: Number.MAX_SAFE_INTEGER }, 'timeoutMs', timeoutMs)
    return this.#running().poll({ timeoutMs, signal: options.signal })
  }

  /**
   * Stores how far the group is: by default everything polled, the last poll included. Resolves when it is kept, rejects when it
   * could not be stored. A queue that left meanwhile is left out. Java: commit.
   */
  async commit(options: CommitOptions = {}): Promise<void> {
    await this.#running().commit(options.offsets, options.signal)
  }

  /** The group's offset in a queue; undefined when there is none. @throws MQClientError OFFSET_UNAVAILABLE. */
  async committed(queue: MessageQueue): Promise<number | undefined> {
    return this.#running().committed(queue)
  }

  /**
   * Goes on from this offset: the next poll that returns messages of the queue begins there.
   * @throws MQClientError QUEUE_NOT_ASSIGNED, SEEK_ILLEGAL when the queue does not reach there.
   */
  async seek(queue: MessageQueue, offset: number): Promise<void> {
    await this.#running().seek(queue, offset)
  }

  /** Goes to the first message that is still kept. */
  async seekToBegin(queue: MessageQueue): Promise<void> {
    await this.seek(queue, await this.#running().admin.minOffset(queue))
  }

  /** Goes behind the last message. */
  async seekToEnd(queue: MessageQueue): Promise<void> {
    await this.seek(queue, await this.#running().admin.maxOffset(queue))
  }

  /** Pulls no more from these queues; what is cached is still handed out. Queues that are not assigned are ignored. */
  pause(queues: Iterable<MessageQueue>): void {
    this.#running().pause(queues)
  }

  /** Goes on after {@link pause}. */
  resume(queues: Iterable<MessageQueue>): void {
    this.#running().resume(queues)
  }

  /** Offset of the first message of a queue that was stored at this time (ms since the epoch) or later. */
  async offsetForTimestamp(queue: MessageQueue, timestamp: number): Promise<number> {
    return this.#running().admin.searchOffset(queue, timestamp)
  }

  /** The queues of a topic that can be read, asked at the name server. */
  async fetchMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    return this.#running().admin.fetchSubscribeMessageQueues(topic)
  }

  /** Tells the listener when a topic has other queues than before, within topicMetadataCheckIntervalMillis. Before the start or later. */
  async registerTopicMessageQueueChangeListener(
    topic: string,
    listener: TopicMessageQueueChangeListener,
  ): Promise<void> {
    checkTopic(topic)
    this.#listeners.set(topic, listener)
    await this.#service?.watch.watch(topic, listener)
  }

  /** Stops pulling, commits what was confirmed if autoCommit is on, and leaves. May be called twice, and without `start`. Never rejects. */
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

  /**
   * Messages one after the other, in place of `start` and `poll`: asking for the next one confirms the one before, and at most the
   * cache is pulled ahead. Leaving the loop commits what was confirmed and closes the consumer; the message at hand is delivered
   * again. @throws MQClientError CLIENT_STATE for a second loop.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessageExt> {
    if (this.#isIterated) throw notRunning('has a loop already')
    this.#isIterated = true
    return new LitePullIterator({
      start: () => this.start(),
      take: async () => (this.#closed === undefined ? (await this.#service?.poll({ maxCount: 1 }))?.[0] : undefined),
      leave: () => this.close(),
    })
  }

  async #start(): Promise<void> {
    if (this.#closed !== undefined) throw notRunning('was closed')
    const instance = this.#manager.getOrCreateMQClientInstance(this.#config.client)
    const { consumerGroup, messageModel } = this.#config
    const { allocateMessageQueueStrategy, localOffsetStoreDir, offsetStore } = this.#options
    const service = new MQLitePullConsumerService({
      config: this.#config,
      instance,
      strategy: allocateMessageQueueStrategy ?? allocateMessageQueueAveragely,
      offsetStore: offsetStore ?? groupOffsetStore({ instance, consumerGroup, messageModel, localOffsetStoreDir }),
      given: this.#options,
    })
    await service.start({ subscriptions: this.#subscriptions, queues: this.#assigned, expressions: this.#expressions })
    this.#service = service
    for (const [topic, listener] of this.#listeners) await service.watch.watch(topic, listener)
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

  #running(): MQLitePullConsumerService {
    if (this.#closed !== undefined) throw notRunning('was closed')
    if (this.#service === undefined) throw notRunning('is not started')
    return this.#service
  }
}

function notRunning(why: string): MQClientError {
  return new MQClientError(`the lite pull consumer ${why}`, { code: 'CLIENT_STATE' })
}

function exclusive(): MQClientError {
  return new MQClientError('subscribe and assign exclude each other', {
    code: 'CLIENT_STATE',
    remedy: 'subscribe to topics whose queues are shared out in the group, or assign queues, with a consumer each',
  })
}

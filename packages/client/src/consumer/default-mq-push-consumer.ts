import type { MessageExt, MessageQueue } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import { within } from '../instance/client-options.js'
import { MQClientManager } from '../instance/mq-client-manager.js'
import { groupOffsetStore } from '../offsets/group-offset-store.js'
import { checkTopic } from '../producer/message-validation.js'
import { allocateMessageQueueAveragely } from '../rebalance/allocate-message-queue-averagely.js'
import { MessageIterator } from './message-iterator.js'
import type {
  ListenBatchOptions,
  ListenOptions,
  MessageBatchHandler,
  MessageHandler,
  MessageListener,
} from './message-listener.js'
import { MQPushConsumerService } from './mq-push-consumer-service.js'
import {
  type PushConsumerConfig,
  type PushConsumerOptions,
  resolvePushConsumerConfig,
} from './push-consumer-options.js'
import type { SubscriptionExpression } from './subscription-expression.js'

/** How long a close may take. */
export interface CloseConsumerOptions {
  /** Milliseconds handlers may still take before their signals are aborted. Default 5000. */
  readonly timeoutMs?: number
}

const defaultDrainMs = 5000
const allMessages = '*'

/**
 * Receives messages: `subscribe`, `listen`, `start`, and `close`, or `for await` over it. Messages are pulled ahead and handed to
 * the handler; one that throws gets its message again later. Every message is delivered at least once. Java: DefaultMQPushConsumer.
 */
export class DefaultMQPushConsumer implements AsyncIterable<MessageExt> {
  readonly #config: PushConsumerConfig
  readonly #options: PushConsumerOptions
  readonly #manager: MQClientManager
  readonly #subscriptions = new Map<string, SubscriptionExpression>()
  #listener: MessageListener | undefined
  #iterator: MessageIterator | undefined
  #service: MQPushConsumerService | undefined
  #started: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** Checks the options and opens nothing. @throws MQClientError CLIENT_CONFIG or NO_NAME_SERVER. */
  constructor(options: PushConsumerOptions) {
    this.#options = options
    this.#config = resolvePushConsumerConfig(options)
    this.#manager = options.clientManager ?? new MQClientManager()
  }

  /** Id the brokers know this client by. */
  get clientId(): string {
    return this.#config.client.clientId
  }

  /**
   * Wants messages of a topic: those with one of some tags (`a || b`), all (`*`, the default), or those whose properties meet a
   * SQL condition. All members of a group have to want the same. Before the start, or later; then brokers are told in the
   * background. @throws MQClientError MESSAGE_ILLEGAL for what can be no topic.
   */
  subscribe(topic: string, expression: SubscriptionExpression = allMessages): void {
    checkTopic(topic)
    this.#subscriptions.set(topic, expression)
    this.#service?.subscribe(topic, expression)
  }

  /** Wants nothing of a topic any more. */
  unsubscribe(topic: string): void {
    this.#subscriptions.delete(topic)
    this.#service?.unsubscribe(topic)
  }

  /**
   * Sets the handler, before the start. It is called with one message, or with several if a batch size is given; it may be
   * asynchronous. Returning means consumed, throwing means deliver again. Java: registerMessageListener.
   * @throws MQClientError CLIENT_CONFIG for options that cannot be used, CLIENT_STATE for a second handler or after the start.
   */
  listen(handler: MessageHandler, options?: ListenOptions): void
  listen(handler: MessageBatchHandler, options: ListenBatchOptions): void
  listen(handler: MessageHandler | MessageBatchHandler, options: Partial<ListenBatchOptions> = {}): void {
    if (typeof handler !== 'function') throw noListener('the handler is no function')
    if (this.#listener !== undefined || this.#started !== undefined) {
      throw new MQClientError('the consumer has a handler already, or is started', {
        code: 'CLIENT_STATE',
        remedy: 'call listen() once, before start()',
      })
    }
    const { consumeMessageBatchMaxSize, consumeThreadMax } = this.#config
    const { orderly = false, concurrency = consumeThreadMax } = options
    const isBatch = options.batchSize !== undefined
    this.#listener = {
      handle: isBatch ? (handler as MessageBatchHandler) : oneByOne(handler as MessageHandler),
      batchSize: isBatch ? within({ min: 1, max: 1024 }, 'batchSize', options.batchSize) : 1,
      concurrency: within({ min: 1, max: 1000 }, 'concurrency', concurrency),
      isOrderly: orderly,
    }
    if (!isBatch && consumeMessageBatchMaxSize > 1) {
      throw new MQClientError('consumeMessageBatchMaxSize is set, but the handler takes one message', {
        code: 'CLIENT_CONFIG',
        remedy: 'pass batchSize to listen() instead, whose handler gets an array',
      })
    }
  }

  /**
   * Begins to consume; a second call shares the first. Name servers, brokers and topics need not be there yet.
   * @throws MQClientError CLIENT_CONFIG without a handler, CLIENT_STATE when the same client has a consumer of this group
   * already or this one was closed, SUBSCRIPTION_REFUSED when a broker refuses an expression.
   */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /** Pauses: nothing is pulled and no queue taken; what is cached is still handed over. */
  suspend(): void {
    this.#running().suspend()
  }

  /** Goes on after {@link suspend}. */
  resume(): void {
    this.#running().resume()
  }

  /** The queues of a topic that can be consumed. */
  async fetchSubscribeMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    return this.#running().admin.fetchSubscribeMessageQueues(topic)
  }

  /** Goes to the messages stored at this time (ms since the epoch) or later, in the queues this member has now. */
  async resetOffsetByTimestamp(timestamp: number): Promise<void> {
    await this.#running().resetOffsetByTimestamp(timestamp)
  }

  /**
   * Stops pulling, waits for handlers within the timeout, then aborts their signals; saves how far the group is, gives locks
   * back and leaves. What was consumed is not delivered again, what was not is. May be called twice, and without `start`. Never
   * rejects.
   */
  close(options: CloseConsumerOptions = {}): Promise<void> {
    this.#closed ??= this.#close(options.timeoutMs ?? defaultDrainMs)
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
   * Messages one after the other, in place of a handler and of `start`: asking for the next one consumes the one before, and at
   * most the caches of the queues are pulled ahead. Leaving the loop closes the consumer; the message at hand is delivered again.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessageExt> {
    const iterator = new MessageIterator({ start: () => this.start(), leave: () => this.close({ timeoutMs: 0 }) })
    this.listen(iterator.handle, { concurrency: 1 })
    this.#iterator = iterator
    return iterator
  }

  async #start(): Promise<void> {
    if (this.#closed !== undefined) throw notRunning('was closed')
    const listener = this.#listener
    if (listener === undefined) throw noListener('there is no handler')
    const { client, consumerGroup, messageModel } = this.#config
    const { allocateMessageQueueStrategy, localOffsetStoreDir, offsetStore } = this.#options
    const instance = this.#manager.getOrCreateMQClientInstance(client)
    const service = new MQPushConsumerService({
      config: this.#config,
      instance,
      listener,
      strategy: allocateMessageQueueStrategy ?? allocateMessageQueueAveragely,
      offsetStore: offsetStore ?? groupOffsetStore({ instance, consumerGroup, messageModel, localOffsetStoreDir }),
      given: this.#options,
    })
    await service.start(this.#subscriptions)
    this.#service = service
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#iterator?.end()
    try {
      await this.#started
    } catch {
      // Whoever called start() has heard of it, and a consumer that did not start has nothing to close.
      return
    }
    await this.#service?.close(timeoutMs)
  }

  #running(): MQPushConsumerService {
    if (this.#closed !== undefined) throw notRunning('was closed')
    if (this.#service === undefined) throw notRunning('is not started')
    return this.#service
  }
}

function oneByOne(handler: MessageHandler): MessageBatchHandler {
  return (messages, context) => handler(messages[0] as MessageExt, context)
}

function notRunning(what: string): MQClientError {
  return new MQClientError(`the consumer ${what}`, { code: 'CLIENT_STATE' })
}

function noListener(fault: string): MQClientError {
  return new MQClientError(fault, {
    code: 'CLIENT_CONFIG',
    remedy: 'pass a function to listen() before start(), or iterate over the consumer instead of starting it',
  })
}

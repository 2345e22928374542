import type { MessageExt, MessageQueue } from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { MQClientError } from '../errors.js'
import { MQClientManager } from '../instance/mq-client-manager.js'
import type { Message, SendResult } from './message.js'
import type { CreateTopicOptions, QueryMessageOptions } from './mq-admin.js'
import { MQProducerService } from './mq-producer-service.js'
import { type ProducerConfig, type ProducerOptions, resolveProducerConfig } from './producer-options.js'
import type { SendDestination } from './send-destination.js'
import type { CommunicationMode } from './send-hooks.js'
import { traceSend } from './send-tracing.js'

/** How one message is sent. */
export interface SendOptions extends SendDestination {
  /** Milliseconds for everything, retries included. Default: sendMsgTimeout. */
  readonly timeoutMs?: number
  /** Ends the send at once, which then rejects with `signal.reason`; the message may have been stored. */
  readonly signal?: AbortSignal
}

/** How {@link DefaultMQProducer.sendAsync} sends. */
export type SendAsyncOptions = Omit<SendOptions, 'signal'>

/** Hears how an asynchronous send ended: exactly one of the two is called, once, and never before `sendAsync` returned. */
export interface SendCallback {
  onSuccess(result: SendResult): void
  /** Gets what `send` would have rejected with. */
  onException(cause: unknown): void
}

/** How long a close may take. */
export interface CloseProducerOptions {
  /** Milliseconds sends in flight may still take. Default 5000. */
  readonly timeoutMs?: number
}

const defaultDrainMs = 5000

/**
 * Sends messages: `start`, any number of sends, `close`, each of the two once. Java: DefaultMQProducer.
 *
 * A send that fails rejects with one error: SendError with every attempt made, NoRouteError when there was nowhere to send to,
 * MQClientError when the message or the call is wrong, or the reason of the signal that ended it.
 */
export class DefaultMQProducer {
  readonly #config: ProducerConfig
  readonly #options: ProducerOptions
  readonly #manager: MQClientManager
  #service: MQProducerService | undefined
  #started: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** Checks the options and opens nothing. @throws MQClientError CLIENT_CONFIG or NO_NAME_SERVER. */
  constructor(options: ProducerOptions) {
    this.#options = options
    this.#config = resolveProducerConfig(options)
    this.#manager = options.clientManager ?? new MQClientManager()
  }

  /** Id the brokers know this client by. */
  get clientId(): string {
    return this.#config.client.clientId
  }

  /**
   * Registers the group and starts the client; a second call shares the first. Name servers and brokers need not be up.
   * @throws MQClientError PRODUCER_GROUP_TAKEN when the same client already has a producer of this group.
   */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /** Sends one message, or several of one topic as one batch in one frame. */
  send(message: Message | readonly Message[], options: SendOptions = {}): Promise<SendResult> {
    return this.#traced(message, 'SYNC', (service) => service.send(message, options, this.#deadline(options)))
  }

  /**
   * Sends without asking for an answer: resolves when the message was handed to a connection, and rejects when that was not
   * possible. Need not be awaited: a failure nobody waits for goes to the log.
   */
  sendOneway(message: Message, options: SendOptions = {}): Promise<void> {
    const sent = this.#traced(message, 'ONEWAY', (service) =>
      service.sendOneway(message, options, this.#deadline(options)),
    )
    sent.catch((cause: unknown) => this.#config.client.logger.warn('a one-way send failed', { cause }))
    return sent
  }

  /**
   * Sends with Java's asynchronous semantics (see AsyncSender) and tells the callback. The promise never rejects; it resolves
   * when the message was let in, which with enableBackpressureForAsyncMode may have to wait for others, and at once without.
   */
  sendAsync(
    message: Message | readonly Message[],
    callback: SendCallback,
    options: SendAsyncOptions = {},
  ): Promise<void> {
    const { logger } = this.#config.client
    return new Promise((onAdmitted) => {
      const sent = this.#traced(message, 'ASYNC', (service) =>
        service.sendAsync(message, { ...options, onAdmitted }, this.#deadline(options)),
      )
      sent
        .then(
          (result) => callback.onSuccess(result),
          (cause: unknown) => callback.onException(cause),
        )
        .catch((cause: unknown) => logger.error('a send callback threw', { cause }))
        .finally(onAdmitted)
    })
  }

  /** Creates a topic on the brokers of the key topic. Java: createTopic. */
  async createTopic(options: CreateTopicOptions): Promise<void> {
    await this.#running().admin.createTopic(options)
  }

  /** The queues of a topic that messages may be sent to, asked at the name server. */
  async fetchPublishMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    return this.#running().admin.fetchPublishMessageQueues(topic)
  }

  /** Offset of the first message of a queue that was stored at this time (ms since the epoch) or later. */
  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    return this.#running().admin.searchOffset(queue, timestamp)
  }

  /** One past the last message of a queue. */
  async maxOffset(queue: MessageQueue): Promise<number> {
    return this.#running().admin.maxOffset(queue)
  }

  /** Offset of the first message of a queue that is still kept. */
  async minOffset(queue: MessageQueue): Promise<number> {
    return this.#running().admin.minOffset(queue)
  }

  /** Store time of the first message of a queue that is still kept, in milliseconds since the epoch. */
  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    return this.#running().admin.earliestMsgStoreTime(queue)
  }

  /** Reads a stored message by its offsetMsgId or its msgId. @throws MQClientError MESSAGE_NOT_FOUND. */
  async viewMessage(topic: string, msgId: string): Promise<MessageExt> {
    return this.#running().admin.viewMessage(topic, msgId)
  }

  /** Reads stored messages by one of their keys. */
  async queryMessage(options: QueryMessageOptions): Promise<readonly MessageExt[]> {
    return this.#running().admin.queryMessage(options)
  }

  /**
   * Refuses new sends, waits for those in flight within the timeout, unregisters from the brokers and closes what is not shared.
   * Sends still unfinished then are made no further attempts and fail. May be called twice, and without `start`. Never rejects.
   */
  close(options: CloseProducerOptions = {}): Promise<void> {
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

  async #start(): Promise<void> {
    if (this.#closed !== undefined) throw notRunning('was closed')
    const instance = this.#manager.getOrCreateMQClientInstance(this.#config.client)
    const service = new MQProducerService(this.#config, instance, this.#options)
    await service.start()
    this.#service = service
  }

  async #close(timeoutMs: number): Promise<void> {
    try {
      await this.#started
    } catch {
      // Whoever called start() has heard of it, and a producer that did not start has nothing to close.
      return
    }
    await this.#service?.close(timeoutMs)
  }

  #running(): MQProducerService {
    if (this.#closed !== undefined) throw notRunning('was closed')
    if (this.#service === undefined) throw notRunning('is not started')
    return this.#service
  }

  #deadline(options: Pick<SendOptions, 'timeoutMs' | 'signal'>): Deadline {
    const { client, sendMsgTimeout } = this.#config
    const timeoutMs = options.timeoutMs ?? sendMsgTimeout
    return new Deadline({ runtime: client.runtime, timeoutMs, signal: options.signal })
  }

  #traced<T>(
    message: Message | readonly Message[],
    mode: CommunicationMode,
    send: (service: MQProducerService) => Promise<T>,
  ): Promise<T> {
    const { producerGroup } = this.#config
    const service = this.#closed === undefined ? this.#service : undefined
    if (service === undefined) {
      return Promise.reject(notRunning(this.#closed === undefined ? 'is not started' : 'was closed'))
    }
    return traceSend(
      () => send(service),
      () => ({ message, mode, producerGroup, clientId: this.clientId }),
    )
  }
}

function notRunning(what: string): MQClientError {
  return new MQClientError(`the producer ${what}`, { code: 'CLIENT_STATE' })
}

import { type MessageQueue, parseIp, UniqueIdGenerator } from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { MQClientError, SendError } from '../errors.js'
import { LatencyFaultTolerance } from '../fault-tolerance/latency-fault-tolerance.js'
import { MQFaultStrategy } from '../fault-tolerance/mq-fault-strategy.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { TopicPublishTable } from '../routes/topic-publish-table.js'
import { AsyncBackPressure } from './async-back-pressure.js'
import { AsyncSender } from './async-sender.js'
import { brokerDetector } from './broker-detector.js'
import { InFlight } from './in-flight.js'
import type { Message, SendResult } from './message.js'
import { MessageSender } from './message-sender.js'
import { illegalMessage } from './message-validation.js'
import { MQAdmin } from './mq-admin.js'
import { MessagePreparer, type OutgoingMessage } from './outgoing-message.js'
import type { ProducerConfig, ProducerOptions } from './producer-options.js'
import { isDestined, resolveDestination, type SendDestination } from './send-destination.js'
import { SendHooks } from './send-hooks.js'
import { SendKernel } from './send-kernel.js'

/** How an asynchronous send is let in. */
export interface AsyncAdmission extends SendDestination {
  /** Called once the message counts against the bounds. */
  onAdmitted(): void
}

/** A started producer: builds and wires the parts of the send path, and keeps its bounds. */
export class MQProducerService {
  readonly admin: MQAdmin
  readonly #config: ProducerConfig
  readonly #instance: MQClientInstance
  readonly #publish: TopicPublishTable
  readonly #faults: MQFaultStrategy
  readonly #messages: MessagePreparer
  readonly #sender: MessageSender
  readonly #asyncSender: AsyncSender
  readonly #backPressure: AsyncBackPressure | undefined
  readonly #sends = new InFlight()
  #asyncSends = 0
  #isRunning = true

  constructor(config: ProducerConfig, instance: MQClientInstance, options: ProducerOptions) {
    const { runtime, logger } = config.client
    this.#config = config
    this.#instance = instance
    this.admin = new MQAdmin(instance)
    this.#publish = new TopicPublishTable({
      random: runtime.random,
      routes: instance.routes,
      createTopicKey: config.createTopicKey,
    })
    this.#faults = new MQFaultStrategy({
      sendLatencyEnable: config.sendLatencyEnable,
      startDetectorEnable: config.startDetectorEnable,
      latencyFaultTolerance: new LatencyFaultTolerance({
        clock: runtime.clock,
        timers: runtime.timers,
        logger,
        detector: brokerDetector(instance, this.#publish),
        detectTimeout: config.detectTimeout,
        detectInterval: config.detectInterval,
      }),
    })
    const ip = parseIp(config.client.clientIP) ?? runtime.random.bytes(4)
    const ids = new UniqueIdGenerator({ runtime, ip, pid: process.pid })
    this.#messages = new MessagePreparer({
      ...config,
      clock: runtime.clock,
      ids,
      namespace: config.client.namespace,
      compressions: instance.compressions,
    })
    const hooks = new SendHooks({
      send: options.sendMessageHooks ?? [],
      forbidden: options.checkForbiddenHooks ?? [],
      logger,
    })
    const kernel = new SendKernel({ config, instance, publish: this.#publish, hooks })
    const isRunning = (): boolean => this.#isRunning
    const path = { config, publish: this.#publish, faults: this.#faults, kernel, isRunning }
    this.#sender = new MessageSender(path)
    this.#asyncSender = new AsyncSender({ ...path, remoting: instance.remoting })
    if (config.enableBackpressureForAsyncMode) {
      const { backPressureForAsyncSendNum: messages, backPressureForAsyncSendSize: bytes } = config
      this.#backPressure = new AsyncBackPressure({ messages, bytes })
    }
  }

  /** Registers, starts the instance, and fetches the routes of the topics named in the options; failures of that are logged. */
  async start(): Promise<void> {
    const { client, producerGroup, topics } = this.#config
    this.#instance.registerProducer(producerGroup, this.#publish)
    try {
      await this.#instance.start()
    } catch (cause) {
      await this.#instance.unregisterProducer(producerGroup)
      throw cause
    }
    this.#faults.startDetector()
    for (const topic of topics) {
      const deadline = new Deadline({ runtime: client.runtime, timeoutMs: client.mqClientApiTimeout })
      try {
        await this.#publish.find(topic, deadline)
      } catch (cause) {
        client.logger.warn('the route of a topic could not be fetched at the start', { topic, cause })
      }
    }
    await this.#instance.sendHeartbeatToAllBroker()
  }

  /** Sends and waits; see DefaultMQProducer#send. */
  async send(
    message: Message | readonly Message[],
    destination: SendDestination,
    deadline: Deadline,
  ): Promise<SendResult> {
    this.#sends.enter()
    try {
      deadline.throwIfAborted()
      const outgoing = await this.#prepare(message, deadline)
      if (!isDestined(destination)) return await this.#sender.send(outgoing, deadline)
      const queue = await this.#queueFor(message, destination, deadline)
      return await this.#sender.sendTo(outgoing, queue, deadline)
    } finally {
      this.#sends.leave()
    }
  }

  /** Sends without asking for an answer; see DefaultMQProducer#sendOneway. */
  async sendOneway(message: Message, destination: SendDestination, deadline: Deadline): Promise<void> {
    this.#sends.enter()
    try {
      deadline.throwIfAborted()
      const outgoing = await this.#prepare(message, deadline)
      const queue = isDestined(destination) ? await this.#queueFor(message, destination, deadline) : undefined
      await this.#sender.sendOneway(outgoing, queue, deadline)
    } finally {
      this.#sends.leave()
    }
  }

  /** Sends as Java does asynchronously; see DefaultMQProducer#sendAsync. */
  async sendAsync(
    message: Message | readonly Message[],
    admission: AsyncAdmission,
    deadline: Deadline,
  ): Promise<SendResult> {
    const { asyncSenderQueueCapacity: capacity } = this.#config
    if (this.#asyncSends >= capacity) {
      throw new MQClientError(`${capacity} asynchronous sends are unfinished`, { code: 'TOO_MANY_SENDS' })
    }
    this.#sends.enter()
    this.#asyncSends += 1
    let release: (() => void) | undefined
    try {
      const outgoing = await this.#prepare(message, deadline)
      release = await this.#backPressure?.acquire(outgoing.body.length, deadline)
      admission.onAdmitted()
      const queue = isDestined(admission) ? await this.#queueFor(message, admission, deadline) : undefined
      return await this.#asyncSender.send(outgoing, queue, deadline)
    } finally {
      release?.()
      this.#asyncSends -= 1
      this.#sends.leave()
    }
  }

  /** Waits for sends in flight at most this long, then leaves the instance. */
  async close(timeoutMs: number): Promise<void> {
    const { client, producerGroup } = this.#config
    const deadline = new Deadline({ runtime: client.runtime, timeoutMs })
    try {
      await deadline.wait(this.#sends.idle(), () => new Error(`${this.#sends.count} sends are unfinished`))
    } catch (cause) {
      client.logger.warn('the producer closes before all its sends have ended', { timeoutMs, cause })
    }
    this.#isRunning = false
    this.#faults.shutdown()
    await this.#instance.unregisterProducer(producerGroup)
  }

  /** A promise only where one is needed: most sends wait for nothing before they leave. */
  #prepare(message: Message | readonly Message[], deadline: Deadline): OutgoingMessage | Promise<OutgoingMessage> {
    if (isBatch(message)) return this.#messages.prepareBatch(message)
    const outgoing = this.#messages.prepare(message)
    if (!this.#messages.needsCompression(outgoing)) return outgoing
    return deadline.wait(this.#messages.compressed(outgoing), () => compressionTimeout(outgoing, deadline))
  }

  async #queueFor(
    message: Message | readonly Message[],
    destination: SendDestination,
    deadline: Deadline,
  ): Promise<MessageQueue> {
    const first = isBatch(message) ? message[0] : message
    if (first === undefined) throw illegalMessage('the batch is empty')
    const { namespace } = this.#config.client
    return resolveDestination(first, destination, { publish: this.#publish, namespace, deadline })
  }
}

function isBatch(message: Message | readonly Message[]): message is readonly Message[] {
  return Array.isArray(message)
}

function compressionTimeout({ topic }: OutgoingMessage, { timeoutMs }: Deadline): SendError {
  return new SendError(`the body for topic '${topic}' was not compressed within ${timeoutMs} ms`, {
    code: 'SEND_TIMEOUT',
    attempts: [],
  })
}

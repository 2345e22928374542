import { parseIp, UniqueIdGenerator } from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { MQClientError } from '../errors.js'
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
import { MQAdmin } from './mq-admin.js'
import { MessagePreparer, type OutgoingMessage } from './outgoing-message.js'
import type { ProducerConfig, ProducerOptions } from './producer-options.js'
import { type DestinationContext, resolveDestination, type SendDestination } from './send-destination.js'
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
  readonly #asyncSends = new InFlight()
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
    this.#messages = new MessagePreparer({ ...config, clock: runtime.clock, ids, namespace: config.client.namespace })
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

  send(message: Message | readonly Message[], destination: SendDestination, deadline: Deadline): Promise<SendResult> {
    return this.#sends.during(async () => {
      deadline.throwIfAborted()
      const outgoing = await this.#prepare(message)
      const queue = await this.#queueFor(message, destination, deadline)
      return queue === undefined
        ? this.#sender.send(outgoing, deadline)
        : this.#sender.sendTo(outgoing, queue, deadline)
    })
  }

  sendOneway(message: Message, destination: SendDestination, deadline: Deadline): Promise<void> {
    return this.#sends.during(async () => {
      deadline.throwIfAborted()
      const outgoing = await this.#prepare(message)
      const queue = await this.#queueFor(message, destination, deadline)
      await this.#sender.sendOneway(outgoing, queue, deadline)
    })
  }

  sendAsync(message: Message | readonly Message[], admission: AsyncAdmission, deadline: Deadline): Promise<SendResult> {
    const { asyncSenderQueueCapacity: capacity } = this.#config
    if (this.#asyncSends.count >= capacity) {
      throw new MQClientError(`${capacity} asynchronous sends are unfinished`, { code: 'TOO_MANY_SENDS' })
    }
    return this.#sends.during(() =>
      this.#asyncSends.during(async () => {
        const outgoing = await this.#prepare(message)
        const release = await this.#backPressure?.acquire(outgoing.body.length, deadline)
        admission.onAdmitted()
        try {
          const queue = await this.#queueFor(message, admission, deadline)
          return await this.#asyncSender.send(outgoing, queue, deadline)
        } finally {
          release?.()
        }
      }),
    )
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

  async #prepare(message: Message | readonly Message[]): Promise<OutgoingMessage> {
    if (isBatch(message)) return this.#messages.prepareBatch(message)
    const outgoing = this.#messages.prepare(message)
    return this.#messages.needsCompression(outgoing) ? this.#messages.compressed(outgoing) : outgoing
  }

  async #queueFor(
    message: Message | readonly Message[],
    destination: SendDestination,
    deadline: Deadline,
  ): ReturnType<typeof resolveDestination> {
    const first = isBatch(message) ? message[0] : message
    if (first === undefined) return undefined
    const context: DestinationContext = {
      publish: this.#publish,
      namespace: this.#config.client.namespace,
      deadline,
    }
    return resolveDestination(first, destination, context)
  }
}

function isBatch(message: Message | readonly Message[]): message is readonly Message[] {
  return Array.isArray(message)
}

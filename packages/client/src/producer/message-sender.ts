import { type Clock, MqError, type MessageQueue } from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import { MQClientError } from '../errors.js'
import type { MQFaultStrategy, SendOutcome } from '../fault-tolerance/mq-fault-strategy.js'
import type { TopicPublishTable } from '../routes/topic-publish-table.js'
import type { SendResult } from './message.js'
import type { OutgoingMessage } from './outgoing-message.js'
import type { ProducerConfig } from './producer-options.js'
import { SendAttempts } from './send-attempts.js'
import type { KernelSend, SendKernel } from './send-kernel.js'
import type { BrokerTarget } from './send-result.js'

/** What {@link MessageSender} is made with. */
export interface MessageSenderOptions {
  readonly config: ProducerConfig
  readonly publish: TopicPublishTable
  readonly faults: MQFaultStrategy
  readonly kernel: SendKernel
  /** False once the producer has given up on sends in flight. */
  readonly isRunning: () => boolean
}

/** How one try ended. */
type Outcome = Success | Failure

interface Success {
  readonly result: SendResult
  /** Monotonic time of the start. */
  readonly startedMs: number
}

interface Failure {
  readonly cause: unknown
  /** Undefined when no address was known. */
  readonly target: BrokerTarget | undefined
  readonly startedMs: number
}

/** Sends that are waited for, and one-way sends. Java: sendDefaultImpl and sendKernelImpl with SYNC and ONEWAY. */
export class MessageSender {
  readonly #options: MessageSenderOptions
  readonly #clock: Clock

  constructor(options: MessageSenderOptions) {
    this.#options = options
    this.#clock = options.config.client.runtime.clock
  }

  /**
   * Sends to a queue of the strategy's choice and tries again, at another broker if there is one, while time and retries last.
   * Rejects with SendError, with the errors of TopicPublishTable#find, or with the signal's reason.
   */
  async send(message: OutgoingMessage, deadline: Deadline): Promise<SendResult> {
    const { config, faults, publish } = this.#options
    const info = publish.known(message.topic) ?? (await publish.find(message.topic, deadline))
    let attempts: SendAttempts | undefined
    const timesTotal = 1 + config.retryTimesWhenSendFailed
    let notStored: SendResult | undefined
    let lastBrokerName: string | undefined
    for (let times = 0; times < timesTotal && deadline.remainingMs > 0; times++) {
      const queues = publish.known(message.topic) ?? info
      const queue = faults.selectOneMessageQueue(queues, { lastBrokerName, resetIndex: times > 0 })
      if (queue === undefined) break
      lastBrokerName = queue.brokerName
      const outcome = await this.#try({ message, queue }, { deadline, isLast: times === timesTotal - 1 })
      if ('result' in outcome) {
        this.#record(queue, outcome, { isolation: false, reachable: true })
        if (!this.#isWorthAnother(outcome.result)) return outcome.result
        notStored = outcome.result
        continue
      }
      deadline.throwIfAborted()
      attempts ??= this.#attempts(message, deadline)
      attempts.add({ brokerName: queue.brokerName, ...outcome })
      if (!this.#recordAndJudge(queue, outcome)) break
    }
    if (notStored !== undefined) return notStored
    throw (attempts ?? this.#attempts(message, deadline)).error()
  }

  /** Makes exactly one attempt, at this queue. Rejects as {@link send} does. */
  async sendTo(message: OutgoingMessage, queue: MessageQueue, deadline: Deadline): Promise<SendResult> {
    const outcome = await this.#try({ message, queue }, { deadline, isLast: true })
    if ('result' in outcome) return outcome.result
    deadline.throwIfAborted()
    throw this.#singleFailure(message, queue, { deadline, ...outcome })
  }

  /** Hands the message to a connection and asks for no answer; to a queue of the strategy's choice unless one is given. */
  async sendOneway(message: OutgoingMessage, queue: MessageQueue | undefined, deadline: Deadline): Promise<void> {
    const { faults, kernel, publish } = this.#options
    const chosen = queue ?? faults.selectOneMessageQueue(await publish.find(message.topic, deadline))
    if (chosen === undefined) throw this.#attempts(message, deadline).error()
    const startedMs = this.#clock.monotonic()
    let target: BrokerTarget | undefined
    try {
      target = kernel.targetOf(chosen) ?? (await kernel.findTarget(chosen, deadline))
      await kernel.invokeOneway(kernel.ready({ message, queue: chosen, target, mode: 'ONEWAY' }), deadline)
    } catch (cause) {
      deadline.throwIfAborted()
      throw this.#singleFailure(message, chosen, { deadline, target, startedMs, cause })
    }
  }

  async #try(
    send: Pick<KernelSend, 'message' | 'queue'>,
    limits: { deadline: Deadline; isLast: boolean },
  ): Promise<Outcome> {
    const { config, kernel } = this.#options
    const { deadline, isLast } = limits
    const startedMs = this.#clock.monotonic()
    let target: BrokerTarget | undefined
    try {
      target = kernel.targetOf(send.queue) ?? (await kernel.findTarget(send.queue, deadline))
      const ready = kernel.ready({ message: send.message, queue: send.queue, target, mode: 'SYNC' })
      const perRequestMs = config.sendMsgMaxTimeoutPerRequest
      const maxTimeoutMs = isLast || perRequestMs < 0 ? Number.POSITIVE_INFINITY : perRequestMs
      const result = await kernel.invokeSync(ready, { deadline, maxTimeoutMs })
      return { result, startedMs }
    } catch (cause) {
      return { cause, target, startedMs }
    }
  }

  /** Tells the strategy about a failure; returns whether another attempt makes sense. */
  #recordAndJudge(queue: MessageQueue, failure: Failure): boolean {
    const { config, faults, isRunning } = this.#options
    const { cause } = failure
    if (!MqError.is(cause)) throw cause
    if (cause instanceof MQClientError) {
      this.#record(queue, failure, { isolation: false, reachable: true })
      return isRunning()
    }
    if (cause.code === 'RESPONSE_CODE') {
      this.#record(queue, failure, { isolation: true, reachable: false })
      return isRunning() && config.retryResponseCodes.has(cause.responseCode ?? -1)
    }
    this.#record(queue, failure, { isolation: true, reachable: !faults.isDetecting })
    return isRunning() && cause.retryable
  }

  #record(queue: MessageQueue, tried: { startedMs: number }, told: Pick<SendOutcome, 'isolation' | 'reachable'>): void {
    const latencyMs = this.#clock.monotonic() - tried.startedMs
    this.#options.faults.updateFaultItem(queue.brokerName, { latencyMs, ...told })
  }

  #isWorthAnother(result: SendResult): boolean {
    return this.#options.config.retryAnotherBrokerWhenNotStoreOK && result.sendStatus !== 'SEND_OK'
  }

  #singleFailure(message: OutgoingMessage, queue: MessageQueue, failure: Failure & { deadline: Deadline }): unknown {
    if (!MqError.is(failure.cause)) return failure.cause
    const attempts = this.#attempts(message, failure.deadline)
    attempts.add({ brokerName: queue.brokerName, ...failure })
    return attempts.error()
  }

  #attempts(message: OutgoingMessage, deadline: Deadline): SendAttempts {
    return new SendAttempts({ topic: message.topic, deadline, clock: this.#clock })
  }
}

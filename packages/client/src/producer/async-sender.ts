import { type Clock, MqError, type MessageQueue, type RemotingClient, type RemotingCommand } from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import type { MQFaultStrategy } from '../fault-tolerance/mq-fault-strategy.js'
import type { TopicPublishInfo } from '../routes/topic-publish-info.js'
import type { TopicPublishTable } from '../routes/topic-publish-table.js'
import type { SendResult } from './message.js'
import type { OutgoingMessage } from './outgoing-message.js'
import type { ProducerConfig } from './producer-options.js'
import { SendAttempts } from './send-attempts.js'
import { type ReadySend, remainingOf, type SendKernel } from './send-kernel.js'
import type { BrokerTarget } from './send-result.js'

/** What {@link AsyncSender} is made with. */
export interface AsyncSenderOptions {
  readonly config: ProducerConfig
  readonly remoting: RemotingClient
  readonly publish: TopicPublishTable
  readonly faults: MQFaultStrategy
  readonly kernel: SendKernel
  /** False once the producer has given up on sends in flight. */
  readonly isRunning: () => boolean
}

/**
 * Sends with Java's asynchronous semantics: what a broker refuses is never tried again; when the transport fails, the same
 * request (queue and broker name included) goes to another broker's address, without the VIP channel, while time and retries
 * last. Java: sendDefaultImpl with ASYNC, MQClientAPIImpl#sendMessageAsync and onExceptionImpl.
 */
export class AsyncSender {
  readonly #options: AsyncSenderOptions
  readonly #clock: Clock

  constructor(options: AsyncSenderOptions) {
    this.#options = options
    this.#clock = options.config.client.runtime.clock
  }

  /** Sends to the queue, or to one of the strategy's choice. Rejects with SendError or the errors of TopicPublishTable#find. */
  async send(message: OutgoingMessage, queue: MessageQueue | undefined, deadline: Deadline): Promise<SendResult> {
    const { faults, kernel, publish } = this.#options
    const attempts = new SendAttempts({ topic: message.topic, deadline, clock: this.#clock })
    const info = queue === undefined ? await publish.find(message.topic, deadline) : undefined
    const chosen = queue ?? (info && faults.selectOneMessageQueue(info))
    if (chosen === undefined) throw attempts.error()
    let target = kernel.targetOf(chosen)
    const startedMs = this.#clock.monotonic()
    let ready: ReadySend
    try {
      target ??= await kernel.findTarget(chosen, deadline)
      ready = kernel.ready({ message, queue: chosen, target, mode: 'ASYNC' })
    } catch (cause) {
      attempts.add({ brokerName: chosen.brokerName, target, startedMs, cause })
      throw attempts.error()
    }
    return this.#invoke(ready, { info, deadline, attempts })
  }

  async #invoke(
    first: ReadySend,
    send: { info: TopicPublishInfo | undefined; deadline: Deadline; attempts: SendAttempts },
  ): Promise<SendResult> {
    const { config, faults, kernel, isRunning } = this.#options
    const { attempts, deadline, info } = send
    let ready = first
    let wireAddress = kernel.wireAddress(first)
    for (let times = 0; ; times++) {
      const startedMs = this.#clock.monotonic()
      const { brokerName } = ready.target
      const outcome = await this.#invokeOnce(ready.request, wireAddress, deadline)
      const result = settle(kernel, ready, outcome)
      const isSent = 'result' in result
      const latencyMs = this.#clock.monotonic() - startedMs
      faults.updateFaultItem(brokerName, { latencyMs, isolation: !isSent, reachable: true })
      if (isSent) return result.result
      attempts.add({ brokerName, target: ready.target, startedMs, cause: result.cause })
      const mayRetry = isRunning() && times < config.retryTimesWhenSendAsyncFailed && deadline.remainingMs > 0
      if (!mayRetry || !isTransportFailure(result.cause)) {
        kernel.failed(ready, result.cause)
        throw attempts.error()
      }
      ready = { ...ready, target: this.#otherTarget(ready, info) }
      wireAddress = ready.target.address
    }
  }

  #invokeOnce(request: RemotingCommand, address: string, deadline: Deadline): Promise<AsyncOutcome> {
    return new Promise((resolve) => {
      try {
        const timeoutMs = remainingOf(deadline)
        this.#options.remoting.invokeAsync(address, request, { timeoutMs }, resolve)
      } catch (error) {
        resolve({ error })
      }
    })
  }

  /** The queue chosen here only tells the broker: the request keeps the queue it was made for. */
  #otherTarget(failed: ReadySend, info: TopicPublishInfo | undefined): BrokerTarget {
    const { faults, kernel } = this.#options
    if (info === undefined) return failed.target
    const queue = faults.selectOneMessageQueue(info, { lastBrokerName: failed.target.brokerName })
    return (queue && kernel.targetOf(queue)) ?? failed.target
  }
}

interface AsyncOutcome {
  readonly response?: RemotingCommand | undefined
  readonly error?: unknown
}

function settle(
  kernel: SendKernel,
  ready: ReadySend,
  { response, error }: AsyncOutcome,
): { result: SendResult } | { cause: unknown } {
  if (response === undefined) return { cause: error }
  try {
    return { result: kernel.succeeded(ready, response) }
  } catch (cause) {
    return { cause }
  }
}

/** Everything but a refusal of the broker, and a client with too much in flight. */
function isTransportFailure(cause: unknown): boolean {
  return MqError.is(cause) && cause.code !== 'RESPONSE_CODE' && cause.code !== 'REMOTING_TOO_MUCH_REQUEST'
}

import { type Clock, type Logger, type MessageExt } from '@mq/remoting'
import { ConsumeLater } from './consume-later.js'
import type { ConsumeHooks, ConsumeMessageContext, ConsumeReturnType } from './consume-hooks.js'
import { traceConsume } from './consume-tracing.js'
import type { ConsumerStats } from './consumer-stats.js'
import type { Delivery } from './delivery.js'
import type { MessageListener } from './message-listener.js'
import type { PushConsumerConfig } from './push-consumer-options.js'
import { placeOf } from './send-message-back.js'

const msPerMinute = 60_000

/** What {@link HandlerCaller} is made with. */
export interface HandlerCallerOptions {
  readonly config: PushConsumerConfig
  readonly listener: MessageListener
  readonly hooks: ConsumeHooks
  readonly stats: ConsumerStats
}

/** How a call of the handler ended. */
export interface HandlerOutcome {
  readonly isConsumed: boolean
  /** What the handler threw. */
  readonly cause?: unknown
  /** Monotonic. */
  readonly endedMs: number
}

/** Calls the application's handler, with hooks, tracing, statistics and the log around it. */
export class HandlerCaller {
  readonly #options: HandlerCallerOptions
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(options: HandlerCallerOptions) {
    this.#options = options
    this.#clock = options.config.client.runtime.clock
    this.#logger = options.config.client.logger
  }

  /** Calls the handler; a promise, which never rejects, only when the handler returned one. */
  call(delivery: Delivery): HandlerOutcome | Promise<HandlerOutcome> {
    const { hooks } = this.#options
    const { messages } = delivery
    const hookContext = hooks.isEmpty ? undefined : this.#hookContext(delivery)
    if (hookContext !== undefined) hooks.before(hookContext)
    const outcome = this.#handle(delivery, messages)
    return outcome instanceof Promise
      ? outcome.then((late) => this.#ended(delivery, late, hookContext))
      : this.#ended(delivery, outcome, hookContext)
  }

  #handle(delivery: Delivery, messages: readonly MessageExt[]): HandlerOutcome | Promise<HandlerOutcome> {
    const { config, listener } = this.#options
    try {
      const handled = traceConsume(
        () => listener.handle(messages, delivery),
        () => ({
          messages,
          queue: delivery.queue,
          attempt: delivery.attempt,
          consumerGroup: config.consumerGroup,
          clientId: config.client.clientId,
        }),
      )
      return isThenable(handled) ? this.#awaited(delivery, handled) : this.#consumed()
    } catch (cause) {
      return this.#failed(delivery, cause)
    }
  }

  async #awaited(delivery: Delivery, handled: PromiseLike<unknown>): Promise<HandlerOutcome> {
    try {
      await handled
      return this.#consumed()
    } catch (cause) {
      return this.#failed(delivery, cause)
    }
  }

  #consumed(): HandlerOutcome {
    return { isConsumed: true, endedMs: this.#clock.monotonic() }
  }

  #failed(delivery: Delivery, cause: unknown): HandlerOutcome {
    if (cause instanceof ConsumeLater) {
      delivery.delayLevel = cause.delayLevel ?? delivery.delayLevel
      delivery.suspendMs = cause.suspendMs ?? delivery.suspendMs
    }
    return { isConsumed: false, cause, endedMs: this.#clock.monotonic() }
  }

  /** Tells everybody but the consumer itself. */
  #ended(delivery: Delivery, outcome: HandlerOutcome, hookContext: ConsumeMessageContext | undefined): HandlerOutcome {
    const { entries, source, startedMs } = delivery
    const { endedMs, isConsumed } = outcome
    if (hookContext !== undefined) this.#tellHooks(hookContext, outcome, endedMs - startedMs)
    if (!isConsumed) this.#logFailure(delivery, outcome.cause)
    const ok = isConsumed ? Math.min(delivery.ackIndex + 1, entries.length) : 0
    this.#options.stats.consumed(source.topic, { ok, failed: entries.length - ok }, { startedMs, endedMs })
    return outcome
  }

  #logFailure(delivery: Delivery, cause: unknown): void {
    const { messages, queue, attempt } = delivery
    const [first] = messages
    const { consumerGroup } = this.#options.config
    const fields = { consumerGroup, queue, attempt, count: messages.length, ...(first && placeOf(first)), cause }
    if (cause instanceof ConsumeLater) this.#logger.info('a handler asks for a message again later', fields)
    else if (delivery.isAbortedBy(cause)) this.#logger.info('a handler ended when its signal was aborted', fields)
    else this.#logger.warn('a handler failed, so its message is delivered again', fields)
  }

  #hookContext({ messages, queue }: Delivery): ConsumeMessageContext {
    const { client, consumerGroup } = this.#options.config
    const { namespace } = client
    return { consumerGroup, messages, queue, namespace, success: false, props: new Map() }
  }

  #tellHooks(context: ConsumeMessageContext, outcome: HandlerOutcome, durationMs: number): void {
    context.success = outcome.isConsumed
    context.returnType = this.#returnType(outcome, durationMs)
    if (!outcome.isConsumed) context.exception = outcome.cause
    this.#options.hooks.after(context)
  }

  #returnType({ isConsumed, cause }: HandlerOutcome, durationMs: number): ConsumeReturnType {
    if (!isConsumed && !(cause instanceof ConsumeLater)) return 'EXCEPTION'
    if (durationMs >= this.#options.config.consumeTimeout * msPerMinute) return 'TIME_OUT'
    return isConsumed ? 'SUCCESS' : 'FAILED'
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

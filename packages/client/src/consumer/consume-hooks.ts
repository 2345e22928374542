import type { Logger, MessageExt, MessageQueue } from '@mq/remoting'

/** How a call of the handler ended, as hooks see it. Java: ConsumeReturnType. */
export type ConsumeReturnType = 'SUCCESS' | 'TIME_OUT' | 'EXCEPTION' | 'FAILED'

/** What hooks learn about one call of the handler. Java: ConsumeMessageContext. */
export interface ConsumeMessageContext {
  readonly consumerGroup: string
  readonly messages: readonly MessageExt[]
  readonly queue: MessageQueue
  /** Empty for none. */
  readonly namespace: string
  /** In `consumeMessageAfter`. */
  success: boolean
  /** In `consumeMessageAfter`. */
  returnType?: ConsumeReturnType
  /** In `consumeMessageAfter`, what the handler threw. */
  exception?: unknown
  /** For what a hook wants to keep between the two calls. */
  readonly props: Map<string, unknown>
}

/** Sees every call of the handler; what it throws is logged and changes nothing. Java: ConsumeMessageHook. */
export interface ConsumeMessageHook {
  readonly hookName?: string
  consumeMessageBefore?(context: ConsumeMessageContext): void
  consumeMessageAfter?(context: ConsumeMessageContext): void
}

/** The hooks of one consumer, in the order they are called. */
export class ConsumeHooks {
  readonly #hooks: readonly ConsumeMessageHook[]
  readonly #logger: Logger

  constructor(hooks: readonly ConsumeMessageHook[], logger: Logger) {
    this.#hooks = [...hooks]
    this.#logger = logger
  }

  /** Whether anyone has to be told. */
  get isEmpty(): boolean {
    return this.#hooks.length === 0
  }

  before(context: ConsumeMessageContext): void {
    this.#tellAll((hook) => hook.consumeMessageBefore?.(context))
  }

  after(context: ConsumeMessageContext): void {
    this.#tellAll((hook) => hook.consumeMessageAfter?.(context))
  }

  #tellAll(tell: (hook: ConsumeMessageHook) => void): void {
    for (const hook of this.#hooks) {
      try {
        tell(hook)
      } catch (cause) {
        this.#logger.warn('a consume message hook failed', { hook: hook.hookName, cause })
      }
    }
  }
}

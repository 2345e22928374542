import type { Logger } from '@mq/remoting'
import { MqError } from '@mq/remoting'
import type { Refusal } from './message-check.js'

/** What a message is to be, as its properties say. Java: MessageType. */
export type MessageType = 'NORMAL' | 'ORDER' | 'DELAY' | 'TRANSACTION_HALF'

/** What hooks learn of a send; `queueOffset`, `msgId`, `code` and `remark` are set once the store has answered. Java: SendMessageContext. */
export interface SendMessageContext {
  readonly producerGroup: string
  readonly topic: string
  readonly bodyLength: number
  readonly properties: ReadonlyMap<string, string>
  /** `ip:port` of the producer. */
  readonly bornHost: string
  readonly brokerAddress: string
  readonly regionId: string
  readonly uniqueKey: string | undefined
  readonly messageType: MessageType
  /** The queue asked for, then the one chosen. */
  queueId: number
  queueOffset?: number
  /** Offset message id, several joined by a comma for a batch. */
  msgId?: string
  /** Response code sent to the producer. */
  code?: number
  remark?: string | undefined
}

/** Code that runs around every send that reaches the store. Java: SendMessageHook. */
export interface SendMessageHook {
  readonly name: string
  /** Runs before the checks; throwing a ResponseError refuses the send with its code, any other error is logged and ignored. */
  sendMessageBefore?(context: SendMessageContext): void
  /** Runs once the answer is written, if the store was asked; errors are logged and ignored. */
  sendMessageAfter?(context: SendMessageContext): void
}

/** The hooks of a broker, in the order added. */
export class SendMessageHooks {
  readonly #hooks: SendMessageHook[] = []
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** True when contexts need not be made. */
  get isEmpty(): boolean {
    return this.#hooks.length === 0
  }

  /** Adds a hook behind the others. */
  add(hook: SendMessageHook): void {
    this.#hooks.push(hook)
  }

  /** Runs the hooks before a send; answers the refusal of the first that refuses. */
  before(context: SendMessageContext | undefined): Refusal | undefined {
    if (context === undefined) return undefined
    for (const hook of this.#hooks) {
      try {
        hook.sendMessageBefore?.(context)
      } catch (error) {
        if (MqError.is(error) && error.responseCode !== undefined)
          return { code: error.responseCode, remark: error.message }
        this.#logger.warn('a send hook failed before a send', { hook: hook.name, error })
      }
    }
    return undefined
  }

  /** Runs the hooks after a send. */
  after(context: SendMessageContext): void {
    for (const hook of this.#hooks) {
      try {
        hook.sendMessageAfter?.(context)
      } catch (error) {
        this.#logger.warn('a send hook failed after a send', { hook: hook.name, error })
      }
    }
  }
}

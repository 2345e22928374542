import type { MessageExt, MessageQueue } from '@mq/remoting'
import type { CachedMessage } from '../rebalance/process-queue.js'
import type { ConsumeContext } from './message-listener.js'
import { outwardQueue } from './received-message.js'

/** What {@link Delivery} is made with. */
export interface DeliveryOptions {
  readonly source: MessageQueue
  /** Empty for none. */
  readonly namespace: string
  readonly entries: readonly CachedMessage[]
  /** Monotonic. */
  readonly startedMs: number
}

/** One call of a handler: its messages, and the context it gets. */
export class Delivery implements ConsumeContext {
  /** As brokers name it. */
  readonly source: MessageQueue
  readonly entries: readonly CachedMessage[]
  /** Monotonic. */
  readonly startedMs: number
  delayLevel = 0
  ackIndex: number
  suspendMs: number | undefined
  readonly #namespace: string
  #controller: AbortController | undefined
  #abortReason: Error | undefined

  constructor(options: DeliveryOptions) {
    this.source = options.source
    this.#namespace = options.namespace
    this.entries = options.entries
    this.startedMs = options.startedMs
    this.ackIndex = options.entries.length - 1
  }

  get queue(): MessageQueue {
    return outwardQueue(this.source, this.#namespace)
  }

  /** As the handler sees them: a failure here counts as one that a broker counted. */
  get messages(): readonly MessageExt[] {
    return this.entries.map((entry) => {
      return entry.localRetries === 0 ? entry.message : { ...entry.message, reconsumeTimes: attemptsOf(entry) }
    })
  }

  get attempt(): number {
    let most = 0
    for (const entry of this.entries) most = Math.max(most, attemptsOf(entry))
    return most + 1
  }

  /** Made when a handler asks for it: most never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#abortReason !== undefined
  }

  /** Whether this is what the signal was aborted with. */
  isAbortedBy(reason: unknown): boolean {
    return this.#abortReason !== undefined && this.#abortReason === reason
  }

  /** Nobody waits for the handler any longer. */
  abort(reason: Error): void {
    this.#abortReason ??= reason
    this.#controller?.abort(reason)
  }
}

/** Deliveries of a message that failed, through a broker or here. */
export function attemptsOf({ message, localRetries }: CachedMessage): number {
  return message.reconsumeTimes + localRetries
}

import type { MessageExt } from '@mq/remoting'

/** What {@link LitePullIterator} is made with. */
export interface LitePullIteratorOptions {
  /** Called by the first `next`. */
  start(): Promise<void>
  /** The next message, once there is one; undefined when the consumer was closed. */
  take(): Promise<MessageExt | undefined>
  /** Called when the loop is left. */
  leave(): Promise<void>
}

/**
 * Messages one after the other: asking for the next one confirms the one before; leaving the loop commits what was confirmed and
 * closes the consumer, so that the message at hand is delivered again.
 */
export class LitePullIterator implements AsyncIterableIterator<MessageExt> {
  readonly #options: LitePullIteratorOptions
  #started: Promise<void> | undefined

  constructor(options: LitePullIteratorOptions) {
    this.#options = options
  }

  async next(): Promise<IteratorResult<MessageExt>> {
    this.#started ??= this.#options.start()
    await this.#started
    const value = await this.#options.take()
    return value === undefined ? { done: true, value } : { done: false, value }
  }

  async return(): Promise<IteratorResult<MessageExt>> {
    await this.#options.leave()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

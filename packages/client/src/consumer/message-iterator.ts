import type { MessageExt } from '@mq/remoting'
import type { ConsumeContext } from './message-listener.js'

/** A message that waits to be taken, or is being worked on. */
interface Handed {
  readonly message: MessageExt
  acknowledge(): void
}

/** What {@link MessageIterator} is made with. */
export interface MessageIteratorOptions {
  /** Called by the first `next`. */
  start(): Promise<void>
  /** Called when the loop is left. */
  leave(): Promise<void>
}

/**
 * Messages one after the other: asking for the next one consumes the one before, leaving the loop closes the consumer and leaves
 * the message at hand to be delivered again.
 */
export class MessageIterator implements AsyncIterableIterator<MessageExt> {
  readonly #options: MessageIteratorOptions
  #started: Promise<void> | undefined
  #ready: Handed | undefined
  #current: Handed | undefined
  #onReady: (() => void) | undefined
  #isOver = false

  constructor(options: MessageIteratorOptions) {
    this.#options = options
  }

  /** The handler behind the loop; it ends when the message is consumed, and throws when nobody waits for that any longer. */
  readonly handle = (message: MessageExt, { signal }: ConsumeContext): Promise<void> => {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (this.#ready?.message === message) this.#ready = undefined
        reject(signal.reason as Error)
      }
      const acknowledge = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#ready = { message, acknowledge }
      this.#onReady?.()
    })
  }

  async next(): Promise<IteratorResult<MessageExt>> {
    this.#current?.acknowledge()
    this.#current = undefined
    this.#started ??= this.#options.start()
    await this.#started
    while (this.#ready === undefined && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#onReady = resolve
      })
    }
    this.#current = this.#isOver ? undefined : this.#ready
    this.#ready = undefined
    return this.#current === undefined
      ? { done: true, value: undefined }
      : { done: false, value: this.#current.message }
  }

  async return(): Promise<IteratorResult<MessageExt>> {
    this.end()
    await this.#options.leave()
    return { done: true, value: undefined }
  }

  /** The consumer closes: the loop ends instead of getting another message. */
  end(): void {
    this.#isOver = true
    this.#onReady?.()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** What a handler may say about the next delivery. */
export interface ConsumeLaterOptions {
  /** Level of the delay before the next delivery: 0 leaves it to the broker, 1 to 18 is that level, -1 is the dead-letter topic at once. */
  readonly delayLevel?: number
  /** For handlers that work in order: milliseconds until the queue goes on, 10 to 30000. */
  readonly suspendMs?: number
  /** Why, for the log. */
  readonly cause?: unknown
}

/**
 * Thrown by a handler to have the message delivered again, when and where it says, without counting as a fault of the handler.
 * Java: RECONSUME_LATER with delayLevelWhenNextConsume, SUSPEND_CURRENT_QUEUE_A_MOMENT.
 */
export class ConsumeLater extends Error {
  override readonly name: string = 'ConsumeLater'
  readonly delayLevel: number | undefined
  readonly suspendMs: number | undefined

  constructor(options: ConsumeLaterOptions = {}) {
    super('the handler asks for the message again later', options.cause === undefined ? {} : { cause: options.cause })
    this.delayLevel = options.delayLevel
    this.suspendMs = options.suspendMs
  }
}

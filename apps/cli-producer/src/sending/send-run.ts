import type { SendResult } from '@mq/client'
import type { SendStatistics } from '../report/send-statistics.js'
import type { Shipment } from './shipment.js'

/** How a run sends. */
export interface SendRunOptions {
  /** Sends one shipment; resolves with undefined when no answer was asked for. */
  readonly send: (shipment: Shipment) => Promise<SendResult | undefined>
  readonly statistics: SendStatistics
  readonly concurrency: number
  /** Whether a message that is refused for what it is says nothing about the others. */
  readonly messagesDiffer: boolean
  /** Aborted when no more shall be sent: by the caller, by a hopeless start, or by a source that failed. */
  readonly over: AbortController
  /** Hears of every answer; undefined stands for a one-way send, which has none. */
  readonly onSent: (shipment: Shipment, result: SendResult | undefined) => void
  /** Hears of every failure, and whether it is the first of its code. */
  readonly onFailed: (shipment: Shipment, failure: SendFailure) => void
}

/** Why a shipment was not acknowledged. */
export interface SendFailure {
  readonly code: string
  readonly message: string
  readonly cause: unknown
  readonly isFirstOfItsCode: boolean
}

/** Failures that say nothing about the next message. */
const failuresOfTheMessage = new Set(['MESSAGE_ILLEGAL', 'MESSAGE_FORMAT'])

/**
 * Sends shipments, so many at a time. A source is asked for the next shipment only when one can be sent, which is what holds
 * back a fast stdin. A run of which nothing has been sent yet ends at the first failure, unless that is the message's own.
 */
export class SendRun {
  readonly #options: SendRunOptions
  #unanswered = 0
  #sourceError: Error | undefined

  constructor(options: SendRunOptions) {
    this.#options = options
  }

  /** Messages sent that have not been answered. */
  get unanswered(): number {
    return this.#unanswered
  }

  /** Sends until the source ends or the run is over. Settles when every answer is there; rejects with what the source threw. */
  async sendAll(shipments: Iterator<Shipment> | AsyncIterator<Shipment>): Promise<void> {
    const { concurrency } = this.#options
    await Promise.all(Array.from({ length: concurrency }, () => this.#work(shipments)))
    if (this.#sourceError !== undefined) throw this.#sourceError
  }

  async #work(shipments: Iterator<Shipment> | AsyncIterator<Shipment>): Promise<void> {
    for (let next = await this.#next(shipments); next !== undefined; next = await this.#next(shipments)) {
      await this.#ship(next)
    }
  }

  async #next(shipments: Iterator<Shipment> | AsyncIterator<Shipment>): Promise<Shipment | undefined> {
    if (this.#isOver()) return undefined
    try {
      const next = await shipments.next()
      return next.done === true || this.#isOver() ? undefined : next.value
    } catch (cause) {
      // A source that is cut off because the run is over ends with an error, too.
      if (!this.#isOver()) this.#sourceError = cause instanceof Error ? cause : new Error(String(cause))
      this.#options.over.abort()
      return undefined
    }
  }

  #isOver(): boolean {
    return this.#options.over.signal.aborted
  }

  async #ship(shipment: Shipment): Promise<void> {
    const { send, statistics, messagesDiffer, onSent, onFailed } = this.#options
    const messages = shipment.messages.length
    const startedAtMs = performance.now()
    this.#unanswered += messages
    try {
      const result = await send(shipment)
      const latencyMs = performance.now() - startedAtMs
      statistics.countSent(result?.sendStatus ?? 'ONEWAY', { messages, bytes: bytesOf(shipment), latencyMs })
      onSent(shipment, result)
    } catch (cause) {
      const { code, message } = describe(cause)
      const isFirstOfItsCode = statistics.countFailed(code, messages)
      if (statistics.sent === 0 && !(messagesDiffer && failuresOfTheMessage.has(code))) this.#options.over.abort()
      onFailed(shipment, { code, message, cause, isFirstOfItsCode })
    } finally {
      this.#unanswered -= messages
    }
  }
}

function bytesOf({ messages }: Shipment): number {
  return messages.reduce(
    (bytes, { body }) => bytes + (typeof body === 'string' ? Buffer.byteLength(body) : body.length),
    0,
  )
}

function describe(cause: unknown): { code: string; message: string } {
  if (!(cause instanceof Error)) return { code: 'UNKNOWN', message: String(cause) }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
  return { code, message: cause.message }
}

import type { SendResult } from '@mq/client'
import type { MessageExt } from '@mq/remoting'

/** Bytes of the bodies sent, by number; the largest go to the socket and to the log in several writes. */
const mixedSizes = [200, 900, 20, 1500, 33_000, 64, 4000, 300_000]

/** How a ledger and what is stored differ; every list is empty when every promise was kept. */
export interface Discrepancies {
  /** Acknowledged, but not stored under the queue and offset that were told. */
  readonly lost: SendResult[]
  /** Stored with other bytes than were sent, or never sent. */
  readonly altered: string[]
  /** Stored more than once. */
  readonly twice: string[]
  /** Queue offsets that do not follow on the one before. */
  readonly gaps: string[]
}

/** No promise was broken. */
export const nothingBroken: Discrepancies = { lost: [], altered: [], twice: [], gaps: [] }

/**
 * What was sent and what the broker said of it, kept outside the broker's process. Messages are numbered, and the number alone
 * makes the body. A message that was not acknowledged may be stored or not: it is in flight.
 */
export class MessageLedger {
  readonly #sizes: readonly number[]
  readonly #acknowledged = new Map<number, SendResult>()
  #sentCount = 0

  constructor(sizes: readonly number[] = mixedSizes) {
    this.#sizes = sizes
  }

  /** Messages that a send was begun of. */
  get sentCount(): number {
    return this.#sentCount
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size
  }

  /** The numbers of the messages acknowledged. */
  get acknowledgedNumbers(): Iterable<number> {
    return this.#acknowledged.keys()
  }

  /** Brokers that acknowledged something. */
  get brokerNames(): ReadonlySet<string> {
    return new Set([...this.#acknowledged.values()].map(({ messageQueue }) => messageQueue.brokerName))
  }

  /** The next message to send. */
  next(): { readonly number: number; readonly body: Buffer } {
    const number = this.#sentCount++
    return { number, body: this.#body(number) }
  }

  acknowledge(number: number, result: SendResult): void {
    this.#acknowledged.set(number, result)
  }

  /** The number of a message received; undefined when its bytes are not those that were sent. */
  numberOf({ body }: Pick<MessageExt, 'body'>): number | undefined {
    const number = Number.parseInt(String(body.subarray(0, 12)), 10)
    return number < this.#sentCount && body.equals(this.#body(number)) ? number : undefined
  }

  /** Compares with everything that is stored, given queue by queue in the order of the offsets. */
  compare(stored: readonly MessageExt[]): Discrepancies {
    const found: Discrepancies = { lost: [], altered: [], twice: [], gaps: [] }
    const byNumber = new Map<number, MessageExt>()
    for (const [index, message] of stored.entries()) {
      const number = this.numberOf(message)
      if (number === undefined) found.altered.push(placeOf(message))
      else if (byNumber.has(number)) found.twice.push(`${number} at ${placeOf(message)}`)
      else byNumber.set(number, message)
      const before = index === 0 ? undefined : stored[index - 1]
      const isNext = before?.queueId === message.queueId && before.queueOffset + 1 === message.queueOffset
      if (!isNext && message.queueOffset !== 0) found.gaps.push(placeOf(message))
    }
    for (const [number, result] of this.#acknowledged) {
      if (!isSame(result, byNumber.get(number))) found.lost.push(result)
    }
    return found
  }

  #body(number: number): Buffer {
    const size = this.#sizes[number % this.#sizes.length]!
    // The pattern repeats after a length that is no power of two, so that no piece fits where another belongs.
    return Buffer.alloc(size, `${number};`.padEnd(251, `${number}~`), 'latin1')
  }
}

function placeOf({ queueId, queueOffset, msgId, storeSize }: MessageExt): string {
  return `queue ${queueId} offset ${queueOffset} (${msgId}, ${storeSize} bytes)`
}

function isSame(
  { messageQueue, queueOffset, msgId, offsetMsgId }: SendResult,
  stored: MessageExt | undefined,
): boolean {
  return (
    stored?.queueId === messageQueue.queueId &&
    stored.queueOffset === queueOffset &&
    stored.msgId === msgId &&
    stored.offsetMsgId === offsetMsgId
  )
}

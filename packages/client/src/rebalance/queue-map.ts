import type { MessageQueue } from '@mq/remoting'

/** A map whose keys are queues, equal when topic, broker and id are. Iterates in the order of insertion. */
export class QueueMap<T> {
  readonly #entries = new Map<string, readonly [MessageQueue, T]>()

  constructor(entries: Iterable<readonly [MessageQueue, T]> = []) {
    for (const [queue, value] of entries) this.set(queue, value)
  }

  get size(): number {
    return this.#entries.size
  }

  get(queue: MessageQueue): T | undefined {
    return this.#entries.get(keyOf(queue))?.[1]
  }

  has(queue: MessageQueue): boolean {
    return this.#entries.has(keyOf(queue))
  }

  set(queue: MessageQueue, value: T): void {
    this.#entries.set(keyOf(queue), [queue, value])
  }

  /** True when it was there. */
  delete(queue: MessageQueue): boolean {
    return this.#entries.delete(keyOf(queue))
  }

  clear(): void {
    this.#entries.clear()
  }

  *keys(): IterableIterator<MessageQueue> {
    for (const [queue] of this.#entries.values()) yield queue
  }

  *values(): IterableIterator<T> {
    for (const [, value] of this.#entries.values()) yield value
  }

  [Symbol.iterator](): IterableIterator<readonly [MessageQueue, T]> {
    return this.#entries.values()
  }
}

/** Java's order of queues: topic, broker name, then queue id. Java: MessageQueue#compareTo. */
export function compareMessageQueues(a: MessageQueue, b: MessageQueue): number {
  return compareText(a.topic, b.topic) || compareText(a.brokerName, b.brokerName) || a.queueId - b.queueId
}

/** Java's order of strings: by UTF-16 code units, whatever the locale. Java: String#compareTo. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The queue whose key was made last: every message that is consumed moves the offset of its queue. */
let lastQueue: MessageQueue | undefined
let lastKey = ''

function keyOf(queue: MessageQueue): string {
  if (queue !== lastQueue) {
    const { topic, brokerName, queueId } = queue
    lastKey = `${topic} ${brokerName} ${queueId}`
    lastQueue = queue
  }
  return lastKey
}

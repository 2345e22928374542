import type { MessageQueue } from '@mq/remoting'
import { QueueMap } from '../rebalance/queue-map.js'

interface TableEntry {
  offset: number
  isFrozen: boolean
}

/** The offsets an OffsetStore has in memory. Java: offsetTable with its ControllableOffsets. */
export class OffsetTable {
  readonly #entries = new QueueMap<TableEntry>()

  /** Undefined for a queue it does not know. */
  get(queue: MessageQueue): number | undefined {
    return this.#entries.get(queue)?.offset
  }

  /** See OffsetStore#updateOffset. */
  update(
    queue: MessageQueue,
    offset: number,
    { increaseOnly = false }: { readonly increaseOnly?: boolean } = {},
  ): void {
    const entry = this.#entries.get(queue)
    if (entry === undefined) this.#entries.set(queue, { offset, isFrozen: false })
    else if (!entry.isFrozen) entry.offset = increaseOnly ? Math.max(entry.offset, offset) : offset
  }

  /** Sets an offset that no update changes any more. */
  freeze(queue: MessageQueue, offset: number): void {
    this.#entries.set(queue, { offset, isFrozen: true })
  }

  /** Forgets a queue, frozen or not. */
  remove(queue: MessageQueue): void {
    this.#entries.delete(queue)
  }

  /** Forgets every queue that is not among these. */
  retain(queues: QueueMap<unknown>): void {
    for (const queue of [...this.#entries.keys()]) if (!queues.has(queue)) this.#entries.delete(queue)
  }

  /** The offsets of one topic's queues, or of all. */
  toMap(topic?: string): ReadonlyMap<MessageQueue, number> {
    const offsets = new Map<MessageQueue, number>()
    for (const [queue, { offset }] of this.#entries) {
      if (topic === undefined || queue.topic === topic) offsets.set(queue, offset)
    }
    return offsets
  }
}

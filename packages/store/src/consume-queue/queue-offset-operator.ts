/**
 * The next queue offset of every queue: what the append loop hands out. Java: QueueOffsetOperator.
 *
 * Kept in memory only; recovery fills it from the consume queues.
 */
export class QueueOffsetOperator {
  readonly #nextOffsets = new Map<string, Map<number, number>>()

  /** The offset that the next message of the queue gets; 0 for a queue not seen before. */
  getQueueOffset(topic: string, queueId: number): number {
    return this.#nextOffsets.get(topic)?.get(queueId) ?? 0
  }

  /** Moves a queue on by the messages that were appended. */
  increaseQueueOffset(topic: string, queueId: number, messageCount: number): void {
    this.set(topic, queueId, this.getQueueOffset(topic, queueId) + messageCount)
  }

  set(topic: string, queueId: number, nextOffset: number): void {
    let queues = this.#nextOffsets.get(topic)
    if (queues === undefined) {
      queues = new Map()
      this.#nextOffsets.set(topic, queues)
    }
    queues.set(queueId, nextOffset)
  }

  /** Forgets a topic: its numbering starts at 0 again. */
  removeTopic(topic: string): void {
    this.#nextOffsets.delete(topic)
  }

  clear(): void {
    this.#nextOffsets.clear()
  }
}

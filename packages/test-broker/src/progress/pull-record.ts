/** A queue as a group pulls from it. */
export interface PulledQueue {
  readonly group: string
  readonly topic: string
  readonly queueId: number
}

/** Which groups pull from which queues. */
export class PullRecord {
  readonly #pulled = new Set<string>()

  /** A group asked for messages. */
  add(queue: PulledQueue): void {
    this.#pulled.add(keyOf(queue))
  }

  /** Whether a group has asked for messages of a queue since the record was begun. */
  has(queue: PulledQueue): boolean {
    return this.#pulled.has(keyOf(queue))
  }

  /** Begins anew. */
  clear(): void {
    this.#pulled.clear()
  }
}

function keyOf({ group, topic, queueId }: PulledQueue): string {
  return JSON.stringify([group, topic, queueId])
}

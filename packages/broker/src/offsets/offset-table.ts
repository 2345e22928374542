/** A queue as a group sees it. */
export interface QueueOfGroup {
  readonly group: string
  readonly topic: string
  readonly queueId: number
}

const SEPARATOR = '@'

/** Offsets by queue, by topic and group: one member of consumerOffset.json. Entries are counted, so that they can be bounded. */
export class OffsetTable {
  readonly #table = new Map<string, Map<number, number>>()
  #size = 0

  /** Queues with an offset, over all topics and groups. */
  get size(): number {
    return this.#size
  }

  /** The offsets by queue of each `topic@group`. */
  get entries(): ReadonlyMap<string, ReadonlyMap<number, number>> {
    return this.#table
  }

  /** The offset of a queue. */
  get({ group, topic, queueId }: QueueOfGroup): number | undefined {
    return this.#table.get(topic + SEPARATOR + group)?.get(queueId)
  }

  /** The offsets of a group in a topic, by queue. */
  queues(group: string, topic: string): ReadonlyMap<number, number> | undefined {
    return this.#table.get(topic + SEPARATOR + group)
  }

  /** Sets the offset of a queue and answers the one before. */
  set({ group, topic, queueId }: QueueOfGroup, offset: number): number | undefined {
    const key = topic + SEPARATOR + group
    const queues = this.#table.get(key)
    if (queues === undefined) {
      this.#table.set(key, new Map([[queueId, offset]]))
      this.#size++
      return undefined
    }
    const before = queues.get(queueId)
    if (before === undefined) this.#size++
    queues.set(queueId, offset)
    return before
  }

  /** Puts all offsets of a `topic@group` in the place of those it has. */
  replace(key: string, queues: ReadonlyMap<number, number>): void {
    this.#size += queues.size - (this.#table.get(key)?.size ?? 0)
    this.#table.set(key, new Map(queues))
  }

  /** Removes the offset of a queue and answers it. */
  take({ group, topic, queueId }: QueueOfGroup): number | undefined {
    const key = topic + SEPARATOR + group
    const queues = this.#table.get(key)
    const offset = queues?.get(queueId)
    if (queues === undefined || offset === undefined) return undefined
    queues.delete(queueId)
    if (queues.size === 0) this.#table.delete(key)
    this.#size--
    return offset
  }

  /** Forgets a group; true when it had offsets. */
  removeGroup(group: string): boolean {
    return this.#removeWhere((key) => splitKey(key)?.group === group)
  }

  /** Forgets a topic; true when it had offsets. */
  removeTopic(topic: string): boolean {
    return this.#removeWhere((key) => splitKey(key)?.topic === topic)
  }

  #removeWhere(isGone: (key: string) => boolean): boolean {
    const before = this.#size
    for (const [key, queues] of this.#table) {
      if (!isGone(key)) continue
      this.#table.delete(key)
      this.#size -= queues.size
    }
    return this.#size < before
  }

  /** Topics and groups that have offsets. Keys that are no `topic@group`, such as those of broadcasting, are left out. */
  *pairs(): IterableIterator<{ readonly topic: string; readonly group: string }> {
    for (const key of this.#table.keys()) {
      const pair = splitKey(key)
      if (pair !== undefined) yield pair
    }
  }
}

function splitKey(key: string): { readonly topic: string; readonly group: string } | undefined {
  const [topic, group, ...more] = key.split(SEPARATOR)
  return topic === undefined || group === undefined || more.length > 0 ? undefined : { topic, group }
}

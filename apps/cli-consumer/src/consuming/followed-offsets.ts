import type { MessageQueue, OffsetRead, OffsetStore } from '@mq/client'

/**
 * Offsets of somebody who merely watches: nothing is kept anywhere. The queues a topic has at the start begin where the client's
 * options say, queues that come later at their first message, so that nothing is missed.
 */
export class FollowedOffsets implements OffsetStore {
  readonly #queuesOfTheStart = new Set<string>()

  /** These queues are there at the start. */
  beginWith(queues: Iterable<MessageQueue>): void {
    for (const queue of queues) this.#queuesOfTheStart.add(keyOf(queue))
  }

  async readOffset(queue: MessageQueue): Promise<OffsetRead> {
    return this.#queuesOfTheStart.has(keyOf(queue)) ? 'NOT_FOUND' : 0
  }

  knownOffset(): undefined {
    return undefined
  }

  cloneOffsetTable(): ReadonlyMap<MessageQueue, number> {
    return new Map()
  }

  async load(): Promise<void> {}
  async persistAll(): Promise<void> {}
  async persist(): Promise<void> {}
  async handOver(): Promise<void> {}
  updateOffset(): void {}
  updateAndFreezeOffset(): void {}
  removeOffset(): void {}
}

function keyOf({ brokerName, queueId }: MessageQueue): string {
  return `${queueId}@${brokerName}`
}

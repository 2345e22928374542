import type { MessageQueue } from '@mq/remoting'

/**
 * How a read of an offset ended: the offset, or why there is none. `NOT_FOUND`: nobody has stored one (Java: −1). `UNAVAILABLE`: it
 * could not be asked (Java: −2); whoever wants to begin somewhere must wait for the next round.
 */
export type OffsetRead = number | 'NOT_FOUND' | 'UNAVAILABLE'

/** Where a read looks. Java: ReadOffsetType. */
export type ReadOffsetType = 'READ_FROM_MEMORY' | 'READ_FROM_STORE' | 'MEMORY_FIRST_THEN_STORE'

/**
 * How far a group has consumed each queue. Queues are those of the wire: topics carry the namespace. Java: OffsetStore, with
 * RemoteBrokerOffsetStore and LocalFileOffsetStore behind it.
 */
export interface OffsetStore {
  /** Reads what a file keeps; nothing to do where a broker keeps it. */
  load(): Promise<void>
  /** Remembers an offset in memory; with `increaseOnly` only when it is beyond the one known. Ignored for a frozen queue. */
  updateOffset(queue: MessageQueue, offset: number, options?: { readonly increaseOnly?: boolean }): void
  /** Remembers an offset and ignores later updates until `removeOffset`. Java: updateAndFreezeOffset. */
  updateAndFreezeOffset(queue: MessageQueue, offset: number): void
  /** Never rejects: a failure is logged and answered as `UNAVAILABLE`. A value from the store is remembered in memory. */
  readOffset(queue: MessageQueue, type: ReadOffsetType): Promise<OffsetRead>
  /** The offset in memory. */
  knownOffset(queue: MessageQueue): number | undefined
  /** Saves the offsets of these queues and forgets those of all others. Never rejects. */
  persistAll(queues: Iterable<MessageQueue>): Promise<void>
  /** Saves the offset of one queue. Never rejects. */
  persist(queue: MessageQueue): Promise<void>
  /**
   * Saves this offset and waits until it is kept; rejects when it is not. What is in memory stays as it is. Left out where
   * `persist` waits in any case. Java: updateConsumeOffsetToBroker.
   */
  updateConsumeOffsetToBroker?(queue: MessageQueue, offset: number, signal?: AbortSignal): Promise<void>
  /**
   * Before these queues go to other members: saves their offsets and waits until whoever asks next is told these. Never rejects; an
   * offset that cannot be saved is logged.
   */
  handOver(queues: Iterable<MessageQueue>): Promise<void>
  /** Forgets a queue, frozen or not. */
  removeOffset(queue: MessageQueue): void
  /** The offsets in memory of one topic's queues. */
  cloneOffsetTable(topic: string): ReadonlyMap<MessageQueue, number>
}

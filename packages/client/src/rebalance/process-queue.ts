import type { Clock, MessageExt } from '@mq/remoting'

/** A pulled message that has not been consumed yet. */
export interface CachedMessage {
  readonly message: MessageExt
  /** Times it was handed out again here, without a way through a broker. */
  localRetries: number
  isRemoved: boolean
}

/** Milliseconds without a pull after which a queue counts as stuck. Java: rocketmq.client.pull.pullMaxIdleTime. */
const pullMaxIdleMs = 120_000
/** Milliseconds after which a lock that was not renewed is not trusted any more. Java: …rebalance.lockMaxLiveTime. */
const lockMaxLiveMs = 30_000
const compactionThreshold = 1024

/**
 * The messages pulled from one queue and not consumed yet, in the order of their offsets, and the state of the queue at this
 * member. Everything before {@link commitOffset} has been consumed. Java: ProcessQueue.
 */
export class ProcessQueue {
  readonly #clock: Clock
  /** Ordered by offset; those before `#head` are removed, `#entries[#head]` and the last one are not. */
  #entries: CachedMessage[] = []
  #head = 0
  /** How many of the entries from `#head` on are with a handler that works in order; none of them is removed. */
  #taken = 0
  #messageCount = 0
  #bodyBytes = 0
  #pulledTo: number | undefined
  /** Highest offset consumed here. */
  #consumedTo = -1
  #isDropped = false
  #onDropped: Array<() => void> = []
  #lockedMs: number | undefined
  #lastLockMs: number
  #lastPullMs: number
  #lastConsumeMs: number
  /** Times a release had to wait for a handler. */
  tryUnlockTimes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    const nowMs = clock.monotonic()
    this.#lastLockMs = nowMs
    this.#lastPullMs = nowMs
    this.#lastConsumeMs = nowMs
  }

  /** Messages in the cache. */
  get messageCount(): number {
    return this.#messageCount
  }

  /** Bytes of their bodies. */
  get bodyBytes(): number {
    return this.#bodyBytes
  }

  /** Messages from the cache's front that {@link take} handed out. */
  get takenCount(): number {
    return this.#taken
  }

  /** Offset of the last of those; 0 when there are none. */
  get takenMaxOffset(): number {
    return this.#entries[this.#head + this.#taken - 1]?.message.queueOffset ?? 0
  }

  /** Offset of the first message in the cache. */
  get minOffset(): number | undefined {
    return this.#entries[this.#head]?.message.queueOffset
  }

  /** Offset of the last message in the cache. */
  get maxOffset(): number | undefined {
    return this.#entries.at(-1)?.message.queueOffset
  }

  /** From the first to the last offset in the cache. Java: getMaxSpan. */
  get span(): number {
    const { minOffset, maxOffset } = this
    return minOffset === undefined || maxOffset === undefined ? 0 : maxOffset - minOffset
  }

  /** All before it is consumed: the first offset still cached, else where the next pull begins; undefined before the first pull. */
  get commitOffset(): number | undefined {
    return this.minOffset ?? this.#pulledTo
  }

  /** Whether the queue has left this member; nothing of it may be handed out or committed any more. */
  get isDropped(): boolean {
    return this.#isDropped
  }

  /** Whether the broker has granted it to this member alone. */
  get isLocked(): boolean {
    return this.#lockedMs !== undefined
  }

  /** Whether the grant is too old to be trusted. */
  get isLockExpired(): boolean {
    return this.#clock.monotonic() - this.#lastLockMs > lockMaxLiveMs
  }

  /** Milliseconds since the broker last granted it, or since it was made. */
  get sinceLastLockMs(): number {
    return this.#clock.monotonic() - this.#lastLockMs
  }

  /** Whether no pull was made for so long that the queue counts as stuck. */
  get isPullExpired(): boolean {
    return this.#clock.monotonic() - this.#lastPullMs > pullMaxIdleMs
  }

  /** Wall clocks of what last happened, ms since the epoch. */
  get timestamps(): { lastLock: number; lastPull: number; lastConsume: number } {
    const originMs = this.#clock.now() - this.#clock.monotonic()
    const wall = (monotonicMs: number): number => Math.round(originMs + monotonicMs)
    return {
      lastLock: wall(this.#lastLockMs),
      lastPull: wall(this.#lastPullMs),
      lastConsume: wall(this.#lastConsumeMs),
    }
  }

  /** Marks the queue as gone, once. */
  drop(): void {
    if (this.#isDropped) return
    this.#isDropped = true
    for (const tell of this.#onDropped.splice(0)) tell()
  }

  /** Calls the listener when the queue is dropped, or at once when it is already. */
  onDropped(listener: () => void): void {
    if (this.#isDropped) listener()
    else this.#onDropped.push(listener)
  }

  /** The broker has granted the queue just now. */
  setLocked(): void {
    this.#lastLockMs = this.#clock.monotonic()
    this.#lockedMs = this.#lastLockMs
  }

  /** The grant is gone. */
  setUnlocked(): void {
    this.#lockedMs = undefined
  }

  /** A pull begins, or is put off. */
  notePull(): void {
    this.#lastPullMs = this.#clock.monotonic()
  }

  /**
   * Adds what a pull found and remembers where the next one begins; returns what no pull had found before. What the pull skipped
   * counts as consumed.
   */
  put(messages: readonly MessageExt[], nextBeginOffset: number): readonly CachedMessage[] {
    const added: CachedMessage[] = []
    for (const message of messages) {
      if (this.#isKnown(message.queueOffset)) continue
      const entry = { message, localRetries: 0, isRemoved: false }
      this.#entries.push(entry)
      added.push(entry)
      this.#messageCount += 1
      this.#bodyBytes += message.body.length
    }
    this.#pulledTo = Math.max(this.#pulledTo ?? 0, nextBeginOffset)
    return added
  }

  /** Takes a consumed message out; nothing happens when it is out already. Returns {@link commitOffset}. */
  remove(entry: CachedMessage): number | undefined {
    this.#lastConsumeMs = this.#clock.monotonic()
    this.#markRemoved(entry)
    this.#trim()
    return this.commitOffset
  }

  /** The next messages for a handler that works in order; they stay until {@link commitTaken} or {@link giveBack}. */
  take(maxCount: number): readonly CachedMessage[] {
    this.#lastConsumeMs = this.#clock.monotonic()
    const start = this.#head + this.#taken
    const taken = this.#entries.slice(start, start + maxCount)
    this.#taken += taken.length
    return taken
  }

  /** What was taken is consumed. Returns {@link commitOffset}. Java: commit. */
  commitTaken(): number | undefined {
    for (const entry of this.#entries.slice(this.#head, this.#head + this.#taken)) this.#markRemoved(entry)
    this.#taken = 0
    this.#trim()
    return this.commitOffset
  }

  /** What was taken is to be consumed again. Java: rollback, makeMessageToConsumeAgain. */
  giveBack(): void {
    this.#taken = 0
  }

  /** Messages not consumed that keep messages consumed after them from being committed. */
  blocking(): readonly CachedMessage[] {
    return this.#entries.filter((entry) => !entry.isRemoved && entry.message.queueOffset < this.#consumedTo)
  }

  /** Forgets all messages and where the next pull begins. */
  clear(): void {
    for (let at = this.#head; at < this.#entries.length; at++) (this.#entries[at] as CachedMessage).isRemoved = true
    this.#entries = []
    this.#head = 0
    this.#taken = 0
    this.#messageCount = 0
    this.#bodyBytes = 0
    this.#pulledTo = undefined
    this.#consumedTo = -1
  }

  #isKnown(offset: number): boolean {
    const last = this.#entries.at(-1)?.message.queueOffset ?? -1
    return offset <= last || offset < (this.#pulledTo ?? 0)
  }

  #markRemoved(entry: CachedMessage): void {
    if (entry.isRemoved) return
    entry.isRemoved = true
    this.#messageCount -= 1
    this.#bodyBytes -= entry.message.body.length
    this.#consumedTo = Math.max(this.#consumedTo, entry.message.queueOffset)
  }

  /** Lets go of what is removed at either end. */
  #trim(): void {
    while (this.#entries[this.#head]?.isRemoved === true) this.#head += 1
    while (this.#entries.length > this.#head && this.#entries.at(-1)?.isRemoved === true) this.#entries.pop()
    if (this.#head < compactionThreshold && this.#head < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }
}

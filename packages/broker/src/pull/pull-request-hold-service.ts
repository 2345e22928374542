import { type Connection, SlotList, type Timer, type Timers } from '@mq/remoting'
import type { MessageArrival, MessageFilter, MessageStore } from '@mq/store'

/** Longest time a pull waits, ms; a timer of Node takes no more than 24 days. */
const MAX_WAIT_MS = 86_400_000
/** Milliseconds after which a pull that slept through messages it did not want is told that it need not look at them again. */
const CHECK_MS = 5000

/** A pull that found nothing and waits for messages. Java: PullRequest. */
export interface PullToHold {
  readonly connection: Connection
  readonly topic: string
  readonly queueId: number
  /** The message waited for. */
  readonly offset: number
  /** Milliseconds after which it is answered without a message. */
  readonly timeoutMs: number
  readonly filter: MessageFilter | undefined
  /** Looks again and answers whatever comes of it, once; never throws. */
  readonly execute: () => void
}

/** What a PullRequestHoldService works with. */
export interface PullRequestHoldServiceOptions {
  readonly timers: Timers
  readonly store: MessageStore
  /** Pulls held at once; further ones are refused. */
  readonly maxHeldPullRequests: number
}

interface HeldPull {
  readonly pull: PullToHold
  readonly timer: Timer
  /** Those who wait at the same queue, and its slot among them. */
  readonly ofQueue: SlotList<HeldPull>
  slotOfQueue: number
  /** Those of the same connection, and its slot among them. */
  readonly ofConnection: SlotList<HeldPull>
  slotOfConnection: number
}

/**
 * Pulls that wait for messages. One is executed once a message it wants has arrived, its time is over, or the broker stops; when
 * its connection is gone, too, for then its answer goes nowhere and its place is free. Java: PullRequestHoldService.
 */
export class PullRequestHoldService {
  readonly #options: PullRequestHoldServiceOptions
  /** By topic and queue; lists that are empty go with the next check. */
  readonly #queues = new Map<string, Map<number, SlotList<HeldPull>>>()
  readonly #connections = new Map<Connection, SlotList<HeldPull>>()
  readonly #due: HeldPull[] = []
  readonly #checker: Timer
  #size = 0
  #isClosed = false

  constructor(options: PullRequestHoldServiceOptions) {
    this.#options = options
    this.#checker = options.timers.every(CHECK_MS, () => this.#check())
  }

  /** Pulls held. */
  get size(): number {
    return this.#size
  }

  /** Holds a pull; false when it has to be answered at once: there is no room, the broker stops, or its connection is gone. */
  hold(pull: PullToHold): boolean {
    const { timers, maxHeldPullRequests } = this.#options
    if (this.#isClosed || this.#size >= maxHeldPullRequests || pull.timeoutMs <= 0 || !pull.connection.isOpen)
      return false
    const timeoutMs = Math.min(pull.timeoutMs, MAX_WAIT_MS)
    const timer = timers.after(timeoutMs, () => this.#wake(held), { background: true })
    const ofQueue = this.#ofQueue(pull)
    const ofConnection = this.#ofConnection(pull.connection)
    const held: HeldPull = { pull, timer, ofQueue, slotOfQueue: -1, ofConnection, slotOfConnection: -1 }
    held.slotOfQueue = ofQueue.add(held)
    held.slotOfConnection = ofConnection.add(held)
    this.#size++
    return true
  }

  #ofQueue({ topic, queueId }: PullToHold): SlotList<HeldPull> {
    const queues = this.#queues.get(topic) ?? new Map<number, SlotList<HeldPull>>()
    if (queues.size === 0) this.#queues.set(topic, queues)
    const held = queues.get(queueId) ?? new SlotList<HeldPull>()
    if (held.size === 0) queues.set(queueId, held)
    return held
  }

  #ofConnection(connection: Connection): SlotList<HeldPull> {
    const held = this.#connections.get(connection) ?? new SlotList<HeldPull>()
    if (held.size === 0) this.#connections.set(connection, held)
    return held
  }

  /**
   * A message can be read. Those who want it look once the store has told of all that arrived with it, so that they find them
   * all; that is still in this turn of the event loop.
   */
  messageArriving({ topic, queueId, maxOffset, tagsCode }: MessageArrival): void {
    if (this.#size === 0) return
    const waiting = this.#queues.get(topic)?.get(queueId)
    if (waiting === undefined || waiting.size === 0) return
    for (const held of waiting) {
      const { offset, filter } = held.pull
      if (maxOffset <= offset || filter?.isMatchedByConsumeQueue(tagsCode) === false) continue
      this.#remove(held)
      if (this.#due.push(held) === 1) queueMicrotask(() => this.#executeDue())
    }
  }

  /** Without this the offset of a group that gets nothing of a queue would stand still. Java: checkHoldRequest. */
  #check(): void {
    const { store } = this.#options
    for (const [topic, queues] of this.#queues) {
      for (const [queueId, waiting] of queues) {
        const maxOffset = store.getMaxOffsetInQueue(topic, queueId)
        for (const held of waiting) if (maxOffset > held.pull.offset) this.#wake(held)
        if (waiting.size === 0) queues.delete(queueId)
      }
      if (queues.size === 0) this.#queues.delete(topic)
    }
  }

  #executeDue(): void {
    for (const { pull } of this.#due.splice(0)) pull.execute()
  }

  /** Lets go of the pulls of a connection that closed. */
  connectionClosed(connection: Connection): void {
    for (const held of this.#connections.get(connection) ?? []) this.#wake(held)
    this.#connections.delete(connection)
  }

  /** Executes all pulls held and holds no more. */
  close(): void {
    this.#isClosed = true
    this.#checker.cancel()
    for (const held of this.#connections.values()) for (const each of held) this.#wake(each)
  }

  #wake(held: HeldPull): void {
    this.#remove(held)
    held.pull.execute()
  }

  #remove({ timer, ofQueue, slotOfQueue, ofConnection, slotOfConnection }: HeldPull): void {
    timer.cancel()
    ofQueue.remove(slotOfQueue)
    ofConnection.remove(slotOfConnection)
    this.#size--
  }
}

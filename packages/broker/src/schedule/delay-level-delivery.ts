import type { Clock, Logger, MessageExt, MessageExtBrokerInner, Timer, Timers } from '@mq/remoting'
import { SystemTopic } from '@mq/remoting'
import type { MessageStore, PutMessageResult, QueuedMessage } from '@mq/store'
import { putRefusal } from '../send/put-answer.js'
import { messageTimeUp } from './message-time-up.js'

/** Java: DELAY_FOR_A_WHILE, until a message that was not stored is tried again. */
const RETRY_MS = 100
/** Java: DELAY_FOR_A_PERIOD, after a failure that nobody foresaw. */
const RETRY_AFTER_FAILURE_MS = 10_000
/** Milliseconds between two looks at the wall clock while a message waits: the clock may be set. */
const CLOCK_CHECK_MS = 1000
/** Messages delivered in one go; between two the loop is free for others. */
const BATCH_MESSAGES = 32
/** Bytes of their records, unless one alone is larger. */
const BATCH_BYTES = 1_048_576

/** What a DelayLevelDelivery works with. */
export interface DelayLevelDeliveryOptions {
  /** From 1 on. */
  readonly level: number
  readonly delayMs: number
  readonly store: MessageStore
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  /** The next message to deliver, kept by the owner. */
  readonly offset: { get(): number; set(offset: number): void }
  /** A message was stored in its own topic, as a record of so many bytes. */
  onDelivered(topic: string, bytes: number): void
}

/** What remains to be done: at once, after some time, or nothing until a message arrives. */
type Next = 'at once' | 'on arrival' | { readonly retryAfterMs: number } | { readonly dueAt: number }

/**
 * Delivers the messages of one delay level in the order in which they wait. Reads when a message is due or the first arrives;
 * in between it holds one timer, and none without messages. Java: DeliverDelayedMessageTimerTask.
 *
 * Invariant: every message before `offset` has been handed to the log; a message behind it may have been too, and is then in `#delivered`.
 */
export class DelayLevelDelivery {
  readonly #options: DelayLevelDeliveryOptions
  readonly #delivered = new Set<number>()
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  /** A message arrived while the queue was read. */
  #hasArrived = false
  #isClosed = false
  /** Queue offset whose failure has been logged. */
  #reported = -1

  constructor(options: DelayLevelDeliveryOptions) {
    this.#options = options
  }

  /** A message of this level can be read; also called to start. */
  onArrival(): void {
    this.#hasArrived = true
    // Behind one that waits, or that is being read, it waits too.
    if (this.#timer === undefined && this.#running === undefined) this.#wake()
  }

  #wake(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#isClosed) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    let next: Next = 'at once'
    while (next === 'at once' && !this.#isClosed) {
      next = await this.#step()
      if (next === 'on arrival' && this.#hasArrived) next = 'at once'
    }
    if (this.#isClosed || typeof next === 'string') return
    if ('dueAt' in next) this.#waitUntil(next.dueAt)
    else this.#timer = this.#after(next.retryAfterMs, () => this.#wake())
  }

  #after(delayMs: number, task: () => void): Timer {
    return this.#options.timers.after(delayMs, task, { background: true })
  }

  #waitUntil(dueAt: number): void {
    const waitMs = this.#waitMs(dueAt)
    if (waitMs <= 0) this.#wake()
    else this.#timer = this.#after(Math.min(waitMs, CLOCK_CHECK_MS), () => this.#waitUntil(dueAt))
  }

  /** A time further away than the level's delay comes from a clock or a table that was changed: it counts as now. */
  #waitMs(dueAt: number): number {
    const waitMs = dueAt - this.#options.clock.now()
    return waitMs > this.#options.delayMs ? 0 : waitMs
  }

  async #step(): Promise<Next> {
    try {
      return await this.#deliverNext()
    } catch (error) {
      const { level, logger } = this.#options
      logger.error('delayed messages of a level could not be delivered; tried again in 10 s', { level, error })
      return { retryAfterMs: RETRY_AFTER_FAILURE_MS }
    }
  }

  async #deliverNext(): Promise<Next> {
    const { store, level, offset: position } = this.#options
    const offset = position.get()
    this.#hasArrived = false
    const queue = { topic: SystemTopic.SCHEDULE, queueId: level - 1 }
    const { messages, nextOffset } = await store.readConsumeQueue({ ...queue, offset, maxUnits: BATCH_MESSAGES })
    const [first] = messages
    if (first === undefined) return this.#passOver(offset, nextOffset)
    position.set(first.queueOffset)
    if (this.#waitMs(first.tagsCode) > 0) return { dueAt: first.tagsCode }
    const batch = this.#batchOf(messages)
    if (!(await this.#deliver(batch))) return { retryAfterMs: RETRY_MS }
    position.set(messages[batch.length]?.queueOffset ?? nextOffset)
    return 'at once'
  }

  /** There is nothing to deliver at the offset: either it is the end of the queue, or it lies in a gap or outside. */
  #passOver(offset: number, nextOffset: number): Next {
    const { store, level, logger, offset: position } = this.#options
    const minOffset = store.getMinOffsetInQueue(SystemTopic.SCHEDULE, level - 1)
    const maxOffset = store.getMaxOffsetInQueue(SystemTopic.SCHEDULE, level - 1)
    const corrected = Math.min(Math.max(nextOffset, minOffset), maxOffset)
    if (corrected === offset) return 'on arrival'
    logger.error('the offset of a delay level is corrected', { level, offset, corrected })
    position.set(corrected)
    return 'at once'
  }

  /** The first messages, as far as they are due and fit into memory. */
  #batchOf(messages: readonly QueuedMessage[]): readonly QueuedMessage[] {
    let bytes = 0
    const end = messages.findIndex(({ tagsCode, size }, index) => {
      bytes += size
      return index > 0 && (bytes > BATCH_BYTES || this.#waitMs(tagsCode) > 0)
    })
    return end < 0 ? messages : messages.slice(0, end)
  }

  /** Puts the messages in their order; false when one was not stored, and then the offset is that of the first of those. */
  async #deliver(batch: readonly QueuedMessage[]): Promise<boolean> {
    const { store, offset: position } = this.#options
    const records = await Promise.all(batch.map(({ physicalOffset }) => store.lookMessageByOffset(physicalOffset)))
    const failure = await this.#putAll(batch, records)
    if (failure === undefined) {
      this.#delivered.clear()
      return true
    }
    const undelivered = batch.find(({ queueOffset }) => !this.#delivered.has(queueOffset))
    if (undelivered !== undefined) {
      position.set(undelivered.queueOffset)
      this.#report(undelivered.queueOffset, failure)
    }
    return false
  }

  async #putAll(
    batch: readonly QueuedMessage[],
    records: readonly (MessageExt | undefined)[],
  ): Promise<PutMessageResult | undefined> {
    const state: { failure: PutMessageResult | undefined } = { failure: undefined }
    const puts: Promise<void>[] = []
    for (const [index, { queueOffset }] of batch.entries()) {
      // A refusal is told at once: what comes behind it must not overtake it.
      if (state.failure !== undefined) break
      if (this.#delivered.has(queueOffset)) continue
      const message = this.#messageOf(records[index], queueOffset)
      if (message === undefined) continue
      const put = this.#put(message, queueOffset, (result) => {
        state.failure ??= result
      })
      puts.push(put)
    }
    await Promise.all(puts)
    return state.failure
  }

  /** Settles when the message is stored or has failed to be; a refusal is told before this returns. */
  #put(
    message: MessageExtBrokerInner,
    queueOffset: number,
    onFailed: (result: PutMessageResult) => void,
  ): Promise<void> {
    const { topic } = message
    return new Promise((resolve) => {
      this.#options.store.putMessage(message, (result) => {
        if (putRefusal(result) === undefined) {
          this.#delivered.add(queueOffset)
          this.#options.onDelivered(topic, result.wroteBytes)
        } else {
          onFailed(result)
        }
        resolve()
      })
    })
  }

  /** The message to put; undefined when it cannot be delivered ever, which is logged and counts as done. */
  #messageOf(record: MessageExt | undefined, queueOffset: number): MessageExtBrokerInner | undefined {
    const message = record === undefined ? undefined : messageTimeUp(record)
    if (message !== undefined) return message
    const reason = record === undefined ? 'its record is gone or damaged' : 'it does not say where it belongs'
    this.#options.logger.error('a delayed message is not delivered', {
      level: this.#options.level,
      queueOffset,
      reason,
    })
    this.#delivered.add(queueOffset)
    return undefined
  }

  #report(queueOffset: number, { status, remark }: PutMessageResult): void {
    if (this.#reported === queueOffset) return
    this.#reported = queueOffset
    const { level, logger } = this.#options
    logger.warn('a delayed message was not stored; tried again every 100 ms', { level, queueOffset, status, remark })
  }

  /** Finishes the batch under way and stops. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#running
  }
}

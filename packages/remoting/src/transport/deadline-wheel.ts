import type { Runtime, Timer } from '../runtime/runtime.js'

const TICK_MS = 10
/** One turn of the wheel: 5.12 s. Later deadlines stay in their slot for further turns. */
const SLOT_COUNT = 512
/** An empty wheel stops turning after this many ticks. */
const IDLE_TICKS = 100

/**
 * Something that has to happen by a time. Extend it; a deadline is in at most one wheel, where it is linked into a ring with the
 * others of its slot.
 */
export abstract class Deadline {
  /** Monotonic milliseconds. */
  deadlineMs = 0
  #previous: Deadline = this
  #next: Deadline = this

  /** The time has come; called once for each time it was added, unless it was removed before. */
  abstract onDeadline(): void

  /** The deadline after this one in its ring; itself when it is in none. */
  get next(): Deadline {
    return this.#next
  }

  /** Joins the ring of `head` as its last. */
  insertBefore(head: Deadline): void {
    this.#previous = head.#previous
    this.#next = head
    head.#previous.#next = this
    head.#previous = this
  }

  /** Leaves its ring. */
  unlink(): void {
    this.#previous.#next = this.#next
    this.#next.#previous = this.#previous
    this.#previous = this
    this.#next = this
  }
}

/** Where a ring begins. */
class RingHead extends Deadline {
  override onDeadline(): void {}
}

/**
 * Deadlines of many calls with one timer: adding and removing cost the same however many there are. A deadline passes
 * at most {@link TICK_MS} (and never early) after its time. Java: the scan of the response table.
 */
export class DeadlineWheel {
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>
  readonly #slots: RingHead[] = []
  #count = 0
  #lastTick = 0
  #idleTicks = 0
  #timer: Timer | undefined

  constructor(runtime: Pick<Runtime, 'clock' | 'timers'>) {
    this.#runtime = runtime
    for (let index = 0; index < SLOT_COUNT; index++) this.#slots.push(new RingHead())
  }

  /** Deadlines waiting. */
  get size(): number {
    return this.#count
  }

  /** Waits for `deadline.deadlineMs`. */
  add(deadline: Deadline): void {
    if (this.#timer === undefined) this.#start()
    const tick = Math.max(Math.ceil(deadline.deadlineMs / TICK_MS), this.#lastTick + 1)
    deadline.insertBefore(this.#slots[tick % SLOT_COUNT]!)
    this.#count += 1
  }

  /** Forgets a deadline; does nothing when it is not waiting. */
  remove(deadline: Deadline): void {
    if (deadline.next === deadline) return
    deadline.unlink()
    this.#count -= 1
  }

  /** Stops the timer; deadlines still waiting are forgotten with the wheel. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #start(): void {
    this.#lastTick = this.#currentTick()
    this.#idleTicks = 0
    this.#timer = this.#runtime.timers.every(TICK_MS, () => this.#turn())
  }

  #currentTick(): number {
    return Math.floor(this.#runtime.clock.monotonic() / TICK_MS)
  }

  #turn(): void {
    const currentTick = this.#currentTick()
    const firstTick = Math.max(this.#lastTick + 1, currentTick - SLOT_COUNT + 1)
    this.#lastTick = Math.max(this.#lastTick, currentTick)
    const passed = new RingHead()
    for (let tick = firstTick; tick <= currentTick; tick++) {
      this.#collect(this.#slots[tick % SLOT_COUNT]!, currentTick * TICK_MS, passed)
    }
    while (passed.next !== passed) {
      const deadline = passed.next
      this.remove(deadline)
      deadline.onDeadline()
    }
    this.#idleTicks = this.#count === 0 ? this.#idleTicks + 1 : 0
    if (this.#idleTicks >= IDLE_TICKS) {
      this.stop()
    }
  }

  /** Moves what is due from a slot; the rest waits for another turn of the wheel. */
  #collect(slot: RingHead, nowMs: number, passed: RingHead): void {
    for (let deadline = slot.next; deadline !== slot; ) {
      const { next } = deadline
      if (deadline.deadlineMs <= nowMs) {
        deadline.unlink()
        deadline.insertBefore(passed)
      }
      deadline = next
    }
  }
}

import { nodeTimers } from '../runtime/node-timers.js'
import type { Clock, EveryOptions, Timer, Timers } from '../runtime/runtime.js'

interface ScheduledTask {
  readonly atMs: number
  /** Breaks ties, so that tasks of one instant run in the order in which they were scheduled. */
  readonly sequence: number
  run: (() => void) | undefined
}

function isBefore(a: ScheduledTask, b: ScheduledTask): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}

/** Virtual time: nothing waits, the next task's time simply becomes the present. */
export class SimulatedTime implements Clock, Timers {
  readonly #startMs: number
  #elapsedMs = 0
  #sequence = 0
  /** A binary heap, earliest first. */
  readonly #heap: ScheduledTask[] = []
  #turnEnds: Array<() => void> = []

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  now(): number {
    return Math.floor(this.#startMs + this.#elapsedMs)
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  after(delayMs: number, task: () => void): Timer {
    const scheduled: ScheduledTask = {
      atMs: this.#elapsedMs + Math.max(0, delayMs),
      sequence: this.#sequence++,
      run: task,
    }
    this.#push(scheduled)
    return {
      cancel() {
        scheduled.run = undefined
      },
    }
  }

  every(periodMs: number, task: () => void, options?: EveryOptions): Timer {
    const again = (): void => {
      current = this.after(periodMs, again)
      task()
    }
    let current = this.after(options?.firstDelayMs ?? periodMs, again)
    return {
      cancel() {
        current.cancel()
      },
    }
  }

  turnEnd(task: () => void): void {
    this.#turnEnds.push(task)
  }

  /** When the next task is due, in elapsed milliseconds; undefined when nothing is scheduled. */
  get nextAtMs(): number | undefined {
    if (this.#turnEnds.length > 0) return this.#elapsedMs
    while (this.#heap[0] !== undefined && this.#heap[0].run === undefined) this.#pop()
    return this.#heap[0]?.atMs
  }

  /** Moves to the given time without running anything; only forward. */
  skipTo(atMs: number): void {
    if (atMs > this.#elapsedMs) this.#elapsedMs = atMs
  }

  /** Resolves once every promise that could go on has gone on. */
  settle(): Promise<void> {
    return new Promise((resolve) => nodeTimers.turnEnd(resolve))
  }

  /** Runs one turn: every task of the next instant, promises settling after each, and then the tasks of the turn's end. */
  async turn(): Promise<void> {
    await this.settle()
    const atMs = this.nextAtMs
    if (atMs === undefined) return
    this.skipTo(atMs)
    await this.#runInstant(atMs)
    const tasks = this.#turnEnds
    this.#turnEnds = []
    for (const task of tasks) task()
    await this.settle()
  }

  /** The tasks due now; those they schedule for this same instant belong to the next turn. */
  async #runInstant(atMs: number): Promise<void> {
    const bound = this.#sequence
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.atMs > atMs || next.sequence >= bound) return
      this.#pop()
      if (next.run === undefined) continue
      next.run()
      await this.settle()
    }
  }

  #push(task: ScheduledTask): void {
    const heap = this.#heap
    let index = heap.push(task) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(task, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = task
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}

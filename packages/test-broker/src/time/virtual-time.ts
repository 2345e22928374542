import type { AfterOptions, Clock, EveryOptions, Runtime, Timer, Timers } from '@mq/remoting'

interface Task {
  readonly dueMs: number
  /** Breaks ties, so that tasks of one instant run in the order in which they were scheduled. */
  readonly sequence: number
  readonly run: () => void
  readonly isBackground: boolean
  readonly isPeriodic: boolean
  /** Runs the task when real time gets there first. */
  alarm: Timer | undefined
}

/**
 * Real time plus an offset that only grows: timers run when real time reaches them, or when {@link skip} does. Wall clock and
 * timers move; whoever measures durations with a clock of its own sees real ones.
 */
export class VirtualTime implements Clock, Timers {
  readonly #real: Pick<Runtime, 'clock' | 'timers'>
  readonly #tasks = new Set<Task>()
  /** Wall clock minus monotonic clock. One is taken from the other, so that a timer never finds the wall clock short of its time. */
  readonly #epochMs: number
  #offsetMs = 0
  #sequence = 0

  constructor(real: Pick<Runtime, 'clock' | 'timers'>) {
    this.#real = real
    this.#epochMs = real.clock.now() - real.clock.monotonic()
  }

  now(): number {
    return Math.floor(this.#epochMs + this.monotonic())
  }

  monotonic(): number {
    return this.#real.clock.monotonic() + this.#offsetMs
  }

  after(delayMs: number, task: () => void, options?: AfterOptions): Timer {
    const isBackground = options?.background === true
    return this.#schedule(delayMs, { run: task, isBackground, isPeriodic: false })
  }

  every(periodMs: number, task: () => void, options?: EveryOptions): Timer {
    const kind = { isBackground: true, isPeriodic: true }
    const run = (): void => {
      current = this.#schedule(periodMs, { ...kind, run })
      task()
    }
    let current = this.#schedule(options?.firstDelayMs ?? periodMs, { ...kind, run })
    return { cancel: () => current.cancel() }
  }

  turnEnd(task: () => void): void {
    this.#real.timers.turnEnd(task)
  }

  /** Whole milliseconds until the next one-shot task is due, 0 when it is; Infinity when there is none. */
  get nextInMs(): number {
    return this.#untilNext((task) => !task.isPeriodic)
  }

  /** As `nextInMs`, for periodic tasks. */
  get nextPeriodicInMs(): number {
    return this.#untilNext((task) => task.isPeriodic)
  }

  /**
   * Moves time forward by whole milliseconds and runs what has become due, earliest first, each once. Until {@link realign} the
   * others are late in real time. Rethrows the first failure of a task once all have run.
   */
  skip(durationMs: number): void {
    this.#offsetMs += durationMs
    const nowMs = this.monotonic()
    const due = [...this.#tasks].filter(({ dueMs }) => dueMs <= nowMs)
    due.sort((a, b) => a.dueMs - b.dueMs || a.sequence - b.sequence)
    const failures: unknown[] = []
    for (const task of due) {
      if (!this.#forget(task)) continue
      try {
        task.run()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Lets every task run at its time by the real clock as well, after the last {@link skip}. */
  realign(): void {
    for (const task of this.#tasks) this.#arm(task)
  }

  #schedule(delayMs: number, kind: Pick<Task, 'run' | 'isBackground' | 'isPeriodic'>): Timer {
    const dueMs = this.monotonic() + Math.max(0, delayMs)
    const task: Task = { ...kind, dueMs, sequence: this.#sequence++, alarm: undefined }
    this.#tasks.add(task)
    this.#arm(task)
    return { cancel: () => this.#forget(task) }
  }

  #untilNext(isWanted: (task: Task) => boolean): number {
    let earliestMs = Number.POSITIVE_INFINITY
    for (const task of this.#tasks) if (task.dueMs < earliestMs && isWanted(task)) earliestMs = task.dueMs
    return Math.max(0, Math.ceil(earliestMs - this.monotonic()))
  }

  #arm(task: Task): void {
    task.alarm?.cancel()
    const run = (): void => {
      if (this.#forget(task)) task.run()
    }
    task.alarm = this.#real.timers.after(task.dueMs - this.monotonic(), run, { background: task.isBackground })
  }

  /** False when the task has run or was cancelled before. */
  #forget(task: Task): boolean {
    task.alarm?.cancel()
    return this.#tasks.delete(task)
  }
}

import type { Logger, Timer, Timers } from '@mq/remoting'

/** Work done again and again while an instance lives. */
export interface ScheduledTask {
  readonly name: string
  /** Milliseconds after the start. */
  readonly firstDelayMs: number
  /** Milliseconds from one start to the next; a round that is due while the one before runs is skipped. */
  readonly periodMs: number
  run(): Promise<void>
}

/**
 * The timers of an instance. None keeps the process alive, and a failure is logged. Java: startScheduledTask; the adjustment of
 * thread pools there has no counterpart, because there are no pools here.
 */
export class ScheduledTasks {
  readonly #timers: Timers
  readonly #logger: Logger
  readonly #running = new Set<Timer>()

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers
    this.#logger = logger
  }

  /** Begins to run the task. */
  start(task: ScheduledTask): void {
    let isRunning = false
    const round = async (): Promise<void> => {
      if (isRunning) return
      isRunning = true
      try {
        await task.run()
      } catch (cause) {
        this.#logger.error('a scheduled task failed', { task: task.name, cause })
      } finally {
        isRunning = false
      }
    }
    this.#running.add(this.#timers.every(task.periodMs, () => void round(), { firstDelayMs: task.firstDelayMs }))
  }

  /** Cancels all of them; a round under way goes on to its end. */
  cancelAll(): void {
    for (const timer of this.#running) timer.cancel()
    this.#running.clear()
  }
}

import type { AfterOptions, EveryOptions, Timer, Timers } from './runtime.js'

/** Longest delay that setTimeout takes: beyond it Node would fire at once. */
const MAX_DELAY_MS = 2_147_483_647

function atMost(delayMs: number): number {
  return delayMs > MAX_DELAY_MS ? MAX_DELAY_MS : delayMs
}

/** Node's timers. */
export const nodeTimers: Timers = {
  after(delayMs: number, task: () => void, options?: AfterOptions): Timer {
    const handle = setTimeout(task, atMost(delayMs))
    if (options?.background === true) handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },

  every(periodMs: number, task: () => void, options?: EveryOptions): Timer {
    const period = atMost(periodMs)
    const firstDelayMs = options?.firstDelayMs ?? period
    let interval: NodeJS.Timeout | undefined
    const first = setTimeout(() => {
      interval = setInterval(task, period).unref()
      task()
    }, atMost(firstDelayMs)).unref()
    return {
      cancel() {
        clearTimeout(first)
        clearInterval(interval)
      },
    }
  },

  turnEnd(task: () => void): void {
    setImmediate(task)
  },
}

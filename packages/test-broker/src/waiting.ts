import type { Timers } from '@mq/remoting'
import { TestBrokerError } from './errors.js'

/** How long a test waits, in real time. */
export interface WaitOptions {
  /** Milliseconds after which it is given up. Default 5000. */
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 5000
/** Milliseconds between looks at what announces no change. */
const LOOK_AGAIN_MS = 5

/** What is waited for. */
export interface Condition<T> {
  /** Looks once; undefined when it is not there yet. */
  readonly look: () => Promise<T | undefined>
  /** What was waited for and what there is instead, for the error; called once the time is over. */
  readonly describe: (timeoutMs: number) => Promise<string>
}

/** Looks until there is something to see. @throws TestBrokerError TEST_BROKER_WAIT with the description when the time is over. */
export async function waitFor<T>(timers: Timers, condition: Condition<T>, options: WaitOptions = {}): Promise<T> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options
  if (!(timeoutMs >= 0)) throw new TestBrokerError('TEST_BROKER_ARGUMENT', `timeoutMs is ${timeoutMs}: give 0 or more`)
  const state = { isOver: false }
  const deadline = timers.after(timeoutMs, () => void (state.isOver = true))
  try {
    for (;;) {
      const isLastLook = state.isOver
      const seen = await condition.look()
      if (seen !== undefined) return seen
      if (isLastLook) break
      await new Promise<void>((resolve) => timers.after(LOOK_AGAIN_MS, resolve))
    }
  } finally {
    deadline.cancel()
  }
  throw new TestBrokerError('TEST_BROKER_WAIT', await condition.describe(timeoutMs))
}

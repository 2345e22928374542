import type { Activity } from './activity.js'
import type { VirtualTime } from './virtual-time.js'

/** One-shot timers that are no further apart run together: real time is no more exact. */
const MERGED_MS = 5
/**
 * Periodic tasks run no more often than this, however short their period. Below the time for which a long poll is held, so that its answer is on the
 * way before its client gives it up.
 */
const PERIODIC_STEP_MS = 5000

/**
 * Lets virtual time pass in steps: to the next one-shot timer, until everything has come to rest, and on. Periodic tasks run on the way, now and then,
 * so that hours take no more than moments.
 */
export class TimeMachine {
  readonly #time: VirtualTime
  readonly #activity: Activity
  #advancing: Promise<void> = Promise.resolve()

  constructor(time: VirtualTime, activity: Activity) {
    this.#time = time
    this.#activity = activity
  }

  /** Settles when the time has passed and nothing is due any more. One advance begins when the one before has ended. */
  advance(durationMs: number, quietMs: number): Promise<void> {
    const advanced = this.#advancing.then(() => this.#advance(durationMs, quietMs))
    this.#advancing = advanced.catch(() => {
      // Its caller hears of it; the next one is not to blame.
    })
    return advanced
  }

  async #advance(durationMs: number, quietMs: number): Promise<void> {
    let leftMs = durationMs
    try {
      await this.#activity.settled(quietMs)
      while (leftMs > 0) {
        const stepMs = Math.min(leftMs, this.#nextStepMs())
        leftMs -= stepMs
        this.#time.skip(stepMs)
        await this.#activity.settled(quietMs)
      }
    } finally {
      this.#time.realign()
    }
  }

  #nextStepMs(): number {
    const { nextInMs, nextPeriodicInMs } = this.#time
    return Math.max(MERGED_MS, Math.min(nextInMs, Math.max(PERIODIC_STEP_MS, nextPeriodicInMs)))
  }
}

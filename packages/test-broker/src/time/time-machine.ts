import type { Traffic } from './traffic.js'
import type { VirtualTime } from './virtual-time.js'

/** Steps of one advance at most, unless {@link LONGEST_STEP_MS} asks for more. */
const MOST_STEPS = 1000
const SHORTEST_STEP_MS = 100
/** Below the time a long poll is held, so that its answer is on the way before its client gives it up. */
const LONGEST_STEP_MS = 5000

/**
 * Lets virtual time pass in steps: to the next timer, then as far as it takes for everything to come to rest. Timers that are
 * closer together than a step run in one, periodic ones once, so that hours take no more than moments.
 */
export class TimeMachine {
  readonly #time: VirtualTime
  readonly #traffic: Traffic
  #advancing: Promise<void> = Promise.resolve()

  constructor(time: VirtualTime, traffic: Traffic) {
    this.#time = time
    this.#traffic = traffic
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
    const leastMs = Math.min(LONGEST_STEP_MS, Math.max(SHORTEST_STEP_MS, Math.ceil(durationMs / MOST_STEPS)))
    let leftMs = durationMs
    try {
      await this.#traffic.settled(quietMs)
      while (leftMs > 0) {
        const nextInMs = this.#time.nextInMs ?? leftMs
        const stepMs = Math.min(leftMs, Math.max(leastMs, nextInMs))
        leftMs -= stepMs
        this.#time.skip(stepMs)
        await this.#traffic.settled(quietMs)
      }
    } finally {
      this.#time.realign()
    }
  }
}

import type { Runtime } from '@mq/remoting'

/** Turns of the event loop without anything happening after which nothing is under way in this process. */
const QUIET_TURNS = 6
/** Milliseconds after which activity that does not end is no longer waited for. */
const LONGEST_WAIT_MS = 1000

/** What goes on around a test broker, so that a test can wait until it has come to rest. */
export class Activity {
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>
  #work = 0
  #pending = 0
  #traffic = 0

  constructor(runtime: Pick<Runtime, 'clock' | 'timers'>) {
    this.#runtime = runtime
  }

  /** Bytes went to a client or came from one: it may have more to say after a while. */
  noteTraffic(): void {
    this.#traffic += 1
  }

  /** Counts as under way until the promise settles; answers the promise. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#pending += 1
    try {
      return await work
    } finally {
      this.#pending -= 1
      this.#work += 1
    }
  }

  /**
   * Settles after some turns in which nothing happens; once clients took part, when they kept silent for `quietMs`. After a second
   * at the latest.
   */
  async settled(quietMs: number): Promise<void> {
    const { clock, timers } = this.#runtime
    const endMs = clock.monotonic() + LONGEST_WAIT_MS
    let seen = { work: this.#work, traffic: this.#traffic }
    let silentFromMs = Number.NEGATIVE_INFINITY
    for (let turns = 0; turns < QUIET_TURNS || clock.monotonic() - silentFromMs < quietMs; turns++) {
      await new Promise<void>((resolve) => timers.turnEnd(resolve))
      if (clock.monotonic() > endMs) return
      if (this.#pending === 0 && seen.work === this.#work && seen.traffic === this.#traffic) continue
      if (seen.traffic !== this.#traffic) silentFromMs = clock.monotonic()
      seen = { work: this.#work, traffic: this.#traffic }
      turns = 0
    }
  }
}

import type { Runtime } from '@mq/remoting'

/** Turns of the event loop without a byte after which nothing seems to be under way. */
const QUIET_TURNS = 6
/** Milliseconds after which traffic that does not end is no longer waited for. */
const LONGEST_WAIT_MS = 1000

/** Counts what goes through the sockets of a test broker, so that a test can wait until it has come to rest. */
export class Traffic {
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>
  #count = 0

  constructor(runtime: Pick<Runtime, 'clock' | 'timers'>) {
    this.#runtime = runtime
  }

  /** Something was read, written or stored. */
  note(): void {
    this.#count += 1
  }

  /**
   * Settles after some turns in which nothing happens; once something did, when nothing happened for `quietMs` more, after a
   * second at the latest.
   */
  async settled(quietMs: number): Promise<void> {
    const { clock } = this.#runtime
    const startMs = clock.monotonic()
    let seen = this.#count
    let quietFromMs = Number.NEGATIVE_INFINITY
    for (let quietTurns = 0; quietTurns < QUIET_TURNS || clock.monotonic() - quietFromMs < quietMs; quietTurns++) {
      await new Promise<void>((resolve) => this.#runtime.timers.turnEnd(resolve))
      if (this.#count === seen) continue
      seen = this.#count
      quietTurns = 0
      quietFromMs = clock.monotonic()
      if (quietFromMs - startMs > LONGEST_WAIT_MS) return
    }
  }
}

import type { Runtime } from '@mq/remoting'

/** Turns of the event loop without anything happening after which nothing is under way in this process. */
const QUIET_TURNS = 6
/** Milliseconds after which activity that does not end is no longer waited for. */
const LONGEST_WAIT_MS = 1000

/** What goes on around a test broker, so that a test can wait until it has come to rest. */
export class Activity {
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>
  readonly #isBusy: () => boolean
  #pending = 0
  /** Counts whatever happens. */
  #events = 0
  /** Whether a client got messages that it may be busy with. */
  #isAnswerExpected = false

  /** `isBusy` tells of what cannot be noted when it happens, such as bytes on their way. */
  constructor(runtime: Pick<Runtime, 'clock' | 'timers'>, isBusy: () => boolean = () => false) {
    this.#runtime = runtime
    this.#isBusy = isBusy
  }

  /** Bytes went to a client or came from one. */
  noteTraffic(): void {
    this.#events += 1
  }

  /** A client got messages: it may have something to say about them after a while. */
  noteDelivery(): void {
    this.#events += 1
    this.#isAnswerExpected = true
  }

  /** Something is under way until {@link end}. */
  begin(): void {
    this.#pending += 1
  }

  /** Something that began is over. */
  end(): void {
    this.#pending -= 1
    this.#events += 1
  }

  /** Counts as under way until the promise settles; answers the promise. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.begin()
    try {
      return await work
    } finally {
      this.end()
    }
  }

  /**
   * Settles after some turns in which nothing happens and, if clients have got messages since the last time, once they have kept
   * silent for `quietMs`. After a second at the latest.
   */
  async settled(quietMs: number): Promise<void> {
    const { clock, timers } = this.#runtime
    const startMs = clock.monotonic()
    let seen = this.#events
    let lastEventMs = startMs
    const isQuiet = (): boolean => !this.#isAnswerExpected || clock.monotonic() - lastEventMs >= quietMs
    for (let turns = 0; turns < QUIET_TURNS || !isQuiet(); turns++) {
      await new Promise<void>((resolve) => timers.turnEnd(resolve))
      if (clock.monotonic() - startMs > LONGEST_WAIT_MS) return
      if (this.#pending === 0 && seen === this.#events && !this.#isBusy()) continue
      seen = this.#events
      lastEventMs = clock.monotonic()
      turns = 0
    }
    this.#isAnswerExpected = false
  }
}

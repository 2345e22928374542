import type { Clock, Timer, Timers } from '@mq/remoting'

/** How often and how much is flushed. */
export interface FlushRealTimeServiceOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** ms from the end of one flush to the start of the next. */
  readonly flushIntervalCommitLog: number
  /** Unflushed pages below which a flush is skipped. */
  readonly flushCommitLogLeastPages: number
  /** ms after which a flush takes whatever there is. */
  readonly flushCommitLogThoroughInterval: number
  /** Makes the log durable if at least that many pages are unflushed; failures are reported by the callee, then it rejects. */
  flush(leastPages: number): Promise<unknown>
}

/** Flushes in the background what ASYNC_FLUSH puts wrote. Java: FlushRealTimeService. */
export class FlushRealTimeService {
  readonly #options: FlushRealTimeServiceOptions
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #lastThoroughFlush: number
  #stopped = false

  constructor(options: FlushRealTimeServiceOptions) {
    this.#options = options
    this.#lastThoroughFlush = options.clock.monotonic()
  }

  start(): void {
    if (this.#stopped) return
    this.#timer = this.#options.timers.after(this.#options.flushIntervalCommitLog, () => this.#tick(), {
      background: true,
    })
  }

  /** Stops the timer and waits for the flush in flight; the last flush is the caller's. */
  async close(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#running
  }

  #tick(): void {
    const { clock, flushCommitLogThoroughInterval, flushCommitLogLeastPages } = this.#options
    const isThorough = clock.monotonic() >= this.#lastThoroughFlush + flushCommitLogThoroughInterval
    if (isThorough) this.#lastThoroughFlush = clock.monotonic()
    this.#running = this.#options.flush(isThorough ? 0 : flushCommitLogLeastPages).then(
      () => this.start(),
      // The callee has reported the failure and made the store read-only: a flush is never tried again.
      () => {},
    )
  }
}

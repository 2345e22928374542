import type { Runtime, Timer } from '@mq/remoting'

/** Until when a call may take, and who may end it sooner. */
export interface DeadlineOptions {
  readonly runtime: Runtime
  /** Milliseconds from now. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** The time one call has, shared by everything it waits for. */
export class Deadline {
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
  readonly #runtime: Runtime
  readonly #startedMs: number

  constructor(options: DeadlineOptions) {
    this.#runtime = options.runtime
    this.signal = options.signal
    this.timeoutMs = options.timeoutMs
    this.#startedMs = options.runtime.clock.monotonic()
  }

  /** Milliseconds gone since the call began. */
  get elapsedMs(): number {
    return this.#runtime.clock.monotonic() - this.#startedMs
  }

  /** Milliseconds left; zero or less when the time is over. */
  get remainingMs(): number {
    return this.timeoutMs - this.elapsedMs
  }

  /** Throws the signal's reason if the caller has aborted. */
  throwIfAborted(): void {
    this.signal?.throwIfAborted()
  }

  /**
   * Waits for work that others may wait for too and that is not stopped: rejects with the signal's reason at once when the
   * caller aborts, and with what `onTimeout` makes when the time is over. Leaves no timer and no listener behind.
   */
  wait<T>(work: Promise<T>, onTimeout: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = this
      const cleanUp = (): void => {
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        cleanUp()
        reject(signal?.reason as Error)
      }
      const timer: Timer = this.#runtime.timers.after(Math.max(0, this.remainingMs), () => {
        cleanUp()
        reject(onTimeout())
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      work.finally(cleanUp).then(resolve, reject)
      if (signal?.aborted === true) onAbort()
    })
  }
}

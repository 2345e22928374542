import type { Clock, Timer, Timers } from '@mq/remoting'
import { StoreWriteError } from '../errors.js'

/** How a wait for the disk ended. */
export type FlushOutcome = 'PUT_OK' | 'FLUSH_DISK_TIMEOUT' | StoreWriteError

/** A put that is acknowledged once the log is durable up to its end. Java: GroupCommitRequest. */
export interface GroupCommitRequest {
  /** One past the last byte of the record. */
  readonly nextOffset: number
  onFlushed(outcome: FlushOutcome): void
}

/** What the service waits for and with. */
export interface GroupCommitServiceOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** ms that a request waits. */
  readonly syncFlushTimeout: number
  /** Makes everything written before the call durable; answers up to where. Rejects with StoreWriteError, after which it is not called again. */
  flush(): Promise<number>
}

/**
 * Acknowledges SYNC_FLUSH puts in groups: one sync is in flight, and whatever was written before it started is acknowledged by it.
 *
 * Requests come in ascending `nextOffset`. Java: GroupCommitService with FlushDiskWatcher.
 */
export class GroupCommitService {
  readonly #options: GroupCommitServiceOptions
  #waiting: { readonly request: GroupCommitRequest; readonly deadline: number }[] = []
  #running: Promise<void> | undefined
  /** Something was written during the sync in flight that nobody waits for. */
  #isWanted = false
  #watcher: Timer | undefined

  constructor(options: GroupCommitServiceOptions) {
    this.#options = options
  }

  /** Requests that wait for a sync. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Adds a put whose bytes are written; a sync starts now, or when the one in flight has ended. */
  putRequest(request: GroupCommitRequest): void {
    const deadline = this.#options.clock.monotonic() + this.#options.syncFlushTimeout
    this.#waiting.push({ request, deadline })
    this.#watcher ??= this.#watch(this.#options.syncFlushTimeout)
    this.#start()
  }

  /** Makes durable what is written, though nobody waits for it: a sync starts now, or when the one in flight has ended. */
  wakeup(): void {
    this.#isWanted = true
    this.#start()
  }

  #start(): void {
    this.#running ??= this.#run()
  }

  /** Waits for the sync in flight, and syncs once more for what still waits. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) this.#start()
    await this.#running
    this.#watcher?.cancel()
    this.#watcher = undefined
  }

  get #hasWork(): boolean {
    return this.#waiting.length > 0 || this.#isWanted
  }

  async #run(): Promise<void> {
    do {
      // Its bytes were written before this sync starts, so this sync has to reach it.
      const due = this.#waiting[0]
      this.#isWanted = false
      try {
        this.#complete(await this.#options.flush())
        if (due !== undefined && this.#waiting[0] === due) throw unreached(due.request.nextOffset)
      } catch (error) {
        this.#isWanted = false
        this.#failAll(error as StoreWriteError)
      }
    } while (this.#hasWork)
    // At once: who comes in between would find a sync in flight that looks at nothing any more.
    this.#running = undefined
  }

  #complete(flushedWhere: number): void {
    const firstBehind = this.#waiting.findIndex(({ request }) => request.nextOffset > flushedWhere)
    const count = firstBehind < 0 ? this.#waiting.length : firstBehind
    for (const { request } of this.#waiting.splice(0, count)) request.onFlushed('PUT_OK')
  }

  #failAll(error: StoreWriteError): void {
    for (const { request } of this.#waiting.splice(0)) request.onFlushed(error)
  }

  #watch(delayMs: number): Timer {
    return this.#options.timers.after(delayMs, () => this.#expire(), { background: true })
  }

  #expire(): void {
    const now = this.#options.clock.monotonic()
    let count = 0
    while (count < this.#waiting.length && (this.#waiting[count]?.deadline ?? 0) <= now) count++
    for (const { request } of this.#waiting.splice(0, count)) request.onFlushed('FLUSH_DISK_TIMEOUT')
    const next = this.#waiting[0]
    this.#watcher = next && this.#watch(Math.max(1, next.deadline - now))
  }
}

/** A broken invariant: to sync again and again would never let go of the event loop. */
function unreached(offset: number): StoreWriteError {
  return new StoreWriteError(
    `a sync ended before offset ${offset}, which was written before it began; restart to recover`,
  )
}

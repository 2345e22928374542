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

/** A sync that has ended. */
export interface EndedSync {
  /** The log is durable up to here. */
  readonly flushedWhere: number
  /** Tells of it whoever is to know besides those who wait. */
  report(): void
}

/** What the service waits for and with. */
export interface GroupCommitServiceOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** ms that a request waits. */
  readonly syncFlushTimeout: number
  /** Makes everything written before the call durable. Rejects with StoreWriteError, after which it is not called again. */
  sync(): Promise<EndedSync>
}

/** A sync in flight. */
interface Sync {
  /** The first request whose bytes were written before it started: it has to reach that one. */
  readonly due: GroupCommitRequest | undefined
  readonly ended: Promise<EndedSync>
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

  /** Starts a sync for the requests from this index on, and for what nobody waits for. */
  #begin(index: number): Sync {
    this.#isWanted = false
    return { due: this.#waiting[index]?.request, ended: this.#options.sync() }
  }

  /** Starts a sync if something was written that no sync up to this index of the requests has reached. */
  #beginIfWanted(index: number): Sync | undefined {
    return this.#waiting.length > index || this.#isWanted ? this.#begin(index) : undefined
  }

  async #run(): Promise<void> {
    for (let sync: Sync | undefined = this.#begin(0); sync !== undefined; sync ??= this.#beginIfWanted(0)) {
      const { due, ended } = sync
      sync = undefined
      try {
        const synced = await ended
        const reached = this.#reachedBy(synced.flushedWhere)
        const behind = this.#waiting[reached]?.request
        if (due !== undefined && behind === due) throw unreached(due.nextOffset)
        // The disk works on the next group while this one is told.
        sync = this.#beginIfWanted(reached)
        synced.report()
        for (const { request } of this.#waiting.splice(0, reached)) request.onFlushed('PUT_OK')
      } catch (error) {
        this.#isWanted = false
        this.#failAll(error as StoreWriteError)
      }
    }
    // At once: who comes in between would find a sync in flight that looks at nothing any more.
    this.#running = undefined
  }

  /** How many of the requests, from the first on, a sync up to this offset has reached. */
  #reachedBy(flushedWhere: number): number {
    const behind = this.#waiting.findIndex(({ request }) => request.nextOffset > flushedWhere)
    return behind < 0 ? this.#waiting.length : behind
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

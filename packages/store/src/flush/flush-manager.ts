import type { Clock, Timers } from '@mq/remoting'
import { StoreClosedError, StoreWriteError } from '../errors.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import type { MessageStoreConfig } from '../message-store-options.js'
import { FlushRealTimeService } from './flush-real-time-service.js'
import { type EndedSync, type FlushOutcome, GroupCommitService } from './group-commit-service.js'

/** What is flushed, and who is told. */
export interface FlushManagerOptions {
  readonly config: MessageStoreConfig
  readonly clock: Clock
  readonly timers: Timers
  readonly queue: MappedFileQueue
  /** Store time in ms of the last record that is written. */
  lastStoreTimestamp(): number
  /** The flushed position moved; every record stored at `storeTimestamp` or before is durable. */
  onFlushed(storeTimestamp: number): void
  /** A sync failed; called once, before anything that waits is told. */
  onFailed(error: StoreWriteError): void
}

/**
 * Makes the log durable: in groups that puts wait for (SYNC_FLUSH), or in the background (ASYNC_FLUSH).
 *
 * One sync is in flight at a time. After a failed sync nothing is flushed or acknowledged any more: the kernel may have dropped the bytes, so
 * a later sync that succeeds would prove nothing. Java: CommitLog.DefaultFlushManager.
 */
export class FlushManager {
  readonly #options: FlushManagerOptions
  readonly #groupCommit: GroupCommitService
  readonly #realTime: FlushRealTimeService | undefined
  /** The last sync that was asked for, whatever comes of it. */
  #last: Promise<unknown> = Promise.resolve()
  /** Syncs in flight or waiting for their turn. */
  #pendingSyncs = 0
  #failure: StoreWriteError | undefined

  constructor(options: FlushManagerOptions) {
    this.#options = options
    const { clock, timers, config } = options
    this.#groupCommit = new GroupCommitService({
      clock,
      timers,
      syncFlushTimeout: config.syncFlushTimeout,
      sync: () => this.#syncInTurn(0),
    })
    if (config.flushDiskType === 'ASYNC_FLUSH') {
      this.#realTime = new FlushRealTimeService({ clock, timers, ...config, flush: (pages) => this.flush(pages) })
    }
  }

  start(): void {
    this.#realTime?.start()
  }

  /** Puts that wait for a sync. */
  get waitingCount(): number {
    return this.#groupCommit.waitingCount
  }

  /** Calls back once the log is durable up to `nextOffset`, the time is over, or the disk failed. Java: DefaultFlushManager#handleDiskFlush. */
  waitForFlush(nextOffset: number, onFlushed: (outcome: FlushOutcome) => void): void {
    if (this.#failure !== undefined) onFlushed(this.#failure)
    else this.#groupCommit.putRequest({ nextOffset, onFlushed })
  }

  /** Starts a sync that nobody waits for: SYNC_FLUSH puts that do not wait are still flushed at once. */
  wakeup(): void {
    if (this.#failure === undefined) this.#groupCommit.wakeup()
  }

  /**
   * Makes everything written durable if at least `leastPages` pages are not.
   * @throws StoreWriteError after a failed sync, this one or an earlier one.
   */
  async flush(leastPages: number): Promise<void> {
    const synced = await this.#syncInTurn(leastPages)
    synced.report()
  }

  /** Ends the services and flushes what there is; the failure of an earlier sync is not reported again. */
  async close(): Promise<void> {
    await this.#realTime?.close()
    await this.#groupCommit.close()
    if (this.#failure === undefined) await this.flush(0)
  }

  /** Starts at once if no sync is in flight, else when those before it have ended. */
  #syncInTurn(leastPages: number): Promise<EndedSync> {
    const isFree = this.#pendingSyncs === 0
    this.#pendingSyncs += 1
    const syncing = isFree ? this.#sync(leastPages) : this.#last.then(() => this.#sync(leastPages))
    this.#last = syncing.catch(() => {
      // The next sync answers the failure itself.
    })
    return syncing
  }

  async #sync(leastPages: number): Promise<EndedSync> {
    const { queue } = this.#options
    const end = queue.maxOffset
    const storeTimestamp = this.#options.lastStoreTimestamp()
    try {
      if (this.#failure !== undefined) throw this.#failure
      await queue.flush(leastPages)
    } catch (cause) {
      throw this.#fail(cause)
    } finally {
      this.#pendingSyncs -= 1
    }
    const { flushedWhere } = queue
    if (flushedWhere > queue.maxOffset) throw new Error('flushed more than was written')
    return {
      flushedWhere,
      report: () => {
        if (flushedWhere >= end) this.#options.onFlushed(storeTimestamp)
      },
    }
  }

  #fail(cause: unknown): StoreWriteError {
    if (this.#failure === undefined) {
      this.#failure = cause instanceof StoreWriteError ? cause : unexpected(cause)
      this.#options.onFailed(this.#failure)
    }
    return this.#failure
  }
}

function unexpected(cause: unknown): StoreWriteError {
  const reason = cause instanceof StoreClosedError ? 'the log was closed' : 'the sync failed'
  return new StoreWriteError(`The log cannot be flushed: ${reason}`, { cause })
}

import { type Logger, nodeRuntime, type Runtime, silentLogger, SystemFlag, transactionValueOf } from '@mq/remoting'
import type { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { CommitLogDispatcher, DispatchRequest } from '../dispatch/dispatch-request.js'
import { StoreWriteError } from '../errors.js'
import type { FileSystem } from '../file-system/file-system.js'
import { indexKeyHash } from './index-file.js'
import { IndexFiles } from './index-files.js'
import { emptyHeader } from './index-layout.js'

/** Where the index lies and how large its files are; names and defaults are those of Java's MessageStoreConfig. */
export interface IndexServiceOptions {
  readonly fileSystem: FileSystem
  readonly runtime?: Runtime
  readonly logger?: Logger
  /** Its `indexMsgTimestamp` is moved by this service, and only over files that are full and durable. */
  readonly checkpoint: StoreCheckpoint
  readonly storePathRootDir: string
  readonly maxHashSlotNum: number
  readonly maxIndexNum: number
  /** Answers of one query at most. Default 64. */
  readonly maxMsgsNumBatch?: number
  /** Bytes of the file being written that are kept in memory. Default 32 MiB. */
  readonly maxPageCacheBytes?: number
  /** A write or a sync failed, called once: the store has to stop taking messages. */
  onWriteError(error: StoreWriteError): void
}

/** What a query looks for. */
export interface IndexQuery {
  readonly topic: string
  readonly key: string
  readonly maxNum: number
  /** Store times in ms, both inclusive. */
  readonly begin: number
  readonly end: number
}

/** What a query found. */
export interface IndexQueryResult {
  /** Physical offsets, newest first; the records may hold another key with the same hash. */
  readonly phyOffsets: readonly number[]
  /** Store time in ms of the last indexed record, 0 if there is none. */
  readonly indexLastUpdateTimestamp: number
  readonly indexLastUpdatePhyoffset: number
}

/** Records that wait for their turn at most. */
const maxBacklog = 65_536

/** Records after which the clock is looked at, and ms after which the event loop gets its turn. */
const sliceRecords = 64
const sliceMs = 2

const defaultMaxPageCacheBytes = 32 * 1024 * 1024

/**
 * The index from keys to records: a row of hash files, the last of which is written. Java: IndexService, CommitLogDispatcherBuildIndex.
 *
 * Records are indexed in slices between the other work of the event loop, in the order of the log.
 */
export class IndexService implements CommitLogDispatcher {
  readonly name = 'BuildIndex'
  readonly #options: IndexServiceOptions
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #files: IndexFiles
  /** Records to index, in the order of the log; those before `#backlogDone` are. */
  #backlog: DispatchRequest[] = []
  #backlogDone = 0
  #isSliceScheduled = false
  #failure: StoreWriteError | undefined
  readonly #idleListeners: (() => void)[] = []

  constructor(options: IndexServiceOptions) {
    const { runtime = nodeRuntime, logger = silentLogger, maxPageCacheBytes = defaultMaxPageCacheBytes } = options
    this.#options = options
    this.#runtime = runtime
    this.#logger = logger
    const onFailed = (cause: unknown): void => this.#fail(cause)
    this.#files = new IndexFiles({ ...options, runtime, logger, maxPageCacheBytes, onFailed })
  }

  get isSaturated(): boolean {
    return this.backlog >= maxBacklog
  }

  /** Dispatched records that are not indexed yet. */
  get backlog(): number {
    return this.#backlog.length - this.#backlogDone
  }

  /** Files, the one being written included. */
  get fileCount(): number {
    return this.#files.all.length
  }

  /**
   * Opens the files. After an abnormal exit those that may hold less than they claim are deleted: what they indexed is indexed again as far as
   * the log is replayed.
   * @throws StoreLoadError for a file of another size than `maxHashSlotNum` and `maxIndexNum` say.
   */
  async load(options: { readonly isLastExitOk: boolean }): Promise<void> {
    await this.#files.load(options)
  }

  /** Indexes a record soon; rolled back messages and records that the index has already are left out. */
  dispatch(request: DispatchRequest): void {
    if (this.#failure !== undefined) return
    this.#backlog.push(request)
    this.#scheduleSlice()
  }

  /** Settles once every record dispatched so far is indexed, or the index has failed. */
  async drain(): Promise<void> {
    while (this.backlog > 0) {
      await new Promise<void>((resolve) => {
        this.#idleListeners.push(resolve)
        this.#scheduleSlice()
      })
    }
  }

  /** Finds records by key, those dispatched before the call included. Java: IndexService#queryOffset. */
  async queryOffset(query: IndexQuery): Promise<IndexQueryResult> {
    await this.drain()
    const { topic, key, begin, end } = query
    const maxNum = Math.min(query.maxNum, this.#options.maxMsgsNumBatch ?? 64)
    const phyOffsets = new Set<number>()
    const { endTimestamp, endPhyOffset } = this.#files.last?.header ?? emptyHeader
    for (const file of this.#files.all.toReversed()) {
      if (file.isTimeMatched(begin, end)) {
        await file.selectPhyOffset({ keyHash: indexKeyHash(topic, key), begin, end, maxNum }, phyOffsets)
      }
      if (file.header.beginTimestamp < begin || phyOffsets.size >= maxNum) break
    }
    return {
      phyOffsets: [...phyOffsets],
      indexLastUpdateTimestamp: endTimestamp,
      indexLastUpdatePhyoffset: endPhyOffset,
    }
  }

  /** Deletes files, never the last, whose records are all gone from the log. Java: IndexService#deleteExpiredFile. */
  async deleteExpired(minPhyOffset: number): Promise<void> {
    for (const path of await this.#files.deleteExpired(minPhyOffset)) {
      this.#logger.info('expired index file deleted', { path, minPhyOffset })
    }
  }

  /** Deletes every file: the log has no record left. */
  async destroy(): Promise<void> {
    this.#dropBacklog()
    await this.#files.destroy()
  }

  /**
   * Indexes what was dispatched, makes all files durable and closes them; a second call does nothing more.
   * @throws StoreWriteError if a write or a sync failed, now or before.
   */
  async close(): Promise<void> {
    await this.drain()
    try {
      if (this.#failure === undefined) await this.#files.flush()
    } catch (cause) {
      this.#fail(cause)
    } finally {
      await this.#files.release()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Closes the files without writing anything: for a store that failed to load. */
  async release(): Promise<void> {
    this.#dropBacklog()
    await this.#files.release()
  }

  #scheduleSlice(): void {
    if (this.#isSliceScheduled) return
    this.#isSliceScheduled = true
    this.#runtime.timers.turnEnd(() => this.#slice())
  }

  #slice(): void {
    this.#isSliceScheduled = false
    try {
      this.#buildSome()
    } catch (cause) {
      this.#fail(cause)
    }
    if (this.backlog > 0) {
      this.#scheduleSlice()
      return
    }
    this.#dropBacklog()
    for (const listener of this.#idleListeners.splice(0)) listener()
  }

  #buildSome(): void {
    const { clock } = this.#runtime
    const deadline = clock.monotonic() + sliceMs
    do {
      const end = Math.min(this.#backlog.length, this.#backlogDone + sliceRecords)
      while (this.#backlogDone < end) this.#buildIndex(this.#backlog[this.#backlogDone++] as DispatchRequest)
    } while (this.backlog > 0 && clock.monotonic() < deadline)
    if (this.#backlogDone < maxBacklog) return
    this.#backlog = this.#backlog.slice(this.#backlogDone)
    this.#backlogDone = 0
  }

  /** Java: IndexService#buildIndex. */
  #buildIndex(request: DispatchRequest): void {
    const { commitLogOffset, uniqKey = '', keys } = request
    if (transactionValueOf(request.sysFlag) === SystemFlag.TRANSACTION_ROLLBACK) return
    if (uniqKey === '' && keys === '') return
    if (commitLogOffset < this.#files.writable().header.endPhyOffset) return
    if (uniqKey !== '') this.#putKey(uniqKey, request)
    if (keys === '') return
    for (const key of keys.split(' ')) {
      if (key !== '') this.#putKey(key, request)
    }
  }

  #putKey(key: string, { topic, commitLogOffset: phyOffset, storeTimestamp }: DispatchRequest): void {
    this.#files.writable().putKey({ keyHash: indexKeyHash(topic, key), phyOffset, storeTimestamp })
  }

  #dropBacklog(): void {
    this.#backlog = []
    this.#backlogDone = 0
  }

  #fail(cause: unknown): void {
    this.#dropBacklog()
    if (this.#failure !== undefined) return
    const message = `The index in ${this.#files.directory} cannot be written; free or repair the disk and restart`
    this.#failure = cause instanceof StoreWriteError ? cause : new StoreWriteError(message, { cause })
    this.#logger.error('the index takes no more keys; the store stops taking messages', { cause: this.#failure })
    this.#options.onWriteError(this.#failure)
  }
}

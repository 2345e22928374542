import { type Logger, nodeRuntime, type Runtime, silentLogger, SystemFlag, transactionValueOf } from '@mq/remoting'
import type { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { CommitLogDispatcher, DispatchRequest } from '../dispatch/dispatch-request.js'
import { StoreLoadError, StoreWriteError } from '../errors.js'
import { FileHandleCache } from '../file-system/file-handle-cache.js'
import type { FileSystem } from '../file-system/file-system.js'
import { IndexFile } from './index-file.js'
import { type IndexHeader, indexFileName, indexFileSize, indexHeaderSize, readIndexHeader } from './index-layout.js'

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

/** Index files kept open. */
const maxOpenFiles = 8

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
  readonly #directory: string
  readonly #handles: FileHandleCache
  readonly #files: IndexFile[] = []
  #backlog: DispatchRequest[] = []
  #backlogDone = 0
  #isSliceScheduled = false
  /** Flushes of full files, one after the other. */
  #flushes: Promise<void> = Promise.resolve()
  #failure: StoreWriteError | undefined
  readonly #idleListeners: (() => void)[] = []

  constructor(options: IndexServiceOptions) {
    this.#options = options
    this.#runtime = options.runtime ?? nodeRuntime
    this.#logger = options.logger ?? silentLogger
    this.#directory = `${options.storePathRootDir}/index`
    this.#handles = new FileHandleCache({ fileSystem: options.fileSystem, maxOpenFiles, logger: this.#logger })
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
    return this.#files.length
  }

  /**
   * Opens the files. After an abnormal exit those that may hold less than they claim are deleted: what they indexed is indexed again as far as
   * the log is replayed.
   * @throws StoreLoadError for a file of another size than `maxHashSlotNum` and `maxIndexNum` say.
   */
  async load(options: { readonly isLastExitOk: boolean }): Promise<void> {
    const { fileSystem, checkpoint } = this.#options
    for (const { name, isDirectory } of await fileSystem.list(this.#directory)) {
      const path = `${this.#directory}/${name}`
      if (isDirectory || !/^\d+$/.test(name)) {
        this.#logger.error('not an index file; left alone', { path })
        continue
      }
      const header = await this.#readHeader(path)
      const isDurable =
        header !== undefined && header.indexCount > 1 && header.endTimestamp <= checkpoint.indexMsgTimestamp
      if (!options.isLastExitOk && !isDurable) {
        await this.#delete(path)
        continue
      }
      if (header === undefined) throw await this.#sizeError(path)
      this.#files.push(this.#file(path, { header, isFresh: false }))
    }
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
    const maxNum = Math.min(query.maxNum, maxMsgsNumBatch)
    const phyOffsets = new Set<number>()
    const last = this.#files.at(-1)
    for (const file of this.#files.toReversed()) {
      if (file.isTimeMatched(begin, end)) {
        await file.selectPhyOffset({ text: keyText(topic, key), begin, end, maxNum }, phyOffsets)
      }
      if (file.header.beginTimestamp < begin || phyOffsets.size >= maxNum) break
    }
    return {
      phyOffsets: [...phyOffsets],
      indexLastUpdateTimestamp: last?.header.endTimestamp ?? 0,
      indexLastUpdatePhyoffset: last?.header.endPhyOffset ?? 0,
    }
  }

  /** Deletes files, never the last, whose records are all gone from the log. Java: IndexService#deleteExpiredFile. */
  async deleteExpired(minPhyOffset: number): Promise<void> {
    await this.#flushes
    while (this.#files.length > 1 && (this.#files[0] as IndexFile).header.endPhyOffset < minPhyOffset) {
      const file = this.#files.shift() as IndexFile
      this.#logger.info('expired index file deleted', { path: file.path, minPhyOffset })
      await this.#delete(file.path)
    }
  }

  /** Deletes every file: the log has no record left. */
  async destroy(): Promise<void> {
    this.#backlog = []
    this.#backlogDone = 0
    await this.#flushes
    for (const file of this.#files.splice(0)) await this.#delete(file.path)
  }

  /**
   * Indexes what was dispatched, makes all files durable and closes them; a second call does nothing more.
   * @throws StoreWriteError if a write or a sync failed, now or before.
   */
  async close(): Promise<void> {
    await this.drain()
    await this.#flushes
    const last = this.#files.at(-1)
    try {
      if (this.#failure === undefined && last !== undefined) {
        await last.flush()
        await this.#syncNames()
      }
    } catch (cause) {
      this.#fail(cause)
    } finally {
      await this.#handles.close()
    }
    if (this.#failure !== undefined) throw this.#failure
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
    this.#backlog = []
    this.#backlogDone = 0
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

  #buildIndex(request: DispatchRequest): void {
    const { topic, commitLogOffset, storeTimestamp, uniqKey, keys } = request
    if (transactionValueOf(request.sysFlag) === SystemFlag.TRANSACTION_ROLLBACK) return
    if (uniqKey === undefined && keys === '') return
    if (commitLogOffset < this.#writableFile().header.endPhyOffset) return
    if (uniqKey !== undefined && uniqKey !== '') this.#putKey(keyText(topic, uniqKey), commitLogOffset, storeTimestamp)
    if (keys === '') return
    for (const key of keys.split(' ')) {
      if (key !== '') this.#putKey(keyText(topic, key), commitLogOffset, storeTimestamp)
    }
  }

  #putKey(text: string, phyOffset: number, storeTimestamp: number): void {
    this.#writableFile().putKey({ text, phyOffset, storeTimestamp })
  }

  /** The last file if it has room, else a new one behind it. */
  #writableFile(): IndexFile {
    const last = this.#files.at(-1)
    if (last !== undefined && !last.isWriteFull) return last
    const { endTimestamp = 0, endPhyOffset = 0 } = last?.header ?? {}
    const header = {
      beginTimestamp: endTimestamp,
      endTimestamp,
      beginPhyOffset: endPhyOffset,
      endPhyOffset,
      hashSlotCount: 0,
      indexCount: 1,
    }
    this.#options.fileSystem.makeDirectorySync(this.#directory)
    const file = this.#file(this.#nextPath(), { header, isFresh: true })
    this.#files.push(file)
    if (last !== undefined) this.#flushFull(last)
    return file
  }

  #nextPath(): string {
    const newest = this.#files.at(-1)?.path
    for (let time = this.#runtime.clock.now(); ; time++) {
      const path = `${this.#directory}/${indexFileName(time)}`
      if (newest === undefined || path > newest) return path
    }
  }

  #flushFull(file: IndexFile): void {
    const { checkpoint } = this.#options
    this.#flushes = this.#flushes
      .then(async () => {
        await file.flush()
        await this.#syncNames()
        file.release()
        checkpoint.indexMsgTimestamp = file.header.endTimestamp
        await checkpoint.flush()
      })
      .catch((cause: unknown) => this.#fail(cause))
  }

  async #syncNames(): Promise<void> {
    const { fileSystem, storePathRootDir } = this.#options
    await fileSystem.syncDirectory(this.#directory)
    await fileSystem.syncDirectory(storePathRootDir)
  }

  #file(path: string, state: { readonly header: IndexHeader; readonly isFresh: boolean }): IndexFile {
    const { maxHashSlotNum, maxIndexNum, maxPageCacheBytes = 32 * 1024 * 1024 } = this.#options
    return new IndexFile({ path, handles: this.#handles, maxHashSlotNum, maxIndexNum, maxPageCacheBytes, ...state })
  }

  async #readHeader(path: string): Promise<IndexHeader | undefined> {
    const { fileSystem, maxHashSlotNum, maxIndexNum } = this.#options
    if ((await fileSystem.stat(path))?.sizeBytes !== indexFileSize(maxHashSlotNum, maxIndexNum)) return undefined
    const bytes = Buffer.alloc(indexHeaderSize)
    await this.#handles.use(path, (handle) => handle.read(bytes, 0))
    return readIndexHeader(bytes)
  }

  async #sizeError(path: string): Promise<StoreLoadError> {
    const { fileSystem, maxHashSlotNum, maxIndexNum } = this.#options
    const sizeBytes = (await fileSystem.stat(path))?.sizeBytes ?? 0
    const expected = indexFileSize(maxHashSlotNum, maxIndexNum)
    return new StoreLoadError(
      `${path} has ${sizeBytes} bytes, but maxHashSlotNum=${maxHashSlotNum} and maxIndexNum=${maxIndexNum} make ${expected}; ` +
        'set them to the values that the store was written with',
      { fields: { path, sizeBytes, expected, option: 'maxHashSlotNum, maxIndexNum' } },
    )
  }

  async #delete(path: string): Promise<void> {
    this.#handles.forget(path)
    await this.#options.fileSystem.unlink(path)
  }

  #fail(cause: unknown): void {
    this.#backlog = []
    this.#backlogDone = 0
    if (this.#failure !== undefined) return
    this.#failure =
      cause instanceof StoreWriteError
        ? cause
        : new StoreWriteError(
            `The index in ${this.#directory} cannot be written; free or repair the disk and restart`,
            {
              cause,
            },
          )
    this.#logger.error('the index takes no more keys; the store stops taking messages', { cause: this.#failure })
    this.#options.onWriteError(this.#failure)
  }
}

/** Java: MessageStoreConfig#maxMsgsNumBatch. */
const maxMsgsNumBatch = 64

function keyText(topic: string, key: string): string {
  return `${topic}#${key}`
}

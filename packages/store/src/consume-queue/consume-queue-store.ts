import { type Logger, nodeRuntime, type Runtime, silentLogger, SystemFlag, transactionValueOf } from '@mq/remoting'
import type { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { CommitLogDispatcher, DispatchRequest } from '../dispatch/dispatch-request.js'
import { StoreLoadError, StoreWriteError } from '../errors.js'
import type { FileSystem } from '../file-system/file-system.js'
import { ConsumeQueue, type RecoverOptions } from './consume-queue.js'
import { FileHandleCache } from '../file-system/file-handle-cache.js'
import { FlushConsumeQueueService } from './flush-consume-queue-service.js'
import { QueueOffsetOperator } from './queue-offset-operator.js'
import { UnitWriter } from './unit-writer.js'

/** Where the consume queues lie and how often they are made durable; names and defaults are those of Java's MessageStoreConfig. */
export interface ConsumeQueueStoreOptions {
  readonly fileSystem: FileSystem
  readonly runtime?: Runtime
  readonly logger?: Logger
  /** Its `logicsMsgTimestamp` is moved by this store, and only over units that are durable. */
  readonly checkpoint: StoreCheckpoint
  readonly storePathRootDir: string
  /** Bytes of a file, a multiple of 20. */
  readonly mappedFileSizeConsumeQueue: number
  readonly flushIntervalConsumeQueue?: number
  readonly flushConsumeQueueLeastPages?: number
  readonly flushConsumeQueueThoroughInterval?: number
  /** Files kept open; the least recently used is closed first. Queues in use beyond it cost an open a write. Default 2048. */
  readonly maxOpenConsumeQueueFiles?: number
  /** A write or a sync failed, called once: the store has to stop taking messages. Units stay readable in memory. */
  onWriteError(error: StoreWriteError): void
}

/** Queues that are loaded and recovered at once. */
const parallelQueues = 8

/**
 * All consume queues of a store, and the next offset of each. Java: ConsumeQueueStore, and CommitLogDispatcherBuildConsumeQueue.
 *
 * A queue exists from its first dispatched message on; reads never make one.
 */
export class ConsumeQueueStore implements CommitLogDispatcher {
  readonly name = 'BuildConsumeQueue'
  readonly isSaturated = false
  readonly #options: ConsumeQueueStoreOptions
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #directory: string
  readonly #handles: FileHandleCache
  readonly #queues = new Map<string, Map<number, ConsumeQueue>>()
  readonly #writer: UnitWriter
  /** The next offset of every queue. */
  readonly #offsets = new QueueOffsetOperator()
  readonly #flushService: FlushConsumeQueueService
  #failure: StoreWriteError | undefined
  /** Store time of the newest record that has a unit, written or not. */
  #dispatchedTimestamp = 0

  constructor(options: ConsumeQueueStoreOptions) {
    this.#options = options
    this.#runtime = options.runtime ?? nodeRuntime
    this.#logger = options.logger ?? silentLogger
    this.#directory = `${options.storePathRootDir}/consumequeue`
    this.#handles = new FileHandleCache({
      fileSystem: options.fileSystem,
      maxOpenFiles: options.maxOpenConsumeQueueFiles ?? 2048,
      logger: this.#logger,
    })
    this.#writer = new UnitWriter({
      timers: this.#runtime.timers,
      onFailed: (cause) => this.#fail('The consume queues cannot be written', cause),
    })
    this.#flushService = new FlushConsumeQueueService({
      clock: this.#runtime.clock,
      timers: this.#runtime.timers,
      checkpoint: options.checkpoint,
      flushIntervalConsumeQueue: options.flushIntervalConsumeQueue ?? 1000,
      flushConsumeQueueLeastPages: options.flushConsumeQueueLeastPages ?? 2,
      flushConsumeQueueThoroughInterval: options.flushConsumeQueueThoroughInterval ?? 60_000,
      target: {
        // Units of a topic that is being deleted and made again wait in memory.
        dispatchedTimestamp: () => (this.#writer.holdsUnits ? 0 : this.#dispatchedTimestamp),
        takeDirtyQueues: () => this.#takeDirtyQueues(),
        putBack: (queue) => this.#writer.markDirty(queue),
        syncDirectories: (directories) => this.#syncDirectories(directories),
      },
      onFailed: (cause) => this.#fail('A sync of the consume queues failed; repair the disk and restart', cause),
    })
  }

  /** Files open now. */
  get openFiles(): number {
    return this.#handles.openFiles
  }

  /**
   * Finds the queues on disk; directories that are not named by a queue id are ignored.
   * @throws StoreLoadError for files of another size than configured, or a store with batch consume queues.
   */
  async load(): Promise<void> {
    const { fileSystem, storePathRootDir } = this.#options
    if ((await fileSystem.list(`${storePathRootDir}/batchconsumequeue`)).length > 0) {
      throw new StoreLoadError(
        `${storePathRootDir}/batchconsumequeue holds queues of topics with queue.type=BatchCQ, which this store cannot read; ` +
          'open the store with Apache RocketMQ, or move the directory away together with these topics',
      )
    }
    for (const topic of await fileSystem.list(this.#directory)) {
      if (!topic.isDirectory) continue
      for (const queue of await fileSystem.list(`${this.#directory}/${topic.name}`)) {
        if (!queue.isDirectory || !/^\d{1,10}$/.test(queue.name)) continue
        this.#make(topic.name, Number(queue.name))
      }
    }
    await this.#forEach((queue) => queue.load())
  }

  /** Finds the end of every queue. */
  async recover(options: RecoverOptions): Promise<void> {
    await this.#forEach((queue) => queue.recover(options))
    for (const queue of this.queues()) if (queue.isDirty) this.#writer.markDirty(queue)
  }

  /** Physical offset behind the newest record that has a unit; -1 if none has. Java: getMaxPhyOffsetInConsumeQueue. */
  getMaxPhyOffsetInConsumeQueue(): number {
    let max = -1
    for (const queue of this.queues()) max = Math.max(max, queue.maxPhysicOffset)
    return max
  }

  /** Fills the table of next offsets from the queues and moves their minima to what the log still holds. */
  async recoverOffsetTable(minPhyOffset: number): Promise<void> {
    this.#offsets.clear()
    await this.#forEach((queue) => queue.correctMinOffset(minPhyOffset))
    for (const queue of this.queues()) this.#offsets.set(queue.topic, queue.queueId, queue.maxOffsetInQueue)
  }

  /** Removes the units of records at or behind a physical offset. */
  async truncateDirty(phyOffset: number): Promise<void> {
    await this.#forEach((queue) => queue.truncateDirtyLogicFiles(phyOffset))
  }

  /** Starts to make units durable in the background. */
  start(): void {
    this.#flushService.start()
  }

  /** The queue offset that the next message gets; makes nothing. */
  assignQueueOffset(topic: string, queueId: number): number {
    return this.#offsets.getQueueOffset(topic, queueId)
  }

  /** Moves a queue on by the messages that were appended; back, by a negative count, if their write failed. */
  increaseQueueOffset(topic: string, queueId: number, messageCount: number): void {
    this.#offsets.increaseQueueOffset(topic, queueId, messageCount)
  }

  /** Builds the unit of a record; prepared and rolled back messages have none. */
  dispatch(request: DispatchRequest): void {
    if (this.#failure !== undefined || !hasUnit(request.sysFlag)) return
    const queue = this.getConsumeQueue(request.topic, request.queueId) ?? this.#make(request.topic, request.queueId)
    try {
      if (!queue.put(request)) return
    } catch (cause) {
      this.#fail('The consume queues cannot be written', cause)
      return
    }
    this.#dispatchedTimestamp = request.storeTimestamp
    this.#writer.added(queue)
  }

  getConsumeQueue(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.#queues.get(topic)?.get(queueId)
  }

  /** One past the newest message that can be read; 0 for an unknown queue. */
  getMaxOffsetInQueue(topic: string, queueId: number): number {
    return this.getConsumeQueue(topic, queueId)?.maxOffsetInQueue ?? 0
  }

  /** The oldest message kept; 0 for an unknown queue. */
  getMinOffsetInQueue(topic: string, queueId: number): number {
    return this.getConsumeQueue(topic, queueId)?.minOffsetInQueue ?? 0
  }

  /** Topics that have a queue. */
  topics(): Iterable<string> {
    return this.#queues.keys()
  }

  /** Every queue. */
  *queues(): Generator<ConsumeQueue> {
    for (const queuesOfTopic of this.#queues.values()) yield* queuesOfTopic.values()
  }

  /** Deletes the queues of a topic and forgets its numbering; answers whether there were any. Java: deleteTopics. */
  async deleteTopic(topic: string): Promise<boolean> {
    const queues = this.#queues.get(topic)
    this.#queues.delete(topic)
    this.#offsets.removeTopic(topic)
    if (queues === undefined) return false
    this.#writer.holdTopic(topic, queues.values())
    try {
      await this.#flushService.pausedWhile(() => this.#deleteFiles(topic, queues.values()))
    } finally {
      this.#writer.releaseTopic(topic)
    }
    return true
  }

  /** Deletes every queue: the log has no record left. */
  async destroy(): Promise<void> {
    for (const topic of [...this.topics()]) await this.deleteTopic(topic)
    this.#offsets.clear()
  }

  /** Deletes files whose records are gone from the log, and corrects the minima. Java: CleanConsumeQueueService. */
  async deleteExpired(minPhyOffset: number): Promise<void> {
    for (const queue of [...this.queues()]) {
      const { topic, queueId } = queue
      await this.#flushService.pausedWhile(async () => {
        if (this.getConsumeQueue(topic, queueId) !== queue) return
        const deleted = await queue.deleteExpiredFiles(minPhyOffset)
        if (deleted === 0) return
        this.#logger.info('expired consume-queue files deleted', { topic, queueId, deleted, minPhyOffset })
      })
    }
  }

  /**
   * Makes every unit durable, moves `checkpoint.logicsMsgTimestamp` over them and flushes the checkpoint.
   * @throws StoreWriteError if a write or a sync failed, now or before.
   */
  async flush(): Promise<void> {
    await this.#flushService.flush('everything')
    if (this.#failure !== undefined) throw this.#failure
  }

  /** As `flush`, then closes the files; a second call does nothing more. */
  async close(): Promise<void> {
    this.#flushService.stop()
    try {
      await this.flush()
    } finally {
      await this.#handles.close()
    }
  }

  /** Closes the files without writing anything: for a store that failed to load. */
  async release(): Promise<void> {
    this.#flushService.stop()
    await this.#handles.close()
  }

  #make(topic: string, queueId: number): ConsumeQueue {
    const { fileSystem, mappedFileSizeConsumeQueue } = this.#options
    const queue = new ConsumeQueue({
      topic,
      queueId,
      fileSystem,
      handles: this.#handles,
      logger: this.#logger,
      directory: `${this.#directory}/${topic}/${queueId}`,
      fileSize: mappedFileSizeConsumeQueue,
    })
    const queues = this.#queues.get(topic)
    if (queues === undefined) this.#queues.set(topic, new Map([[queueId, queue]]))
    else queues.set(queueId, queue)
    return queue
  }

  #takeDirtyQueues(): readonly ConsumeQueue[] {
    if (this.#failure !== undefined) throw this.#failure
    return this.#writer.takeDirtyQueues()
  }

  async #deleteFiles(topic: string, queues: Iterable<ConsumeQueue>): Promise<void> {
    const { fileSystem } = this.#options
    for (const queue of queues) await queue.destroy()
    const directory = `${this.#directory}/${topic}`
    if ((await fileSystem.list(directory)).length === 0) await fileSystem.removeDirectory(directory)
  }

  async #syncDirectories(directories: ReadonlySet<string>): Promise<void> {
    const { fileSystem, storePathRootDir } = this.#options
    const all = new Set(directories)
    for (const directory of directories) all.add(directory.slice(0, directory.lastIndexOf('/')))
    if (all.size > 0) all.add(this.#directory).add(storePathRootDir)
    for (const directory of all) await fileSystem.syncDirectory(directory)
  }

  async #forEach(action: (queue: ConsumeQueue) => Promise<void>): Promise<void> {
    const queues = this.queues()
    const workers = Array.from({ length: parallelQueues }, async () => {
      for (const queue of queues) await action(queue)
    })
    await Promise.all(workers)
  }

  #fail(message: string, cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = cause instanceof StoreWriteError ? cause : new StoreWriteError(message, { cause })
    this.#logger.error('consume queues take no more units; the store stops taking messages', { cause: this.#failure })
    this.#options.onWriteError(this.#failure)
  }
}

function hasUnit(sysFlag: number): boolean {
  const transaction = transactionValueOf(sysFlag)
  return transaction === SystemFlag.TRANSACTION_NOT || transaction === SystemFlag.TRANSACTION_COMMIT
}

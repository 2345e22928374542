import type { MessageExt, MessageExtBatch, MessageExtBrokerInner, Timer } from '@mq/remoting'
import { StoreCheckpoint } from './checkpoint/store-checkpoint.js'
import { refusedResult } from './commit-log/appended-put.js'
import { CommitLog } from './commit-log/commit-log.js'
import { ConsumeQueueStore } from './consume-queue/consume-queue-store.js'
import { ReputMessageService } from './dispatch/reput-message-service.js'
import { StoreClosedError, type StoreWriteError } from './errors.js'
import type { DirectoryLock } from './file-system/file-system.js'
import { IndexService } from './index-file/index-service.js'
import { completeMessage } from './message-input.js'
import { MessageReader } from './message-reader.js'
import type {
  GetMessageRequest,
  GetMessageResult,
  MessageArrival,
  MessageInput,
  MessageStore,
  OffsetByTimeQuery,
  PutMessageHook,
  PutMessageRefusal,
  PutMessageResult,
  QueryMessageRequest,
  QueryMessageResult,
} from './message-store.js'
import {
  completeConfig,
  completeEnvironment,
  type MessageStoreConfig,
  type MessageStoreOptions,
  type StoreEnvironment,
} from './message-store-options.js'
import { checkBeforePutMessage, checkInnerBatch } from './put-message-checks.js'
import { AbortFile } from './recovery/abort-file.js'
import { loadStore } from './recovery/store-recovery.js'
import { RunningFlags } from './running-flags.js'
import { StoreStatsService } from './stats/store-stats-service.js'
import { VolumeUsage } from './stats/volume-usage.js'
import { shutdownStore } from './store-shutdown.js'

/** The message store on a directory of files that Apache RocketMQ can read and write too. Java: DefaultMessageStore. */
export class DefaultMessageStore implements MessageStore {
  readonly runningFlags: RunningFlags = new RunningFlags()
  readonly #config: MessageStoreConfig
  readonly #environment: StoreEnvironment
  readonly #checkpoint: StoreCheckpoint
  readonly #commitLog: CommitLog
  readonly #consumeQueueStore: ConsumeQueueStore
  readonly #indexService: IndexService
  readonly #reputMessageService: ReputMessageService
  readonly #reader: MessageReader
  readonly #stats: StoreStatsService
  readonly #volume: VolumeUsage
  readonly #abortFile: AbortFile
  readonly #hooks: PutMessageHook[] = []
  readonly #timers: Timer[] = []
  #lock: DirectoryLock | undefined
  #earliestMessageTime = -1
  #state: 'new' | 'loaded' | 'started' | 'closed' = 'new'
  #closing: Promise<void> | undefined

  /** @throws StoreOptionsError if an option cannot be used. */
  constructor(options: MessageStoreOptions) {
    const config = completeConfig(options)
    const environment = completeEnvironment(options)
    const { fileSystem, runtime, logger } = environment
    const onWriteError = (error: StoreWriteError): void => this.#onQueueWriteError(error)
    const onIndexWriteError = (error: StoreWriteError): void => this.#onIndexWriteError(error)
    this.#config = config
    this.#environment = environment
    this.#checkpoint = new StoreCheckpoint({ fileSystem, path: `${config.storePathRootDir}/checkpoint` })
    const shared = { ...config, fileSystem, runtime, logger, checkpoint: this.#checkpoint, onWriteError }
    this.#consumeQueueStore = new ConsumeQueueStore(shared)
    this.#indexService = new IndexService({ ...shared, onWriteError: onIndexWriteError })
    this.#stats = new StoreStatsService(runtime.clock)
    this.#commitLog = new CommitLog({
      config,
      environment,
      runningFlags: this.runningFlags,
      queueOffsets: this.#consumeQueueStore,
      checkpoint: this.#checkpoint,
      stats: this.#stats,
      onConfirmed: (requests) => this.#reputMessageService.dispatchConfirmed(requests),
    })
    const indexing = config.messageIndexEnable ? [this.#indexService] : []
    this.#reputMessageService = new ReputMessageService({
      commitLog: this.#commitLog,
      dispatchers: [this.#consumeQueueStore, ...indexing],
      runtime,
      logger,
    })
    this.#reader = new MessageReader({
      config,
      commitLog: this.#commitLog,
      consumeQueueStore: this.#consumeQueueStore,
      indexService: this.#indexService,
      stats: this.#stats,
      clock: runtime.clock,
    })
    this.#volume = new VolumeUsage(fileSystem, config.storePathRootDir)
    this.#abortFile = new AbortFile(fileSystem, config.storePathRootDir)
  }

  /**
   * Opens a store: loads, recovers and starts it.
   * @throws StoreLockedError if another process has it open, StoreLoadError if its files do not fit the options.
   */
  static async open(options: MessageStoreOptions): Promise<DefaultMessageStore> {
    const store = new DefaultMessageStore(options)
    try {
      await store.load()
      await store.start()
    } catch (error) {
      await store.close()
      throw error
    }
    return store
  }

  /** Claims the directory, opens the files and recovers what the last owner left. */
  async load(): Promise<void> {
    if (this.#state !== 'new') throw new StoreClosedError('The store was loaded before; make a new one to load again')
    const { fileSystem } = this.#environment
    this.#lock = await fileSystem.lockDirectory(this.#config.storePathRootDir)
    const isLastExitOk = !(await this.#abortFile.exists())
    const recovery = await loadStore(
      {
        config: this.#config,
        environment: this.#environment,
        commitLog: this.#commitLog,
        consumeQueueStore: this.#consumeQueueStore,
        indexService: this.#indexService,
        reputMessageService: this.#reputMessageService,
        checkpoint: this.#checkpoint,
      },
      isLastExitOk,
    )
    this.#commitLog.resumeAfter(recovery.lastStoreTimestamp)
    this.#state = 'loaded'
  }

  /** Starts the services; from now on messages are accepted. */
  async start(): Promise<void> {
    if (this.#state !== 'loaded') throw new StoreClosedError('The store is not loaded; call load() before start()')
    const { timers } = this.#environment.runtime
    await this.#abortFile.create(process.pid)
    this.#reputMessageService.start(this.#commitLog.getConfirmOffset())
    await this.#commitLog.start()
    this.#consumeQueueStore.start()
    this.#stats.start(timers)
    await this.#volume.start(timers)
    this.#earliestMessageTime = await this.#reader.earliestMessageTime()
    this.#timers.push(timers.every(checkpointIntervalMs, () => this.#flushCheckpoint()))
    this.#state = 'started'
  }

  putMessage(message: MessageExtBrokerInner, onComplete: (result: PutMessageResult) => void): void {
    const refusal = this.#refuse(message)
    if (refusal === undefined) this.#commitLog.putMessage(message, onComplete)
    else onComplete(this.#refused(refusal))
  }

  putMessages(batch: MessageExtBatch, onComplete: (result: PutMessageResult) => void): void {
    const refusal = this.#refuse(batch)
    if (refusal === undefined) this.#commitLog.putMessages(batch, onComplete)
    else onComplete(this.#refused(refusal))
  }

  async asyncPutMessage(message: MessageInput | MessageExtBrokerInner): Promise<PutMessageResult> {
    const complete = completeMessage(message, this.#environment.runtime.clock.now())
    return await new Promise((resolve) => this.putMessage(complete, resolve))
  }

  async asyncPutMessages(batch: MessageExtBatch): Promise<PutMessageResult> {
    return await new Promise((resolve) => this.putMessages(batch, resolve))
  }

  addPutMessageHook(hook: PutMessageHook): void {
    this.#hooks.push(hook)
  }

  getMessage(request: GetMessageRequest): Promise<GetMessageResult> {
    return this.#reader.getMessage(request)
  }

  selectOneMessageByOffset(physicalOffset: number): Promise<Buffer | undefined> {
    return this.#reader.selectOneMessageByOffset(physicalOffset)
  }

  lookMessageByOffset(physicalOffset: number): Promise<MessageExt | undefined> {
    return this.#reader.lookMessageByOffset(physicalOffset)
  }

  queryMessage(request: QueryMessageRequest): Promise<QueryMessageResult> {
    return this.#reader.queryMessage(request)
  }

  getMaxOffsetInQueue(topic: string, queueId: number): number {
    return this.#consumeQueueStore.getMaxOffsetInQueue(topic, queueId)
  }

  getMinOffsetInQueue(topic: string, queueId: number): number {
    return this.#consumeQueueStore.getMinOffsetInQueue(topic, queueId)
  }

  getOffsetInQueueByTime(topic: string, queueId: number, query: OffsetByTimeQuery): Promise<number> {
    return this.#reader.getOffsetInQueueByTime({ topic, queueId }, query)
  }

  getMessageStoreTimestamp(topic: string, queueId: number, consumeQueueOffset: number): Promise<number> {
    return this.#reader.getMessageStoreTimestamp({ topic, queueId }, consumeQueueOffset)
  }

  getMaxPhyOffset(): number {
    return this.#commitLog.getMaxOffset()
  }

  getMinPhyOffset(): number {
    return this.#commitLog.getMinOffset()
  }

  flushedWhere(): number {
    return this.#commitLog.flushedWhere
  }

  dispatchBehindBytes(): number {
    return this.#reputMessageService.behindBytes()
  }

  runtimeInfo(): ReadonlyMap<string, string> {
    const own: Readonly<Record<string, number | string>> = {
      dispatchMaxBuffer: 0,
      dispatchBehindBytes: this.dispatchBehindBytes(),
      remainHowManyDataToFlush: this.getMaxPhyOffset() - this.flushedWhere(),
      pageCacheLockTimeMills: 0,
      earliestMessageTimeStamp: this.#earliestMessageTime,
      commitLogDirCapacity: this.#volume.format(),
      commitLogDiskRatio: this.#volume.usedRatio,
      [`commitLogDiskRatio_${this.#config.storePathCommitLog}`]: this.#volume.usedRatio,
      consumeQueueDiskRatio: this.#volume.usedRatio,
      commitLogMinOffset: this.getMinPhyOffset(),
      commitLogMaxOffset: this.getMaxPhyOffset(),
    }
    const info = this.#stats.runtimeInfo()
    for (const [key, value] of Object.entries(own)) info.set(key, String(value))
    return info
  }

  async deleteTopics(topics: ReadonlySet<string>): Promise<void> {
    for (const topic of topics) await this.#consumeQueueStore.deleteTopic(topic)
  }

  onMessageArriving(listener: (arrival: MessageArrival) => void): void {
    this.#reputMessageService.onMessageArriving(listener)
  }

  isWriteable(): boolean {
    return this.runningFlags.isWriteable
  }

  isShutdown(): boolean {
    return this.#state === 'closed'
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #refuse(message: MessageExtBrokerInner): PutMessageRefusal | undefined {
    const refusal = checkBeforePutMessage(message, {
      isShutdown: this.#state !== 'started',
      isSlave: this.#config.brokerRole === 'SLAVE',
      isWriteable: this.runningFlags.isWriteable,
      failure: this.#commitLog.failure,
      pendingPuts: this.#commitLog.pendingPuts,
      maxPendingPuts: this.#config.maxPendingPuts,
    })
    if (refusal !== undefined) return refusal
    for (const hook of this.#hooks) {
      const refusedByHook = hook.executeBeforePutMessage(message)
      if (refusedByHook !== undefined) return refusedByHook
    }
    return checkInnerBatch(message)
  }

  #refused(refusal: PutMessageRefusal): PutMessageResult {
    this.#stats.countPutFailure()
    return refusedResult(refusal)
  }

  /** A consume queue or the checkpoint failed: the log stays as it is, but no message may be added to it. */
  #onQueueWriteError(error: StoreWriteError): void {
    this.runningFlags.makeLogicsQueueError()
    this.#logReadOnly(error)
  }

  #onIndexWriteError(error: StoreWriteError): void {
    this.runningFlags.makeIndexFileError()
    this.#logReadOnly(error)
  }

  #logReadOnly(error: StoreWriteError): void {
    this.#environment.logger.error('the store is read-only from now on', { error })
  }

  #flushCheckpoint(): void {
    this.#checkpoint.flush().catch((error: unknown) => this.#onQueueWriteError(error as StoreWriteError))
  }

  async #close(): Promise<void> {
    const wasStarted = this.#state === 'started'
    this.#state = 'closed'
    for (const timer of this.#timers) timer.cancel()
    this.#stats.stop()
    this.#volume.stop()
    try {
      if (wasStarted) await this.#shutdown()
      else await this.#releaseFiles()
    } finally {
      await this.#lock?.release()
    }
  }

  /** Ends a started store; a disk that hangs is given up after a time, which leaves `abort` behind. */
  async #shutdown(): Promise<void> {
    const { runtime, logger } = this.#environment
    let deadline: Timer | undefined
    const timeout = new Promise<void>((resolve) => {
      deadline = runtime.timers.after(closeTimeoutMs, () => {
        logger.error('closing the store takes too long and is given up; the next start recovers', { closeTimeoutMs })
        resolve()
      })
    })
    const shutdown = shutdownStore({
      environment: this.#environment,
      commitLog: this.#commitLog,
      reputMessageService: this.#reputMessageService,
      consumeQueueStore: this.#consumeQueueStore,
      indexService: this.#indexService,
      checkpoint: this.#checkpoint,
      abortFile: this.#abortFile,
      runningFlags: this.runningFlags,
    })
    await Promise.race([shutdown, timeout]).finally(() => deadline?.cancel())
  }

  /** Ends a store that failed to load: nothing was written, nothing is flushed. */
  async #releaseFiles(): Promise<void> {
    await this.#commitLog.close()
    await this.#consumeQueueStore.release()
    await this.#indexService.release()
    await this.#checkpoint.release()
  }
}

/** ms after which closing is given up. */
const closeTimeoutMs = 30_000

/** Java: DefaultMessageStore#addScheduleTask, the checkpoint is flushed every second. */
const checkpointIntervalMs = 1000

import type { MessageExt, MessageExtBatch, MessageExtBrokerInner, Timer } from '@mq/remoting'
import { refusedResult } from './commit-log/appended-put.js'
import { StoreClosedError } from './errors.js'
import type { DirectoryLock } from './file-system/file-system.js'
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
  ReadConsumeQueueRequest,
  ReadConsumeQueueResult,
} from './message-store.js'
import type { MessageStoreOptions } from './message-store-options.js'
import { checkBeforePutMessage, checkInnerBatch } from './put-message-checks.js'
import { loadStore } from './recovery/store-recovery.js'
import type { RunningFlags } from './running-flags.js'
import { VolumeUsage } from './stats/volume-usage.js'
import { makeStoreParts, type StoreParts } from './store-parts.js'
import { releaseStore, shutdownStore } from './store-shutdown.js'

/** The message store on a directory of files that Apache RocketMQ can read and write too. Java: DefaultMessageStore. */
export class DefaultMessageStore implements MessageStore {
  readonly runningFlags: RunningFlags
  readonly #parts: StoreParts
  readonly #reader: MessageReader
  readonly #volume: VolumeUsage
  readonly #hooks: PutMessageHook[] = []
  #checkpointTimer: Timer | undefined
  #lock: DirectoryLock | undefined
  #state: 'new' | 'loaded' | 'starting' | 'started' | 'closed' = 'new'
  #closing: Promise<void> | undefined

  /** @throws StoreOptionsError if an option cannot be used. */
  constructor(options: MessageStoreOptions) {
    this.#parts = makeStoreParts(options)
    this.runningFlags = this.#parts.runningFlags
    this.#reader = new MessageReader(this.#parts)
    this.#volume = new VolumeUsage(this.#parts.environment.fileSystem, this.#parts.config.storePathRootDir)
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
    const { config, environment, abortFile, commitLog } = this.#parts
    this.#lock = await environment.fileSystem.lockDirectory(config.storePathRootDir)
    const isLastExitOk = !(await abortFile.exists())
    const { lastStoreTimestamp } = await loadStore(this.#parts, isLastExitOk)
    commitLog.resumeAfter({ earliest: await this.#reader.earliestMessageTime(), latest: lastStoreTimestamp })
    this.#state = 'loaded'
  }

  /** Starts the services; from now on messages are accepted. */
  async start(): Promise<void> {
    if (this.#state !== 'loaded') throw new StoreClosedError('The store is not loaded; call load() before start()')
    const { environment, abortFile, commitLog, consumeQueueStore, reputMessageService, stats } = this.#parts
    const { timers } = environment.runtime
    await abortFile.create(process.pid)
    this.#state = 'starting'
    reputMessageService.start(commitLog.getConfirmOffset())
    await commitLog.start()
    consumeQueueStore.start()
    stats.start(timers)
    await this.#volume.start(timers)
    this.#checkpointTimer = timers.every(checkpointIntervalMs, () => void this.#flushCheckpoint())
    this.#state = 'started'
  }

  putMessage(message: MessageExtBrokerInner, onComplete: (result: PutMessageResult) => void): void {
    const refusal = this.#refuse(message)
    if (refusal === undefined) this.#parts.commitLog.putMessage(message, onComplete)
    else onComplete(this.#refused(refusal))
  }

  putMessages(batch: MessageExtBatch, onComplete: (result: PutMessageResult) => void): void {
    const refusal = this.#refuse(batch)
    if (refusal === undefined) this.#parts.commitLog.putMessages(batch, onComplete)
    else onComplete(this.#refused(refusal))
  }

  async asyncPutMessage(message: MessageInput | MessageExtBrokerInner): Promise<PutMessageResult> {
    const complete = completeMessage(message, this.#parts.environment.runtime.clock.now())
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

  readConsumeQueue(request: ReadConsumeQueueRequest): Promise<ReadConsumeQueueResult> {
    return this.#reader.readConsumeQueue(request)
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
    return this.#parts.consumeQueueStore.getMaxOffsetInQueue(topic, queueId)
  }

  getMinOffsetInQueue(topic: string, queueId: number): number {
    return this.#parts.consumeQueueStore.getMinOffsetInQueue(topic, queueId)
  }

  getOffsetInQueueByTime(topic: string, queueId: number, query: OffsetByTimeQuery): Promise<number> {
    return this.#reader.getOffsetInQueueByTime({ topic, queueId }, query)
  }

  getMessageStoreTimestamp(topic: string, queueId: number, consumeQueueOffset: number): Promise<number> {
    return this.#reader.getMessageStoreTimestamp({ topic, queueId }, consumeQueueOffset)
  }

  getMaxPhyOffset(): number {
    return this.#parts.commitLog.getMaxOffset()
  }

  getMinPhyOffset(): number {
    return this.#parts.commitLog.getMinOffset()
  }

  flushedWhere(): number {
    return this.#parts.commitLog.flushedWhere
  }

  dispatchBehindBytes(): number {
    return this.#parts.reputMessageService.behindBytes()
  }

  runtimeInfo(): ReadonlyMap<string, string> {
    const own: Readonly<Record<string, number | string>> = {
      dispatchMaxBuffer: 0,
      dispatchBehindBytes: this.dispatchBehindBytes(),
      remainHowManyDataToFlush: this.getMaxPhyOffset() - this.flushedWhere(),
      pageCacheLockTimeMills: 0,
      earliestMessageTimeStamp: this.#parts.commitLog.earliestStoreTimestamp,
      commitLogDirCapacity: this.#volume.format(),
      commitLogDiskRatio: this.#volume.usedRatio,
      [`commitLogDiskRatio_${this.#parts.config.storePathCommitLog}`]: this.#volume.usedRatio,
      consumeQueueDiskRatio: this.#volume.usedRatio,
      commitLogMinOffset: this.getMinPhyOffset(),
      commitLogMaxOffset: this.getMaxPhyOffset(),
    }
    const info = this.#parts.stats.runtimeInfo()
    for (const [key, value] of Object.entries(own)) info.set(key, String(value))
    return info
  }

  async deleteTopics(topics: ReadonlySet<string>): Promise<void> {
    for (const topic of topics) await this.#parts.consumeQueueStore.deleteTopic(topic)
  }

  async cleanUnusedTopics(retained: ReadonlySet<string>): Promise<void> {
    const unused = [...this.#parts.consumeQueueStore.topics()].filter((topic) => !retained.has(topic))
    await this.deleteTopics(new Set(unused))
  }

  async deleteExpiredConsumeQueues(): Promise<void> {
    const minPhyOffset = this.getMinPhyOffset()
    if (minPhyOffset > 0) await this.#parts.consumeQueueStore.deleteExpired(minPhyOffset)
  }

  onMessageArriving(listener: (arrival: MessageArrival) => void): void {
    this.#parts.reputMessageService.onMessageArriving(listener)
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
      isSlave: this.#parts.config.brokerRole === 'SLAVE',
      isWriteable: this.runningFlags.isWriteable,
      failure: this.#parts.commitLog.failure,
      pendingPuts: this.#parts.commitLog.pendingPuts,
      maxPendingPuts: this.#parts.config.maxPendingPuts,
    })
    if (refusal !== undefined) return refusal
    for (const hook of this.#hooks) {
      const refusedByHook = hook.executeBeforePutMessage(message)
      if (refusedByHook !== undefined) return refusedByHook
    }
    return checkInnerBatch(message)
  }

  #refused(refusal: PutMessageRefusal): PutMessageResult {
    this.#parts.stats.countPutFailure()
    return refusedResult(refusal)
  }

  async #flushCheckpoint(): Promise<void> {
    try {
      await this.#parts.checkpoint.flush()
    } catch (error) {
      this.runningFlags.makeNotWriteable()
      this.#parts.environment.logger.error('the store is read-only from now on', { error })
    }
  }

  async #close(): Promise<void> {
    const hasServices = this.#state === 'starting' || this.#state === 'started'
    this.#state = 'closed'
    this.#checkpointTimer?.cancel()
    this.#parts.stats.stop()
    this.#volume.stop()
    try {
      await (hasServices ? shutdownStore(this.#parts) : releaseStore(this.#parts))
    } finally {
      await this.#lock?.release()
    }
  }
}

/** Java: DefaultMessageStore#addScheduleTask, the checkpoint is flushed every second. */
const checkpointIntervalMs = 1000

import { BLANK_HEAD_SIZE, type MessageExtBatch, type MessageExtBrokerInner } from '@mq/remoting'
import type { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import type { CommitLogReader, LogRange } from '../dispatch/commit-log-reader.js'
import type { DelayLevels } from '../dispatch/delivery-time.js'
import type { DispatchRequest } from '../dispatch/dispatch-request.js'
import { isDiskFull, type StoreWriteError } from '../errors.js'
import { FlushManager } from '../flush/flush-manager.js'
import { HAService, isWaitStoreMsgOK } from '../ha/ha-service.js'
import { AllocateMappedFileService } from '../mapped-file/allocate-mapped-file-service.js'
import { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import { defaultZeroAheadSizes } from '../mapped-file/zero-ahead.js'
import type { PutMessageRefusal, PutMessageResult } from '../message-store.js'
import type { MessageStoreConfig, StoreEnvironment } from '../message-store-options.js'
import type { RunningFlags } from '../running-flags.js'
import type { StoreStatsService } from '../stats/store-stats-service.js'
import { AppendLoop, type AppendSlot } from './append-loop.js'
import type { AppendedPut } from './appended-put.js'
import { ConfirmedRecords } from './confirmed-records.js'
import { LogBlocks } from './log-blocks.js'
import { type MeasuredPut, MessageExtEncoder } from './message-encoder.js'
import { PutAcknowledger, refusalOf } from './put-acknowledger.js'

/** Hands out queue offsets; they are used up only once the message is appended. */
interface QueueOffsets {
  /** The queue offset that the next message gets. */
  assignQueueOffset(topic: string, queueId: number): number
  /** Moves a queue on by appended messages, or back by failed ones. */
  increaseQueueOffset(topic: string, queueId: number, messageCount: number): void
}

/** What the log is made of and whom it tells. */
export interface CommitLogOptions {
  readonly config: MessageStoreConfig
  readonly environment: StoreEnvironment
  readonly delayLevels: DelayLevels
  readonly runningFlags: RunningFlags
  readonly queueOffsets: QueueOffsets
  readonly checkpoint: StoreCheckpoint
  readonly stats: StoreStatsService
  /** Records that may be shown from now on, in the order of the log. */
  onConfirmed(requests: readonly DispatchRequest[]): void
}

/**
 * The log of all messages: appends records, makes them durable, and acknowledges them. Java: CommitLog.
 *
 * Invariant: `flushedWhere <= getMaxOffset() <= appendedOffset`. A put is acknowledged only after its bytes are in the kernel (ASYNC_FLUSH)
 * or durable (SYNC_FLUSH). After a failed write or sync the running flags refuse puts and nothing that waits is acknowledged.
 */
export class CommitLog implements CommitLogReader {
  readonly mappedFileQueue: MappedFileQueue
  readonly #options: CommitLogOptions
  readonly #allocator = new AllocateMappedFileService()
  readonly #encoder: MessageExtEncoder
  readonly #appendLoop: AppendLoop
  readonly #flushManager: FlushManager
  readonly #haService: HAService
  readonly #confirmed: ConfirmedRecords
  readonly #blocks: LogBlocks
  readonly #acknowledger: PutAcknowledger
  #firstOwnOffset = Number.POSITIVE_INFINITY
  #earliestStoreTimestamp = -1
  /** Of the newest record in the kernel. */
  #lastStoreTimestamp = 0
  #failure: StoreWriteError | undefined

  constructor(options: CommitLogOptions) {
    const { config, environment } = options
    const { clock, timers } = environment.runtime
    const isSync = config.flushDiskType === 'SYNC_FLUSH'
    this.#options = options
    this.mappedFileQueue = new MappedFileQueue({
      fileSystem: environment.fileSystem,
      directory: config.storePathCommitLog,
      fileSize: config.mappedFileSizeCommitLog,
      fileSizeOption: 'mappedFileSizeCommitLog',
      allocator: this.#allocator,
      ...(isSync && { zeroAhead: defaultZeroAheadSizes }),
    })
    this.#blocks = new LogBlocks(this.mappedFileQueue)
    this.#encoder = new MessageExtEncoder(config.maxMessageSize, options.delayLevels)
    this.#haService = new HAService(config, timers)
    this.#confirmed = new ConfirmedRecords((requests) => options.onConfirmed(requests))
    this.#appendLoop = new AppendLoop({
      queue: this.mappedFileQueue,
      timers,
      slabSize: slabHeadroom + this.#encoder.maxRecordSize,
      onWritten: (puts) => this.#onWritten(puts),
      onFailed: (error, puts) => this.#onWriteFailed(error, puts),
    })
    this.#flushManager = new FlushManager({
      config,
      clock,
      timers,
      queue: this.mappedFileQueue,
      lastStoreTimestamp: () => this.#lastStoreTimestamp,
      onFlushed: (storeTimestamp) => this.#onFlushed(storeTimestamp),
      onFailed: (error) => this.#onFailed(error),
    })
    this.#acknowledger = new PutAcknowledger({
      haService: this.#haService,
      stats: options.stats,
      clock,
      waitForFlush: isSync ? (offset, onFlushed) => this.#flushManager.waitForFlush(offset, onFlushed) : undefined,
    })
  }

  /** Opens the segments. @throws StoreLoadError for files that do not fit the configuration. */
  async load(): Promise<void> {
    await this.#options.environment.fileSystem.makeDirectory(this.#options.config.storePathCommitLog)
    await this.mappedFileQueue.load()
  }

  /** Goes on behind the records that are there, the first and the last of them stored at these times in ms; −1 and 0 if there are none. */
  resumeAfter(stored: { readonly earliest: number; readonly latest: number }): void {
    this.#firstOwnOffset = this.getMaxOffset()
    this.#earliestStoreTimestamp = stored.earliest
    this.#lastStoreTimestamp = stored.latest
  }

  /** Where the first record lies that this process wrote. */
  get firstOwnOffset(): number {
    return this.#firstOwnOffset
  }

  /** Store time in ms of the oldest record, −1 if there is none. Java: DefaultMessageStore#getEarliestMessageTime. */
  get earliestStoreTimestamp(): number {
    return this.#earliestStoreTimestamp
  }

  /** Makes the next segment, and starts to flush in the background. */
  async start(): Promise<void> {
    await this.mappedFileQueue.prepareNextFile()
    this.#flushManager.start()
  }

  /** Appends one message that the hooks have passed. */
  putMessage(message: MessageExtBrokerInner, onComplete: (result: PutMessageResult) => void): void {
    this.#put(message, this.#encoder.measure(message), onComplete)
  }

  /** Appends the messages of a batch, all in one segment. */
  putMessages(batch: MessageExtBatch, onComplete: (result: PutMessageResult) => void): void {
    this.#put(batch, this.#encoder.measureBatch(batch), onComplete)
  }

  /** One past the last byte accepted, written or not. */
  get appendedOffset(): number {
    return this.#appendLoop.appendedOffset
  }

  get flushedWhere(): number {
    return this.mappedFileQueue.flushedWhere
  }

  /** Puts that are not acknowledged yet. */
  get pendingPuts(): number {
    return this.#appendLoop.pendingCount + this.#flushManager.waitingCount + this.#haService.waitingCount
  }

  /** What made the log read-only, if anything did. */
  get failure(): StoreWriteError | undefined {
    return this.#failure
  }

  getMinOffset(): number {
    return this.mappedFileQueue.files[0]?.fileFromOffset ?? -1
  }

  getMaxOffset(): number {
    return this.mappedFileQueue.maxOffset
  }

  getConfirmOffset(): number {
    return this.#options.config.flushDiskType === 'SYNC_FLUSH' ? this.flushedWhere : this.getMaxOffset()
  }

  rollNextFile(offset: number): number {
    const { fileSize } = this.mappedFileQueue
    return offset - (offset % fileSize) + fileSize
  }

  read(offset: number, size: number): Promise<Buffer | undefined> {
    return this.mappedFileQueue.read(offset, size)
  }

  readInto(target: Buffer, at: number, range: LogRange): boolean | Promise<boolean> {
    if (this.#blocks.copyTo(target, at, range)) return true
    const part = target.subarray(at, at + range.size)
    const isNearTail = this.getMaxOffset() - range.offset <= tailSize
    return isNearTail
      ? this.mappedFileQueue.readIntoSync(part, range.offset)
      : this.mappedFileQueue.readCached(part, range.offset)
  }

  readSync(offset: number, size: number): Buffer | undefined {
    return this.mappedFileQueue.readSync(offset, size)
  }

  /** Makes everything written durable. @throws StoreWriteError after a failed sync. */
  flush(): Promise<void> {
    return this.#flushManager.flush(0)
  }

  /** Writes and flushes what was accepted and acknowledges it; refuses nothing by itself: the caller stops the puts first. */
  async shutdown(): Promise<void> {
    await this.#appendLoop.drain()
    try {
      await this.#flushManager.close()
    } finally {
      this.#haService.close()
      await this.#allocator.close()
    }
  }

  /** Releases the files. */
  close(): Promise<void> {
    return this.mappedFileQueue.close()
  }

  #put(
    message: MessageExtBrokerInner,
    measured: MeasuredPut | PutMessageRefusal,
    onComplete: (result: PutMessageResult) => void,
  ): void {
    const refusal = 'status' in measured ? measured : this.#append(message, measured, onComplete)
    if (refusal !== undefined) this.#acknowledger.refuse({ onComplete }, refusal)
  }

  /** Appends what was measured, or says why it cannot be. */
  #append(
    message: MessageExtBrokerInner,
    measured: MeasuredPut,
    onComplete: (result: PutMessageResult) => void,
  ): PutMessageRefusal | undefined {
    const slot = this.#reserve(measured.size)
    if ('status' in slot) return slot
    const { queueOffsets, environment } = this.#options
    const storeTimestamp = environment.runtime.clock.now()
    const queueOffset = measured.isQueued ? queueOffsets.assignQueueOffset(message.topic, message.queueId) : 0
    const requests = measured.writeTo(slot, { queueOffset, storeTimestamp })
    if (measured.isQueued) queueOffsets.increaseQueueOffset(message.topic, message.queueId, requests.length)
    if (this.#earliestStoreTimestamp < 0) this.#earliestStoreTimestamp = storeTimestamp
    this.#appendLoop.push({
      requests,
      wroteBytes: measured.size,
      nextOffset: slot.physicalOffset + measured.size,
      storeHost: message.storeHost,
      isQueued: measured.isQueued,
      isWaitStoreMsgOK: isWaitStoreMsgOK(message.properties),
      needAckNums: this.#haService.needAckNums(message.properties),
      onComplete,
    })
    return undefined
  }

  #reserve(size: number): AppendSlot | PutMessageRefusal {
    const { fileSize } = this.mappedFileQueue
    if (size + BLANK_HEAD_SIZE > fileSize) {
      const remark = `the record of ${size} bytes does not fit into a segment of ${fileSize} (mappedFileSizeCommitLog)`
      return { status: 'MESSAGE_ILLEGAL', remark }
    }
    try {
      return this.#appendLoop.reserve(size) ?? diskBusy
    } catch (error) {
      return refusalOf(error as StoreWriteError)
    }
  }

  #onWritten(puts: readonly AppendedPut[]): void {
    this.#lastStoreTimestamp = puts.at(-1)?.requests[0]?.storeTimestamp ?? this.#lastStoreTimestamp
    this.#confirmed.add(puts)
    this.#confirmed.confirmUpTo(this.getConfirmOffset())
    if (this.#options.config.flushDiskType === 'SYNC_FLUSH') this.#flushManager.wakeup()
    this.#acknowledger.acknowledge(puts)
  }

  #onFlushed(storeTimestamp: number): void {
    if (storeTimestamp > 0) this.#options.checkpoint.physicMsgTimestamp = storeTimestamp
    this.#confirmed.confirmUpTo(this.getConfirmOffset())
  }

  #onWriteFailed(error: StoreWriteError, puts: readonly AppendedPut[]): void {
    this.#onFailed(error)
    for (const { requests, isQueued } of puts) {
      const first = requests[0]
      if (isQueued && first)
        this.#options.queueOffsets.increaseQueueOffset(first.topic, first.queueId, -requests.length)
    }
    for (const put of puts) this.#acknowledger.refuse(put, refusalOf(error))
  }

  #onFailed(error: StoreWriteError): void {
    const { runningFlags, environment } = this.#options
    this.#failure ??= error
    if (isDiskFull(error)) runningFlags.makeDiskFull()
    runningFlags.makeNotWriteable()
    environment.logger.error('the store is read-only from now on', { error })
  }
}

/** Bytes at the end of the log that the kernel surely has in memory: reading them blocks for microseconds. */
const tailSize = 64 * 1024 * 1024

/** Room for records besides the longest one, so that a turn of small messages is one write. */
const slabHeadroom = 1024 * 1024

const diskBusy: PutMessageRefusal = {
  status: 'OS_PAGE_CACHE_BUSY',
  remark: 'the disk does not keep up; send again later',
}

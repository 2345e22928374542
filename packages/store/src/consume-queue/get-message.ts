import type { CommitLogReader } from '../dispatch/commit-log-reader.js'
import type { GetMessageRequest, GetMessageResult, GetMessageStatus } from '../message-store.js'
import type { ConsumeQueue } from './consume-queue.js'
import { type ConsumeQueueUnit, consumeQueueUnitSize, isExtAddress, isRecordUnit } from './consume-queue-unit.js'
import { RecordRuns, type RunPlan } from './record-runs.js'

/** Bounds of one get; names and defaults are those of Java's MessageStoreConfig. */
interface GetMessageLimits {
  /** Bytes of consume-queue units that a get looks at: 800 units by default. */
  readonly maxFilterMessageSize: number
  readonly maxTransferBytesOnMessageInMemory: number
  readonly maxTransferCountOnMessageInMemory: number
  readonly maxTransferBytesOnMessageInDisk: number
  readonly maxTransferCountOnMessageInDisk: number
  /** Consume-queue files that a get looks into before it answers without a message. */
  readonly travelCqFileNumWhenGetMessage: number
}

/** Where messages are read from. */
export interface GetMessageSource {
  readonly commitLog: CommitLogReader
  /** See RecordSource; without it every body is compared with its CRC. */
  readonly trustedFrom?: number
  /** `undefined` for a queue that has never had a message. */
  readonly queue: ConsumeQueue | undefined
  readonly limits: GetMessageLimits
  /** Bytes at the end of the log that count as in memory; older records make smaller answers. Java: 40 % of the machine's memory. */
  readonly memoryBytes: number
  /** On a slave that does not check offsets, the requested offset comes back instead of a corrected one. */
  readonly keepsRequestedOffset: boolean
}

/** The largest answer in bytes, apart from a single larger message. Java: MAX_PULL_MSG_SIZE. */
const maxPullSize = 128 * 1024 * 1024

/** The smallest bound on the answer in bytes that is honoured. */
const leastPullSize = 100

/**
 * Reads messages of a queue from a queue offset on. Java: DefaultMessageStore#getMessage.
 *
 * At least one message is answered if there is one that the filter lets pass among those looked at, whatever its size.
 */
export async function getMessage(source: GetMessageSource, request: GetMessageRequest): Promise<GetMessageResult> {
  const minOffset = source.queue?.minOffsetInQueue ?? 0
  const maxOffset = source.queue?.maxOffsetInQueue ?? 0
  const outside = statusOutside(request.offset, minOffset, maxOffset)
  if (source.queue === undefined || outside !== undefined) {
    const { status, nextBeginOffset } = outside ?? { status: 'NO_MESSAGE_IN_QUEUE', nextBeginOffset: 0 }
    const isKept = source.keepsRequestedOffset || status === 'OFFSET_OVERFLOW_ONE'
    const next = isKept ? request.offset : nextBeginOffset
    return nothing(status, { nextBeginOffset: next, minOffset, maxOffset })
  }
  const get = new Get(source, source.queue, request)
  await get.run(maxOffset)
  const { status, nextBeginOffset, suggestPullingFromSlave, records } = get
  const bytes = records.toBuffer()
  return { status, nextBeginOffset, minOffset, maxOffset, bytes, count: records.count, suggestPullingFromSlave }
}

const noBytes: Buffer = Buffer.alloc(0)

function nothing(
  status: GetMessageStatus,
  { nextBeginOffset, minOffset, maxOffset }: Pick<GetMessageResult, 'nextBeginOffset' | 'minOffset' | 'maxOffset'>,
): GetMessageResult {
  const bytes = noBytes
  // Written out: a spread in front would make a hidden class for each of them, which only a full collection takes away.
  return { status, nextBeginOffset, minOffset, maxOffset, bytes, count: 0, suggestPullingFromSlave: false }
}

function statusOutside(
  offset: number,
  minOffset: number,
  maxOffset: number,
): { readonly status: GetMessageStatus; readonly nextBeginOffset: number } | undefined {
  if (maxOffset === 0) return { status: 'NO_MESSAGE_IN_QUEUE', nextBeginOffset: 0 }
  if (offset < minOffset) return { status: 'OFFSET_TOO_SMALL', nextBeginOffset: minOffset }
  if (offset === maxOffset) return { status: 'OFFSET_OVERFLOW_ONE', nextBeginOffset: offset }
  if (offset > maxOffset) return { status: 'OFFSET_OVERFLOW_BADLY', nextBeginOffset: maxOffset }
  return undefined
}

/** Bounds of an answer, those of its request included. */
interface AnswerLimits {
  readonly maxBytes: number
  readonly maxCount: number
}

/** One get while it runs. */
class Get {
  readonly records: RecordRuns
  status: GetMessageStatus = 'NO_MATCHED_MESSAGE'
  nextBeginOffset: number
  suggestPullingFromSlave = false
  readonly #source: GetMessageSource
  readonly #queue: ConsumeQueue
  readonly #request: GetMessageRequest
  readonly #inMemory: AnswerLimits
  readonly #onDisk: AnswerLimits
  /** Queue offset behind the last unit that may be looked at. */
  readonly #scanEnd: number
  #maxPhyOffsetPulling = 0

  constructor(source: GetMessageSource, queue: ConsumeQueue, request: GetMessageRequest) {
    const { offset, maxMsgNums, maxTotalSize = maxPullSize, target } = request
    const { commitLog, trustedFrom = Number.POSITIVE_INFINITY } = source
    this.records = new RecordRuns({ commitLog, trustedFrom }, target)
    this.nextBeginOffset = offset
    this.#source = source
    this.#queue = queue
    this.#request = request
    const maxBytes = Math.min(maxPullSize, Math.max(leastPullSize, maxTotalSize))
    const { limits } = source
    this.#inMemory = {
      maxBytes: Math.min(maxBytes, limits.maxTransferBytesOnMessageInMemory),
      maxCount: Math.min(maxMsgNums, limits.maxTransferCountOnMessageInMemory),
    }
    this.#onDisk = {
      maxBytes: Math.min(maxBytes, limits.maxTransferBytesOnMessageInDisk),
      maxCount: Math.min(maxMsgNums, limits.maxTransferCountOnMessageInDisk),
    }
    this.#scanEnd = offset + Math.max(Math.ceil(limits.maxFilterMessageSize / consumeQueueUnitSize), maxMsgNums)
  }

  async run(maxOffset: number): Promise<void> {
    const { unitsPerFile } = this.#queue
    let isFull = false
    for (let files = 0; files < this.#source.limits.travelCqFileNumWhenGetMessage; files++) {
      if (isFull || this.records.count > 0 || this.nextBeginOffset >= maxOffset) break
      const fileEnd = (Math.floor(this.nextBeginOffset / unitsPerFile) + 1) * unitsPerFile
      isFull = await this.#scan(Math.min(fileEnd, maxOffset, this.#scanEnd))
    }
    const { commitLog, memoryBytes } = this.#source
    this.suggestPullingFromSlave = commitLog.getMaxOffset() - this.#maxPhyOffsetPulling > memoryBytes
  }

  /** Looks at the units up to a queue offset in the same file; answers true if the get is complete. */
  async #scan(end: number): Promise<boolean> {
    // Without a filter the answer is full after so many units; one more would be read in vain.
    const chunkUnits = this.#request.filter === undefined ? this.#request.maxMsgNums : end
    while (this.nextBeginOffset < end) {
      const from = this.nextBeginOffset
      const read = this.#queue.readUnits(from, Math.max(1, Math.min(chunkUnits, end - from)))
      const units = read instanceof Promise ? await read : read
      if (units.length === 0) {
        if (this.records.count === 0) this.#skipMissingFile()
        return false
      }
      for (let at = 0; at < units.length; at++) {
        const unit = units[at] as ConsumeQueueUnit
        if (this.#isBatchFull(unit)) return true
        this.nextBeginOffset++
        this.#maxPhyOffsetPulling = unit.commitLogOffset
        if (!this.#isWanted(unit)) this.#setStatusIfEmpty('NO_MATCHED_MESSAGE')
        else if (!isRecordUnit(unit)) this.#setStatusIfEmpty('MESSAGE_WAS_REMOVING')
        else {
          const found = this.records.find(unit)
          this.#take(unit, found >= 0 ? found : await this.records.read(this.#planRun(units, at)))
        }
      }
    }
    return this.nextBeginOffset >= this.#scanEnd
  }

  #skipMissingFile(): void {
    const { unitsPerFile } = this.#queue
    this.status = 'OFFSET_FOUND_NULL'
    if (this.#source.keepsRequestedOffset) this.nextBeginOffset = this.#request.offset
    else this.nextBeginOffset += unitsPerFile - (this.nextBeginOffset % unitsPerFile)
  }

  /** `at` is where its record was found, negative if it was not. */
  #take({ msgSize }: ConsumeQueueUnit, at: number): void {
    const { filter } = this.#request
    if (at < 0) {
      this.#setStatusIfEmpty('MESSAGE_WAS_REMOVING')
    } else if (filter?.isMatchedByCommitLog(this.records.view(at, msgSize)) === false) {
      this.#setStatusIfEmpty('NO_MATCHED_MESSAGE')
    } else {
      this.records.keep(at, msgSize)
      this.status = 'FOUND'
    }
  }

  #planRun(units: readonly ConsumeQueueUnit[], from: number): RunPlan {
    const { maxBytes, maxCount } = this.#limitsFor(units[from] as ConsumeQueueUnit)
    return {
      units,
      from,
      isWanted: (unit) => this.#isWanted(unit),
      maxRecords: maxCount - this.records.count,
      maxBytes: maxBytes - this.records.size,
    }
  }

  #isWanted(unit: ConsumeQueueUnit): boolean {
    const { filter } = this.#request
    return (
      filter === undefined || filter.isMatchedByConsumeQueue(isExtAddress(unit.tagsCode) ? undefined : unit.tagsCode)
    )
  }

  #setStatusIfEmpty(status: GetMessageStatus): void {
    if (this.records.count === 0) this.status = status
  }

  /** Whether the answer has no room for the record; an empty answer has room for any. Java: isTheBatchFull. */
  #isBatchFull(unit: ConsumeQueueUnit): boolean {
    const { count, size } = this.records
    if (count === 0) return false
    const { maxBytes, maxCount } = this.#limitsFor(unit)
    return count >= maxCount || size + unit.msgSize > maxBytes
  }

  #limitsFor(unit: ConsumeQueueUnit): AnswerLimits {
    const { commitLog, memoryBytes } = this.#source
    return commitLog.getMaxOffset() - unit.commitLogOffset <= memoryBytes ? this.#inMemory : this.#onDisk
  }
}

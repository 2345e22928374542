import type { CheckedRecord, Logger } from '@mq/remoting'
import type { DelayLevels } from '../dispatch/delivery-time.js'
import { type DispatchRequest, dispatchRequestOf } from '../dispatch/dispatch-request.js'
import type { MappedFile } from '../mapped-file/mapped-file.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import { findRecordBehind, type LogPlace, readRecordAt } from './damage-search.js'
import { type ScanEnd, scanRecords } from './record-scan.js'

/** What recovery knows when it starts. */
export interface CommitLogRecoveryOptions {
  readonly queue: MappedFileQueue
  readonly logger: Logger
  /** Whether the last process ended in order: no `abort` file. */
  readonly isLastExitOk: boolean
  /** The newest record that a consume queue knows; `undefined` if there is none. */
  readonly lastQueuedRecord: { readonly offset: number; readonly size: number } | undefined
  /** Store time in ms: records stored later may be missing in consume queues. Java: StoreCheckpoint#getMinTimestamp. */
  readonly minTimestamp: number
  /** Store time in ms: records stored until then were durable. Java: StoreCheckpoint#getPhysicMsgTimestamp. */
  readonly durableTimestamp: number
  /** Store time in ms up to which the index is durable, if it is replayed from there too; `undefined` otherwise. Java: messageIndexSafe. */
  readonly indexTimestamp: number | undefined
  /** Whether bodies are compared with their CRC. Java: checkCRCOnRecover. */
  readonly checkCrc: boolean
  readonly delayLevels: DelayLevels
  /** Takes records that consume queues or index may lack, in the order of the log. */
  dispatch(requests: readonly DispatchRequest[]): Promise<void>
}

/** What recovery found. */
export interface CommitLogRecovery {
  /** One past the last valid record: where the log goes on. */
  readonly processOffset: number
  /** Start of the last valid record, −1 if there is none. */
  readonly confirmOffset: number
  /** Store time in ms of the last valid record, 0 if there is none. */
  readonly lastStoreTimestamp: number
}

/**
 * Finds the end of the log, replays what consume queues and index may lack, and cuts off what lies behind the end.
 *
 * After a clean exit the scan starts at the newest record that the consume queues know, if it is intact, else at the start of its segment;
 * after an abort at the newest segment older than the checkpoint. The first bytes that are no record end the log, unless the checkpoint proves
 * that records behind them were durable.
 * Java: CommitLog#recoverNormally and #recoverAbnormally; there a clean start scans the whole last segment, skips the record behind the newest
 * one known, and leaves stale bytes behind the end.
 */
export async function recoverCommitLog(options: CommitLogRecoveryOptions): Promise<CommitLogRecovery> {
  const { queue, logger, isLastExitOk } = options
  const dispatchFrom = endOf(options.lastQueuedRecord)
  const found = { confirmOffset: -1, lastStoreTimestamp: 0 }
  const onRecords = async (records: readonly CheckedRecord[]): Promise<void> => {
    const requests = records.map((record) => dispatchRequestOf(record, options.delayLevels))
    const last = requests.at(-1)
    if (last === undefined) return
    found.confirmOffset = last.commitLogOffset
    found.lastStoreTimestamp = last.storeTimestamp
    const isLacking = (request: DispatchRequest): boolean => request.commitLogOffset >= dispatchFrom
    await options.dispatch(isLastExitOk ? requests.filter(isLacking) : requests)
  }
  let place: LogPlace | undefined = await startOfScan(options)
  let processOffset = 0
  logger.info('recovering the commit log', { isLastExitOk, from: offsetOf(queue, place) })
  while (place !== undefined) {
    const file = queue.files[place.index]
    if (file === undefined) break
    const end: ScanEnd = await scanRecords(file, { from: place.position, checkCrc: options.checkCrc, onRecords })
    const endPlace: LogPlace = { index: place.index, position: end.position }
    processOffset = offsetOf(queue, endPlace)
    if (end.kind !== 'invalid') place = { index: place.index + 1, position: 0 }
    else place = await placeBehindDamage(options, endPlace, found.lastStoreTimestamp)
  }
  logger.info('commit log recovered', { isLastExitOk, processOffset })
  await queue.truncateDirtyFiles(processOffset, isLastExitOk ? 'if dirty near' : 'all')
  return { processOffset, ...found }
}

/**
 * Tells damage in the middle from a torn end: if the checkpoint says that records stored later than the last one found were durable, the scan
 * goes on at the next of them, and only the bytes between are lost.
 */
async function placeBehindDamage(
  options: CommitLogRecoveryOptions,
  end: LogPlace,
  lastStoreTimestamp: number,
): Promise<LogPlace | undefined> {
  const { queue, logger, durableTimestamp } = options
  if (options.isLastExitOk || lastStoreTimestamp >= durableTimestamp) return undefined
  const next = await findRecordBehind(queue, end, durableTimestamp)
  if (next === undefined) return undefined
  const [from, to] = [offsetOf(queue, end), offsetOf(queue, next)]
  logger.error('the commit log is damaged; the records in the gap are lost, those behind it are kept', { from, to })
  return next
}

function offsetOf(queue: MappedFileQueue, { index, position }: LogPlace): number {
  return (queue.files[index]?.fileFromOffset ?? 0) + position
}

async function startOfScan(options: CommitLogRecoveryOptions): Promise<LogPlace> {
  const { queue, isLastExitOk, lastQueuedRecord } = options
  if (isLastExitOk && lastQueuedRecord !== undefined) {
    const file = queue.findByOffset(lastQueuedRecord.offset)
    const position = lastQueuedRecord.offset - (file?.fileFromOffset ?? 0)
    const record = file && (await readRecordAt(file, position))
    if (file !== undefined && record?.size === lastQueuedRecord.size)
      return { index: queue.files.indexOf(file), position }
  }
  return { index: await firstSegmentToScan(options), position: 0 }
}

/** Index of the newest segment in front of which nothing needs a replay; 0 if none is known to be so. */
async function firstSegmentToScan(options: CommitLogRecoveryOptions): Promise<number> {
  const { files } = options.queue
  for (let index = files.length - 1; index > 0; index--) {
    if (await isLogPlace(files[index] as MappedFile, options)) return index
  }
  return 0
}

async function isLogPlace(file: MappedFile, options: CommitLogRecoveryOptions): Promise<boolean> {
  const record = await readRecordAt(file, 0)
  if (record === undefined || record.storeTimestamp === 0) return false
  if (options.indexTimestamp !== undefined && record.storeTimestamp > options.indexTimestamp) return false
  return options.isLastExitOk
    ? record.physicalOffset <= endOf(options.lastQueuedRecord)
    : record.storeTimestamp <= options.minTimestamp
}

/** One past the record's last byte, −1 without one. */
function endOf(record: { readonly offset: number; readonly size: number } | undefined): number {
  return record === undefined ? -1 : record.offset + record.size
}

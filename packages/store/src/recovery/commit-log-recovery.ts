import { checkRecord, type Logger, type CheckedRecord } from '@mq/remoting'
import type { DispatchRequest } from '../dispatch/dispatch-request.js'
import { dispatchRequestOf } from '../dispatch/dispatch-request.js'
import type { MappedFile } from '../mapped-file/mapped-file.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'
import { type ScanEnd, scanRecords } from './record-scan.js'

/** What recovery knows when it starts. */
export interface CommitLogRecoveryOptions {
  readonly queue: MappedFileQueue
  readonly logger: Logger
  /** Whether the last process ended in order: no `abort` file. */
  readonly isLastExitOk: boolean
  /** One past the newest byte that a consume queue knows; −1 if there is none. */
  readonly dispatchFromPhyOffset: number
  /** Store time in ms: records stored later may be missing in consume queues. Java: StoreCheckpoint#getMinTimestamp. */
  readonly minTimestamp: number
  /** Store time in ms up to which the index is durable, if it is replayed from there too; `undefined` otherwise. Java: messageIndexSafe. */
  readonly indexTimestamp: number | undefined
  /** Whether bodies are compared with their CRC. Java: checkCRCOnRecover. */
  readonly checkCrc: boolean
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
 * After a clean exit the scan starts at the newest segment that the consume queues know, after an abort at the newest one older than the
 * checkpoint. The first bytes that are no record end the log. Java: CommitLog#recoverNormally and #recoverAbnormally; there a clean start
 * skips the record that starts exactly at `dispatchFromPhyOffset`, and stale bytes behind the end stay.
 */
export async function recoverCommitLog(options: CommitLogRecoveryOptions): Promise<CommitLogRecovery> {
  const { queue, logger, isLastExitOk, dispatchFromPhyOffset } = options
  const found = { confirmOffset: -1, lastStoreTimestamp: 0 }
  let processOffset = 0
  const first = await firstSegmentToScan(options)
  for (const file of queue.files.slice(first)) {
    const end: ScanEnd = await scanRecords(file, {
      checkCrc: options.checkCrc,
      onRecords: async (records) => {
        const requests = records.map(dispatchRequestOf)
        const last = requests.at(-1)
        if (last === undefined) return
        found.confirmOffset = last.commitLogOffset
        found.lastStoreTimestamp = last.storeTimestamp
        const isLacking = (request: DispatchRequest): boolean => request.commitLogOffset >= dispatchFromPhyOffset
        await options.dispatch(isLastExitOk ? requests.filter(isLacking) : requests)
      },
    })
    processOffset = file.fileFromOffset + end.position
    if (end.kind === 'invalid') break
  }
  logger.info('commit log recovered', { isLastExitOk, scannedFrom: queue.files[first]?.name, processOffset })
  await queue.truncateDirtyFiles(processOffset)
  return { processOffset, ...found }
}

/** Index of the newest segment in front of which nothing needs a replay; 0 if none is known to be so. */
async function firstSegmentToScan(options: CommitLogRecoveryOptions): Promise<number> {
  const { files } = options.queue
  for (let index = files.length - 1; index > 0; index--) {
    if (await isScanStart(files[index] as MappedFile, options)) return index
  }
  return 0
}

async function isScanStart(file: MappedFile, options: CommitLogRecoveryOptions): Promise<boolean> {
  const record = await readFirstRecord(file)
  if (record === undefined || record.storeTimestamp === 0) return false
  if (options.indexTimestamp !== undefined && record.storeTimestamp > options.indexTimestamp) return false
  return options.isLastExitOk
    ? record.physicalOffset <= options.dispatchFromPhyOffset
    : record.storeTimestamp <= options.minTimestamp
}

async function readFirstRecord(file: MappedFile): Promise<CheckedRecord | undefined> {
  const size = (await file.read(0, 4))?.readInt32BE(0) ?? 0
  if (size <= 0 || size > file.fileSize) return undefined
  const bytes = await file.read(0, size)
  const record = bytes && checkRecord(bytes, 0)
  return record?.kind === 'record' && record.physicalOffset === file.fileFromOffset ? record : undefined
}

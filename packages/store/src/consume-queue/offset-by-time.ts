import { recordFieldOffset } from '@mq/remoting'
import type { CommitLogReader } from '../dispatch/commit-log-reader.js'
import { readInt64 } from '../integers.js'
import type { BoundaryType } from '../message-store.js'
import type { ConsumeQueue } from './consume-queue.js'
import { type ConsumeQueueUnit, isRecordUnit } from './consume-queue-unit.js'

/** Which message is searched for. */
export interface OffsetByTimeQuery {
  /** ms since the epoch */
  readonly timestamp: number
  /** LOWER: the first message stored at that time or later; UPPER: the last one stored at that time or earlier. */
  readonly boundary: BoundaryType
}

/** Bytes of a record that hold its flags and its store time. */
const headSize = 76

/**
 * The queue offset that a time points to: between the queue's minimum and maximum, whatever the time; the maximum if LOWER finds no message
 * so late, the minimum if UPPER finds none so early. Java: ConsumeQueue#getOffsetInQueueByTime, ConsumeQueueStore#getOffsetInQueueByTime.
 */
export async function getOffsetInQueueByTime(
  queue: ConsumeQueue,
  commitLog: CommitLogReader,
  query: OffsetByTimeQuery,
): Promise<number> {
  const min = queue.minOffsetInQueue
  const max = queue.maxOffsetInQueue
  const isBefore =
    query.boundary === 'LOWER'
      ? (storeTimestamp: number): boolean => storeTimestamp < query.timestamp
      : (storeTimestamp: number): boolean => storeTimestamp <= query.timestamp
  let low = min
  let high = max
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const unit = await queue.readUnit(middle)
    const isGone = unit === undefined || !isRecordUnit(unit) || unit.commitLogOffset < commitLog.getMinOffset()
    const storeTimestamp = isGone ? Number.NEGATIVE_INFINITY : await storeTimestampOf(commitLog, unit)
    // Java gives up, too, on a record that it cannot read.
    if (storeTimestamp === -1) return min
    if (isBefore(storeTimestamp)) low = middle + 1
    else high = middle
  }
  return query.boundary === 'LOWER' ? low : Math.max(min, low - 1)
}

/** Store time in ms of the record that a unit points to; -1 if it cannot be read. Java: CommitLog#pickupStoreTimestamp. */
export async function storeTimestampOf(commitLog: CommitLogReader, unit: ConsumeQueueUnit): Promise<number> {
  const { commitLogOffset, msgSize } = unit
  if (commitLogOffset < commitLog.getMinOffset() || commitLogOffset + msgSize > commitLog.getMaxOffset()) return -1
  if (msgSize < headSize) return -1
  const head = await commitLog.read(commitLogOffset, headSize)
  if (head === undefined || readInt64(head, recordFieldOffset('PHYSICALOFFSET', 0)) !== commitLogOffset) return -1
  const sysFlag = head.readInt32BE(recordFieldOffset('SYSFLAG', 0))
  return readInt64(head, recordFieldOffset('STORETIMESTAMP', sysFlag))
}

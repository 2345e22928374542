import { checkRecord } from '@mq/remoting'
import type { CommitLogReader } from '../dispatch/commit-log-reader.js'

/** Bytes read at first: most records lie in them. */
const firstReadSize = 4096

/** What a record at a place is checked against. */
export interface RecordBoundaries {
  /** Bytes of a segment. */
  readonly fileSize: number
}

/**
 * Reads the record that starts at an offset of the log, or answers `undefined` if none does. Owned by the caller.
 *
 * Nothing read is trusted: the size is bounded by what is written of the segment, and the record must name this offset and fit its CRC.
 * Java: CommitLog#getMessage, which trusts the size of its caller.
 */
export async function readStoredRecord(
  log: CommitLogReader,
  offset: number,
  { fileSize }: RecordBoundaries,
): Promise<Buffer | undefined> {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset >= log.getMaxOffset()) return undefined
  const bytesToEnd = Math.min(fileSize - (offset % fileSize), log.getMaxOffset() - offset)
  const head = await log.read(offset, Math.min(firstReadSize, bytesToEnd))
  if (head === undefined || head.length < 4) return undefined
  const size = head.readInt32BE(0)
  if (size <= 0 || size > bytesToEnd) return undefined
  const bytes = size <= head.length ? head.subarray(0, size) : await log.read(offset, size)
  const record = bytes && checkRecord(bytes, 0)
  return record?.kind === 'record' && record.physicalOffset === offset ? bytes : undefined
}

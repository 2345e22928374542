import { BLANK_MAGIC_CODE, checkRecord, type Logger, MESSAGE_MAGIC_CODE_V1, MESSAGE_MAGIC_CODE_V2 } from '@mq/remoting'
import { readInt64 } from '../integers.js'
import type { CommitLogReader } from './commit-log-reader.js'
import type { DelayLevels } from './delivery-time.js'
import { type DispatchRequest, dispatchRequestOf } from './dispatch-request.js'

/** Which part of the log to read. */
export interface ReadRange {
  readonly from: number
  /** Records that end behind it are not read. */
  readonly end: number
}

/** What reading needs besides. */
export interface ReadRequestsOptions {
  readonly logger: Logger
  readonly delayLevels: DelayLevels
}

/** What was read. */
export interface ReadRequests {
  readonly requests: readonly DispatchRequest[]
  /** Where to go on; greater than the start of the range. */
  readonly nextOffset: number
}

/** Bytes read, and dispatched without a break, at once; a longer record is read whole. */
const readSize = 256 * 1024

const headSize = 8
const magicPosition = 4
const physicalOffsetPosition = 28

/**
 * Reads the records from `range.from` on, as many as lie in one read of one segment. Bodies are not compared with their CRC.
 *
 * Bytes that are no record are skipped, up to the next record that names its own place, and logged as an error. Java: doReput, which skips
 * all the rest of the segment.
 */
export async function readRequests(
  commitLog: CommitLogReader,
  range: ReadRange,
  { logger, delayLevels }: ReadRequestsOptions,
): Promise<ReadRequests> {
  const { from } = range
  const minOffset = commitLog.getMinOffset()
  if (from < minOffset) return { requests: [], nextOffset: Math.min(minOffset, range.end) }
  const limit = Math.min(commitLog.rollNextFile(from), range.end)
  for (let size = Math.min(readSize, limit - from); ; ) {
    const bytes = await commitLog.read(from, size)
    if (bytes === undefined) {
      logger.error('a part of the commit log cannot be read; its messages are not consumed', {
        from,
        nextOffset: limit,
      })
      return { requests: [], nextOffset: limit }
    }
    const parsed = parseRequests(bytes, from, delayLevels)
    if (parsed.stop === 'blank') return { requests: parsed.requests, nextOffset: limit }
    if (parsed.size > 0) return { requests: parsed.requests, nextOffset: from + parsed.size }
    if (parsed.recordSize <= size || parsed.recordSize > limit - from) {
      // The head of a record may lie across the end of what was read.
      const unsearched = from + size < limit ? headSize : 0
      const nextOffset = findRecord(bytes, from) ?? from + size - unsearched
      logger.error('a part of the commit log holds no record; it is skipped', { from, nextOffset })
      return { requests: [], nextOffset }
    }
    size = parsed.recordSize
  }
}

interface ParsedRequests {
  readonly requests: readonly DispatchRequest[]
  /** Bytes of the records parsed. */
  readonly size: number
  readonly stop: 'blank' | 'end of bytes' | 'no record'
  /** Bytes that the record behind the parsed ones claims to have; 0 if it claims nothing. */
  readonly recordSize: number
}

function parseRequests(bytes: Buffer, physicalOffset: number, delayLevels: DelayLevels): ParsedRequests {
  const requests: DispatchRequest[] = []
  let at = 0
  while (at + headSize <= bytes.length) {
    if (bytes.readInt32BE(at + magicPosition) === BLANK_MAGIC_CODE) {
      return { requests, size: at, stop: 'blank', recordSize: 0 }
    }
    const record = checkRecord(bytes, at, { checkCrc: false })
    if (record.kind !== 'record' || record.physicalOffset !== physicalOffset + at) {
      const isMessage = isMessageMagic(bytes.readInt32BE(at + magicPosition))
      return { requests, size: at, stop: 'no record', recordSize: isMessage ? bytes.readInt32BE(at) : 0 }
    }
    requests.push(dispatchRequestOf(record, delayLevels))
    at += record.size
  }
  return { requests, size: at, stop: 'end of bytes', recordSize: 0 }
}

/** Physical offset of the first record behind the start of `bytes` that names its own place, or whose place is cut off. */
function findRecord(bytes: Buffer, physicalOffset: number): number | undefined {
  for (let at = 1; at + headSize <= bytes.length; at++) {
    if (bytes[at + magicPosition] !== magicFirstByte || !isMessageMagic(bytes.readInt32BE(at + magicPosition))) continue
    if (at + physicalOffsetPosition + 8 > bytes.length) return physicalOffset + at
    if (readInt64(bytes, at + physicalOffsetPosition) === physicalOffset + at) return physicalOffset + at
  }
  return undefined
}

const magicFirstByte = (MESSAGE_MAGIC_CODE_V1 >>> 24) & 0xff

function isMessageMagic(value: number): boolean {
  return value === MESSAGE_MAGIC_CODE_V1 || value === MESSAGE_MAGIC_CODE_V2
}

import { BLANK_HEAD_SIZE, BLANK_MAGIC_CODE, checkRecord, type CheckedRecord } from '@mq/remoting'
import type { MappedFile } from '../mapped-file/mapped-file.js'

/** How the scan of one segment ended: at its blank or its end, or at the first bytes that are no record of this place. */
export interface ScanEnd {
  readonly kind: 'blank' | 'end' | 'invalid'
  /** Position in the segment of the blank, the end, or the first invalid byte. */
  readonly position: number
}

/** What a scan checks. */
export interface ScanOptions {
  /** Position in the segment at which a record starts. */
  readonly from: number
  /** Whether bodies are compared with their CRC. Java: checkCRCOnRecover. */
  readonly checkCrc: boolean
  /** Called with the valid records of a stretch, in order; they are views, valid until the promise settles, when the scan goes on. */
  onRecords(records: readonly CheckedRecord[]): Promise<void>
}

const windowSize = 4 * 1024 * 1024

/**
 * Reads the records of a segment, without blocking, until something is not a record.
 *
 * Besides Java's checks (CommitLog#checkMessageAndReturnSize) a record must name its own place: bytes that were copied or left over from
 * elsewhere are no records.
 */
export async function scanRecords(file: MappedFile, options: ScanOptions): Promise<ScanEnd> {
  let start = options.from
  let size = Math.min(windowSize, file.fileSize)
  while (start < file.fileSize) {
    size = Math.min(size, file.fileSize - start)
    const bytes = await file.read(start, size)
    if (bytes === undefined) return { kind: 'invalid', position: start }
    const window = scanWindow(
      bytes,
      { physicalOffset: file.fileFromOffset + start, bytesToEnd: file.fileSize - start },
      options.checkCrc,
    )
    await options.onRecords(window.records)
    const position = start + window.consumed
    if (window.kind !== 'more') return { kind: window.kind, position }
    if (start + size === file.fileSize) return { kind: position === file.fileSize ? 'end' : 'invalid', position }
    start = position
    size = Math.max(windowSize, window.needed)
  }
  return { kind: 'end', position: start }
}

interface WindowEnd {
  readonly kind: 'blank' | 'invalid' | 'more'
  readonly records: readonly CheckedRecord[]
  readonly consumed: number
  /** Bytes that the next record takes, if it is cut off by the end of the window. */
  readonly needed: number
}

function scanWindow(bytes: Buffer, place: WindowPlace, checkCrc: boolean): WindowEnd {
  const records: CheckedRecord[] = []
  let at = 0
  while (at + BLANK_HEAD_SIZE <= bytes.length) {
    const needed = bytes.readInt32BE(at)
    if (bytes.readInt32BE(at + 4) === BLANK_MAGIC_CODE && needed === place.bytesToEnd - at) {
      return { kind: 'blank', records, consumed: at, needed: 0 }
    }
    if (needed > bytes.length - at && needed <= place.bytesToEnd - at)
      return { kind: 'more', records, consumed: at, needed }
    const record = checkRecord(bytes, at, { checkCrc })
    if (record.kind !== 'record' || record.physicalOffset !== place.physicalOffset + at) {
      return { kind: 'invalid', records, consumed: at, needed: 0 }
    }
    records.push(record)
    at += record.size
  }
  return { kind: 'more', records, consumed: at, needed: 0 }
}

interface WindowPlace {
  readonly physicalOffset: number
  /** Bytes from the start of the window to the end of the segment. */
  readonly bytesToEnd: number
}

import type { CheckedRecord } from '@mq/remoting'
import { checkRecord } from '@mq/remoting'
import type { MappedFile } from '../mapped-file/mapped-file.js'

/** A whole, valid record found by a scan. */
export interface ScannedRecord {
  readonly record: CheckedRecord
  /** The buffer that holds the record, valid until the scan goes on. */
  readonly bytes: Buffer
  /** Where the record starts in `bytes`. */
  readonly position: number
}

/** How the scan of one segment ended: at its blank or its end, or at the first bytes that are no record of this place. */
export interface ScanEnd {
  readonly kind: 'blank' | 'end' | 'invalid'
  /** Position in the segment of the blank, the end, or the first invalid byte. */
  readonly position: number
}

/** What a scan checks. */
export interface ScanOptions {
  /** Whether bodies are compared with their CRC. Java: checkCRCOnRecover. */
  readonly checkCrc: boolean
  /** Called with the valid records of a stretch, in order; the scan goes on when it is done. */
  onRecords(records: readonly ScannedRecord[]): Promise<void>
}

const windowSize = 4 * 1024 * 1024

/**
 * Reads the records of a segment from its start, without blocking, until something is not a record.
 *
 * Besides Java's checks (CommitLog#checkMessageAndReturnSize) a record must name its own place: bytes that were copied or left over from
 * elsewhere are no records.
 */
export async function scanRecords(file: MappedFile, options: ScanOptions): Promise<ScanEnd> {
  let start = 0
  let size = Math.min(windowSize, file.fileSize)
  while (start < file.fileSize) {
    size = Math.min(size, file.fileSize - start)
    const bytes = await file.read(start, size)
    if (bytes === undefined) return { kind: 'invalid', position: start }
    const window = scanWindow(bytes, file.fileFromOffset + start, options.checkCrc)
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
  readonly records: readonly ScannedRecord[]
  readonly consumed: number
  /** Bytes that the next record takes, if it is cut off by the end of the window. */
  readonly needed: number
}

function scanWindow(bytes: Buffer, physicalOffset: number, checkCrc: boolean): WindowEnd {
  const records: ScannedRecord[] = []
  let at = 0
  while (at + 8 <= bytes.length) {
    const record = checkRecord(bytes, at, { checkCrc })
    if (record.kind === 'blank') return { kind: 'blank', records, consumed: at, needed: 0 }
    const needed = bytes.readInt32BE(at)
    if (needed > bytes.length - at) return { kind: 'more', records, consumed: at, needed }
    if (record.kind === 'invalid' || record.physicalOffset !== physicalOffset + at) {
      return { kind: 'invalid', records, consumed: at, needed: 0 }
    }
    records.push({ record, bytes, position: at })
    at += record.size
  }
  return { kind: 'more', records, consumed: at, needed: 0 }
}

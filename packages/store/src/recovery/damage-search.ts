import {
  type CheckedRecord,
  checkRecord,
  MESSAGE_MAGIC_CODE_V1,
  MESSAGE_MAGIC_CODE_V2,
  MIN_RECORD_SIZE,
} from '@mq/remoting'
import type { MappedFile } from '../mapped-file/mapped-file.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'

/** A byte of the log by segment. */
export interface LogPlace {
  /** Of the segment in the queue. */
  readonly index: number
  /** In the segment. */
  readonly position: number
}

const windowSize = 4 * 1024 * 1024
const magicPosition = 4
/** The three bytes that both magic codes of records start with. */
const magicStart = Buffer.from([0xda, 0xa3, 0x20])

/** The next intact record behind a place that names its own offset and was stored at `untilTimestamp` (ms) or before. Does not block. */
export async function findRecordBehind(
  queue: MappedFileQueue,
  behind: LogPlace,
  untilTimestamp: number,
): Promise<LogPlace | undefined> {
  for (let index = behind.index; index < queue.files.length; index++) {
    const file = queue.files[index] as MappedFile
    const from = index === behind.index ? behind.position + 1 : 0
    for await (const position of positionsOfMagic(file, from)) {
      const record = await readRecordAt(file, position)
      if (record !== undefined && record.storeTimestamp <= untilTimestamp) return { index, position }
    }
  }
  return undefined
}

/** The intact record at a position of a segment that names its own offset, or `undefined`. */
export async function readRecordAt(file: MappedFile, position: number): Promise<CheckedRecord | undefined> {
  const size = (await file.read(position, 4))?.readInt32BE(0) ?? 0
  if (size < MIN_RECORD_SIZE || size > file.fileSize - position) return undefined
  const bytes = await file.read(position, size)
  const record = bytes && checkRecord(bytes, 0)
  return record?.kind === 'record' && record.physicalOffset === file.fileFromOffset + position ? record : undefined
}

/** Positions from `from` on at which a record's magic code lies where it would in a record. */
async function* positionsOfMagic(file: MappedFile, from: number): AsyncGenerator<number> {
  for (let start = from; start < file.fileSize; start += windowSize - magicPosition * 2) {
    const bytes = await file.read(start, Math.min(windowSize, file.fileSize - start))
    if (bytes === undefined) return
    for (let at = bytes.indexOf(magicStart); at >= 0; at = bytes.indexOf(magicStart, at + 1)) {
      if (at < magicPosition || at + 4 > bytes.length) continue
      const magic = bytes.readInt32BE(at)
      if (magic === MESSAGE_MAGIC_CODE_V1 || magic === MESSAGE_MAGIC_CODE_V2) yield start + at - magicPosition
    }
  }
}

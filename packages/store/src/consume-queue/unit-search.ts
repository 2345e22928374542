import {
  type ConsumeQueueUnit,
  consumeQueueUnitSize,
  isBlankUnit,
  isRecordUnit,
  isWrittenUnit,
  readConsumeQueueUnit,
} from './consume-queue-unit.js'

/** Units by their byte position in the queue. */
export interface UnitFiles {
  readonly fileSize: number
  /** Reads from `position`, at most to the end of its file; answers the bytes read, 0 where no file is. */
  read(target: Buffer, position: number): Promise<number>
}

/** Where the units of a queue end. */
export interface UnitsEnd {
  /** Byte position behind the last unit. */
  readonly end: number
  /** Physical offset behind the last record that a unit points to; -1 if none does. */
  readonly maxPhysicOffset: number
}

const chunkSize = 819 * consumeQueueUnitSize

/** Reads the files that start at `starts`, one after the other, up to the first unit that was never written. */
export async function findEndOfUnits(files: UnitFiles, starts: readonly number[]): Promise<UnitsEnd> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkSize, files.fileSize))
  let end = starts[0] ?? 0
  let maxPhysicOffset = -1
  for (const start of starts) {
    end = start
    while (end < start + files.fileSize) {
      const size = await files.read(chunk, end)
      for (let at = 0; at + consumeQueueUnitSize <= size; at += consumeQueueUnitSize) {
        const unit = readConsumeQueueUnit(chunk, at)
        if (!isWrittenUnit(unit)) return { end, maxPhysicOffset }
        if (!isBlankUnit(unit)) maxPhysicOffset = unit.commitLogOffset + unit.msgSize
        end += consumeQueueUnitSize
      }
      if (size < consumeQueueUnitSize) return { end, maxPhysicOffset }
    }
  }
  return { end, maxPhysicOffset }
}

/** Walks back from `end` over the units of records at or behind `phyOffset`. */
export async function findUnitsEndBefore(files: UnitFiles, end: number, phyOffset: number): Promise<UnitsEnd> {
  let keptEnd = end
  for (let chunkEnd = end; chunkEnd > 0; ) {
    const fileStart = chunkEnd - 1 - ((chunkEnd - 1) % files.fileSize)
    const chunkStart = Math.max(fileStart, chunkEnd - chunkSize)
    const chunk = Buffer.allocUnsafe(chunkEnd - chunkStart)
    const size = await files.read(chunk, chunkStart)
    if (size < chunk.length) break
    for (let at = size - consumeQueueUnitSize; at >= 0; at -= consumeQueueUnitSize) {
      const unit = readConsumeQueueUnit(chunk, at)
      const isBlank = isBlankUnit(unit)
      if (!isBlank && unit.commitLogOffset < phyOffset) {
        return { end: keptEnd, maxPhysicOffset: unit.commitLogOffset + unit.msgSize }
      }
      if (!isBlank) keptEnd = chunkStart + at
    }
    chunkEnd = chunkStart
  }
  return { end: keptEnd, maxPhysicOffset: -1 }
}

/** A stretch of a queue, in byte positions, and the physical offset that its units are compared with. */
export interface UnitRange {
  readonly from: number
  readonly end: number
  readonly phyMinOffset: number
}

/**
 * Position of the first unit in the range whose record lies at or behind `phyMinOffset`; `end` if there is none. Blanks belong to the unit
 * behind them and are never the answer.
 */
export async function findFirstUnitFrom(files: UnitFiles, range: UnitRange): Promise<number> {
  let low = range.from / consumeQueueUnitSize
  let high = range.end / consumeQueueUnitSize
  const last = await nextRecordUnit(files, high - 1, high)
  if (last !== undefined && last.unit.commitLogOffset < range.phyMinOffset) return range.end
  let isFirstProbe = true
  while (low < high) {
    // A minimum that still holds is the usual case: one read decides it.
    const middle = isFirstProbe ? low : Math.floor((low + high) / 2)
    isFirstProbe = false
    const probe = await nextRecordUnit(files, middle, high)
    if (probe === undefined || probe.unit.commitLogOffset >= range.phyMinOffset) high = middle
    else low = probe.index + 1
  }
  const found = await nextRecordUnit(files, high, range.end / consumeQueueUnitSize)
  return found === undefined ? range.end : found.index * consumeQueueUnitSize
}

/** The first unit in [index, end) that points to a record. */
async function nextRecordUnit(
  files: UnitFiles,
  index: number,
  end: number,
): Promise<{ readonly index: number; readonly unit: ConsumeQueueUnit } | undefined> {
  const unitsPerFile = files.fileSize / consumeQueueUnitSize
  let units = 1
  for (let at = index; at < end; ) {
    const chunk = Buffer.allocUnsafe(Math.min(units, end - at) * consumeQueueUnitSize)
    const size = await files.read(chunk, at * consumeQueueUnitSize)
    for (let position = 0; position + consumeQueueUnitSize <= size; position += consumeQueueUnitSize) {
      const unit = readConsumeQueueUnit(chunk, position)
      if (isRecordUnit(unit)) return { index: at + position / consumeQueueUnitSize, unit }
    }
    at =
      size < consumeQueueUnitSize
        ? (Math.floor(at / unitsPerFile) + 1) * unitsPerFile
        : at + Math.floor(size / consumeQueueUnitSize)
    units = chunkSize / consumeQueueUnitSize
  }
  return undefined
}

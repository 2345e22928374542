import { readInt32, readInt64, writeInt32, writeInt64 } from '../integers.js'

/** The fields of a unit. Java: ConsumeQueue, "store unit". */
export const consumeQueueUnitLayout = [
  { name: 'commitLogOffset', offset: 0, size: 8 },
  { name: 'msgSize', offset: 8, size: 4 },
  { name: 'tagsCode', offset: 12, size: 8 },
] as const

const [offsetField, sizeField, tagsCodeField] = consumeQueueUnitLayout

/** Bytes of one unit; unit n of a queue lies at byte n × 20. Java: ConsumeQueue.CQ_STORE_UNIT_SIZE. */
export const consumeQueueUnitSize: number = tagsCodeField.offset + tagsCodeField.size

/** The size that a blank unit claims; a real record is never that large. */
const blankMsgSize = 0x7fffffff

/** Values up to this one in `tagsCode` are addresses in a consume-queue extension file. Java: ConsumeQueueExt.MAX_ADDR. */
const maxExtAddress = -2_147_483_649

/** Where one message lies in the commit log. */
export interface ConsumeQueueUnit {
  readonly commitLogOffset: number
  /** Bytes of the record. */
  readonly msgSize: number
  readonly tagsCode: number
}

/** Writes a unit into `target` at `position`. */
export function writeConsumeQueueUnit(target: Buffer, position: number, unit: ConsumeQueueUnit): void {
  writeInt64(target, position + offsetField.offset, unit.commitLogOffset)
  writeInt32(target, position + sizeField.offset, unit.msgSize)
  writeInt64(target, position + tagsCodeField.offset, unit.tagsCode)
}

/** Reads the unit in `bytes` at `position`. */
export function readConsumeQueueUnit(bytes: Buffer, position: number): ConsumeQueueUnit {
  return {
    commitLogOffset: readInt64(bytes, position + offsetField.offset),
    msgSize: readInt32(bytes, position + sizeField.offset),
    tagsCode: readInt64(bytes, position + tagsCodeField.offset),
  }
}

/** Reads the units in `bytes` from `from` up to `to` or the end of the bytes; both are multiples of a unit. */
export function readConsumeQueueUnits(bytes: Buffer, from: number, to: number): ConsumeQueueUnit[] {
  const end = Math.min(to, bytes.length)
  const units: ConsumeQueueUnit[] = []
  for (let at = from; at < end; at += consumeQueueUnitSize) units.push(readConsumeQueueUnit(bytes, at))
  return units
}

/** Fills `target`, a whole number of units, with blanks: they hold the places of messages in front of a queue's first. */
export function fillBlankUnits(target: Buffer): Buffer {
  target.fill(0)
  for (let position = 0; position < target.length; position += consumeQueueUnitSize) {
    writeInt32(target, position + sizeField.offset, blankMsgSize)
  }
  return target
}

/** Whether the unit was written at all; blanks count, never-written space does not. */
export function isWrittenUnit(unit: ConsumeQueueUnit): boolean {
  return unit.commitLogOffset >= 0 && unit.msgSize > 0
}

/** Whether the unit only holds a place. */
export function isBlankUnit(unit: ConsumeQueueUnit): boolean {
  return unit.commitLogOffset === 0 && unit.msgSize === blankMsgSize
}

/** Whether the unit points to a record: neither blank nor never written. */
export function isRecordUnit(unit: ConsumeQueueUnit): boolean {
  return isWrittenUnit(unit) && !isBlankUnit(unit)
}

/** Whether `tagsCode` is an address in an extension file instead of a code that a filter can judge. Java: ConsumeQueueExt#isExtAddr. */
export function isExtAddress(tagsCode: number): boolean {
  return tagsCode <= maxExtAddress
}

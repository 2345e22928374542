/** Bytes of the record that ends a segment: the length of the rest of the segment, and a magic number. */
export const blankRecordSize = 8

/** Marks a blank. Java: CommitLog.BLANK_MAGIC_CODE. */
export const blankMagicCode: number = 0xcbd43194 | 0

/** Writes the blank that covers the `rest` bytes left in a segment, at least 8. */
export function writeBlankRecord(target: Buffer, position: number, rest: number): void {
  target.writeInt32BE(rest, position)
  target.writeInt32BE(blankMagicCode, position + 4)
}

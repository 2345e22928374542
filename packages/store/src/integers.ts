const highFactor = 0x1_0000_0000

/** Reads a big-endian 64-bit integer; exact within ±(2^53 - 1), the nearest double beyond. The bytes must be there. */
export function readInt64(bytes: Buffer, offset: number): number {
  return readInt32(bytes, offset) * highFactor + (readInt32(bytes, offset + 4) >>> 0)
}

/** Reads a big-endian 32-bit integer byte by byte, which costs a fraction of Buffer's method. The bytes must be there. */
export function readInt32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

/** Writes a safe integer as a big-endian 64-bit integer. */
export function writeInt64(bytes: Buffer, offset: number, value: number): void {
  writeInt32(bytes, offset, Math.floor(value / highFactor))
  writeInt32(bytes, offset + 4, value)
}

/** Writes the low 32 bits of an integer, big-endian, byte by byte. */
export function writeInt32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

const highFactor = 0x1_0000_0000

/** Reads a big-endian 64-bit integer; exact within ±(2^53 - 1), the nearest double beyond. */
export function readInt64(bytes: Buffer, offset: number): number {
  return bytes.readInt32BE(offset) * highFactor + bytes.readUInt32BE(offset + 4)
}

/** Writes a safe integer as a big-endian 64-bit integer. */
export function writeInt64(bytes: Buffer, offset: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / highFactor), offset)
  bytes.writeUInt32BE(value >>> 0, offset + 4)
}

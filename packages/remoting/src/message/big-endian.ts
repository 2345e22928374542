const TWO_TO_32 = 4_294_967_296

/** Writes a 32-bit integer, big-endian, in four byte stores; returns the position after it. */
export function putInt32(target: Uint8Array, offset: number, value: number): number {
  target[offset] = value >>> 24
  target[offset + 1] = value >>> 16
  target[offset + 2] = value >>> 8
  target[offset + 3] = value
  return offset + 4
}

/** Writes a safe integer as a big-endian two's complement 64-bit one; returns the position after it. */
export function putInt64(target: Uint8Array, offset: number, value: number): number {
  putInt32(target, offset, Math.floor(value / TWO_TO_32))
  return putInt32(target, offset + 4, value)
}

/** Writes a 16-bit integer, big-endian; returns the position after it. */
export function putInt16(target: Uint8Array, offset: number, value: number): number {
  target[offset] = value >>> 8
  target[offset + 1] = value
  return offset + 2
}

/** Reads a signed 16-bit integer; the caller has checked that it lies inside `bytes`. */
export function readInt16(bytes: Uint8Array, offset: number): number {
  return ((byteAt(bytes, offset) << 24) >> 16) | byteAt(bytes, offset + 1)
}

/** Reads a signed 32-bit integer; the caller has checked that it lies inside `bytes`. */
export function readInt32(bytes: Uint8Array, offset: number): number {
  return (
    (byteAt(bytes, offset) << 24) |
    (byteAt(bytes, offset + 1) << 16) |
    (byteAt(bytes, offset + 2) << 8) |
    byteAt(bytes, offset + 3)
  )
}

/** Reads a signed 64-bit integer; values beyond 2^53 become the nearest safe integer. */
export function readInt64(bytes: Uint8Array, offset: number): number {
  const value = readInt32(bytes, offset) * TWO_TO_32 + (readInt32(bytes, offset + 4) >>> 0)
  if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER
  return value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value
}

function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number
}

import { crc32 as zlibCrc32 } from 'node:zlib'

/** Below this many bytes the JavaScript tables are faster than a call into zlib. */
const SHORT_BODY_BYTES = 128
const POLYNOMIAL = 0xedb88320
const TOP_BIT_CLEARED = 0x7fffffff

/** Eight tables of 256: table n gives the CRC of a byte followed by n zero bytes. */
const tables = buildTables()

/**
 * CRC-32 (IEEE) of `bytes[start, end)` with the top bit cleared, as RocketMQ stores it everywhere; 0 for no bytes.
 * Java: UtilAll#crc32.
 */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  if (end - start <= SHORT_BODY_BYTES) return crc32OfShort(bytes, start, end) & TOP_BIT_CLEARED
  const whole = start === 0 && end === bytes.length
  return zlibCrc32(whole ? bytes : bytes.subarray(start, end)) & TOP_BIT_CLEARED
}

function crc32OfShort(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1
  let at = start
  for (; at + 8 <= end; at += 8) {
    const head = crc ^ littleEndian(bytes, at)
    const tail = littleEndian(bytes, at + 4)
    crc =
      lookUp(7, head & 0xff) ^
      lookUp(6, (head >>> 8) & 0xff) ^
      lookUp(5, (head >>> 16) & 0xff) ^
      lookUp(4, head >>> 24) ^
      lookUp(3, tail & 0xff) ^
      lookUp(2, (tail >>> 8) & 0xff) ^
      lookUp(1, (tail >>> 16) & 0xff) ^
      lookUp(0, tail >>> 24)
  }
  for (; at < end; at++) crc = lookUp(0, (crc ^ (bytes[at] as number)) & 0xff) ^ (crc >>> 8)
  return ~crc
}

function lookUp(table: number, byte: number): number {
  return tables[(table << 8) | byte] as number
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

function buildTables(): Int32Array {
  const built = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    built[byte] = crc
  }
  for (let at = 256; at < built.length; at++) {
    const previous = built[at - 256] as number
    built[at] = (built[previous & 0xff] as number) ^ (previous >>> 8)
  }
  return built
}

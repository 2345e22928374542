import { crc32 } from './crc32.js'
import { NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR } from './message-properties.js'
import { PropertyName } from './property-name.js'

const DIGITS = 10
const ZERO = 0x30
const prefix = Buffer.from(PropertyName.CRC32 + NAME_VALUE_SEPARATOR)

/** Bytes the CRC property takes at the very end of a record; part of the properties' length. Java: enabledAppendPropCRC. */
export const CRC_PROPERTY_SIZE: number = prefix.length + DIGITS + PROPERTY_SEPARATOR.length

/**
 * Fills the last bytes of a finished record with the CRC of all bytes before them, ten decimal digits, the least
 * significant first. The caller has reserved CRC_PROPERTY_SIZE bytes of properties. Java: MessageDecoder#createCrc32.
 */
export function writeCrcProperty(target: Buffer, recordOffset: number, size: number): void {
  const start = recordOffset + size - CRC_PROPERTY_SIZE
  let rest = crc32(target, recordOffset, start)
  let at = start + prefix.copy(target, start)
  for (let digit = 0; digit < DIGITS; digit++) {
    target[at++] = ZERO + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  target[at] = PROPERTY_SEPARATOR.charCodeAt(0)
}

/** Whether the record ends with a CRC property that fits the bytes before it. */
export function hasValidCrcProperty(bytes: Buffer, recordOffset: number, size: number): boolean {
  if (size < CRC_PROPERTY_SIZE) return false
  const start = recordOffset + size - CRC_PROPERTY_SIZE
  const digitsAt = start + prefix.length
  if (prefix.compare(bytes, start, digitsAt) !== 0) return false
  let value = 0
  for (let digit = DIGITS - 1; digit >= 0; digit--) value = value * 10 + ((bytes[digitsAt + digit] as number) - ZERO)
  return value === crc32(bytes, recordOffset, start)
}

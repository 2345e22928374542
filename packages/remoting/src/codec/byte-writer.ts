const defaultCapacity = 4096
/** The most bytes a UTF-16 unit takes in UTF-8. */
const maxUtf8BytesPerUnit = 3
const maxAsciiUnit = 0x7f
/** Text up to this length is stored byte by byte, which costs less than a call out of JavaScript. */
const shortTextLength = 24
/** Bytes that are stored one by one, for the same reason. */
const shortBytesLength = 12
/** The largest number whose digits integers of 32 bits yield. */
const maxShortDecimal = 0x7f_ff_ff_ff
const zeroDigit = 48
/** Text from here to the last plain unit is its own JSON, apart from these two. */
const spaceUnit = 0x20
const lastPlainUnit = 0x7e
const quoteUnit = 0x22
const backslashUnit = 0x5c

/** A growing buffer that integers (big-endian), text and bytes are appended to. */
export class ByteWriter {
  #buffer: Buffer
  #length = 0

  constructor(capacityBytes: number = defaultCapacity) {
    this.#buffer = Buffer.allocUnsafeSlow(capacityBytes)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** Bytes that fit before the buffer is replaced by a larger one. */
  get capacity(): number {
    return this.#buffer.length
  }

  /** What was written: a view, valid until the next write or reset. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#length = 0
  }

  /** Cuts what was written after `length`, as if it had never been. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length)
  }

  /** Leaves `sizeBytes` free for later and returns where they are. */
  skip(sizeBytes: number): number {
    const offset = this.#reserve(sizeBytes)
    this.#length = offset + sizeBytes
    return offset
  }

  writeUint8(value: number): void {
    const offset = this.#reserve(1)
    this.#buffer[offset] = value
    this.#length = offset + 1
  }

  writeInt16(value: number): void {
    const offset = this.#reserve(2)
    this.#buffer[offset] = value >> 8
    this.#buffer[offset + 1] = value
    this.#length = offset + 2
  }

  writeInt32(value: number): void {
    const offset = this.#reserve(4)
    this.setInt32(offset, value)
    this.#length = offset + 4
  }

  /** Overwrites four bytes written or skipped before. */
  setInt32(offset: number, value: number): void {
    const buffer = this.#buffer
    buffer[offset] = value >> 24
    buffer[offset + 1] = value >> 16
    buffer[offset + 2] = value >> 8
    buffer[offset + 3] = value
  }

  /** Overwrites two bytes written or skipped before. */
  setInt16(offset: number, value: number): void {
    this.#buffer[offset] = value >> 8
    this.#buffer[offset + 1] = value
  }

  /** Appends UTF-8 and returns how many bytes it took. */
  writeUtf8(text: string): number {
    const offset = this.#reserve(text.length * maxUtf8BytesPerUnit)
    const size =
      text.length <= shortTextLength ? this.#writeShortText(text, offset) : this.#buffer.write(text, offset, 'utf8')
    this.#length = offset + size
    return size
  }

  /** Appends text that is known to be ASCII. */
  writeAscii(text: string): void {
    const offset = this.#reserve(text.length)
    const buffer = this.#buffer
    for (let index = 0; index < text.length; index++) buffer[offset + index] = text.charCodeAt(index)
    this.#length = offset + text.length
  }

  /** Appends text as the inside of a JSON string. */
  writeJsonText(text: string): void {
    const offset = this.#reserve(text.length)
    const buffer = this.#buffer
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit < spaceUnit || unit > lastPlainUnit || unit === quoteUnit || unit === backslashUnit) {
        this.writeUtf8(JSON.stringify(text).slice(1, -1))
        return
      }
      buffer[offset + index] = unit
    }
    this.#length = offset + text.length
  }

  /** Appends the digits of a safe integer. */
  writeDecimal(value: number): void {
    if (value < 0 || value > maxShortDecimal) {
      this.writeAscii(`${value}`)
      return
    }
    let size = 1
    for (let limit = 10; value >= limit; limit *= 10) size++
    const offset = this.#reserve(size)
    const buffer = this.#buffer
    for (let at = offset + size - 1, rest = value; at >= offset; at--) {
      const tens = (rest / 10) | 0
      buffer[at] = zeroDigit + rest - tens * 10
      rest = tens
    }
    this.#length = offset + size
  }

  #writeShortText(text: string, offset: number): number {
    const buffer = this.#buffer
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > maxAsciiUnit) return buffer.write(text, offset, 'utf8')
      buffer[offset + index] = unit
    }
    return text.length
  }

  /** Copies `bytes` to the end. */
  writeBytes(bytes: Buffer): void {
    const offset = this.#reserve(bytes.length)
    const buffer = this.#buffer
    if (bytes.length > shortBytesLength) buffer.set(bytes, offset)
    else for (let index = 0; index < bytes.length; index++) buffer[offset + index] = bytes[index] as number
    this.#length = offset + bytes.length
  }

  #reserve(sizeBytes: number): number {
    const needed = this.#length + sizeBytes
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    return this.#length
  }
}

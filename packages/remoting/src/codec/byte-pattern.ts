const wordSize = 4

/** Bytes that are looked for in others, four at a time. */
export class BytePattern {
  readonly length: number
  readonly #view: DataView

  /** Keeps a copy of the bytes. */
  constructor(bytes: Uint8Array) {
    const own = new Uint8Array(bytes)
    this.length = own.length
    this.#view = new DataView(own.buffer, own.byteOffset, own.length)
  }

  /** Whether the bytes stand at a position; false where they would not fit before `end`. */
  isAt(view: DataView, at: number, end: number): boolean {
    const { length } = this
    const own = this.#view
    if (at + length > end) return false
    if (length < wordSize) {
      for (let index = 0; index < length; index++) if (view.getUint8(at + index) !== own.getUint8(index)) return false
      return true
    }
    const last = length - wordSize
    for (let index = 0; index < last; index += wordSize) {
      if (view.getInt32(at + index) !== own.getInt32(index)) return false
    }
    // The last word begins inside of the one before, unless the length is a multiple of a word.
    return view.getInt32(at + last) === own.getInt32(last)
  }
}

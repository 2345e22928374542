import { FrameError } from '../errors.js'
import { readInt32 } from '../message/big-endian.js'
import { readBinaryHeader } from './header-binary.js'
import { readJsonHeader } from './header-json.js'
import type { RemotingCommand } from './remoting-command.js'
import type { RequestHeaderScanner } from './request-header-scanner.js'

/** Java: com.rocketmq.remoting.frameMaxLength, counting the four bytes of the length. */
const defaultMaxFrameSize = 16_777_216
const lengthSize = 4
const headerWordSize = 4
const prefixSize: number = lengthSize + headerWordSize
const headerSizeMask = 0xff_ff_ff
const serializeTypeJson = 0
const serializeTypeBinary = 1
/** A partial frame larger than this gives its memory back once it is complete. */
const keptTailBytes = 65_536
const noBytes: Buffer = Buffer.alloc(0)

/** Bounds of a {@link FrameDecoder}. */
export interface FrameDecoderOptions {
  /** Largest frame in bytes, its length included; 16 MiB if left out. */
  readonly maxFrameSize?: number
  /** Reads the headers it can into values at once, all others come as text. */
  readonly requestHeaders?: RequestHeaderScanner | undefined
}

/**
 * Cuts a stream of bytes into commands: `push` a chunk, then call `next` until it returns undefined. It does no I/O and copies
 * only a frame that a chunk ends in. A body it hands out is a view, valid until the next `push`. A frame whose first bytes
 * announce more than is allowed is refused before any memory is set aside for it.
 */
export class FrameDecoder {
  readonly #maxFrameSize: number
  readonly #requestHeaders: RequestHeaderScanner | undefined
  #chunk: Buffer = noBytes
  #offset = 0
  /** The frame the last chunks ended in: `#tailLength` bytes of it, in a buffer that grows with what arrives. */
  #tail: Buffer = noBytes
  #tailLength = 0
  /** The other tail: the frame completed from it may still be read while the next one begins. */
  #spareTail: Buffer = noBytes
  #isBroken = false

  constructor(options: FrameDecoderOptions = {}) {
    this.#maxFrameSize = options.maxFrameSize ?? defaultMaxFrameSize
    this.#requestHeaders = options.requestHeaders
  }

  /** Bytes held of a frame that has not arrived whole. */
  get bufferedBytes(): number {
    return this.#tailLength
  }

  /** Takes over a chunk until `next` has returned undefined; after an error it is dropped. */
  push(chunk: Buffer): void {
    if (this.#isBroken) return
    const isDrained = this.#offset === this.#chunk.length
    this.#chunk = isDrained ? chunk : Buffer.concat([this.#chunk.subarray(this.#offset), chunk])
    this.#offset = 0
  }

  /** The next whole frame, or undefined when more bytes are needed. @throws FrameError once; from then on nothing is decoded. */
  next(): RemotingCommand | undefined {
    if (this.#isBroken) return undefined
    try {
      return this.#tailLength > 0 ? this.#nextFromTail() : this.#nextFromChunk()
    } catch (error) {
      this.#isBroken = true
      this.#chunk = noBytes
      this.#offset = 0
      this.#tail = noBytes
      this.#tailLength = 0
      this.#spareTail = noBytes
      throw error
    }
  }

  #nextFromChunk(): RemotingCommand | undefined {
    const chunk = this.#chunk
    const start = this.#offset
    const frameSize = this.#frameSize(chunk, start, chunk.length)
    if (frameSize === undefined || start + frameSize > chunk.length) {
      this.#fillTail(chunk.length - start)
      return undefined
    }
    this.#offset = start + frameSize
    return this.#decode(chunk, start, start + frameSize)
  }

  #nextFromTail(): RemotingCommand | undefined {
    let frameSize = this.#frameSize(this.#tail, 0, this.#tailLength)
    if (frameSize === undefined) {
      this.#fillTail(prefixSize - this.#tailLength)
      frameSize = this.#frameSize(this.#tail, 0, this.#tailLength)
      if (frameSize === undefined) return undefined
    }
    this.#fillTail(frameSize - this.#tailLength)
    if (this.#tailLength < frameSize) return undefined
    const tail = this.#tail
    this.#tail = this.#spareTail
    this.#spareTail = tail.length > keptTailBytes ? noBytes : tail
    this.#tailLength = 0
    return this.#decode(tail, 0, frameSize)
  }

  /** Moves up to `wantedBytes` from the chunk to the tail. */
  #fillTail(wantedBytes: number): void {
    const size = Math.min(wantedBytes, this.#chunk.length - this.#offset)
    if (size === 0) return
    const needed = this.#tailLength + size
    if (needed > this.#tail.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(needed, this.#tail.length * 2, 256), this.#maxFrameSize))
      this.#tail.copy(larger, 0, 0, this.#tailLength)
      this.#tail = larger
    }
    this.#chunk.copy(this.#tail, this.#tailLength, this.#offset, this.#offset + size)
    this.#tailLength = needed
    this.#offset += size
  }

  /** Size of the frame that begins at `start`; undefined while its first eight bytes have not arrived. */
  #frameSize(bytes: Buffer, start: number, end: number): number | undefined {
    if (end - start < lengthSize) return undefined
    const length = readInt32(bytes, start)
    if (length < headerWordSize) throw new FrameError(`a frame announces ${length} bytes; at least 4 are needed`)
    if (length > this.#maxFrameSize - lengthSize) {
      throw new FrameError(`a frame announces ${length} bytes; at most ${this.#maxFrameSize - lengthSize} are accepted`)
    }
    if (end - start < prefixSize) return undefined
    const headerSize = readInt32(bytes, start + lengthSize) & headerSizeMask
    if (headerSize > length - headerWordSize) {
      throw new FrameError(`a header of ${headerSize} bytes does not fit its frame of ${length}`)
    }
    const serializeType = bytes[start + lengthSize]
    if (serializeType !== serializeTypeJson && serializeType !== serializeTypeBinary) {
      throw new FrameError(`serialize type ${serializeType} is neither JSON (0) nor ROCKETMQ (1)`)
    }
    return lengthSize + length
  }

  /** Decodes the frame in `[start, end)`, whose first eight bytes have been checked. */
  #decode(bytes: Buffer, start: number, end: number): RemotingCommand {
    const word = readInt32(bytes, start + lengthSize)
    const headerStart = start + prefixSize
    const headerEnd = headerStart + (word & headerSizeMask)
    const command =
      word >>> 24 === serializeTypeBinary
        ? readBinaryHeader(bytes, headerStart, headerEnd)
        : (this.#requestHeaders?.scan(bytes, headerStart, headerEnd) ?? readJsonHeader(bytes, headerStart, headerEnd))
    if (headerEnd < end) command.body = bytes.subarray(headerEnd, end)
    return command
  }
}

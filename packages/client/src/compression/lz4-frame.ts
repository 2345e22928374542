import { CompressionError } from '@mq/remoting'

const magicNumber = 0x184d2204
const blockChecksumBit = 0x10
const contentSizeBit = 0x08
const dictionaryIdBit = 0x01
const uncompressedBit = 0x80000000
const headerBytes = 6

/**
 * The most bytes an LZ4 frame can decompress to, found without decompressing it, so that a frame made to exhaust memory is
 * refused first. Throws CompressionError when the bytes are no whole LZ4 frame.
 */
export function lz4FrameBound(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (frame.length < headerBytes + 1 || view.getUint32(0, true) !== magicNumber)
    throw noFrame('it does not begin as one')
  const flags = view.getUint8(4)
  const maxBlockSize = blockSizeOf(view.getUint8(5))
  const checksumBytes = (flags & blockChecksumBit) === 0 ? 0 : 4
  let at = headerBytes + ((flags & contentSizeBit) === 0 ? 0 : 8) + ((flags & dictionaryIdBit) === 0 ? 0 : 4) + 1
  for (let bound = 0; ; ) {
    if (at + 4 > frame.length) throw noFrame('it ends before its end mark')
    const word = view.getUint32(at, true)
    if (word === 0) return bound
    const isCompressed = (word & uncompressedBit) === 0
    const size = word & ~uncompressedBit
    bound += isCompressed ? maxBlockSize : size
    at += 4 + size + checksumBytes
  }
}

/** Block sizes are numbered 4 to 7: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
function blockSizeOf(descriptor: number): number {
  const number = (descriptor >> 4) & 7
  if (number < 4) throw noFrame(`its block size has the unknown number ${number}`)
  return 4 ** number * 256
}

function noFrame(reason: string): CompressionError {
  return new CompressionError(`the body is no LZ4 frame (${reason}): look at what its producer sent`)
}

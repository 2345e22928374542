import type { FileHandle } from '../file-system/file-system.js'
import type { ChunksAheadSizes, PrepareChunk } from './chunks-ahead.js'

const mebibyte = 1024 * 1024

/** Enough for some hundredths of a second at the speed of a disk. */
export const defaultZeroAheadSizes: ChunksAheadSizes = { chunk: mebibyte, distance: 8 * mebibyte, gap: 2 * mebibyte }

/** Bytes of a segment not in use yet that are zeroed and synced in one go. */
export const zeroedStretch = 2 * mebibyte

/** Bytes of one call: the thread of a sync waits for its core as long as one takes, which is some tenths of a millisecond. */
const pieceSize = 128 * 1024

/**
 * Writes zeros into a segment, so that a sync finds its blocks allocated already: about half the time of a sync that has to allocate
 * them. A segment is sparse at first and takes room only as it is used.
 *
 * Nothing may be written into a chunk before it has settled: the kernel might put the zeros on top. The pages are read first, because the kernel
 * lets nobody else write into a file during a write, and most of the time of a write is taken by pages that are not there.
 */
export function zeroAhead(handle: FileHandle): PrepareChunk {
  return async (from, to) => {
    const unread = Buffer.allocUnsafeSlow(Math.min(pieceSize, to - from))
    for (let position = from; position < to; position += unread.length) await handle.read(unread, position)
    return await writeZeros(handle, from, to)
  }
}

/** As `zeroAhead`, and makes the zeros durable: for a segment not in use yet, whose first sync would else find all of them. */
export function zeroDurably(handle: FileHandle): PrepareChunk {
  return async (from, to) => {
    const written = await writeZeros(handle, from, to)
    await handle.datasync()
    return written
  }
}

async function writeZeros(handle: FileHandle, from: number, to: number): Promise<number> {
  const zeros = Buffer.alloc(Math.min(pieceSize, to - from))
  let position = from
  while (position < to) {
    const written = await handle.write(zeros.subarray(0, to - position), position)
    if (written === 0) break
    position += written
  }
  return position - from
}

import type { FileHandle } from '../file-system/file-system.js'
import type { ChunksAheadSizes, PrepareChunk } from './chunks-ahead.js'

const mebibyte = 1024 * 1024

/** Enough for some hundredths of a second at the speed of a disk. */
export const defaultZeroAheadSizes: ChunksAheadSizes = {
  chunk: 4 * mebibyte,
  distance: 8 * mebibyte,
  gap: 2 * mebibyte,
}

/**
 * Writes zeros into a segment, so that a sync finds its blocks allocated already: about half the time of a sync that has to allocate
 * them. A segment is sparse at first and takes room only as it is used.
 *
 * Nothing may be written into a chunk before it has settled: the kernel might put the zeros on top.
 */
export function zeroAhead(handle: FileHandle): PrepareChunk {
  return (from, to) => handle.write(Buffer.alloc(to - from), from)
}

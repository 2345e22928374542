import type { FileHandle } from '../file-system/file-system.js'
import type { ChunksAheadSizes, PrepareChunk } from './chunks-ahead.js'
import { pageAhead } from './page-ahead.js'

const mebibyte = 1024 * 1024

/** Enough for some hundredths of a second at the speed of a disk. */
export const defaultZeroAheadSizes: ChunksAheadSizes = { chunk: mebibyte, distance: 8 * mebibyte, gap: 2 * mebibyte }

/** Zeros that one write takes: as long as it lasts, the append loop cannot write to the same file. */
const sliceSize = 128 * 1024

/** They are never changed, so all segments share them. */
const zeros: Buffer = Buffer.alloc(sliceSize)

/**
 * Writes zeros into a segment, so that a sync finds its blocks allocated already: about half the time of a sync that has to allocate
 * them. A segment is sparse at first and takes room only as it is used.
 *
 * The kernel lets one write at a time into a file, and most of a write's time goes into pages that are not there; so the pages are brought to
 * memory first, by a read, and the zeros are written in small slices.
 *
 * Nothing may be written into a chunk before it has settled: the kernel might put the zeros on top.
 */
export function zeroAhead(handle: FileHandle): PrepareChunk {
  const bringPages = pageAhead(handle)
  return async (from, to) => {
    await bringPages(from, to)
    for (let at = from; at < to; ) {
      const size = Math.min(sliceSize, to - at)
      const written = await handle.write(zeros.subarray(0, size), at)
      at += written
      if (written < size) return at - from
    }
    return to - from
  }
}

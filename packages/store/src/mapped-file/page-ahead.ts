import type { FileHandle } from '../file-system/file-system.js'
import type { ChunksAheadSizes, PrepareChunk } from './chunks-ahead.js'
import type { WritePace } from './write-pace.js'

const mebibyte = 1024 * 1024

/** Pages are brought ahead, so far, while the pace of the writes shows that it pays. */
export interface PageAhead {
  readonly sizes: ChunksAheadSizes
  /** Shared by the segments of a log. */
  readonly pace: Pick<WritePace, 'isSlow' | 'begin' | 'end'>
}

/** Enough for some hundredths of a second at the speed at which one process writes. */
export const defaultPageAheadSizes: ChunksAheadSizes = { chunk: mebibyte, distance: 8 * mebibyte, gap: mebibyte / 2 }

/** What was read: nobody looks at it, so all segments share it. */
let unread: Buffer = Buffer.alloc(0)

/**
 * Has the kernel bring the pages of a segment to memory that will be written next, by reading them on another thread: a write that finds its
 * page there takes a tenth of the time of one that needs a new one, and the event loop waits for each write. What lies there is a hole, so
 * nothing is read from a disk, and nothing is written.
 */
export function pageAhead(handle: FileHandle): PrepareChunk {
  return async (from, to) => {
    if (unread.length < to - from) unread = Buffer.allocUnsafeSlow(to - from)
    await handle.read(unread.subarray(0, to - from), from)
    return to - from
  }
}

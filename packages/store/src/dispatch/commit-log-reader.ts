/** A stretch of the log. */
export interface LogRange {
  /** Physical offset of its first byte. */
  readonly offset: number
  readonly size: number
}

/**
 * What dispatch and reads need of the commit log.
 *
 * Invariant: `minOffset <= confirmOffset <= maxOffset`. A range that is asked for lies inside of one segment.
 */
export interface CommitLogReader {
  /** Start of the first segment still kept; -1 for an empty log. Java: CommitLog#getMinOffset. */
  getMinOffset(): number
  /** One past the last byte written. Java: CommitLog#getMaxOffset. */
  getMaxOffset(): number
  /** Records that end here or before may be shown: the flushed position with SYNC_FLUSH, else the maximum. Java: CommitLog#getConfirmOffset. */
  getConfirmOffset(): number
  /** Start of the segment behind the one that holds `offset`. Java: CommitLog#rollNextFile. */
  rollNextFile(offset: number): number
  /** A copy (owned by the caller) of `size` written bytes, or `undefined` if they are not all there. Does not block. */
  read(offset: number, size: number): Promise<Buffer | undefined>
  /**
   * Copies `size` written bytes from `offset` on to `target` at `at`; false if they are not all there. At once where they are in memory, as far
   * as that is known: for reads that a consumer waits for. The caller leaves `target` alone until then.
   */
  readInto(target: Buffer, at: number, range: LogRange): boolean | Promise<boolean>
  /** As `read`, blocking: for bytes near the tail, which the kernel has in memory. */
  readSync(offset: number, size: number): Buffer | undefined
}

/** How a file is opened. */
export interface OpenOptions {
  /** Create the file if it is absent; an existing file is opened as it is. */
  readonly create?: boolean
  /** Extend a file that is shorter to exactly this many bytes; the new bytes read as zeros and need no disk blocks yet. */
  readonly size?: number
}

/** What is known of a path without opening it. */
export interface FileStat {
  readonly sizeBytes: number
  /** Bytes of the disk that the content takes: fewer than its size where the file has holes, more where room was reserved. */
  readonly allocatedBytes: number
  readonly modifiedAtMs: number
  readonly isDirectory: boolean
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/** Room on the volume that holds a path, in bytes. */
export interface VolumeSpace {
  readonly totalBytes: number
  readonly availableBytes: number
}

/**
 * An open file, read and written at explicit positions; there is no file cursor.
 *
 * A write is durable only after a `datasync` that started after the write returned. Every method throws (or rejects with)
 * the cause that the system gave, with its `code` (`ENOSPC`, `EIO`, …).
 */
export interface FileHandle {
  readonly path: string
  /** Reads into the whole of `target`; answers the bytes read, fewer at the end of the file. Blocks: for bytes just written. */
  readSync(target: Buffer, position: number): number
  /** Reads into the whole of `target` without blocking; the caller leaves `target` alone until the promise settles. */
  read(target: Buffer, position: number): Promise<number>
  /**
   * As `read`, and at once where the system is known to have the bytes in memory, or to be quick: for reads that somebody waits for.
   */
  readCached(target: Buffer, position: number): number | Promise<number>
  /** Hands `bytes` to the kernel; answers the bytes written, which may be fewer. `bytes` belongs to the caller on return. */
  writeSync(bytes: Buffer, position: number): number
  /** As `writeSync` without blocking; the caller leaves `bytes` alone until the promise settles. */
  write(bytes: Buffer, position: number): Promise<number>
  /** Makes everything written before this call durable, with the file's size. */
  datasync(): Promise<void>
  /** As `datasync`, blocking: only for a put that had to make its segment itself. */
  datasyncSync(): void
  /** Sets the file's size; a longer file reads as zeros behind the old end. */
  truncate(sizeBytes: number): Promise<void>
  /** The file's present size in bytes. */
  size(): Promise<number>
  /** Releases the descriptor; a second call does nothing. Does not sync. */
  close(): Promise<void>
}

/** A store directory claimed by this process. */
export interface DirectoryLock {
  /** Gives the claim up; a second call does nothing. */
  release(): Promise<void>
}

/**
 * The file operations of a message store; the only door to a disk.
 *
 * Paths are joined with `/`. Missing paths are answered as `undefined` or an empty list where the method says so; every
 * other failure rejects with the system's cause.
 */
export interface FileSystem {
  open(path: string, options?: OpenOptions): Promise<FileHandle>
  /** As `open`, blocking: only for a put that finds its next segment not ready. */
  openSync(path: string, options?: OpenOptions): FileHandle
  /** Makes the directory and its parents, durably; an existing one is success. */
  makeDirectory(path: string): Promise<void>
  /** As `makeDirectory`, blocking and not durable: for a queue's first unit. */
  makeDirectorySync(path: string): void
  /** Names in a directory in ascending order of name; empty if the directory is missing. */
  list(path: string): Promise<readonly DirectoryEntry[]>
  stat(path: string): Promise<FileStat | undefined>
  /** A whole small file, or `undefined` if it is missing. */
  readFile(path: string): Promise<Buffer | undefined>
  /** Replaces the content of a small file and makes it durable; not atomic (write another name and `rename` for that). */
  writeFile(path: string, content: Buffer): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Removes a file; a missing one is success. */
  unlink(path: string): Promise<void>
  /** Removes an empty directory; a missing one is success. */
  removeDirectory(path: string): Promise<void>
  /** Makes the names of a directory durable; does nothing where the system has no such call. */
  syncDirectory(path: string): Promise<void>
  volumeSpace(path: string): Promise<VolumeSpace>
  /**
   * Claims a store directory for this process by its `lock` file.
   * @throws StoreLockedError if a living holder is found; its message names the holder and the directory.
   */
  lockDirectory(directory: string): Promise<DirectoryLock>
}

import type { LogRange } from '../dispatch/commit-log-reader.js'
import type { MappedFileQueue } from '../mapped-file/mapped-file-queue.js'

/** Bytes of a block. */
const blockSize = 256 * 1024
/** Blocks kept: 4 MiB. */
const keptBlocks = 16

/**
 * The stretches of the log that were read last. The queues of a topic lie interleaved in the log, and who consumes the topic reads them side
 * by side: what one pull had to read is where the next one's messages lie. Java maps the log and has no need of it.
 *
 * Only whole blocks of written bytes are kept, which never change again. Their buffers are used again, so bytes are copied out at once.
 */
export class LogBlocks {
  readonly #queue: MappedFileQueue
  /** By the offset of their first byte, in the order in which they were read. */
  readonly #blocks = new Map<number, Buffer>()
  /** Blocks on their way from a slow disk. */
  readonly #coming = new Set<number>()

  constructor(queue: MappedFileQueue) {
    this.#queue = queue
  }

  /** Copies a range to `target` at `at`; false if a part of it lies in a block that is not whole yet or takes time to read. */
  copyTo(target: Buffer, at: number, { offset, size }: LogRange): boolean {
    for (let done = 0; done < size; ) {
      const start = (offset + done) % blockSize
      const from = offset + done - start
      const block = this.#blocks.get(from) ?? this.#read(from)
      if (block === undefined) return false
      const end = Math.min(blockSize, start + size - done)
      block.copy(target, at + done, start, end)
      done += end - start
    }
    return true
  }

  #read(from: number): Buffer | undefined {
    const isComing = this.#coming.has(from) || this.#coming.size >= keptBlocks
    if (isComing || from + blockSize > this.#queue.maxOffset) return undefined
    const block = this.#takeBuffer()
    const read = this.#queue.readCached(block, from)
    if (typeof read !== 'boolean') {
      void this.#keepLater(from, block, read)
      return undefined
    }
    if (!read) return undefined
    this.#blocks.set(from, block)
    return block
  }

  /** Keeps a block when it has come, for whoever comes next. */
  async #keepLater(from: number, block: Buffer, read: Promise<boolean>): Promise<void> {
    this.#coming.add(from)
    try {
      if (await read) this.#blocks.set(from, block)
    } catch {
      // Whoever needs these bytes reads them alone, and hears why that fails.
    } finally {
      this.#coming.delete(from)
    }
  }

  /** A buffer of its own, or that of the block read first. */
  #takeBuffer(): Buffer {
    const [oldest] = this.#blocks
    if (oldest === undefined || this.#blocks.size < keptBlocks) return Buffer.allocUnsafeSlow(blockSize)
    this.#blocks.delete(oldest[0])
    return oldest[1]
  }
}

import { StoreWriteError } from '../errors.js'
import type { FileHandle } from '../file-system/file-system.js'
import { readInt32, writeInt32 } from '../integers.js'

/** Bytes of a page. */
export const pageSize = 4096

/** Pages written by one call at most. */
const maxRunPages = 256

/** What the cache stands in front of. */
export interface PageCacheOptions {
  /** The open file; borrowed for one call at a time. */
  readonly handle: () => FileHandle
  /** Runs a slow action with the open file. */
  readonly use: <Result>(action: (handle: FileHandle) => Promise<Result>) => Promise<Result>
  /** The file was just made: pages that were never written back are zeros and need not be read. */
  readonly isFresh: boolean
  /** Bytes of the file: the last page is cut there, so that the file keeps its length. */
  readonly fileSize: number
  /** Pages in memory, at least 8. */
  readonly maxPages: number
  /** First bytes of the file as they should be now; they are on disk before any page that is written back later. */
  readonly header: () => Buffer
}

interface Page {
  readonly number: number
  readonly bytes: Buffer
  isDirty: boolean
  /** The round of eviction in which the page was last used. */
  usedIn: number
}

/**
 * 32-bit integers of a file at multiples of 4, through pages kept in memory up to a bound.
 *
 * Random writes of small values become few writes of whole pages. What is not written back is lost with the process.
 */
export class PageCache {
  readonly #options: PageCacheOptions
  readonly #pages = new Map<number, Page>()
  readonly #writtenBack = new Set<number>()
  readonly #spare: Buffer[] = []
  /** The page used last: items follow each other. */
  #lastPage: Page | undefined
  #round = 0

  constructor(options: PageCacheOptions) {
    this.#options = options
  }

  /** Pages in memory. */
  get pages(): number {
    return this.#pages.size
  }

  /** Reads an integer, blocking if its page is not in memory. */
  readInt32(position: number): number {
    return readInt32(this.#page(position).bytes, position % pageSize)
  }

  /** Writes an integer. @throws StoreWriteError if pages had to make room and could not be written. */
  writeInt32(position: number, value: number): void {
    const page = this.#page(position)
    writeInt32(page.bytes, position % pageSize, value)
    page.isDirty = true
  }

  /** An integer if its page is in memory. */
  peekInt32(position: number): number | undefined {
    return this.#pages.get(Math.floor(position / pageSize))?.bytes.readInt32BE(position % pageSize)
  }

  /** Writes the header and every changed page, not durably; nobody may write to the cache before the promise settles. @throws StoreWriteError */
  async writeBack(): Promise<void> {
    this.#writeHeader()
    for (const run of runsOf([...this.#pages.values()].filter((page) => page.isDirty))) {
      const position = (run[0] as Page).number * pageSize
      const bytes = this.#bytesOf(run)
      const written = await this.#options.use((handle) => handle.write(bytes, position))
      this.#assertWritten(written, bytes.length)
      for (const page of run) this.#markWritten(page)
    }
  }

  /** Forgets all pages; those that changed must have been written back. */
  clear(): void {
    this.#pages.clear()
    this.#lastPage = undefined
    this.#spare.length = 0
  }

  #page(position: number): Page {
    const number = Math.floor(position / pageSize)
    const present = this.#lastPage?.number === number ? this.#lastPage : this.#pages.get(number)
    if (present !== undefined) {
      present.usedIn = this.#round
      this.#lastPage = present
      return present
    }
    if (this.#pages.size >= this.#options.maxPages) this.#evict()
    const page: Page = { number, bytes: this.#content(number), isDirty: false, usedIn: this.#round }
    this.#pages.set(number, page)
    this.#lastPage = page
    return page
  }

  #content(number: number): Buffer {
    const bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(pageSize)
    const isOnDisk = !this.#options.isFresh || this.#writtenBack.has(number)
    const size = isOnDisk ? this.#options.handle().readSync(bytes, number * pageSize) : 0
    return bytes.fill(0, size)
  }

  /** Makes room for a run of pages by dropping those that were not used for the longest time. */
  #evict(): void {
    const victims = [...this.#pages.values()]
      .sort((one, other) => one.usedIn - other.usedIn)
      .slice(0, Math.min(maxRunPages, Math.ceil(this.#options.maxPages / 4)))
    this.#round++
    this.#lastPage = undefined
    this.#writeHeader()
    for (const run of runsOf(victims.filter((page) => page.isDirty))) {
      const bytes = this.#bytesOf(run)
      const written = this.#options.handle().writeSync(bytes, (run[0] as Page).number * pageSize)
      this.#assertWritten(written, bytes.length)
      for (const page of run) this.#markWritten(page)
    }
    for (const page of victims) {
      this.#pages.delete(page.number)
      this.#spare.push(page.bytes)
    }
  }

  #writeHeader(): void {
    const bytes = this.#options.header()
    const written = this.#options.handle().writeSync(bytes, 0)
    this.#assertWritten(written, bytes.length)
    const firstPage = this.#pages.get(0)
    if (firstPage !== undefined) bytes.copy(firstPage.bytes)
  }

  #bytesOf(run: readonly Page[]): Buffer {
    const bytes = run.length === 1 ? (run[0] as Page).bytes : Buffer.concat(run.map((page) => page.bytes))
    return bytes.subarray(0, this.#options.fileSize - (run[0] as Page).number * pageSize)
  }

  #markWritten(page: Page): void {
    page.isDirty = false
    if (this.#options.isFresh) this.#writtenBack.add(page.number)
  }

  #assertWritten(written: number, wanted: number): void {
    if (written === wanted) return
    const { path } = this.#options.handle()
    throw new StoreWriteError(
      `A write to ${path} was cut short after ${written} of ${wanted} bytes; free the disk and restart`,
    )
  }
}

/** Groups pages that lie next to each other, so that each group is one write. */
function runsOf(pages: readonly Page[]): Page[][] {
  const runs: Page[][] = []
  for (const page of [...pages].sort((one, other) => one.number - other.number)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run === undefined || last?.number !== page.number - 1 || run.length === maxRunPages) runs.push([page])
    else run.push(page)
  }
  return runs
}

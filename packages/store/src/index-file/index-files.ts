import type { Logger, Runtime } from '@mq/remoting'
import type { StoreCheckpoint } from '../checkpoint/store-checkpoint.js'
import { StoreLoadError } from '../errors.js'
import { FileHandleCache } from '../file-system/file-handle-cache.js'
import type { FileSystem } from '../file-system/file-system.js'
import { IndexFile } from './index-file.js'
import {
  emptyHeader,
  type IndexHeader,
  indexFileName,
  indexFileSize,
  indexHeaderSize,
  readIndexHeader,
} from './index-layout.js'

/** Where the index files lie and how large they are. */
export interface IndexFilesOptions {
  readonly fileSystem: FileSystem
  readonly runtime: Runtime
  readonly logger: Logger
  readonly checkpoint: StoreCheckpoint
  readonly storePathRootDir: string
  readonly maxHashSlotNum: number
  readonly maxIndexNum: number
  /** Bytes of the file being written that are kept in memory. */
  readonly maxPageCacheBytes: number
  /** A full file could not be made durable. */
  onFailed(cause: unknown): void
}

/** Index files kept open. */
const maxOpenFiles = 8

/** The index files of a store in the order of their making; only the last is written. Java: IndexService, "indexFileList". */
export class IndexFiles {
  readonly directory: string
  readonly #options: IndexFilesOptions
  readonly #handles: FileHandleCache
  readonly #files: IndexFile[] = []
  /** Flushes of full files, one after the other. */
  #flushes: Promise<void> = Promise.resolve()

  constructor(options: IndexFilesOptions) {
    const { fileSystem, logger } = options
    this.#options = options
    this.directory = `${options.storePathRootDir}/index`
    this.#handles = new FileHandleCache({ fileSystem, maxOpenFiles, logger })
  }

  /** The files, oldest first; borrowed, changes. */
  get all(): readonly IndexFile[] {
    return this.#files
  }

  get last(): IndexFile | undefined {
    return this.#files.at(-1)
  }

  /**
   * Opens the files. After an abnormal exit those that may hold less than they claim are deleted.
   * @throws StoreLoadError for a file of another size than the options say.
   */
  async load(options: { readonly isLastExitOk: boolean }): Promise<void> {
    const { fileSystem, checkpoint, logger } = this.#options
    for (const { name, isDirectory } of await fileSystem.list(this.directory)) {
      const path = `${this.directory}/${name}`
      if (isDirectory || !/^\d+$/.test(name)) {
        logger.error('not an index file; left alone', { path })
        continue
      }
      const header = await this.#readHeader(path)
      const isDurable =
        header !== undefined && header.indexCount > 1 && header.endTimestamp <= checkpoint.indexMsgTimestamp
      if (!options.isLastExitOk && !isDurable) {
        await this.#delete(path)
        continue
      }
      if (header === undefined) throw await this.#sizeError(path)
      this.#files.push(this.#open(path, { header, isFresh: false }))
    }
  }

  /**
   * The last file if it has room, else a new one behind it; the full one is then made durable in the background, and the checkpoint moved over
   * it.
   * @throws the system's cause if the file cannot be made.
   */
  writable(): IndexFile {
    const last = this.#files.at(-1)
    if (last !== undefined && !last.isWriteFull) return last
    const { endTimestamp, endPhyOffset } = last?.header ?? emptyHeader
    const begin = { beginTimestamp: endTimestamp, beginPhyOffset: endPhyOffset }
    const header = { ...emptyHeader, ...begin, endTimestamp, endPhyOffset }
    this.#options.fileSystem.makeDirectorySync(this.directory)
    const file = this.#open(this.#nextPath(), { header, isFresh: true })
    this.#files.push(file)
    if (last !== undefined) this.#flushFull(last)
    return file
  }

  /** Deletes files, never the last, whose records are all gone from the log; answers their paths. */
  async deleteExpired(minPhyOffset: number): Promise<readonly string[]> {
    await this.#flushes
    const deleted: string[] = []
    while (this.#files.length > 1 && (this.#files[0] as IndexFile).header.endPhyOffset < minPhyOffset) {
      const file = this.#files.shift() as IndexFile
      await this.#delete(file.path)
      deleted.push(file.path)
    }
    return deleted
  }

  /** Deletes every file. */
  async destroy(): Promise<void> {
    await this.#flushes
    for (const file of this.#files.splice(0)) await this.#delete(file.path)
  }

  /** Makes every file durable. @throws StoreWriteError or the system's cause; failures of full files go to `onFailed`. */
  async flush(): Promise<void> {
    await this.#flushes
    if (this.last === undefined) return
    await this.last.flush()
    await this.#syncNames()
  }

  /** Closes the files without writing anything. */
  async release(): Promise<void> {
    await this.#flushes
    await this.#handles.close()
  }

  #nextPath(): string {
    const newest = this.#files.at(-1)?.path
    for (let time = this.#options.runtime.clock.now(); ; time++) {
      const path = `${this.directory}/${indexFileName(time)}`
      if (newest === undefined || path > newest) return path
    }
  }

  #flushFull(file: IndexFile): void {
    const { checkpoint } = this.#options
    this.#flushes = this.#flushes
      .then(async () => {
        await file.flush()
        await this.#syncNames()
        file.release()
        checkpoint.indexMsgTimestamp = file.header.endTimestamp
        await checkpoint.flush()
      })
      .catch((cause: unknown) => this.#options.onFailed(cause))
  }

  async #syncNames(): Promise<void> {
    const { fileSystem, storePathRootDir } = this.#options
    await fileSystem.syncDirectory(this.directory)
    await fileSystem.syncDirectory(storePathRootDir)
  }

  #open(path: string, state: { readonly header: IndexHeader; readonly isFresh: boolean }): IndexFile {
    const { maxHashSlotNum, maxIndexNum, maxPageCacheBytes } = this.#options
    return new IndexFile({ path, handles: this.#handles, maxHashSlotNum, maxIndexNum, maxPageCacheBytes, ...state })
  }

  async #readHeader(path: string): Promise<IndexHeader | undefined> {
    const { fileSystem, maxHashSlotNum, maxIndexNum } = this.#options
    if ((await fileSystem.stat(path))?.sizeBytes !== indexFileSize(maxHashSlotNum, maxIndexNum)) return undefined
    const bytes = Buffer.alloc(indexHeaderSize)
    await this.#handles.use(path, (handle) => handle.read(bytes, 0))
    return readIndexHeader(bytes)
  }

  async #sizeError(path: string): Promise<StoreLoadError> {
    const { fileSystem, maxHashSlotNum, maxIndexNum } = this.#options
    const sizeBytes = (await fileSystem.stat(path))?.sizeBytes ?? 0
    const expected = indexFileSize(maxHashSlotNum, maxIndexNum)
    return new StoreLoadError(
      `${path} has ${sizeBytes} bytes, but maxHashSlotNum=${maxHashSlotNum} and maxIndexNum=${maxIndexNum} make ${expected}; ` +
        'set them to the values that the store was written with',
      { fields: { path, sizeBytes, expected, option: 'maxHashSlotNum, maxIndexNum' } },
    )
  }

  async #delete(path: string): Promise<void> {
    this.#handles.forget(path)
    await this.#options.fileSystem.unlink(path)
  }
}

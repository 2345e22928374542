import type { Random } from '@mq/remoting'
import { StoreLockedError } from '../errors.js'
import type {
  DirectoryEntry,
  DirectoryLock,
  FileHandle,
  FileStat,
  FileSystem,
  OpenOptions,
  VolumeSpace,
} from '../file-system/file-system.js'
import { InMemoryDirectoryTree, parentOf } from './in-memory-directory-tree.js'
import { InMemoryFile } from './in-memory-file.js'

/** A change of the disk that can be counted, refused or crashed at. */
export type OperationKind =
  | 'create'
  | 'write'
  | 'datasync'
  | 'truncate'
  | 'rename'
  | 'unlink'
  | 'makeDirectory'
  | 'removeDirectory'
  | 'syncDirectory'

/** One change that is about to happen. */
export interface Operation {
  readonly kind: OperationKind
  readonly path: string
  /** 1 for the first change of the file system's life. */
  readonly number: number
}

/**
 * What happens instead of a change: an error of the system, a write that takes only some bytes, the end of the process (nothing works any
 * more until `crash` or `kill` gives the disk to a new one).
 */
export type Fault = { readonly error: string } | { readonly shortBytes: number } | 'crash'

/** The start of an in-memory disk. */
export interface InMemoryFileSystemOptions {
  /** Decides about each change; called before it happens. */
  readonly onOperation?: (operation: Operation) => Fault | undefined
  /** Room for file content in bytes; a write or create beyond it fails with ENOSPC. Holes take room. Default: no bound. */
  readonly capacityBytes?: number
  /** Whether every change of a file's content is durable when it is made: faster, a third of the memory, and nothing to tear. Default false. */
  readonly isSyncedAtOnce?: boolean
}

/**
 * A disk in memory that knows which bytes and names are synced, and fails on demand. For tests.
 *
 * A sync makes durable what was written before it started. `kill` and `crash` answer the disk as the next process finds it, and end this
 * one: every later call rejects.
 */
export class InMemoryFileSystem implements FileSystem {
  /** Decides about each change; may be replaced at any time. */
  onOperation: ((operation: Operation) => Fault | undefined) | undefined
  /** Room in bytes; may be changed at any time. */
  capacityBytes: number
  readonly #tree: InMemoryDirectoryTree
  readonly #isSyncedAtOnce: boolean
  readonly #locks = new Set<string>()
  #operations = 0
  #isDead = false
  #syncGate: Promise<void> | undefined
  #openSyncGate: (() => void) | undefined

  constructor(options: InMemoryFileSystemOptions = {}, tree: InMemoryDirectoryTree = new InMemoryDirectoryTree()) {
    this.onOperation = options.onOperation
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY
    this.#isSyncedAtOnce = options.isSyncedAtOnce ?? false
    this.#tree = tree
  }

  /** Changes counted so far. */
  get operations(): number {
    return this.#operations
  }

  /** Whether a fault 'crash', `kill` or `crash` ended this process. */
  get isDead(): boolean {
    return this.#isDead
  }

  /** The disk after a power loss: unsynced changes are lost, kept, or decided by the random numbers sector by sector. */
  crash(fate: 'lost' | 'kept' | Random = 'lost'): InMemoryFileSystem {
    this.#isDead = true
    return new InMemoryFileSystem({ isSyncedAtOnce: this.#isSyncedAtOnce }, this.#tree.afterPowerLoss(fate))
  }

  /** The disk after the process was killed: the kernel completes every write. */
  kill(): InMemoryFileSystem {
    this.#isDead = true
    return new InMemoryFileSystem({ isSyncedAtOnce: this.#isSyncedAtOnce }, this.#tree.afterProcessDeath())
  }

  /** From now on a `datasync` takes until `resumeSyncs`. */
  pauseSyncs(): void {
    this.#syncGate ??= new Promise((resolve) => {
      this.#openSyncGate = resolve
    })
  }

  resumeSyncs(): void {
    this.#openSyncGate?.()
    this.#syncGate = undefined
  }

  /** Paths of all files and directories, in order. */
  paths(): readonly string[] {
    return this.#tree.paths()
  }

  async open(path: string, options: OpenOptions = {}): Promise<FileHandle> {
    return this.openSync(path, options)
  }

  openSync(path: string, options: OpenOptions = {}): FileHandle {
    this.#assertAlive()
    let file = this.#tree.get(path)
    if (file === 'directory') throw systemError('EISDIR', path)
    if (file === undefined) {
      if (!options.create || this.#tree.get(parentOf(path)) !== 'directory') throw systemError('ENOENT', path)
      this.#enter('create', path)
      file = new InMemoryFile(undefined, { isSyncedAtOnce: this.#isSyncedAtOnce })
      this.#tree.change(new Map([[path, file]]))
    }
    if (options.size !== undefined && file.sizeBytes < options.size) {
      this.#enter('truncate', path)
      this.#assertRoom(path, options.size - file.sizeBytes)
      file.truncate(options.size)
    }
    return this.#handle(path, file)
  }

  async makeDirectory(path: string): Promise<void> {
    this.makeDirectorySync(path)
    for (let at = path; at !== ''; at = parentOf(at)) this.#tree.sync(parentOf(at))
  }

  makeDirectorySync(path: string): void {
    this.#assertAlive()
    const missing: string[] = []
    for (let at = path; this.#tree.get(at) === undefined; at = parentOf(at)) missing.unshift(at)
    for (const directory of missing) {
      this.#enter('makeDirectory', directory)
      this.#tree.change(new Map([[directory, 'directory']]))
    }
    if (this.#tree.get(path) !== 'directory') throw systemError('EEXIST', path)
  }

  async list(path: string): Promise<readonly DirectoryEntry[]> {
    this.#assertAlive()
    return this.#tree
      .paths()
      .filter((name) => parentOf(name) === path)
      .map((name) => ({ name: name.slice(path.length + 1), isDirectory: this.#tree.get(name) === 'directory' }))
  }

  async stat(path: string): Promise<FileStat | undefined> {
    this.#assertAlive()
    const node = this.#tree.get(path)
    if (node === undefined) return undefined
    if (node === 'directory') return { sizeBytes: 0, allocatedBytes: 0, modifiedAtMs: 0, isDirectory: true }
    const { sizeBytes, allocatedBytes, modifiedAtMs } = node
    return { sizeBytes, allocatedBytes, modifiedAtMs, isDirectory: false }
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    this.#assertAlive()
    const node = this.#tree.get(path)
    return node instanceof InMemoryFile ? node.content : undefined
  }

  async writeFile(path: string, content: Buffer): Promise<void> {
    const handle = await this.open(path, { create: true })
    await handle.truncate(0)
    await handle.write(content, 0)
    await handle.datasync()
    await handle.close()
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#tree.get(from)
    if (node === undefined) throw systemError('ENOENT', from)
    this.#enter('rename', to)
    this.#tree.change(
      new Map([
        [from, undefined],
        [to, node],
      ]),
    )
  }

  async unlink(path: string): Promise<void> {
    this.#assertAlive()
    if (!(this.#tree.get(path) instanceof InMemoryFile)) return
    this.#enter('unlink', path)
    this.#tree.change(new Map([[path, undefined]]))
  }

  async removeDirectory(path: string): Promise<void> {
    this.#assertAlive()
    if (this.#tree.get(path) !== 'directory') return
    if ((await this.list(path)).length > 0) throw systemError('ENOTEMPTY', path)
    this.#enter('removeDirectory', path)
    this.#tree.change(new Map([[path, undefined]]))
  }

  async syncDirectory(path: string): Promise<void> {
    this.#enter('syncDirectory', path)
    this.#tree.sync(path)
  }

  async volumeSpace(): Promise<VolumeSpace> {
    this.#assertAlive()
    const totalBytes = Math.min(this.capacityBytes, 2 ** 50)
    return { totalBytes, availableBytes: Math.max(0, totalBytes - this.#usedBytes()) }
  }

  async lockDirectory(directory: string): Promise<DirectoryLock> {
    await this.makeDirectory(directory)
    if (this.#locks.has(directory)) {
      throw new StoreLockedError(`The store directory ${directory} is in use; close the store that holds it`)
    }
    this.#locks.add(directory)
    await this.writeFile(`${directory}/lock`, Buffer.from('lock'))
    return {
      release: async () => {
        this.#locks.delete(directory)
      },
    }
  }

  #handle(path: string, file: InMemoryFile): FileHandle {
    const writeSync = (bytes: Buffer, position: number): number => {
      const fault = this.#enter('write', path)
      const size = fault === undefined ? bytes.length : Math.min(bytes.length, fault.shortBytes)
      this.#assertRoom(path, position + size - file.sizeBytes)
      file.write(bytes.subarray(0, size), position)
      return size
    }
    const readSync = (target: Buffer, position: number): number => {
      this.#assertAlive()
      return file.read(target, position)
    }
    return {
      path,
      readSync,
      read: async (target, position) => readSync(target, position),
      readCached: readSync,
      writeSync,
      write: async (bytes, position) => writeSync(bytes, position),
      datasync: () => this.#datasync(path, file),
      datasyncSync: () => file.markSynced(this.#enterSync(path, file)),
      truncate: async (sizeBytes) => {
        this.#enter('truncate', path)
        this.#assertRoom(path, sizeBytes - file.sizeBytes)
        file.truncate(sizeBytes)
      },
      size: async () => file.sizeBytes,
      close: async () => {},
    }
  }

  async #datasync(path: string, file: InMemoryFile): Promise<void> {
    const changes = this.#enterSync(path, file)
    await this.#syncGate
    this.#assertAlive()
    file.markSynced(changes)
  }

  /** Starts a sync; answers the changes that it covers. */
  #enterSync(path: string, file: InMemoryFile): number {
    const changes = file.unsyncedChanges
    try {
      this.#enter('datasync', path)
    } catch (error) {
      if (!this.#isDead) file.markUnsyncable(changes)
      throw error
    }
    return changes
  }

  /** Counts a change and lets the fault for it happen; answers the fault of a short write. */
  #enter(kind: OperationKind, path: string): { readonly shortBytes: number } | undefined {
    this.#assertAlive()
    this.#operations++
    const fault = this.onOperation?.({ kind, path, number: this.#operations })
    if (fault === undefined) return undefined
    if (fault === 'crash') {
      this.#isDead = true
      throw systemError('ECRASHED', path)
    }
    if ('error' in fault) throw systemError(fault.error, path)
    return fault
  }

  #assertAlive(): void {
    if (this.#isDead) throw systemError('ECRASHED', 'this process')
  }

  #assertRoom(path: string, moreBytes: number): void {
    if (moreBytes > 0 && this.#usedBytes() + moreBytes > this.capacityBytes) throw systemError('ENOSPC', path)
  }

  #usedBytes(): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return 0
    let used = 0
    for (const path of this.#tree.paths()) {
      const node = this.#tree.get(path)
      if (node instanceof InMemoryFile) used += node.sizeBytes
    }
    return used
  }
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type {
  DirectoryEntry,
  DirectoryLock,
  FileHandle,
  FileStat,
  FileSystem,
  OpenOptions,
  VolumeSpace,
} from './file-system.js'
import { lockNodeDirectory } from './node-directory-lock.js'
import { NodeReadGauge } from './node-read-gauge.js'

/** A file descriptor of Node; asynchronous work runs on libuv's pool. */
class NodeFileHandle implements FileHandle {
  readonly path: string
  readonly #descriptor: number
  readonly #readGauge: NodeReadGauge
  #closed = false

  constructor(path: string, descriptor: number, readGauge: NodeReadGauge) {
    this.path = path
    this.#descriptor = descriptor
    this.#readGauge = readGauge
  }

  readSync(target: Buffer, position: number): number {
    let size = 0
    while (size < target.length) {
      const count = fs.readSync(this.#descriptor, target, size, target.length - size, position + size)
      if (count === 0) break
      size += count
    }
    return size
  }

  async read(target: Buffer, position: number): Promise<number> {
    let size = 0
    while (size < target.length) {
      const count = await this.#readOnce(target.subarray(size), position + size)
      if (count === 0) break
      size += count
    }
    return size
  }

  readCached(target: Buffer, position: number): number | Promise<number> {
    return this.#readGauge.tryBlocking(() => this.readSync(target, position)) ?? this.read(target, position)
  }

  writeSync(bytes: Buffer, position: number): number {
    return fs.writeSync(this.#descriptor, bytes, 0, bytes.length, position)
  }

  write(bytes: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#descriptor, bytes, 0, bytes.length, position, (error, written) =>
        error ? reject(error) : resolve(written),
      )
    })
  }

  datasync(): Promise<void> {
    return settle((done) => fs.fdatasync(this.#descriptor, done))
  }

  datasyncSync(): void {
    fs.fdatasyncSync(this.#descriptor)
  }

  truncate(sizeBytes: number): Promise<void> {
    return settle((done) => fs.ftruncate(this.#descriptor, sizeBytes, done))
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#descriptor, (error, stat) => (error ? reject(error) : resolve(stat.size)))
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await settle((done) => fs.close(this.#descriptor, done))
  }

  #readOnce(target: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, target, 0, target.length, position, (error, count) =>
        error ? reject(error) : resolve(count),
      )
    })
  }
}

/** The machine's file system through `node:fs`. */
class NodeFileSystem implements FileSystem {
  /** The page cache is the machine's, so all files share what is known of it. */
  readonly #readGauge = new NodeReadGauge()

  open(path: string, options: OpenOptions = {}): Promise<FileHandle> {
    return new Promise((resolve, reject) => {
      fs.open(path, openFlags(options), (error, descriptor) => {
        if (error) {
          reject(error)
          return
        }
        const handle = new NodeFileHandle(path, descriptor, this.#readGauge)
        resolve(extend(handle, options.size))
      })
    })
  }

  openSync(path: string, options: OpenOptions = {}): FileHandle {
    const descriptor = fs.openSync(path, openFlags(options))
    if (options.size !== undefined && fs.fstatSync(descriptor).size < options.size) {
      fs.ftruncateSync(descriptor, options.size)
    }
    return new NodeFileHandle(path, descriptor, this.#readGauge)
  }

  async makeDirectory(path: string): Promise<void> {
    const firstMade = await fs.promises.mkdir(path, { recursive: true })
    if (firstMade === undefined) return
    for (let made = path; made.length >= firstMade.length; made = dirname(made)) await this.syncDirectory(dirname(made))
  }

  makeDirectorySync(path: string): void {
    fs.mkdirSync(path, { recursive: true })
  }

  async list(path: string): Promise<readonly DirectoryEntry[]> {
    const entries = (await orMissing(fs.promises.readdir(path, { withFileTypes: true }))) ?? []
    return entries
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
      .sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const stat = await orMissing(fs.promises.stat(path))
    if (stat === undefined) return undefined
    return {
      sizeBytes: stat.size,
      allocatedBytes: stat.blocks * statBlockSize,
      modifiedAtMs: stat.mtimeMs,
      isDirectory: stat.isDirectory(),
    }
  }

  readFile(path: string): Promise<Buffer | undefined> {
    return orMissing(fs.promises.readFile(path))
  }

  async writeFile(path: string, content: Buffer): Promise<void> {
    await fs.promises.writeFile(path, content, { flush: true })
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(from, to)
  }

  async unlink(path: string): Promise<void> {
    await orMissing(fs.promises.unlink(path))
  }

  async removeDirectory(path: string): Promise<void> {
    await orMissing(fs.promises.rmdir(path))
  }

  async syncDirectory(path: string): Promise<void> {
    // Windows cannot open a directory; its file systems journal names by themselves.
    if (process.platform === 'win32') return
    const handle = await fs.promises.open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  async volumeSpace(path: string): Promise<VolumeSpace> {
    const { bsize, blocks, bavail } = await fs.promises.statfs(path)
    return { totalBytes: blocks * bsize, availableBytes: bavail * bsize }
  }

  lockDirectory(directory: string): Promise<DirectoryLock> {
    return lockNodeDirectory(directory)
  }
}

/** The machine's own file system. */
export const nodeFileSystem: FileSystem = new NodeFileSystem()

/** Bytes of a block as `stat` counts them, whatever the file system's own block size is. */
const statBlockSize = 512

function openFlags(options: OpenOptions): number {
  return fs.constants.O_RDWR | (options.create ? fs.constants.O_CREAT : 0)
}

async function extend(handle: NodeFileHandle, size: number | undefined): Promise<FileHandle> {
  if (size !== undefined && (await handle.size()) < size) await handle.truncate(size)
  return handle
}

function settle(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Python, for its `fcntl`: FS_IOC_SHUTDOWN is _IOR('X', 125, __u32), and 2 asks for no flush of the journal either. */
const cutPower = `
import fcntl, os, struct, sys
mount = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(mount, 0x8004587D, struct.pack('I', 2))
`

/** A file system of its own, mounted for one test; unmounted when disposed. */
export class Volume implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string
  readonly #folder: string
  readonly #mount: readonly string[]

  private constructor(folder: string, mount: readonly string[]) {
    this.#folder = folder
    this.path = join(folder, 'mounted')
    this.#mount = mount
  }

  /** Mounts so many bytes of memory. Undefined where mounting is not allowed. */
  static async inMemory(sizeBytes: number): Promise<Volume | undefined> {
    return await Volume.#mounted(async () => ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs'])
  }

  /** Mounts an ext4 that lies in a file. Undefined where that is not possible. */
  static async ext4(sizeBytes: number): Promise<Volume | undefined> {
    return await Volume.#mounted(async (folder) => {
      const image = join(folder, 'image')
      await writeFile(image, '')
      await truncate(image, sizeBytes)
      await run('mkfs.ext4', ['-q', '-F', image])
      return ['-o', 'loop', image]
    })
  }

  /** The power goes off: what was not synced is lost, and nothing can be read or written until {@link mountAgain}. */
  async cutPower(): Promise<void> {
    await run('python3', ['-c', cutPower, this.path])
  }

  /** The power comes back; the journal is replayed. No process may have a file open. */
  async mountAgain(): Promise<void> {
    await run('umount', [this.path])
    await run('mount', [...this.#mount, this.path])
  }

  /** Makes everything written so far durable. */
  async sync(): Promise<void> {
    await run('sync', ['-f', this.path])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.path])
    await rm(this.#folder, { recursive: true })
  }

  static async #mounted(prepare: (folder: string) => Promise<string[]>): Promise<Volume | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'mq-volume-'))
    try {
      const volume = new Volume(folder, await prepare(folder))
      await mkdir(volume.path)
      await run('mount', [...volume.#mount, volume.path])
      return volume
    } catch {
      // Not root, or no such program. The line is what CI looks for.
      process.stderr.write('SKIP mount\n')
      await rm(folder, { recursive: true })
      return undefined
    }
  }
}

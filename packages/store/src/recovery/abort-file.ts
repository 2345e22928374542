import type { FileSystem } from '../file-system/file-system.js'

/**
 * The file `abort`: there while a store is open, with the process id of its owner. If it is there at start, the last owner crashed.
 *
 * Only its existence decides, never its content. Java: DefaultMessageStore#createTempFile.
 */
export class AbortFile {
  readonly #fileSystem: FileSystem
  readonly #directory: string

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem
    this.#directory = directory
  }

  /** Whether the last owner left without cleaning up. */
  async exists(): Promise<boolean> {
    return (await this.#fileSystem.stat(this.#path)) !== undefined
  }

  /** Writes the file; what was in it before goes to `abort.bak`, which is empty after a clean exit, as Java leaves it. */
  async create(processId: number): Promise<void> {
    const previous = (await this.#fileSystem.readFile(this.#path)) ?? Buffer.alloc(0)
    await this.#fileSystem.writeFile(`${this.#path}.bak`, previous)
    await this.#fileSystem.writeFile(this.#path, Buffer.from(String(processId)))
    await this.#fileSystem.syncDirectory(this.#directory)
  }

  /** Removes the file: everything is durable. */
  async remove(): Promise<void> {
    await this.#fileSystem.unlink(this.#path)
    await this.#fileSystem.syncDirectory(this.#directory)
  }

  get #path(): string {
    return `${this.#directory}/abort`
  }
}

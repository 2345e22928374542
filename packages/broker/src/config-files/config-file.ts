import type { Logger } from '@mq/remoting'
import type { FileSystem } from '@mq/store'
import { ConfigFileError } from '../errors.js'

/** Where a table lies and what reads and writes it. */
export interface ConfigFileOptions {
  readonly fileSystem: FileSystem
  readonly logger: Logger
  /** Directory of the file, made at the first write. */
  readonly directory: string
  /** Name of the file, such as `topics.json`. */
  readonly name: string
}

/**
 * A table kept in a JSON file with the previous version beside it as `.bak`, so that at every moment of a write one of the
 * two is whole. Writes asked for while one is under way are joined into one. Java: ConfigManager#load, #persist.
 */
export class ConfigFile {
  readonly #fileSystem: FileSystem
  readonly #logger: Logger
  readonly #directory: string
  readonly #path: string
  /** True while the file is known to be torn, and so worth less than its backup. */
  #isTorn = false
  #current: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor({ fileSystem, logger, directory, name }: ConfigFileOptions) {
    this.#fileSystem = fileSystem
    this.#logger = logger
    this.#directory = directory
    this.#path = `${directory}/${name}`
  }

  /**
   * Reads the table, or its backup when the file is missing, empty or not to be parsed; undefined when there is neither.
   * @throws ConfigFileError if what there is cannot be parsed.
   */
  async load<T>(parse: (source: string) => T): Promise<T | undefined> {
    const source = await this.#read(this.#path)
    const backup = `${this.#path}.bak`
    const earlier = await this.#read(backup)
    if (source === undefined) return earlier === undefined ? undefined : parseOrThrow(parse, earlier, backup)
    if (earlier === undefined) return parseOrThrow(parse, source, this.#path)
    try {
      return parse(source)
    } catch (cause) {
      this.#logger.warn(`${this.#path} cannot be parsed, its backup is read instead`, { cause: String(cause) })
      this.#isTorn = true
      return parseOrThrow(parse, earlier, backup)
    }
  }

  async #read(path: string): Promise<string | undefined> {
    const bytes = await this.#fileSystem.readFile(path)
    return bytes === undefined || bytes.length === 0 ? undefined : bytes.toString('utf8')
  }

  /**
   * Writes the table, asking for its text when the write starts; settles when a state at least as new as this call is on
   * disk. After a failure the file, or its backup, still holds an older state.
   * @throws ConfigFileError if the file cannot be written.
   */
  persist(text: () => string): Promise<void> {
    this.#next ??= this.#afterCurrent(text)
    return this.#next
  }

  async #afterCurrent(text: () => string): Promise<void> {
    await this.#current.catch(() => {
      // Whoever asked for that write has been told.
    })
    this.#current = this.#next ?? Promise.resolve()
    this.#next = undefined
    await this.#write(text())
  }

  async #write(text: string): Promise<void> {
    const fresh = `${this.#path}.tmp`
    try {
      await this.#fileSystem.makeDirectory(this.#directory)
      await this.#fileSystem.writeFile(fresh, Buffer.from(text, 'utf8'))
      // A torn file must not take the place of the backup, which would be all there is if the process died here.
      if (!this.#isTorn && (await this.#fileSystem.stat(this.#path)) !== undefined) {
        await this.#fileSystem.rename(this.#path, `${this.#path}.bak`)
      }
      await this.#fileSystem.rename(fresh, this.#path)
      this.#isTorn = false
      await this.#fileSystem.syncDirectory(this.#directory)
    } catch (cause) {
      const message = `${this.#path} could not be written: check the space and the permissions of its directory`
      throw new ConfigFileError('BROKER_CONFIG_FILE_UNWRITABLE', message, { path: this.#path, cause })
    }
  }
}

function parseOrThrow<T>(parse: (source: string) => T, source: string, path: string): T {
  try {
    return parse(source)
  } catch (cause) {
    const message = `${path} cannot be parsed: restore it from a copy, or move it away to start with an empty table`
    throw new ConfigFileError('BROKER_CONFIG_FILE_UNREADABLE', message, { path, cause })
  }
}

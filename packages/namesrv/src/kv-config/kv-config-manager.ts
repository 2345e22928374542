import {
  type JsonObject,
  type KVTable,
  parseJavaJson,
  RemotingTooMuchRequestError,
  stringifyJavaJson,
} from '@mq/remoting'
import { KvConfigFileError } from '../errors.js'
import type { KvConfigFile } from './kv-config-file.js'

/** Namespace of the topics of global order: topic to `broker-a:4;broker-b:2`. Java: NamesrvUtil. */
export const ORDER_TOPIC_CONFIG_NAMESPACE = 'ORDER_TOPIC_CONFIG'

/** What the manager is made of. */
export interface KVConfigManagerOptions {
  /** Left out, nothing outlives the process. */
  readonly file?: KvConfigFile | undefined
  readonly maxEntries: number
  /** UTF-16 units of namespace, key and value together. */
  readonly maxEntryLength: number
}

/** Texts by namespace and key, kept in Java's kvConfig.json. Java: KVConfigManager. */
export class KVConfigManager {
  readonly #file: KvConfigFile | undefined
  readonly #maxEntries: number
  readonly #maxEntryLength: number
  #table = new Map<string, Map<string, string>>()
  #writing: Promise<void> = Promise.resolve()
  #waiting: Promise<void> | undefined

  constructor({ file, maxEntries, maxEntryLength }: KVConfigManagerOptions) {
    this.#file = file
    this.#maxEntries = maxEntries
    this.#maxEntryLength = maxEntryLength
  }

  /** Reads the file; without one the table is empty. @throws KvConfigFileError if it cannot be read or parsed. */
  async load(): Promise<void> {
    const text = await this.#read()
    if (text !== undefined && text.trim() !== '') this.#table = this.#parse(text)
  }

  get(namespace: string, key: string): string | undefined {
    return this.#table.get(namespace)?.get(key)
  }

  /** The entries of a namespace; undefined for an unknown one. */
  list(namespace: string): KVTable | undefined {
    const table = this.#table.get(namespace)
    return table && { table }
  }

  /**
   * Sets an entry; it is on disk when the promise resolves.
   * @throws RemotingTooMuchRequestError if a bound is reached.
   * @throws KvConfigFileError if it could not be written; the entry holds until the name server ends.
   */
  async put(namespace: string, key: string, value: string): Promise<void> {
    const table = this.#table.get(namespace)
    this.#checkBounds(namespace, key, value)
    if (table === undefined) this.#table.set(namespace, new Map([[key, value]]))
    else table.set(key, value)
    await this.#persist()
  }

  /** Deletes an entry; an unknown one is no error. @throws KvConfigFileError as {@link put}. */
  async delete(namespace: string, key: string): Promise<void> {
    this.#table.get(namespace)?.delete(key)
    await this.#persist()
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    // Whoever made the change has been told of the failure.
    await (this.#waiting ?? this.#writing).catch(() => {})
  }

  #checkBounds(namespace: string, key: string, value: string): void {
    const length = namespace.length + key.length + value.length
    if (length > this.#maxEntryLength) {
      throw new RemotingTooMuchRequestError(
        `the entry has ${length} characters, maxKvConfigEntryLength is ${this.#maxEntryLength}`,
      )
    }
    const isNew = this.get(namespace, key) === undefined
    if (!isNew) return
    let count = this.#table.size
    for (const table of this.#table.values()) count += table.size
    if (count >= this.#maxEntries) {
      throw new RemotingTooMuchRequestError(
        `${this.#maxEntries} entries are held: delete some, or raise maxKvConfigEntries`,
      )
    }
  }

  /** Writes the table once more; changes made while a write is under way share the next one. */
  #persist(): Promise<void> {
    if (this.#file === undefined) return Promise.resolve()
    this.#waiting ??= this.#writeAfter(this.#writing)
    return this.#waiting
  }

  async #writeAfter(previous: Promise<void>): Promise<void> {
    // The failure of an earlier write was told to those who waited for it.
    await previous.catch(() => {})
    this.#writing = this.#waiting ?? Promise.resolve()
    this.#waiting = undefined
    await this.#write()
  }

  async #write(): Promise<void> {
    const { path } = this.#file as KvConfigFile
    try {
      await this.#file?.write(stringifyJavaJson({ configTable: this.#table }))
    } catch (cause) {
      const message = `${path} could not be written: the change holds until the name server ends; see that the directory is writeable`
      throw new KvConfigFileError(message, { cause, fields: { path } })
    }
  }

  async #read(): Promise<string | undefined> {
    try {
      return await this.#file?.read()
    } catch (cause) {
      const path = this.#file?.path
      throw new KvConfigFileError(`${path} could not be read: see its permissions`, { cause, fields: { path } })
    }
  }

  #parse(text: string): Map<string, Map<string, string>> {
    const path = this.#file?.path
    const table = new Map<string, Map<string, string>>()
    try {
      const root = parseJavaJson(text)
      for (const [namespace, entries] of membersOf(membersOf(root).get('configTable'))) {
        const texts = [...membersOf(entries)].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
        table.set(namespace, new Map(texts))
      }
    } catch (cause) {
      const message = `${path} is no JSON: restore it from a copy, or move it away to start without entries`
      throw new KvConfigFileError(message, { cause, fields: { path } })
    }
    return table
  }
}

function membersOf(value: unknown): Map<string, unknown> {
  if (value === undefined || value === null) return new Map()
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('an object was expected')
  return new Map(Object.entries(value as JsonObject))
}

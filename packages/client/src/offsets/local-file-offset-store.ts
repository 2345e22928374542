import type { Logger, MessageQueue } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import { QueueMap } from '../rebalance/queue-map.js'
import type { OffsetFile } from './offset-file.js'
import { formatOffsets, parseOffsets } from './offset-file-text.js'
import type { OffsetRead, OffsetStore, ReadOffsetType } from './offset-store.js'
import { OffsetTable } from './offset-table.js'

/** What {@link LocalFileOffsetStore} is made with. */
export interface LocalFileOffsetStoreOptions {
  readonly file: OffsetFile
  readonly consumerGroup: string
  readonly logger: Logger
}

interface FileContent {
  readonly offsets: QueueMap<number>
  /** The text the backup may be replaced with; undefined when the file itself cannot be parsed. */
  readonly text: string | undefined
}

/**
 * Offsets of a broadcasting group, kept in a file of this client, which Java's client reads and writes too. Saving reads the file
 * and replaces what changed, so that queues of other topics stay. Java: LocalFileOffsetStore.
 */
export class LocalFileOffsetStore implements OffsetStore {
  readonly #options: LocalFileOffsetStoreOptions
  readonly #table = new OffsetTable()
  #lastSave: Promise<void> = Promise.resolve()

  constructor(options: LocalFileOffsetStoreOptions) {
    this.#options = options
  }

  /** Rejects with MQClientError OFFSET_FILE_UNREADABLE when neither the file nor its backup can be read. */
  async load(): Promise<void> {
    for (const [queue, offset] of (await this.#read()).offsets) this.#table.update(queue, offset)
  }

  updateOffset(queue: MessageQueue, offset: number, options?: { readonly increaseOnly?: boolean }): void {
    this.#table.update(queue, offset, options)
  }

  updateAndFreezeOffset(queue: MessageQueue, offset: number): void {
    this.#table.freeze(queue, offset)
  }

  async readOffset(queue: MessageQueue, type: ReadOffsetType): Promise<OffsetRead> {
    const known = type === 'READ_FROM_STORE' ? undefined : this.#table.get(queue)
    if (known !== undefined) return known
    if (type === 'READ_FROM_MEMORY') return 'NOT_FOUND'
    try {
      await this.#lastSave
      const offset = (await this.#read()).offsets.get(queue)
      if (offset === undefined) return 'NOT_FOUND'
      this.#table.update(queue, offset)
      return offset
    } catch (cause) {
      this.#options.logger.warn('the offset of a queue could not be read from its file', { ...this.#where, cause })
      return 'UNAVAILABLE'
    }
  }

  knownOffset(queue: MessageQueue): number | undefined {
    return this.#table.get(queue)
  }

  async persistAll(queues: Iterable<MessageQueue>): Promise<void> {
    const wanted = new QueueMap([...queues].map((queue) => [queue, true] as const))
    if (wanted.size === 0) return
    this.#table.retain(wanted)
    await this.#save(() => this.#table.toMap())
  }

  async persist(queue: MessageQueue): Promise<void> {
    const offset = this.#table.get(queue)
    if (offset !== undefined) await this.#save(() => [[queue, offset]])
  }

  handOver(queues: Iterable<MessageQueue>): Promise<void> {
    return this.persistAll(queues)
  }

  removeOffset(queue: MessageQueue): void {
    this.#table.remove(queue)
  }

  cloneOffsetTable(topic: string): ReadonlyMap<MessageQueue, number> {
    return this.#table.toMap(topic)
  }

  get #where(): Record<string, unknown> {
    return { consumerGroup: this.#options.consumerGroup, path: this.#options.file.path }
  }

  /** One save after the other, for each reads what the one before it wrote. */
  #save(changes: () => Iterable<readonly [MessageQueue, number]>): Promise<void> {
    this.#lastSave = this.#lastSave.then(async () => {
      const { file, logger } = this.#options
      try {
        const { offsets, text } = await this.#read()
        for (const [queue, offset] of changes()) offsets.set(queue, offset)
        // A file that cannot be parsed must not replace the backup that can.
        if (text !== undefined) await file.writeBackup(text)
        await file.write(formatOffsets(offsets))
      } catch (cause) {
        logger.error('offsets could not be saved to their file', { ...this.#where, cause })
      }
    })
    return this.#lastSave
  }

  async #read(): Promise<FileContent> {
    const { file, logger } = this.#options
    const text = await file.read()
    if (text !== undefined && text !== '') {
      try {
        return { offsets: parseOffsets(text), text }
      } catch (cause) {
        logger.warn('an offset file cannot be parsed, its backup is read instead', { ...this.#where, cause })
      }
    }
    const backup = await file.readBackup()
    if (backup === undefined || backup === '') {
      if (text === undefined || text === '') return { offsets: new QueueMap(), text: undefined }
      throw this.#unreadable('there is no backup')
    }
    try {
      return { offsets: parseOffsets(backup), text: undefined }
    } catch (cause) {
      throw this.#unreadable('its backup cannot be parsed either', cause)
    }
  }

  #unreadable(reason: string, cause?: unknown): MQClientError {
    const { path } = this.#options.file
    return new MQClientError(`the offsets in ${path} cannot be read: it cannot be parsed, and ${reason}`, {
      code: 'OFFSET_FILE_UNREADABLE',
      cause,
      fields: { path },
    })
  }
}

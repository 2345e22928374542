import type { Clock, ConsumerOffsetTable, DataVersion, Logger, Timer, Timers } from '@mq/remoting'
import { nextDataVersion } from '@mq/remoting'
import type { ConfigFile } from '../config-files/config-file.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { parseConsumerOffsetTable, stringifyConsumerOffsetTable } from './consumer-offset-json.js'
import { OffsetTable, type QueueOfGroup } from './offset-table.js'

/** What a ConsumerOffsetManager works with. */
export interface ConsumerOffsetManagerOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly timers: Timers
  readonly file: ConfigFile
  readonly logger: Logger
}

/**
 * Where groups are in their queues: the next message to consume, how far they have pulled, and the offsets they were set to but
 * have not been told yet. The first is written to consumerOffset.json every `flushConsumerOffsetInterval` and at the end, the
 * others are lost with the process. Java: ConsumerOffsetManager.
 */
export class ConsumerOffsetManager {
  readonly #options: ConsumerOffsetManagerOptions
  readonly #offsets = new OffsetTable()
  readonly #pulled = new OffsetTable()
  readonly #resets = new OffsetTable()
  readonly #flusher: Timer
  #dataVersion: DataVersion
  #commits = 0
  /** True while the file is older than the table. */
  #isDirty = false
  #hasWarnedOfBound = false

  constructor(options: ConsumerOffsetManagerOptions) {
    this.#options = options
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: options.clock.now() }
    this.#flusher = options.timers.every(options.config.flushConsumerOffsetInterval, () => void this.#flush())
  }

  /** Reads consumerOffset.json. @throws ConfigFileError when neither it nor its backup can be parsed. */
  async load(): Promise<void> {
    const loaded = await this.#options.file.load(parseConsumerOffsetTable)
    if (loaded === undefined) return
    for (const [key, queues] of loaded.offsetTable) this.#offsets.replace(key, queues)
    this.#dataVersion = loaded.dataVersion
  }

  /** Everything consumerOffset.json holds. */
  get table(): ConsumerOffsetTable {
    return { dataVersion: this.#dataVersion, offsetTable: this.#offsets.entries }
  }

  /** Stores where a group is, also when that is less than before. False when there is no room for another queue. */
  commitOffset(queue: QueueOfGroup, offset: number): boolean {
    const before = this.#offsets.get(queue)
    if (before === undefined && !this.#hasRoom(this.#offsets)) return false
    if (before !== undefined && offset < before) {
      this.#options.logger.warn('a group goes back in a queue', { ...queue, offset, before })
    }
    if (before === offset) return true
    this.#offsets.set(queue, offset)
    this.#changed()
    return true
  }

  /** Remembers how far a group has pulled. */
  commitPullOffset(queue: QueueOfGroup, offset: number): void {
    if (this.#pulled.get(queue) === undefined && !this.#hasRoom(this.#pulled)) return
    this.#pulled.set(queue, offset)
  }

  #hasRoom(table: OffsetTable): boolean {
    const { config, logger } = this.#options
    if (table.size < config.maxConsumerOffsetNums) return true
    if (!this.#hasWarnedOfBound) {
      const remedy = 'delete groups that are gone, or raise maxConsumerOffsetNums'
      logger.error('offsets of further queues are not kept', { maxConsumerOffsetNums: table.size, remedy })
    }
    this.#hasWarnedOfBound = true
    return false
  }

  #changed(): void {
    this.#isDirty = true
    this.#commits++
    if (this.#commits % this.#options.config.consumerOffsetUpdateVersionStep !== 0) return
    this.#dataVersion = nextDataVersion(this.#dataVersion, this.#options.clock.now())
  }

  /** Where a group is or, when it has been set elsewhere and not been told yet, there; undefined when it has no offset. */
  queryOffset(queue: QueueOfGroup): number | undefined {
    const reset = this.#options.config.useServerSideResetOffset ? this.#resets.get(queue) : undefined
    return reset ?? this.#offsets.get(queue)
  }

  /** How far a group has pulled, or else where it is. */
  queryPullOffset(queue: QueueOfGroup): number | undefined {
    return this.#pulled.get(queue) ?? this.queryOffset(queue)
  }

  /** Where a group is in the queues of a topic. */
  queuesOf(group: string, topic: string): ReadonlyMap<number, number> | undefined {
    return this.#offsets.queues(group, topic)
  }

  /** Sets a group elsewhere; the next pull is told. False when there is no room for another queue. */
  assignResetOffset(queue: QueueOfGroup, offset: number): boolean {
    if (!this.commitOffset(queue, offset)) return false
    this.#resets.set(queue, offset)
    return true
  }

  /** Whether a group was set elsewhere and has not been told yet. */
  hasOffsetReset(queue: QueueOfGroup): boolean {
    return this.#options.config.useServerSideResetOffset && this.#resets.get(queue) !== undefined
  }

  /** Where a group was set, for the answer that tells it so; afterwards it counts as told. */
  takeResetOffset(queue: QueueOfGroup): number | undefined {
    const reset = this.#resets.size === 0 ? undefined : this.#resets.take(queue)
    return this.#options.config.useServerSideResetOffset ? reset : undefined
  }

  /** Topics in which a group has offsets. Java: whichTopicByConsumer. */
  topicsOf(group: string): string[] {
    return [...this.#offsets.pairs()].filter((pair) => pair.group === group).map((pair) => pair.topic)
  }

  /** Groups that have offsets in a topic. Java: whichGroupByTopic. */
  groupsOf(topic: string): string[] {
    return [...this.#offsets.pairs()].filter((pair) => pair.topic === topic).map((pair) => pair.group)
  }

  /** Gives a group the offsets that another has in a topic. False when there is no room for them. */
  cloneOffset(from: string, to: string, topic: string): boolean {
    const queues = this.#offsets.queues(from, topic)
    if (queues === undefined) return true
    const entries = [...queues]
    return entries.every(([queueId, offset]) => this.commitOffset({ group: to, topic, queueId }, offset))
  }

  /** Forgets where a group is. Java: removeOffset. */
  removeGroup(group: string): void {
    for (const table of [this.#pulled, this.#resets]) table.removeGroup(group)
    if (this.#offsets.removeGroup(group)) this.#changed()
  }

  /** Forgets where groups are in a topic. Java: cleanOffsetByTopic. */
  removeTopic(topic: string): void {
    for (const table of [this.#pulled, this.#resets]) table.removeTopic(topic)
    if (this.#offsets.removeTopic(topic)) this.#changed()
  }

  async #flush(): Promise<void> {
    if (!this.#isDirty) return
    try {
      await this.persist()
    } catch (error) {
      this.#options.logger.error('offsets of consumers are in memory only; they are written again', { error })
    }
  }

  /** Writes consumerOffset.json. @throws ConfigFileError when it cannot be written. */
  async persist(): Promise<void> {
    try {
      await this.#options.file.persist(() => {
        this.#isDirty = false
        return stringifyConsumerOffsetTable(this.table)
      })
    } catch (cause) {
      this.#isDirty = true
      throw cause
    }
  }

  /** Writes what has changed and stops. @throws ConfigFileError when it cannot be written. */
  async close(): Promise<void> {
    this.#flusher.cancel()
    if (this.#isDirty) await this.persist()
  }
}

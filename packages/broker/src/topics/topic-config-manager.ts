import type { Clock, DataVersion, TopicConfig } from '@mq/remoting'
import { nextDataVersion } from '@mq/remoting'
import type { ConfigFile } from '../config-files/config-file.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { isInherited, Permission } from './permission.js'
import { AUTO_CREATE_TOPIC, systemTopics, topicConfig } from './system-topics.js'
import { parseTopicTable, stringifyTopicTable } from './topic-table-json.js'

/** What a TopicConfigManager works with. */
export interface TopicConfigManagerOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly file: ConfigFile
}

/** A send to a topic that does not exist yet. */
export interface TopicCreation {
  readonly topic: string
  /** The topic whose settings are inherited; TBW102 unless the producer says otherwise. */
  readonly defaultTopic: string
  /** Queues the producer asks for; the template's number is the most it gets. */
  readonly clientDefaultTopicQueueNums: number
  readonly topicSysFlag: number
}

/** Told of topics that were created or changed (`changed`) or deleted (`changed` absent). May be awaited by the change. */
export type TopicChangeListener = (topic: string, changed: TopicConfig | undefined) => Promise<void> | void

/**
 * The topics of this broker: one table in memory, topics.json on disk, a data version that counts changes.
 * A change is in memory at once; its promise settles when it is on disk and the listeners are done. Java: TopicConfigManager.
 */
export class TopicConfigManager {
  readonly #config: BrokerConfig
  readonly #clock: Clock
  readonly #file: ConfigFile
  readonly #table = new Map<string, TopicConfig>()
  readonly #systemTopics: ReadonlySet<string>
  readonly #listeners: TopicChangeListener[] = []
  #dataVersion: DataVersion

  constructor({ config, clock, file }: TopicConfigManagerOptions) {
    this.#config = config
    this.#clock = clock
    this.#file = file
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: clock.now() }
    const system = systemTopics(config)
    for (const topic of system) this.#table.set(topic.topicName, topic)
    this.#systemTopics = new Set(system.map((topic) => topic.topicName))
  }

  /** Reads topics.json over the system topics. Throws ConfigFileError when neither it nor its backup can be parsed. */
  async load(): Promise<void> {
    const loaded = await this.#file.load(parseTopicTable)
    if (loaded === undefined) return
    for (const [name, topic] of loaded.topicConfigTable) this.#table.set(name, { ...topic, topicName: name })
    this.#dataVersion = loaded.dataVersion
  }

  /** Counts the changes; name servers compare it. */
  get dataVersion(): DataVersion {
    return this.#dataVersion
  }

  /** All topics, by name. */
  get table(): ReadonlyMap<string, TopicConfig> {
    return this.#table
  }

  /** Adds a listener for changes, called after the change is on disk. */
  onChange(listener: TopicChangeListener): void {
    this.#listeners.push(listener)
  }

  /** The topic's settings, undefined when there is none. */
  select(topic: string): TopicConfig | undefined {
    return this.#table.get(topic)
  }

  /** Whether the topic belongs to the broker itself. */
  isSystemTopic(topic: string): boolean {
    return this.#systemTopics.has(topic) || topic.startsWith('rmq_sys_')
  }

  /** Names of the broker's own topics. */
  get systemTopicNames(): ReadonlySet<string> {
    return this.#systemTopics
  }

  /** Whether one more topic would pass `maxTopicNums`. */
  get isFull(): boolean {
    return this.#table.size >= this.#config.maxTopicNums
  }

  /** Makes a topic from its template; undefined when the template forbids it. Java: createTopicInSendMessageMethod. */
  createForSend(creation: TopicCreation): Promise<TopicConfig | undefined> {
    const created = this.#inherit(creation)
    return created === undefined || this.isFull ? Promise.resolve(undefined) : this.put(created)
  }

  #inherit({ topic, defaultTopic, clientDefaultTopicQueueNums, topicSysFlag }: TopicCreation): TopicConfig | undefined {
    const template = this.#table.get(defaultTopic)
    if (template === undefined) return undefined
    const closed = defaultTopic === AUTO_CREATE_TOPIC && !this.#config.autoCreateTopicEnable
    if (closed || !isInherited(template.perm)) return undefined
    const queueNums = Math.max(0, Math.min(clientDefaultTopicQueueNums, template.writeQueueNums))
    const perm = template.perm & ~Permission.INHERIT
    return { ...topicConfig(topic, queueNums, perm), topicSysFlag, topicFilterType: template.topicFilterType }
  }

  /** Makes a retry or dead-letter topic if it is missing. Java: createTopicInSendMessageBackMethod. */
  createForRetry(topic: string, queueNums: number, topicSysFlag: number): Promise<TopicConfig | undefined> {
    const existing = this.#table.get(topic)
    if (existing !== undefined) return Promise.resolve(existing)
    if (this.isFull) return Promise.resolve(undefined)
    return this.put({ ...topicConfig(topic, queueNums), topicSysFlag })
  }

  /** Sets a topic. In memory at once; the promise settles when it is on disk and known to the name servers. */
  async put(topic: TopicConfig): Promise<TopicConfig> {
    this.#table.set(topic.topicName, topic)
    await this.#persist(topic.topicName, topic)
    return topic
  }

  /** Sets several topics with one write to disk. */
  async putAll(topics: readonly TopicConfig[]): Promise<void> {
    for (const topic of topics) this.#table.set(topic.topicName, topic)
    for (const topic of topics) await this.#persist(topic.topicName, topic)
  }

  /** Forgets a topic; false when there was none. */
  async delete(topic: string): Promise<boolean> {
    if (!this.#table.delete(topic)) return false
    await this.#persist(topic, undefined)
    return true
  }

  /** Marks topics as ordered that the name servers list as such, and others as not. Java: updateOrderTopicConfig. */
  async setOrderTopics(orderTopics: ReadonlySet<string>): Promise<void> {
    for (const name of orderTopics) {
      const topic = this.#table.get(name)
      if (topic !== undefined && !topic.order) await this.put({ ...topic, order: true })
    }
  }

  /** Counts a change that is not in the table, such as the broker's own permission. */
  nextDataVersion(): void {
    this.#dataVersion = nextDataVersion(this.#dataVersion, this.#clock.now())
  }

  /** Writes topics.json now. */
  async persist(): Promise<void> {
    await this.#file.persist(() =>
      stringifyTopicTable({ dataVersion: this.#dataVersion, topicConfigTable: this.#table }),
    )
  }

  async #persist(name: string, changed: TopicConfig | undefined): Promise<void> {
    this.nextDataVersion()
    await this.persist()
    await Promise.all(this.#listeners.map((listener) => listener(name, changed)))
  }
}

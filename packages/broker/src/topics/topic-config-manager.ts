import type { Clock, DataVersion, TopicConfig } from '@mq/remoting'
import { isSystemTopic, nextDataVersion, validateTopic, isInherited, Permission } from '@mq/remoting'
import type { ConfigFile } from '../config-files/config-file.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
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

/** How a retry topic differs from others. */
export type RetryTopicSettings = Partial<Pick<TopicConfig, 'order' | 'topicSysFlag'>>

/** Topics that were set, and, as undefined, topics that were deleted. */
export type TopicChanges = ReadonlyMap<string, TopicConfig | undefined>

/** Told of changes after they are on disk; whoever asked for the change waits for its promise, which must not reject. */
export type TopicChangeListener = (changes: TopicChanges) => Promise<void> | void

/**
 * The topics of this broker: a table in memory, topics.json on disk, a data version that counts changes. A change takes effect
 * once it is on disk, so that no message is acknowledged for a topic that a restart would not know. Java: TopicConfigManager.
 */
export class TopicConfigManager {
  readonly #config: BrokerConfig
  readonly #clock: Clock
  readonly #file: ConfigFile
  readonly #table = new Map<string, TopicConfig>()
  /** Changes on their way to the disk. */
  readonly #staged = new Map<string, TopicConfig | undefined>()
  readonly #creations = new Map<string, Promise<TopicConfig>>()
  readonly #systemTopics: ReadonlySet<string>
  readonly #listeners: TopicChangeListener[] = []
  #dataVersion: DataVersion
  /** The version on disk: that of the staged changes. `#dataVersion.counter <= #stagedVersion.counter`. */
  #stagedVersion: DataVersion

  constructor({ config, clock, file }: TopicConfigManagerOptions) {
    this.#config = config
    this.#clock = clock
    this.#file = file
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: clock.now() }
    this.#stagedVersion = this.#dataVersion
    const system = systemTopics(config)
    for (const topic of system) this.#table.set(topic.topicName, topic)
    this.#systemTopics = new Set(system.map((topic) => topic.topicName))
  }

  /**
   * Reads topics.json over the system topics; names that could not be directories are left out.
   * @throws ConfigFileError when neither the file nor its backup can be parsed.
   */
  async load(): Promise<void> {
    const loaded = await this.#file.load(parseTopicTable)
    if (loaded === undefined) return
    for (const [name, topic] of loaded.topicConfigTable) {
      if (validateTopic(name) === undefined) this.#table.set(name, { ...topic, topicName: name })
    }
    this.#dataVersion = loaded.dataVersion
    this.#stagedVersion = loaded.dataVersion
  }

  /** Counts the changes; name servers compare it. */
  get dataVersion(): DataVersion {
    return this.#dataVersion
  }

  /** All topics, by name. */
  get table(): ReadonlyMap<string, TopicConfig> {
    return this.#table
  }

  /** Adds a listener for changes. */
  onChange(listener: TopicChangeListener): void {
    this.#listeners.push(listener)
  }

  /** The topic's settings, undefined when there is none. */
  select(topic: string): TopicConfig | undefined {
    return this.#table.get(topic)
  }

  /** Whether the topic belongs to the broker itself. */
  isSystemTopic(topic: string): boolean {
    return this.#systemTopics.has(topic) || isSystemTopic(topic)
  }

  /** Names of the broker's own topics. */
  get systemTopicNames(): ReadonlySet<string> {
    return this.#systemTopics
  }

  /** Whether `more` further topics would pass `maxTopicNums`. */
  hasRoomFor(more: number): boolean {
    return this.#table.size + this.#creations.size + more <= this.#config.maxTopicNums
  }

  /**
   * Makes a topic from its template; undefined when the template forbids it. Java: createTopicInSendMessageMethod.
   * @throws ConfigFileError when topics.json cannot be written.
   */
  createForSend(creation: TopicCreation): Promise<TopicConfig | undefined> {
    return this.#create(creation.topic, () => this.#inherit(creation))
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

  /**
   * Makes a retry or dead-letter topic if it is missing; undefined when its name is illegal or there is no room.
   * Java: createTopicInSendMessageBackMethod. @throws ConfigFileError when topics.json cannot be written.
   */
  createForRetry(
    topic: string,
    queueNums: number,
    settings: RetryTopicSettings = {},
  ): Promise<TopicConfig | undefined> {
    return this.#create(topic, () => {
      return validateTopic(topic) === undefined ? { ...topicConfig(topic, queueNums), ...settings } : undefined
    })
  }

  /** However many ask for one missing topic at once, it is made once. */
  #create(name: string, make: () => TopicConfig | undefined): Promise<TopicConfig | undefined> {
    const known = this.#table.get(name)
    if (known !== undefined) return Promise.resolve(known)
    const underWay = this.#creations.get(name)
    if (underWay !== undefined) return underWay
    const topic = this.hasRoomFor(1) ? make() : undefined
    if (topic === undefined) return Promise.resolve(undefined)
    const creation = this.put(topic).finally(() => this.#creations.delete(name))
    this.#creations.set(name, creation)
    return creation
  }

  /** Sets a topic; settles when listeners have heard of it. @throws ConfigFileError when topics.json cannot be written. */
  async put(topic: TopicConfig): Promise<TopicConfig> {
    await this.putAll([topic])
    return topic
  }

  /** Sets several topics with one write to disk. @throws ConfigFileError when topics.json cannot be written. */
  async putAll(topics: readonly TopicConfig[]): Promise<void> {
    const changes = new Map(topics.map((topic) => [topic.topicName, topic]))
    await this.#change(changes)
    await this.#tell(changes)
  }

  /** Forgets a topic; false when there was none. @throws ConfigFileError when topics.json cannot be written. */
  async delete(topic: string): Promise<boolean> {
    if (!this.#table.has(topic)) return false
    const changes = new Map([[topic, undefined]])
    await this.#change(changes)
    await this.#tell(changes)
    return true
  }

  /**
   * Marks the topics that name servers list as ordered; nobody has to hear of it. Java: updateOrderTopicConfig.
   * @throws ConfigFileError when topics.json cannot be written.
   */
  async setOrderTopics(names: Iterable<string>): Promise<void> {
    const changes = new Map<string, TopicConfig>()
    for (const name of names) {
      const topic = this.#table.get(name)
      if (topic !== undefined && !topic.order) changes.set(name, { ...topic, order: true })
    }
    if (changes.size > 0) await this.#change(changes)
  }

  /** Counts a change that is not in the table, such as the broker's own permission. */
  nextDataVersion(): void {
    this.#stagedVersion = nextDataVersion(this.#stagedVersion, this.#clock.now())
    this.#dataVersion = this.#stagedVersion
  }

  async #change(changes: TopicChanges): Promise<void> {
    const version = nextDataVersion(this.#stagedVersion, this.#clock.now())
    this.#stagedVersion = version
    for (const [name, topic] of changes) this.#staged.set(name, topic)
    try {
      await this.#file.persist(() => this.#text())
      for (const [name, topic] of changes) {
        if (topic === undefined) this.#table.delete(name)
        else this.#table.set(name, topic)
      }
      this.#dataVersion = version
    } finally {
      for (const [name, topic] of changes) if (this.#staged.get(name) === topic) this.#staged.delete(name)
    }
  }

  #text(): string {
    const topicConfigTable = new Map(this.#table)
    for (const [name, topic] of this.#staged) {
      if (topic === undefined) topicConfigTable.delete(name)
      else topicConfigTable.set(name, topic)
    }
    return stringifyTopicTable({ dataVersion: this.#stagedVersion, topicConfigTable })
  }

  async #tell(changes: TopicChanges): Promise<void> {
    await Promise.all(this.#listeners.map(async (listener) => listener(changes)))
  }
}

import type { Logger, RemotingClient, Timer, Timers, TopicConfig } from '@mq/remoting'
import { encodeRegisterBrokerBody, isReadable, isWriteable } from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { TopicChanges, TopicConfigManager } from '../topics/topic-config-manager.js'
import { NameServerLink, type RegistrationContent } from './name-server-link.js'

const FIRST_PERIODIC_MS = 10_000
const SHORTEST_PERIOD_MS = 10_000
const LONGEST_PERIOD_MS = 60_000
/** A change waits no longer than this for name servers: a producer's whole timeout is 3 s. */
const ANNOUNCE_TIMEOUT_MS = 1000

/** What a NameServerRegistration works with. */
export interface NameServerRegistrationOptions {
  readonly config: BrokerConfig
  readonly timers: Timers
  readonly remoting: RemotingClient
  readonly topics: TopicConfigManager
  readonly nameServers: readonly string[]
  /** brokerIP1 and the listening port. */
  readonly brokerAddress: string
  /** brokerIP2 and the HA port. */
  readonly haServerAddress: string
  readonly logger: Logger
}

/** Keeps the name servers informed: at the start, periodically, and at once when a topic changes. Java: BrokerController#registerBrokerAll. */
export class NameServerRegistration {
  readonly #options: NameServerRegistrationOptions
  readonly #links: readonly NameServerLink[]
  #timer: Timer | undefined

  constructor(options: NameServerRegistrationOptions) {
    const { config, remoting, timers, topics, logger } = options
    this.#options = options
    const shared = {
      identity: {
        brokerName: config.brokerName,
        brokerAddr: options.brokerAddress,
        clusterName: config.brokerClusterName,
        brokerId: config.brokerId,
      },
      haServerAddr: options.haServerAddress,
      remoting,
      timers,
      logger,
      timeoutMs: config.registerBrokerTimeoutMills,
      encode: (content: RegistrationContent) => this.#encode(content),
      dataVersion: () => topics.dataVersion,
      onOrderTopics: (names: Iterable<string>) => this.#setOrderTopics(names),
    }
    this.#links = options.nameServers.map((address) => new NameServerLink({ ...shared, address }))
    remoting.onDisconnect((address) => this.#links.find((link) => link.address === address)?.onDisconnected())
  }

  /** Registers everything at every name server once, then periodically. Settles when each has answered or failed. */
  async start(): Promise<void> {
    const { config, timers } = this.#options
    const periodMs = Math.min(LONGEST_PERIOD_MS, Math.max(SHORTEST_PERIOD_MS, config.registerNameServerPeriod))
    this.#timer = timers.every(periodMs, () => this.#registerPeriodically(), { firstDelayMs: FIRST_PERIODIC_MS })
    await this.registerAll()
  }

  /** Registers all topics at every name server. Never rejects: one that does not answer is logged and tried again. */
  async registerAll(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.register('everything')))
  }

  /**
   * Tells the name servers of changed topics; settles when those that can be reached know them, after 1 s at the latest.
   * Never rejects.
   */
  async announce(changes: TopicChanges): Promise<void> {
    const [only, ...others] = changes.values()
    const content = others.length === 0 && only !== undefined ? only : 'everything'
    // The others are about to be sent everything anyway.
    const reachable = this.#links.filter((link) => link.isReachable)
    if (reachable.length === 0) return
    const registered = Promise.all(reachable.map((link) => link.register(content)))
    await new Promise<void>((resolve) => {
      const timer = this.#options.timers.after(ANNOUNCE_TIMEOUT_MS, resolve)
      void registered.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** Tells every name server that this broker leaves; `timeoutMs` milliseconds for each request. */
  async unregister(timeoutMs: number): Promise<void> {
    this.#timer?.cancel()
    await Promise.all(this.#links.map((link) => link.unregister(timeoutMs)))
  }

  #registerPeriodically(): void {
    for (const link of this.#links) {
      void (this.#options.config.forceRegister ? link.register('everything') : link.registerIfChanged())
    }
  }

  #encode(content: RegistrationContent): Buffer {
    const { dataVersion, table } = this.#options.topics
    const topics = content === 'everything' ? [...table.values()] : [content]
    return encodeRegisterBrokerBody({
      filterServerList: [],
      topicConfigSerializeWrapper: {
        dataVersion,
        mappingDataVersion: dataVersion,
        topicConfigTable: new Map(topics.map((topic) => [topic.topicName, this.#limited(topic)])),
        topicQueueMappingDetailMap: new Map(),
        topicQueueMappingInfoMap: new Map(),
      },
    })
  }

  /** A broker that must not be read or written says so through its topics. */
  #limited(topic: TopicConfig): TopicConfig {
    const { brokerPermission } = this.#options.config
    if (isReadable(brokerPermission) && isWriteable(brokerPermission)) return topic
    return { ...topic, perm: topic.perm & brokerPermission }
  }

  #setOrderTopics(names: Iterable<string>): void {
    const { topics, logger } = this.#options
    topics
      .setOrderTopics(names)
      .catch((error: unknown) => logger.error('ordered topics could not be marked', { error }))
  }
}

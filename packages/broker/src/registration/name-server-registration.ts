import type { Logger, RemotingClient, Timer, Timers, TopicConfig } from '@mq/remoting'
import {
  crc32,
  decodeKVTable,
  encodeRegisterBrokerBody,
  QueryDataVersion,
  RegisterBroker,
  UnregisterBroker,
} from '@mq/remoting'
import { decodeDataVersion, encodeDataVersion } from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { isReadable, isWriteable } from '../topics/permission.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

const FIRST_PERIODIC_MS = 10_000

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

/** Keeps the name servers informed: at the start, periodically, and at once when a topic changes. Java: BrokerOuterAPI. */
export class NameServerRegistration {
  readonly #options: NameServerRegistrationOptions
  /** Name servers that did not answer the last time; logged when they change. */
  readonly #silent = new Set<string>()
  #timer: Timer | undefined
  #closed = false

  constructor(options: NameServerRegistrationOptions) {
    this.#options = options
  }

  /** Registers everything at every name server once, then periodically. Settles when each has answered or failed. */
  async start(): Promise<void> {
    const { config, timers } = this.#options
    const periodMs = Math.min(60_000, Math.max(10_000, config.registerNameServerPeriod))
    this.#timer = timers.every(periodMs, () => void this.#registerIfNeeded(), { firstDelayMs: FIRST_PERIODIC_MS })
    await this.registerAll()
  }

  /** Registers all topics at every name server. Never rejects: a name server that does not answer is logged and retried later. */
  async registerAll(): Promise<void> {
    await this.#registerTopics([...this.#options.topics.table.values()])
  }

  /** Registers one topic that is new or changed. */
  async registerTopic(topic: TopicConfig): Promise<void> {
    await this.#registerTopics([topic])
  }

  async #registerTopics(topics: readonly TopicConfig[]): Promise<void> {
    if (this.#closed) return
    const { topics: manager } = this.#options
    const body = encodeRegisterBrokerBody({
      filterServerList: [],
      topicConfigSerializeWrapper: {
        dataVersion: manager.dataVersion,
        mappingDataVersion: manager.dataVersion,
        topicConfigTable: new Map(topics.map((topic) => [topic.topicName, this.#limited(topic)])),
        topicQueueMappingDetailMap: new Map(),
        topicQueueMappingInfoMap: new Map(),
      },
    })
    await Promise.all(this.#options.nameServers.map((address) => this.#register(address, body)))
  }

  /** A broker that must not be read or written says so through its topics. */
  #limited(topic: TopicConfig): TopicConfig {
    const { brokerPermission } = this.#options.config
    if (isReadable(brokerPermission) && isWriteable(brokerPermission)) return topic
    return { ...topic, perm: topic.perm & brokerPermission }
  }

  async #register(nameServer: string, body: Buffer): Promise<void> {
    const { config, remoting, haServerAddress } = this.#options
    const header = {
      ...this.#identity(),
      haServerAddr: haServerAddress,
      enableActingMaster: false,
      compressed: false,
      bodyCrc32: crc32(body),
    }
    try {
      const timeoutMs = config.registerBrokerTimeoutMills
      const response = await remoting.invoke(nameServer, RegisterBroker, header, { timeoutMs, body })
      this.#answered(nameServer)
      if (response.body !== undefined) await this.#takeOrderTopics(response.body)
    } catch (cause) {
      this.#failed(nameServer, cause)
    }
  }

  #identity(): { brokerName: string; brokerAddr: string; clusterName: string; brokerId: number } {
    const { config, brokerAddress } = this.#options
    const { brokerName, brokerClusterName, brokerId } = config
    return { brokerName, brokerAddr: brokerAddress, clusterName: brokerClusterName, brokerId }
  }

  async #takeOrderTopics(body: Buffer): Promise<void> {
    const { table } = decodeKVTable(body)
    await this.#options.topics.setOrderTopics(new Set(table.keys()))
  }

  #answered(nameServer: string): void {
    if (this.#silent.delete(nameServer)) this.#options.logger.info(`registered at name server ${nameServer} again`)
  }

  #failed(nameServer: string, cause: unknown): void {
    if (this.#closed || this.#silent.has(nameServer)) return
    this.#silent.add(nameServer)
    const message = `could not register at name server ${nameServer}, clients that use it do not find this broker; it is tried again`
    this.#options.logger.warn(message, { cause: String(cause) })
  }

  async #registerIfNeeded(): Promise<void> {
    if (this.#options.config.forceRegister) return this.registerAll()
    const changed = await Promise.all(this.#options.nameServers.map((address) => this.#isOutdated(address)))
    if (changed.includes(true)) await this.registerAll()
  }

  async #isOutdated(nameServer: string): Promise<boolean> {
    const { config, remoting, topics } = this.#options
    const timeoutMs = config.registerBrokerTimeoutMills
    const body = encodeDataVersion(topics.dataVersion)
    try {
      const answered = await remoting.invoke(nameServer, QueryDataVersion, this.#identity(), { timeoutMs, body })
      this.#answered(nameServer)
      if (answered.changed || answered.body === undefined) return true
      const { counter, timestamp } = decodeDataVersion(answered.body)
      return counter !== topics.dataVersion.counter || timestamp !== topics.dataVersion.timestamp
    } catch (cause) {
      this.#failed(nameServer, cause)
      return true
    }
  }

  /** Tells every name server that this broker leaves, waiting at most `timeoutMs` milliseconds for each. */
  async unregister(timeoutMs: number): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    const { remoting, logger, nameServers } = this.#options
    const identity = this.#identity()
    await Promise.all(
      nameServers.map((address) =>
        remoting.invoke(address, UnregisterBroker, identity, { timeoutMs }).catch((cause: unknown) => {
          logger.warn(`could not unregister at name server ${address}, it will notice by itself`, {
            cause: String(cause),
          })
        }),
      ),
    )
  }
}

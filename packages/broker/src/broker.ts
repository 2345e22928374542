import type { Logger, Runtime } from '@mq/remoting'
import {
  nodeRuntime,
  parseHostAddress,
  RemotingClient,
  RemotingServer,
  silentLogger,
  UniqueIdGenerator,
} from '@mq/remoting'
import type { FileSystem, MessageStore, MessageStoreOptions } from '@mq/store'
import { DefaultMessageStore, nodeFileSystem } from '@mq/store'
import type { BrokerOptions } from './broker-options.js'
import { nameServerAddresses, resolveBrokerConfig } from './broker-options.js'
import { ClientRequests } from './clients/client-requests.js'
import { ConsumerManager } from './clients/consumer-manager.js'
import { ConfigFile } from './config-files/config-file.js'
import { type BrokerConfig, storeKeys } from './configuration/broker-config.js'
import { ConfigRequests } from './configuration/config-requests.js'
import { PullMessageProcessor } from './pull/pull-message-processor.js'
import { registerMessageQueries } from './queries/message-queries.js'
import { registerOffsetQueries } from './queries/offset-queries.js'
import { registerSubscriberQueries } from './queries/subscriber-queries.js'
import { NameServerRegistration } from './registration/name-server-registration.js'
import { scheduleMessageHook } from './schedule/schedule-message-hook.js'
import { SendMessageProcessor } from './send/send-message-processor.js'
import { BrokerStatistics } from './statistics/broker-statistics.js'
import { registerRuntimeInfo } from './statistics/runtime-info.js'
import { SubscriptionGroupManager } from './subscription-groups/subscription-group-manager.js'
import { registerSubscriptionGroupRequests } from './subscription-groups/subscription-group-requests.js'
import { TopicConfigManager } from './topics/topic-config-manager.js'
import { TopicRequests } from './topics/topic-requests.js'

/** Delay levels 1 to 18. */
const MAX_DELAY_LEVEL = 18
const UNREGISTER_TIMEOUT_MS = 3000
const DRAIN_TIMEOUT_MS = 10_000

interface Parts {
  readonly config: BrokerConfig
  readonly server: RemotingServer
  readonly remoting: RemotingClient
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly registration: NameServerRegistration
  readonly clients: ClientRequests
  readonly statistics: BrokerStatistics
}

/** A broker: takes messages from producers, keeps them, and answers the tools. Java: BrokerController. */
export class Broker implements AsyncDisposable {
  readonly #parts: Parts
  #closing: Promise<void> | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Starts a broker: opens its store, listens, and registers at the name servers. Settles once it answers requests and every
   * name server has answered or failed. Throws BrokerConfigError, ConfigFileError, or what the store or the port refuses with.
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const config = resolveBrokerConfig(options)
    const { runtime = nodeRuntime, logger = silentLogger, fileSystem = nodeFileSystem } = options
    const tables = await openTables(config, { runtime, logger, fileSystem })
    const store =
      options.messageStore ?? (await DefaultMessageStore.open({ ...storeOptions(config), runtime, fileSystem, logger }))
    try {
      const parts = await serve({ ...tables, config, store, runtime, logger, options })
      await parts.registration.start()
      return new Broker(parts)
    } catch (cause) {
      await store.close()
      throw cause
    }
  }

  /** What clients are told to connect to: brokerIP1 and the port. */
  get address(): string {
    return `${this.#parts.config.brokerIP1}:${this.port}`
  }

  /** The port listened on. */
  get port(): number {
    return this.#parts.server.endpoint.port
  }

  /** The name of this broker. */
  get brokerName(): string {
    return this.#parts.config.brokerName
  }

  /** The store under this broker. */
  get messageStore(): MessageStore {
    return this.#parts.store
  }

  /**
   * Leaves the name servers, refuses new requests, finishes those in flight for at most 10 seconds, and closes the store.
   * A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { registration, server, remoting, store, topics, groups, clients, statistics } = this.#parts
    await registration.unregister(UNREGISTER_TIMEOUT_MS)
    await server.close({ timeoutMs: DRAIN_TIMEOUT_MS })
    clients.close()
    statistics.close()
    await store.close()
    await Promise.all([topics.persist(), groups.persist()])
    await remoting.close()
  }

  /** Same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

interface Ground {
  readonly runtime: Runtime
  readonly logger: Logger
  readonly fileSystem: FileSystem
}

interface Tables {
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
}

async function openTables(config: BrokerConfig, { runtime, logger, fileSystem }: Ground): Promise<Tables> {
  const { clock } = runtime
  const directory = `${config.storePathRootDir}/config`
  const file = (name: string): ConfigFile => new ConfigFile({ fileSystem, logger, directory, name })
  const topics = new TopicConfigManager({ config, clock, file: file('topics.json') })
  const groups = new SubscriptionGroupManager({ config, clock, file: file('subscriptionGroup.json') })
  await Promise.all([topics.load(), groups.load()])
  return { topics, groups }
}

interface Serving extends Tables {
  readonly config: BrokerConfig
  readonly store: MessageStore
  readonly runtime: Runtime
  readonly logger: Logger
  readonly options: BrokerOptions
}

/** Starts to listen and puts every handler in place before the first frame can arrive. */
async function serve({ config, store, runtime, logger, options, topics, groups }: Serving): Promise<Parts> {
  const { clock, timers, random } = runtime
  const server = new RemotingServer({
    runtime,
    logger,
    host: config.bindAddress,
    port: config.listenPort,
    limits: serverLimits(config),
  })
  await server.start()
  const remoting = new RemotingClient({ runtime, logger })
  remoting.start()
  const brokerAddress = `${config.brokerIP1}:${server.endpoint.port}`
  const haServerAddress = `${config.brokerIP2}:${config.haListenPort || server.endpoint.port + 1}`
  const nameServers = nameServerAddresses(config.namesrvAddr)
  const registration = new NameServerRegistration({
    config,
    timers,
    remoting,
    topics,
    nameServers,
    brokerAddress,
    haServerAddress,
    logger,
  })
  topics.onChange((_name, changed) =>
    changed === undefined ? registration.registerAll() : registration.registerTopic(changed),
  )
  const statistics = new BrokerStatistics({ clock, timers, maxTopics: config.maxTopicNums })
  const consumers = new ConsumerManager()
  const clients = new ClientRequests({ config, clock, timers, groups, topics, consumers, logger })
  store.addPutMessageHook(scheduleMessageHook(MAX_DELAY_LEVEL))
  const storeHost = parseHostAddress(brokerAddress)
  const uniqueIds = new UniqueIdGenerator({ runtime, ip: storeHost.ip, pid: process.pid })
  const now = (): number => clock.now()
  const send = new SendMessageProcessor({
    config,
    topics,
    groups,
    store,
    statistics,
    uniqueIds,
    random,
    now,
    storeHost,
    brokerAddress,
    logger,
  })
  for (const hook of options.sendMessageHooks ?? []) send.addHook(hook)
  const configuration = new ConfigRequests({ config, clock, logger })
  configuration.onChange((key) => {
    if (key !== 'brokerPermission') return
    topics.nextDataVersion()
    void registration.registerAll()
  })
  const { handlers } = server
  send.register(handlers)
  clients.register(handlers)
  configuration.register(handlers)
  new TopicRequests({ config, topics, store, statistics, logger }).register(handlers)
  new PullMessageProcessor({ config, topics, groups, consumers, store, statistics }).register(handlers)
  registerSubscriptionGroupRequests(handlers, groups)
  registerMessageQueries(handlers, store, config)
  registerOffsetQueries(handlers, { config, store, topics, statistics })
  registerSubscriberQueries(handlers, consumers)
  registerRuntimeInfo(handlers, { config, store, statistics })
  server.onConnectionClosed((connection) => clients.connectionClosed(connection))
  return { config, server, remoting, store, topics, groups, registration, clients, statistics }
}

function serverLimits(config: BrokerConfig): object {
  return {
    maxConnections: config.serverMaxConnections,
    idleTimeoutMs: config.serverChannelMaxIdleTimeSeconds * 1000,
    backlog: config.serverSocketBacklog,
  }
}

/** The store's part of the configuration; keys left empty take the store's own defaults. */
function storeOptions(config: BrokerConfig): MessageStoreOptions {
  const { storePathRootDir } = config
  const own = Object.keys(storeKeys) as (keyof BrokerConfig)[]
  const given = own.filter((key) => config[key] !== '').map((key) => [key, config[key]])
  return { ...Object.fromEntries(given), storePathRootDir }
}

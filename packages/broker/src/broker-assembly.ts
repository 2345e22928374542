import type { Logger, RpcHook, Runtime } from '@mq/remoting'
import {
  nodeRuntime,
  parseHostAddress,
  RemotingClient,
  RemotingServer,
  silentLogger,
  UniqueIdGenerator,
} from '@mq/remoting'
import type { FileSystem, MessageStore, MessageStoreOptions } from '@mq/store'
import { DefaultMessageStore, type DelayLevels, nodeFileSystem, parseDelayLevels } from '@mq/store'
import { MessageRequestModeManager } from './assignments/message-request-mode-manager.js'
import { TopicSubscribeInfo } from './assignments/topic-subscribe-info.js'
import type { BrokerOptions } from './broker-options.js'
import { nameServerAddresses, resolveBrokerConfig } from './broker-options.js'
import { ClientRequests } from './clients/client-requests.js'
import { ConsumerManager } from './clients/consumer-manager.js'
import { ClosingStack } from './closing-stack.js'
import { ConfigFile } from './config-files/config-file.js'
import { type BrokerConfig, storeKeys } from './configuration/broker-config.js'
import type { ConfigValue } from './configuration/config-entry.js'
import { ConfigRequests } from './configuration/config-requests.js'
import { BroadcastOffsetManager } from './offsets/broadcast-offset-manager.js'
import { ConsumerOffsetManager } from './offsets/consumer-offset-manager.js'
import { RebalanceLockManager } from './queue-locks/rebalance-lock-manager.js'
import { PullMessageProcessor } from './pull/pull-message-processor.js'
import { PullRequestHoldService } from './pull/pull-request-hold-service.js'
import { NameServerRegistration } from './registration/name-server-registration.js'
import { type BrokerFeatures, registerHandlers } from './request-handlers.js'
import { DelayOffsetManager } from './schedule/delay-offset-manager.js'
import { scheduleMessageHook } from './schedule/schedule-message-hook.js'
import { ScheduleMessageService } from './schedule/schedule-message-service.js'
import { SendMessageHooks } from './send/send-message-hook.js'
import { SendMessageProcessor } from './send/send-message-processor.js'
import { BrokerStatistics } from './statistics/broker-statistics.js'
import { SubscriptionGroupManager } from './subscription-groups/subscription-group-manager.js'
import { TopicConfigManager } from './topics/topic-config-manager.js'
import { TopicRequests } from './topics/topic-requests.js'

const UNREGISTER_TIMEOUT_MS = 3000
const DRAIN_TIMEOUT_MS = 10_000
/** Java: the fast listener of BrokerController. */
const VIP_PORT_DISTANCE = 2

/** What a running broker shows of itself. */
export interface BrokerParts {
  readonly config: BrokerConfig
  readonly server: RemotingServer
  readonly store: MessageStore
  readonly brokerAddress: string
}

/** The world a broker runs in. */
interface World {
  readonly runtime: Runtime
  readonly logger: Logger
  readonly fileSystem: FileSystem
  readonly rpcHooks: readonly RpcHook[]
}

/** What needs no port. */
interface Ground extends World {
  readonly config: BrokerConfig
  readonly store: MessageStore
  readonly remoting: RemotingClient
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
  readonly requestModes: MessageRequestModeManager
  readonly locks: RebalanceLockManager
  readonly schedule: ScheduleMessageService
  readonly statistics: BrokerStatistics
  readonly clients: ClientRequests
}

/** Opens everything a broker is made of, each part together with the way to close it, and registers it. */
export async function openBroker(options: BrokerOptions, closing: ClosingStack): Promise<BrokerParts> {
  const afterStore = new ClosingStack()
  closing.add(() => afterStore.close())
  const {
    messageStore,
    runtime = nodeRuntime,
    logger = silentLogger,
    fileSystem = nodeFileSystem,
    rpcHooks = [],
  } = options
  if (messageStore !== undefined) closing.add(() => messageStore.close())
  const config = resolveBrokerConfig(options)
  const world = { runtime, logger, fileSystem, rpcHooks }
  const ground = await openGround({ config, world, messageStore, afterStore }, closing)
  const server = newServer(ground, config.listenPort)
  closing.add(() => server.close({ timeoutMs: DRAIN_TIMEOUT_MS }))
  await server.start()
  // The first frame arrives in a later turn: all handlers are in place before it.
  const brokerAddress = `${config.brokerIP1}:${server.endpoint.port}`
  const registration = newRegistration(ground, { brokerAddress, port: server.endpoint.port })
  const hooks = new SendMessageHooks(logger)
  for (const hook of options.sendMessageHooks ?? []) hooks.add(hook)
  const features = newFeatures(ground, { brokerAddress, hooks, registration })
  registerHandlers(server.handlers, features)
  servePulls(ground, server, closing)
  server.onConnectionClosed((connection) => ground.clients.connectionClosed(connection))
  await openVipChannel(ground, features, closing)
  if (config.brokerRole !== 'SLAVE') ground.schedule.start()
  closing.add(() => registration.unregister(UNREGISTER_TIMEOUT_MS))
  await registration.start()
  logger.info('the broker is started', { brokerName: config.brokerName, brokerAddress })
  return { config, server, store: ground.store, brokerAddress }
}

/** Pulls that wait for messages are answered before the server closes. */
function servePulls(ground: Ground, server: RemotingServer, closing: ClosingStack): void {
  const { config, runtime, store } = ground
  const { maxHeldPullRequests } = config
  const broadcasts = new BroadcastOffsetManager({ ...ground, ...runtime })
  closing.add(() => broadcasts.close())
  const held = new PullRequestHoldService({ timers: runtime.timers, store, maxHeldPullRequests })
  closing.add(() => held.close())
  store.onMessageArriving((arrival) => held.messageArriving(arrival))
  server.onConnectionClosed((connection) => held.connectionClosed(connection))
  new PullMessageProcessor({ ...ground, broadcasts, held }).register(server.handlers)
}

interface GroundOptions {
  readonly config: BrokerConfig
  readonly world: World
  readonly messageStore: MessageStore | undefined
  /** Closed when the store has made everything durable. */
  readonly afterStore: ClosingStack
}

async function openGround(options: GroundOptions, closing: ClosingStack): Promise<Ground> {
  const { config, world } = options
  const { runtime, logger } = world
  const { clock, timers } = runtime
  const store = options.messageStore ?? (await openStore(config, world, closing))
  const delayLevels = parseDelayLevels(config.messageDelayLevel) ?? []
  store.addPutMessageHook(scheduleMessageHook(delayLevels.length))
  const tables = await openTables(config, world, closing)
  const { topics, groups } = tables
  const remoting = new RemotingClient({ runtime, logger })
  closing.add(() => remoting.close())
  remoting.start()
  const statistics = new BrokerStatistics({
    clock,
    timers,
    clusterName: config.brokerClusterName,
    maxKeys: config.maxStatsKeys,
  })
  closing.add(() => statistics.close())
  const consumers = new ConsumerManager({ logger })
  const locks = new RebalanceLockManager({ clock, timers, logger, maxLocks: config.maxQueueLockNums })
  closing.add(() => locks.close())
  const schedule = await openSchedule({ ...options, store, statistics, delayLevels }, closing)
  const clients = new ClientRequests({ config, clock, timers, groups, topics, consumers, logger })
  closing.add(() => clients.close())
  return { ...world, ...tables, config, store, remoting, consumers, locks, schedule, statistics, clients }
}

async function openStore(config: BrokerConfig, world: World, closing: ClosingStack): Promise<MessageStore> {
  const store = await DefaultMessageStore.open({ ...storeOptions(config), ...world })
  closing.add(() => store.close())
  return store
}

/** The store's part of the configuration; keys left empty take the store's own defaults. */
function storeOptions(config: BrokerConfig): MessageStoreOptions {
  const keys = Object.keys(storeKeys) as (keyof typeof storeKeys)[]
  const given = keys.filter((key) => config[key] !== '').map((key): [string, ConfigValue] => [key, config[key]])
  return { ...Object.fromEntries(given), storePathRootDir: config.storePathRootDir }
}

type Tables = Pick<Ground, 'topics' | 'groups' | 'offsets' | 'requestModes'>

async function openTables(config: BrokerConfig, world: World, closing: ClosingStack): Promise<Tables> {
  const { logger } = world
  const { clock, timers } = world.runtime
  const file = (name: string): ConfigFile => configFile(config, world, name)
  const topics = new TopicConfigManager({ config, clock, file: file('topics.json') })
  const groups = new SubscriptionGroupManager({ config, clock, file: file('subscriptionGroup.json'), logger })
  closing.add(() => groups.close())
  const offsets = new ConsumerOffsetManager({ config, clock, timers, file: file('consumerOffset.json'), logger })
  closing.add(() => offsets.close())
  const requestModes = new MessageRequestModeManager(file('messageRequestMode.json'))
  await Promise.all([topics.load(), groups.load(), offsets.load(), requestModes.load()])
  return { topics, groups, offsets, requestModes }
}

function newServer({ config, runtime, logger, rpcHooks: hooks }: Ground, port: number): RemotingServer {
  const { bindAddress: host, serverMaxConnections, serverChannelMaxIdleTimeSeconds } = config
  const limits = { maxConnections: serverMaxConnections, idleTimeoutMs: serverChannelMaxIdleTimeSeconds * 1000 }
  return new RemotingServer({ runtime, logger, host, port, limits, hooks })
}

function configFile(config: BrokerConfig, { fileSystem, logger }: World, name: string): ConfigFile {
  return new ConfigFile({ fileSystem, logger, directory: `${config.storePathRootDir}/config`, name })
}

interface ScheduleOptions extends GroundOptions {
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly delayLevels: DelayLevels
}

async function openSchedule(options: ScheduleOptions, closing: ClosingStack): Promise<ScheduleMessageService> {
  const { config, world, store, statistics, delayLevels, afterStore } = options
  const { logger } = world
  const { clock, timers } = world.runtime
  const file = configFile(config, world, 'delayOffset.json')
  const offsets = new DelayOffsetManager({ config, clock, timers, store, file, logger })
  afterStore.add(() => offsets.close())
  await offsets.load()
  const schedule = new ScheduleMessageService({ delayLevels, offsets, store, statistics, clock, timers, logger })
  closing.add(() => schedule.close())
  return schedule
}

/** Serves everything but pulls on a second port. Where it is taken the broker does without: clients use it only when told to. */
async function openVipChannel(ground: Ground, features: BrokerFeatures, closing: ClosingStack): Promise<void> {
  const { config, clients, logger } = ground
  const port = config.listenPort - VIP_PORT_DISTANCE
  if (!config.vipChannelEnable || port <= 0) return
  const server = newServer(ground, port)
  registerHandlers(server.handlers, features)
  server.onConnectionClosed((connection) => clients.connectionClosed(connection))
  try {
    await server.start()
    closing.add(() => server.close({ timeoutMs: DRAIN_TIMEOUT_MS }))
  } catch (error) {
    logger.warn('the VIP channel is not served, its port cannot be bound', { port, error })
  }
}

function newRegistration(
  ground: Ground,
  { brokerAddress, port }: { readonly brokerAddress: string; readonly port: number },
): NameServerRegistration {
  const { config, runtime, remoting, topics, logger } = ground
  const registration = new NameServerRegistration({
    config,
    timers: runtime.timers,
    remoting,
    topics,
    nameServers: nameServerAddresses(config.namesrvAddr),
    brokerAddress,
    haServerAddress: `${config.brokerIP2}:${config.haListenPort || port + 1}`,
    logger,
  })
  topics.onChange((changes) => registration.announce(changes))
  return registration
}

interface FeatureOptions {
  readonly brokerAddress: string
  readonly hooks: SendMessageHooks
  readonly registration: NameServerRegistration
}

function newFeatures(ground: Ground, { brokerAddress, hooks, registration }: FeatureOptions): BrokerFeatures {
  const { config, runtime, topics, logger } = ground
  const { clock, random } = runtime
  const storeHost = parseHostAddress(brokerAddress)
  const uniqueIds = new UniqueIdGenerator({ runtime, ip: storeHost.ip, pid: process.pid })
  const now = (): number => clock.now()
  const configuration = new ConfigRequests({ config, clock, logger })
  configuration.onChange((key) => {
    if (key !== 'brokerPermission') return
    topics.nextDataVersion()
    void registration.registerAll()
  })
  return {
    ...ground,
    random,
    storeHost,
    clock,
    brokerAddress,
    subscribeInfo: new TopicSubscribeInfo({ ...ground, clock }),
    configuration,
    send: new SendMessageProcessor({ ...ground, hooks, uniqueIds, random, now, storeHost, brokerAddress }),
    topicRequests: new TopicRequests(ground),
  }
}

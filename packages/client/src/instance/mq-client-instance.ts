import { RemotingClient, UnregisterClient } from '@mq/remoting'
import { OptionalCompressions } from '../compression/optional-compressions.js'
import type { MQConsumerInner } from '../consumer/mq-consumer-inner.js'
import { MQClientError } from '../errors.js'
import { RebalanceService } from '../rebalance/rebalance-service.js'
import { type RouteUser, TopicRoutes } from '../routes/topic-routes.js'
import type { ClientConfig } from './client-config.js'
import { ClientRemotingProcessor } from './client-remoting-processor.js'
import { type HeartbeatMembers, HeartbeatService } from './heartbeat.js'
import { parseNameServerAddresses } from './name-server-address.js'
import { clientRpcHooks } from './rpc-hooks.js'
import { ScheduledTasks } from './scheduled-tasks.js'
import { fetchNameServerAddresses } from './top-addressing.js'

/** The producer group every instance has; consumers send messages back through it. Java: CLIENT_INNER_PRODUCER_GROUP. */
export const clientInnerProducerGroup = 'CLIENT_INNER_PRODUCER'

/** Milliseconds an unregistration may take at each broker. */
const unregisterTimeoutMs = 3000

const innerProducer: RouteUser = { topics: () => [] }

/**
 * What the producers and consumers of one client id share: one remoting client, one table of routes, one heartbeat and one set
 * of timers. It lives while someone is registered. Java: MQClientInstance.
 */
export class MQClientInstance {
  readonly config: ClientConfig
  readonly remoting: RemotingClient
  readonly routes: TopicRoutes
  /** LZ4 and Zstandard, loaded once for everyone. */
  readonly compressions: OptionalCompressions = new OptionalCompressions()
  readonly #producers = new Map<string, RouteUser>([[clientInnerProducerGroup, innerProducer]])
  readonly #consumers = new Map<string, MQConsumerInner>()
  readonly #heartbeats: HeartbeatService
  readonly #rebalance: RebalanceService
  readonly #tasks: ScheduledTasks
  readonly #onShutdown: () => void
  #started: Promise<void> | undefined
  #stopped: Promise<void> | undefined

  /** `onShutdown` is called when the instance begins to end and must not be handed out any more. */
  constructor(config: ClientConfig, onShutdown: () => void) {
    const { runtime, logger, mqClientApiTimeout } = config
    this.config = config
    this.#onShutdown = onShutdown
    this.remoting = new RemotingClient({
      runtime,
      logger,
      serializeType: config.serializeType,
      hooks: clientRpcHooks(config),
    })
    this.routes = new TopicRoutes({
      remoting: this.remoting,
      logger,
      timeoutMs: mqClientApiTimeout,
      defaultTopicQueueNums: config.defaultTopicQueueNums,
      users: () => [...this.#producers.values(), ...this.#consumers.values()],
    })
    this.#heartbeats = new HeartbeatService({
      clientId: config.clientId,
      remoting: this.remoting,
      brokers: this.routes.brokers,
      logger,
      timeoutMs: mqClientApiTimeout,
      useHeartbeatV2: config.useHeartbeatV2,
      members: () => this.#members(),
    })
    this.#rebalance = new RebalanceService({
      clock: runtime.clock,
      timers: runtime.timers,
      logger,
      consumers: () => this.#consumers.values(),
    })
    this.#tasks = new ScheduledTasks(runtime.timers, logger)
  }

  /** Whether it has not begun to end. */
  get isOpen(): boolean {
    return this.#stopped === undefined
  }

  /** Starts the shared parts once; whoever calls again shares the start. Opens no connection to a broker. */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /** Registers a producer's group; throws MQClientError PRODUCER_GROUP_TAKEN when it is in use. */
  registerProducer(group: string, producer: RouteUser): void {
    if (this.#producers.has(group)) {
      const { clientId } = this.config
      throw new MQClientError(`producer group '${group}' already has a producer in client ${clientId}`, {
        code: 'PRODUCER_GROUP_TAKEN',
        fields: { group, clientId },
      })
    }
    this.#producers.set(group, producer)
  }

  /** Takes a producer's group out and tells every known broker; the instance ends with its last member. Never rejects. */
  async unregisterProducer(group: string): Promise<void> {
    if (!this.#producers.delete(group)) return
    await this.#unregisterClient({ producerGroup: group })
    await this.#shutdownIfIdle()
  }

  /** Registers a consumer's group; throws MQClientError CLIENT_STATE when it is in use. */
  registerConsumer(group: string, consumer: MQConsumerInner): void {
    if (this.#consumers.has(group)) {
      throw new MQClientError(`consumer group '${group}' already has a consumer in client ${this.config.clientId}`, {
        code: 'CLIENT_STATE',
        remedy: 'share that consumer, use another group, or give this one its own instanceName',
      })
    }
    this.#consumers.set(group, consumer)
  }

  /** Takes a consumer's group out and tells every known broker; the instance ends with its last member. Never rejects. */
  async unregisterConsumer(group: string): Promise<void> {
    if (!this.#consumers.delete(group)) return
    await this.#unregisterClient({ consumerGroup: group })
    await this.#shutdownIfIdle()
  }

  /** Tells every known broker who lives here. Never rejects. */
  sendHeartbeatToAllBroker(): Promise<void> {
    return this.#heartbeats.sendToAllBrokers()
  }

  /** As {@link sendHeartbeatToAllBroker}, after a change of subscriptions: every broker gets them in full. Never rejects. */
  announceSubscriptions(): Promise<void> {
    return this.#heartbeats.announceToAllBrokers()
  }

  /** Lets every consumer rebalance now, or a second after the round before. */
  rebalanceImmediately(): void {
    this.#rebalance.wakeup()
  }

  /** Lets every consumer rebalance after this many milliseconds. */
  rebalanceLater(delayMs: number): void {
    this.#rebalance.wakeupAfter(delayMs)
  }

  #members(): HeartbeatMembers {
    return {
      producerDataSet: [...this.#producers.keys()].map((groupName) => ({ groupName })),
      consumerDataSet: [...this.#consumers.values()].map((consumer) => consumer.heartbeatData()),
    }
  }

  async #start(): Promise<void> {
    this.remoting.updateNameServerAddressList(this.config.nameServerAddresses)
    const processor = new ClientRemotingProcessor({
      logger: this.config.logger,
      consumerOf: (group) => this.#consumers.get(group),
      nameServerAddresses: () => this.remoting.nameServerAddresses,
      rebalanceImmediately: () => this.#rebalance.wakeup(),
    })
    processor.serve(this.remoting.handlers)
    if (this.config.enableHeartbeatChannelEventListener) {
      this.remoting.onConnect((address) => void this.#greet(address))
    }
    this.remoting.start()
    if (this.config.nameServerAddresses.length === 0) await this.#fetchNameServers()
    this.#startScheduledTasks()
    this.#rebalance.start()
  }

  /** A broker that was just connected to hears at once who lives here, instead of at the next round. */
  async #greet(address: string): Promise<void> {
    if (await this.#heartbeats.sendToAddress(address)) this.#rebalance.wakeup()
  }

  #startScheduledTasks(): void {
    const { config } = this
    if (config.nameServerAddresses.length === 0) {
      this.#tasks.start({
        name: 'fetchNameServerAddr',
        firstDelayMs: 10_000,
        periodMs: 120_000,
        run: () => this.#fetchNameServers(),
      })
    }
    this.#tasks.start({
      name: 'updateTopicRouteInfoFromNameServer',
      firstDelayMs: 10,
      periodMs: config.pollNameServerInterval,
      run: () => this.routes.refreshAll(),
    })
    this.#tasks.start({
      name: 'sendHeartbeatToAllBroker',
      firstDelayMs: 1000,
      periodMs: config.heartbeatBrokerInterval,
      run: async () => {
        this.routes.cleanOfflineBrokers()
        await this.#heartbeats.sendToAllBrokers()
      },
    })
    this.#tasks.start({
      name: 'persistAllConsumerOffset',
      firstDelayMs: 10_000,
      periodMs: config.persistConsumerOffsetInterval,
      run: async () => {
        await Promise.all([...this.#consumers.values()].map((consumer) => consumer.persistConsumerOffset()))
      },
    })
  }

  async #fetchNameServers(): Promise<void> {
    const { namesrvDomain: domain, namesrvDomainSubgroup: subgroup, unitName, runtime, logger } = this.config
    if (domain === undefined) return
    const addresses = await fetchNameServerAddresses({ runtime, logger, domain, subgroup, unitName })
    if (addresses === undefined) return
    try {
      this.remoting.updateNameServerAddressList(parseNameServerAddresses(addresses))
    } catch (cause) {
      logger.warn('the address server answered with something that is no list of name servers', { domain, cause })
    }
  }

  async #unregisterClient(group: { producerGroup: string } | { consumerGroup: string }): Promise<void> {
    const { clientId, logger } = this.config
    const addresses = new Set(this.routes.brokers.all().map(({ address }) => address))
    await Promise.all(
      [...addresses].map(async (address) => {
        try {
          const header = { clientID: clientId, ...group }
          await this.remoting.invoke(address, UnregisterClient, header, { timeoutMs: unregisterTimeoutMs })
        } catch (cause) {
          logger.warn('a broker could not be told that a client left', { address, clientId, ...group, cause })
        }
      }),
    )
  }

  async #shutdownIfIdle(): Promise<void> {
    const isIdle = this.#producers.size <= 1 && this.#consumers.size === 0
    if (!isIdle) return
    this.#stopped ??= this.#shutdown()
    await this.#stopped
  }

  async #shutdown(): Promise<void> {
    this.#onShutdown()
    this.#tasks.cancelAll()
    await this.#rebalance.shutdown()
    this.#producers.delete(clientInnerProducerGroup)
    await this.#unregisterClient({ producerGroup: clientInnerProducerGroup })
    await this.remoting.close()
  }
}

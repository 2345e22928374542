import {
  type BrokerMemberGroup,
  type Clock,
  type ClusterInfo,
  type DataVersion,
  isSameDataVersion,
  type Logger,
  type QueueData,
  silentLogger,
  type TopicList,
  type TopicRouteData,
  Permission,
} from '@mq/remoting'
import { type BrokerAddress, type BrokerChannel, type BrokerLiveInfo, BrokerLiveTable } from './broker-live-table.js'
import type {
  BrokerDeparture,
  BrokerRegistration,
  ExpiredBroker,
  MinBrokerIdChange,
  RegistrationResult,
} from './broker-registration.js'
import { type BrokerEntry, BrokerTable, brokerDataOf, idOf, MASTER_ID, minIdOf, sortedAddrs } from './broker-table.js'
import { FilterServerTable } from './filter-server-table.js'
import { withoutWrite } from './permission.js'
import { withActingMasters } from './topic-route.js'
import { queueDataOf, TopicQueueTable, type UnitFilter } from './topic-queue-table.js'

/** How long a broker may be silent unless it announces another time. Java: DEFAULT_BROKER_CHANNEL_EXPIRED_TIME. */
const DEFAULT_BROKER_TIMEOUT_MS = 120_000

/** Settings read at every use, so that they can change meanwhile. */
export interface RouteSettings {
  readonly supportActingMaster: boolean
  readonly deleteTopicWithBrokerRegistration: boolean
}

/** What the manager is made of. */
export interface RouteInfoManagerOptions {
  readonly clock: Clock
  readonly settings: RouteSettings
  readonly logger?: Logger
  /** Broker addresses held at most. */
  readonly maxBrokers: number
  /** Called when the lowest id of a broker name is another one than before. */
  onMinBrokerIdChanged?(change: MinBrokerIdChange): void
}

/** All routes: which brokers live, and which topics they have. No I/O and no timers. Java: RouteInfoManager. */
export class RouteInfoManager {
  readonly #settings: RouteSettings
  readonly #logger: Logger
  readonly #maxBrokers: number
  readonly #onMinBrokerIdChanged: (change: MinBrokerIdChange) => void
  readonly #brokers = new BrokerTable()
  readonly #topics = new TopicQueueTable()
  readonly #live: BrokerLiveTable
  readonly #filterServers = new FilterServerTable()

  constructor(options: RouteInfoManagerOptions) {
    this.#settings = options.settings
    this.#logger = options.logger ?? silentLogger
    this.#maxBrokers = options.maxBrokers
    this.#onMinBrokerIdChanged = (change) => options.onMinBrokerIdChanged?.(change)
    this.#live = new BrokerLiveTable(options.clock)
  }

  /** Takes a registration in; nothing is changed unless it is accepted. Java: RouteInfoManager#registerBroker. */
  registerBroker(registration: BrokerRegistration): RegistrationResult {
    const { clusterName, brokerName, brokerAddr, brokerId } = registration
    const refusal = this.#refuse(registration)
    if (refusal !== undefined) return refusal
    const registered = this.#live.get(registration)
    if (registered !== undefined && registered.brokerName !== brokerName) {
      this.unregisterBrokers([this.#departureOf(registered)])
    }

    const entry = this.#brokers.enter(clusterName, brokerName)
    entry.enableActingMaster = registration.enableActingMaster === true
    entry.zoneName = registration.zoneName
    const previousMinId = minIdOf(entry)
    const previousId = idOf(entry, brokerAddr)
    // A slave that became the master keeps its address: one address has one id.
    if (previousId !== undefined && previousId !== brokerId) entry.addrs.delete(previousId)
    const previousAddr = entry.addrs.get(brokerId)
    entry.addrs.set(brokerId, brokerAddr)
    this.#dropReplaced(clusterName, previousAddr, brokerAddr)

    const isFirst = previousAddr === undefined
    this.#takeTopics(registration, entry, isFirst)
    this.#keepAlive(registration, isFirst)
    if (previousMinId !== undefined && brokerId < previousMinId) {
      const brokerAddrs = sortedAddrs(entry.addrs)
      this.#onMinBrokerIdChanged({ brokerName, brokerAddrs, haBrokerAddr: registration.haServerAddr })
    }
    return { kind: 'registered', ...this.#masterFor(registration, entry) }
  }

  /** Takes brokers out, all topics being cleaned in one pass. Java: RouteInfoManager#unRegisterBroker. */
  unregisterBrokers(departures: Iterable<BrokerDeparture>): void {
    const gone = new Set<string>()
    const reduced = new Set<string>()
    const changes: MinBrokerIdChange[] = []
    for (const { clusterName, brokerName, brokerAddr, brokerId } of departures) {
      const address = { clusterName, brokerAddr }
      const entry = this.#brokers.get(brokerName)
      // A broker that has moved to another cluster leaves the old one only.
      const isElsewhere = entry !== undefined && entry.cluster !== clusterName
      const wasMinId = entry !== undefined && minIdOf(entry) === brokerId
      this.#live.delete(address)
      this.#filterServers.delete(address)
      const outcome = isElsewhere ? 'unchanged' : this.#brokers.removeAddress(brokerName, brokerAddr)
      if (outcome === 'gone') gone.add(brokerName)
      if (outcome === 'reduced') {
        reduced.add(brokerName)
        if (wasMinId) changes.push({ brokerName, brokerAddrs: sortedAddrs(entry.addrs), offlineBrokerAddr: brokerAddr })
      }
      if (outcome !== 'unchanged')
        this.#logger.info('broker left', this.#fields({ clusterName, brokerName, brokerAddr, brokerId }))
    }
    this.#topics.deleteBrokers(gone)
    for (const brokerName of reduced) this.#wipeWithoutMaster(brokerName)
    for (const change of changes) if (this.#brokers.has(change.brokerName)) this.#onMinBrokerIdChanged(change)
  }

  /** True unless this very version of the broker's topics is known. */
  isTopicConfigChanged(address: BrokerAddress, dataVersion: DataVersion): boolean {
    const known = this.#live.get(address)?.dataVersion
    return known === undefined || !isSameDataVersion(known, dataVersion)
  }

  /** The version of the topics last registered by an address. */
  dataVersionOf(address: BrokerAddress): DataVersion | undefined {
    return this.#live.get(address)?.dataVersion
  }

  /** Hears of a broker; false if it is not registered. */
  touch(address: BrokerAddress): boolean {
    return this.#live.touch(address)
  }

  /** Brokers registered last through a connection. */
  brokersOf(channel: BrokerChannel): BrokerDeparture[] {
    return this.#live.ofChannel(channel).map((info) => this.#departureOf(info))
  }

  /** Brokers silent for too long, with the connection each used last. */
  expiredBrokers(): ExpiredBroker[] {
    return this.#live
      .expired()
      .map((info) => ({ departure: this.#departureOf(info), channel: info.channel, timeoutMs: info.timeoutMs }))
  }

  /** True if an address is registered. */
  isLive(address: BrokerAddress): boolean {
    return this.#live.get(address) !== undefined
  }

  /** Where a topic lives; undefined if it has no queues, or none of its brokers is known. Java: #pickupTopicRouteData. */
  pickupTopicRouteData(topic: string): TopicRouteData | undefined {
    const queues = this.#topics.queuesOf(topic)
    if (queues === undefined) return undefined
    const entries = [...queues.keys()].flatMap((brokerName) => this.#brokers.get(brokerName) ?? [])
    if (entries.length === 0) return undefined
    const route: TopicRouteData = {
      queueDatas: [...queues.values()],
      brokerDatas: entries.map(brokerDataOf),
      filterServerTable: this.#filterServers.of(entries),
      topicQueueMappingByBroker: this.#topics.mappingsOf(topic),
    }
    return this.#settings.supportActingMaster ? withActingMasters(topic, route) : route
  }

  /** Adds queues of a topic to brokers that are registered; if one is not, it stops there as Java does. */
  registerTopic(topic: string, queueDatas: readonly QueueData[]): void {
    for (const queues of queueDatas) {
      if (!this.#brokers.has(queues.brokerName)) {
        this.#logger.warn('topic registered for an unknown broker', { topic, brokerName: queues.brokerName })
        return
      }
      this.#topics.put(topic, queues)
    }
  }

  /** Forgets a topic; with a cluster, only on the cluster's brokers. */
  deleteTopic(topic: string, clusterName?: string): void {
    if (clusterName === undefined) this.#topics.delete(topic)
    else this.#topics.delete(topic, this.#brokers.namesIn(clusterName))
  }

  /** Takes the right to write from all topics of a broker, until it registers changed topics; returns how many it has. */
  wipeWritePermOfBroker(brokerName: string): number {
    return this.#topics.wipeWritePerm(brokerName)
  }

  /** Makes all topics of a broker readable and writeable; returns how many it has. */
  addWritePermOfBroker(brokerName: string): number {
    return this.#topics.setPerm(brokerName, Permission.READ | Permission.WRITE)
  }

  clusterInfo(): ClusterInfo {
    return this.#brokers.clusterInfo()
  }

  /** Master and slaves of a name; without addresses if it is unknown. */
  brokerMemberGroup(cluster: string, brokerName: string): BrokerMemberGroup {
    return { cluster, brokerName, brokerAddrs: sortedAddrs(this.#brokers.get(brokerName)?.addrs ?? new Map()) }
  }

  allTopicList(): TopicList {
    return { topicList: this.#topics.topicNames() }
  }

  topicsByCluster(cluster: string): TopicList {
    return { topicList: this.#topics.topicsOn(this.#brokers.namesIn(cluster)) }
  }

  /** Clusters and brokers, whose names are topics too, and the address of some broker to ask for its own. */
  systemTopicList(): TopicList {
    const topicList = this.#brokers.clusterNames().flatMap((name) => [name, ...this.#brokers.namesIn(name)])
    const [first] = this.#brokers.entries()
    const [brokerAddr] = first === undefined ? [] : sortedAddrs(first.addrs).values()
    return { topicList: [...new Set(topicList)], brokerAddr }
  }

  unitTopicList(filter: UnitFilter): TopicList {
    return { topicList: this.#topics.unitTopics(filter) }
  }

  /** Why a registration is not taken; before anything is changed. */
  #refuse(registration: BrokerRegistration): RegistrationResult | undefined {
    const { clusterName, brokerName, brokerAddr, brokerId, topics } = registration
    const address = { clusterName, brokerAddr }
    if (this.#live.size >= this.#maxBrokers && !this.isLive(address)) {
      return { kind: 'refused', reason: `${this.#maxBrokers} brokers are registered: raise maxBrokers` }
    }
    const entry = this.#brokers.get(brokerName)
    const holder = entry?.addrs.get(brokerId)
    const isHeldByOther = holder !== undefined && holder !== brokerAddr
    const known = isHeldByOther ? this.#live.get({ clusterName, brokerAddr: holder }) : undefined
    if (known !== undefined && known.dataVersion.stateVersion > topics.dataVersion.stateVersion) {
      this.#live.delete(address)
      this.#logger.warn('outdated broker ignored', { ...registrationFields(registration), holder })
      return { kind: 'outdated' }
    }
    if (holder !== undefined || topics.topicConfigTable.size !== 1) return undefined
    return { kind: 'refused', reason: 'register broker failed' }
  }

  /** An address that lost its id to another one does not live on beside it. */
  #dropReplaced(clusterName: string, previousAddr: string | undefined, brokerAddr: string): void {
    if (previousAddr === undefined || previousAddr === brokerAddr) return
    const address = { clusterName, brokerAddr: previousAddr }
    this.#live.delete(address)
    this.#filterServers.delete(address)
  }

  /** Takes the topics of a master, or of the slave with the lowest id. */
  #takeTopics(registration: BrokerRegistration, entry: BrokerEntry, isFirst: boolean): void {
    const { brokerId, brokerName, topics } = registration
    const isPrimeSlave =
      registration.enableActingMaster !== undefined && brokerId !== MASTER_ID && brokerId === minIdOf(entry)
    if (brokerId !== MASTER_ID && !isPrimeSlave) return
    const { topicConfigTable, topicQueueMappingInfoMap } = topics
    if (this.#settings.deleteTopicWithBrokerRegistration && topicQueueMappingInfoMap.size === 0) {
      this.#topics.keepOnly(brokerName, topicConfigTable)
    }
    const isChanged = isFirst || this.isTopicConfigChanged(registration, topics.dataVersion)
    for (const config of topicConfigTable.values()) {
      if (!isChanged && this.#topics.has(config.topicName, brokerName)) continue
      const queues = queueDataOf(brokerName, config)
      const isActing = isPrimeSlave && entry.enableActingMaster
      this.#topics.put(config.topicName, isActing ? { ...queues, perm: withoutWrite(queues.perm) } : queues)
    }
    if (!isChanged) return
    for (const [topic, mapping] of topicQueueMappingInfoMap) {
      this.#topics.putMapping(topic, mapping.bname ?? brokerName, mapping)
    }
  }

  #keepAlive(registration: BrokerRegistration, isFirst: boolean): void {
    const { clusterName, brokerName, brokerAddr, haServerAddr, channel, topics, filterServerList } = registration
    const timeoutMs = registration.heartbeatTimeoutMillis ?? DEFAULT_BROKER_TIMEOUT_MS
    this.#live.put({
      clusterName,
      brokerName,
      brokerAddr,
      haServerAddr,
      channel,
      timeoutMs,
      dataVersion: topics.dataVersion,
    })
    this.#filterServers.put(registration, filterServerList)
    if (isFirst) {
      const fields = { ...registrationFields(registration), topics: topics.topicConfigTable.size }
      this.#logger.info('broker joined', this.#fields(fields))
    }
  }

  #masterFor(
    registration: BrokerRegistration,
    entry: BrokerEntry,
  ): { master?: { haServerAddr: string; masterAddr: string } } {
    const masterAddr = entry.addrs.get(MASTER_ID)
    if (registration.brokerId === MASTER_ID || masterAddr === undefined) return {}
    const live = this.#live.get({ clusterName: registration.clusterName, brokerAddr: masterAddr })
    return live === undefined ? {} : { master: { haServerAddr: live.haServerAddr, masterAddr } }
  }

  #wipeWithoutMaster(brokerName: string): void {
    const entry = this.#brokers.get(brokerName)
    if (entry?.enableActingMaster === true && !entry.addrs.has(MASTER_ID)) this.#topics.wipeWritePerm(brokerName)
  }

  #departureOf({ clusterName, brokerName, brokerAddr }: BrokerLiveInfo): BrokerDeparture {
    const entry = this.#brokers.get(brokerName)
    return { clusterName, brokerName, brokerAddr, brokerId: (entry && idOf(entry, brokerAddr)) ?? MASTER_ID }
  }

  #fields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return { ...fields, liveBrokers: this.#live.size }
  }
}

function registrationFields(registration: BrokerRegistration): Record<string, unknown> {
  const { clusterName, brokerName, brokerAddr, brokerId } = registration
  return { clusterName, brokerName, brokerAddr, brokerId }
}

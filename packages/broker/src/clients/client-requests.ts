import type {
  Answer,
  Clock,
  Connection,
  ConsumerData,
  HandlerTable,
  HeartbeatData,
  Logger,
  ProducerInfo,
  RequestContext,
  Timer,
  Timers,
} from '@mq/remoting'
import {
  answer,
  createRequest,
  decodeHeartbeatData,
  encodeConsumerList,
  encodeProducerConnection,
  encodeProducerTableInfo,
  GetAllProducerInfo,
  GetConsumerListByGroup,
  GetProducerConnectionList,
  Heartbeat,
  languageName,
  NotifyConsumerIdsChanged,
  ResponseCode,
  ResponseError,
  retryTopic,
  UnregisterClient,
} from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { bodyOf } from '../request-body.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { TopicSysFlag } from '../topics/topic-sys-flag.js'
import { type ClientChannel, ClientGroups } from './client-channel.js'
import type { ConsumerManager } from './consumer-manager.js'

const SCAN_MS = 10_000

/** What ClientRequests works with. */
export interface ClientRequestsOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly timers: Timers
  readonly groups: SubscriptionGroupManager
  readonly topics: TopicConfigManager
  readonly consumers: ConsumerManager
  readonly logger: Logger
}

/** Keeps account of the clients connected: heartbeats, leaving, expiry. Java: ClientManageProcessor, ClientHousekeepingService. */
export class ClientRequests {
  readonly #options: ClientRequestsOptions
  readonly #producers = new ClientGroups()
  readonly #fingerprints = new Map<string, number>()
  readonly #scan: Timer

  constructor(options: ClientRequestsOptions) {
    this.#options = options
    this.#scan = options.timers.every(SCAN_MS, () => this.#closeExpired())
  }

  /** Serves the client commands on a server. */
  register(handlers: HandlerTable): void {
    handlers.on(Heartbeat, (_header, context) => this.#heartbeat(context))
    handlers.on(UnregisterClient, (header, context) => {
      const { clientID, producerGroup, consumerGroup } = header
      if (producerGroup !== undefined) this.#producers.unregister(producerGroup, clientID, context.connection)
      if (consumerGroup !== undefined) this.#unregisterConsumer(consumerGroup, clientID, context.connection)
      return answer({})
    })
    handlers.on(GetProducerConnectionList, ({ producerGroup }) => this.#producerConnections(producerGroup))
    handlers.on(GetAllProducerInfo, () => answer({ body: encodeProducerTableInfo({ data: this.#producerTable() }) }))
    handlers.on(GetConsumerListByGroup, ({ consumerGroup }) => {
      const consumerIdList = this.#options.consumers.members(consumerGroup).map((member) => member.clientId)
      if (consumerIdList.length > 0) return answer({ body: encodeConsumerList({ consumerIdList }) })
      const remark = `no consumer of group ${consumerGroup} is connected to this broker`
      return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
    })
  }

  /** Registers the client at once, then waits for the retry topics of its groups to exist. */
  async #heartbeat(context: RequestContext): Promise<Answer> {
    const data = decodeHeartbeatData(bodyOf(context))
    const channel: ClientChannel = {
      connection: context.connection,
      clientId: data.clientID,
      language: context.command.language,
      version: context.command.version,
      lastUpdateTimestamp: this.#options.clock.now(),
    }
    this.#refuseWhenFull(data, context.connection)
    for (const producer of data.producerDataSet) this.#producers.register(producer.groupName, channel)
    const consumers = data.consumerDataSet.map((consumer) => this.#registerConsumer(consumer, channel, data))
    await Promise.all(consumers.map((consumer) => consumer.retryTopic))
    const isV1 = data.heartbeatFingerprint === 0
    const isSubChange = isV1 || consumers.some((consumer) => consumer.isSubscriptionWanted)
    return answer({ header: { isSupportHeartBeatV2: true, isSubChange } })
  }

  #refuseWhenFull({ consumerDataSet, producerDataSet }: HeartbeatData, connection: Connection): void {
    const { config, consumers } = this.#options
    const known = this.#producers.size + consumers.size
    const joining =
      consumerDataSet.filter(({ groupName }) => !consumers.has(groupName, connection)).length +
      producerDataSet.filter(({ groupName }) => !this.#producers.has(groupName, connection)).length
    if (joining === 0 || known + joining <= config.maxClientNums) return
    const remark = `this broker knows ${known} clients and takes at most ${config.maxClientNums}: raise maxClientNums`
    throw new ResponseError(ResponseCode.SYSTEM_BUSY, remark)
  }

  #registerConsumer(data: ConsumerData, channel: ClientChannel, heartbeat: HeartbeatData): RegisteredConsumer {
    const { config, groups, consumers } = this.#options
    const isRefused = config.rejectPullConsumerEnable && data.consumeType === 'CONSUME_ACTIVELY'
    const group = isRefused ? undefined : groups.find(data.groupName)
    if (group === undefined) return { isSubscriptionWanted: false, retryTopic: Promise.resolve() }
    const isSubscriptionWanted = this.#isSubscriptionWanted(data.groupName, heartbeat)
    const changed = heartbeat.withoutSub ? consumers.touch(data.groupName, channel) : consumers.register(data, channel)
    if (changed && group.notifyConsumerIdsChangedEnable) this.#notify(data.groupName)
    return { isSubscriptionWanted, retryTopic: this.#createRetryTopic(data, group.retryQueueNums) }
  }

  /** Whether the client has to send its subscriptions again: its fingerprint is new, or the broker has lost them. */
  #isSubscriptionWanted(groupName: string, { heartbeatFingerprint, withoutSub }: HeartbeatData): boolean {
    const last = this.#fingerprints.get(groupName)
    this.#fingerprints.set(groupName, heartbeatFingerprint)
    if (heartbeatFingerprint === 0) return false
    if (withoutSub && this.#options.consumers.group(groupName) === undefined) return true
    return last !== undefined && last !== heartbeatFingerprint
  }

  /** The tools look for the route of a group's retry topic. A client need not know that it could not be made. */
  async #createRetryTopic(data: ConsumerData, queueNums: number): Promise<void> {
    const { topics } = this.#options
    const { groupName, unitMode, subscriptionDataSet } = data
    const order = subscriptionDataSet.some(({ topic }) => topics.select(topic)?.order === true)
    const topicSysFlag = unitMode ? TopicSysFlag.UNIT_SUB : 0
    try {
      await topics.createForRetry(retryTopic(groupName), queueNums, { order, topicSysFlag })
    } catch (error) {
      this.#options.logger.error('the retry topic of a group could not be made', { groupName, error })
    }
  }

  /** Tells the members of a group, unless each consumes everything, that they have to share out anew. Java: ConsumerGroupEvent.CHANGE. */
  #notify(consumerGroup: string): void {
    const { config, consumers } = this.#options
    if (!config.notifyConsumerIdsChangedEnable) return
    if (consumers.group(consumerGroup)?.messageModel === 'BROADCASTING') return
    for (const { connection } of consumers.members(consumerGroup)) {
      connection.sendOneway(createRequest(NotifyConsumerIdsChanged, { consumerGroup }))
    }
  }

  #unregisterConsumer(consumerGroup: string, clientId: string, connection: Connection): void {
    const { consumers, groups } = this.#options
    if (!consumers.unregister(consumerGroup, clientId, connection)) return
    this.#forgetWhenEmpty(consumerGroup)
    if (groups.table.get(consumerGroup)?.notifyConsumerIdsChangedEnable !== false) this.#notify(consumerGroup)
  }

  #forgetWhenEmpty(consumerGroup: string): void {
    if (this.#options.consumers.members(consumerGroup).length === 0) this.#fingerprints.delete(consumerGroup)
  }

  /** Forgets the clients of a connection that closed; others hear of it whatever their group's setting, as from Java. */
  connectionClosed(connection: Connection): void {
    this.#producers.removeConnection(connection)
    for (const group of this.#options.consumers.removeConnection(connection)) {
      this.#forgetWhenEmpty(group)
      this.#notify(group)
    }
  }

  #closeExpired(): void {
    const { clock, config, consumers, logger } = this.#options
    const before = clock.now() - config.channelExpiredTimeout
    for (const { connection, clientId } of [...this.#producers.expired(before), ...consumers.expired(before)]) {
      if (!connection.isOpen) continue
      const silentMs = config.channelExpiredTimeout
      logger.warn('a client sent no heartbeat, its connection is closed', { clientId, silentMs })
      connection.close()
    }
  }

  #producerConnections(producerGroup: string): Answer {
    const members = this.#producers.members(producerGroup)
    if (members === undefined) {
      const remark = `the producer group[${producerGroup}] not exist: no producer of it is connected to this broker`
      return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
    }
    const connectionSet = members.map(({ connection, clientId, language, version }) => ({
      clientAddr: connection.remoteAddress,
      clientId,
      language: languageName(language),
      version,
    }))
    return answer({ body: encodeProducerConnection({ connectionSet }) })
  }

  #producerTable(): ReadonlyMap<string, readonly ProducerInfo[]> {
    const rows = [...this.#producers.groups].map((group): [string, ProducerInfo[]] => {
      const members = this.#producers.members(group) ?? []
      return [group, members.map(producerInfo)]
    })
    return new Map(rows)
  }

  /** Stops looking for expired clients. */
  close(): void {
    this.#scan.cancel()
  }
}

interface RegisteredConsumer {
  readonly isSubscriptionWanted: boolean
  /** Settles when the group's retry topic exists, or cannot. */
  readonly retryTopic: Promise<void>
}

function producerInfo({ connection, clientId, language, version, lastUpdateTimestamp }: ClientChannel): ProducerInfo {
  return {
    clientId,
    // Java prints its socket address, slash and all.
    remoteIP: `/${connection.remoteAddress}`,
    language: languageName(language),
    version,
    lastUpdateTimestamp,
  }
}

import type {
  Clock,
  Connection,
  ConsumerData,
  HandlerTable,
  HeartbeatData,
  Logger,
  RequestContext,
  Timer,
  Timers,
} from '@mq/remoting'
import {
  answer,
  createRequest,
  decodeHeartbeatData,
  NotifyConsumerIdsChanged,
  ResponseCode,
  retryTopic,
} from '@mq/remoting'
import {
  GetAllProducerInfo,
  GetConsumerListByGroup,
  GetProducerConnectionList,
  Heartbeat,
  UnregisterClient,
} from '@mq/remoting'
import {
  encodeConsumerList,
  encodeProducerConnection,
  encodeProducerTableInfo,
  languageName,
  ResponseError,
} from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import type { ClientChannel } from './client-channel.js'
import { ClientGroups } from './client-channel.js'
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

  #heartbeat(context: RequestContext): ReturnType<typeof answer> {
    const data = decodeHeartbeatData(context.body ?? Buffer.alloc(0))
    const channel: ClientChannel = {
      connection: context.connection,
      clientId: data.clientID,
      language: context.command.language,
      version: context.command.version,
      lastUpdateTimestamp: this.#options.clock.now(),
    }
    this.#refuseWhenFull(data)
    const changed = this.#subscriptionsChanged(data)
    for (const consumer of data.consumerDataSet) this.#registerConsumer(consumer, channel, data.withoutSub)
    for (const producer of data.producerDataSet) this.#producers.register(producer.groupName, channel)
    return answer({ header: { isSupportHeartBeatV2: true, isSubChange: changed } })
  }

  #refuseWhenFull(data: HeartbeatData): void {
    const known = this.#producers.size + this.#options.consumers.size
    const joining = data.consumerDataSet.length + data.producerDataSet.length
    if (known + joining <= this.#options.config.maxClientNums) return
    const remark = `this broker knows ${known} clients and takes at most ${this.#options.config.maxClientNums}: raise maxClientNums`
    throw new ResponseError(ResponseCode.SYSTEM_BUSY, remark)
  }

  /** True unless every group's fingerprint is the one last seen; a heartbeat without one (V1) always counts as changed. */
  #subscriptionsChanged(data: HeartbeatData): boolean {
    if (data.heartbeatFingerprint === 0) return true
    let changed = false
    for (const { groupName } of data.consumerDataSet) {
      const last = this.#fingerprints.get(groupName)
      if (last !== undefined && last !== data.heartbeatFingerprint) changed = true
      this.#fingerprints.set(groupName, data.heartbeatFingerprint)
    }
    return changed
  }

  #registerConsumer(data: ConsumerData, channel: ClientChannel, withoutSub: boolean): void {
    const { groups, topics, consumers } = this.#options
    const group = groups.find(data.groupName)
    if (group === undefined) return
    const topicSysFlag = data.unitMode ? 1 : 0
    void topics.createForRetry(retryTopic(data.groupName), group.retryQueueNums, topicSysFlag)
    const changed = withoutSub ? consumers.touch(data.groupName, channel) : consumers.register(data, channel)
    if (changed && group.notifyConsumerIdsChangedEnable) this.#notify(data.groupName)
  }

  #notify(consumerGroup: string): void {
    for (const { connection } of this.#options.consumers.members(consumerGroup)) {
      connection.sendOneway(createRequest(NotifyConsumerIdsChanged, { consumerGroup }))
    }
  }

  #unregisterConsumer(consumerGroup: string, clientId: string, connection: Connection): void {
    if (this.#options.consumers.unregister(consumerGroup, clientId, connection)) this.#left(consumerGroup)
  }

  #left(consumerGroup: string): void {
    if (this.#options.consumers.group(consumerGroup) === undefined) this.#fingerprints.delete(consumerGroup)
    if (this.#options.groups.table.get(consumerGroup)?.notifyConsumerIdsChangedEnable !== false)
      this.#notify(consumerGroup)
  }

  /** Forgets the clients of a connection that closed. */
  connectionClosed(connection: Connection): void {
    this.#producers.removeConnection(connection)
    for (const group of this.#options.consumers.removeConnection(connection)) this.#left(group)
  }

  #closeExpired(): void {
    const { clock, config, consumers, logger } = this.#options
    const before = clock.now() - config.channelExpiredTimeout
    for (const { connection, clientId } of [...this.#producers.expired(before), ...consumers.expired(before)]) {
      if (!connection.isOpen) continue
      logger.warn(
        `client ${clientId} sent no heartbeat for ${config.channelExpiredTimeout} ms, its connection is closed`,
      )
      connection.close()
    }
  }

  #producerConnections(producerGroup: string): ReturnType<typeof answer> {
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

interface ProducerInfo {
  readonly clientId: string
  readonly remoteIP: string
  readonly language: string
  readonly version: number
  readonly lastUpdateTimestamp: number
}

function producerInfo({ connection, clientId, language, version, lastUpdateTimestamp }: ClientChannel): ProducerInfo {
  return {
    clientId,
    remoteIP: connection.remoteAddress,
    language: languageName(language),
    version,
    lastUpdateTimestamp,
  }
}

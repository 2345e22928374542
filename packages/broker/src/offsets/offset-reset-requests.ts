import type { Answer, HandlerTable, Logger, QueueOffset, RequestOf, TopicConfig } from '@mq/remoting'
import {
  answer,
  createRequest,
  encodeResetOffsetBody,
  InvokeBrokerToResetOffset,
  ResetConsumerClientOffset,
  ResponseCode,
  ResponseError,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import type { ConsumerOffsetManager } from './consumer-offset-manager.js'
import { MAX_QUEUE_NUMS } from './consumer-offset-requests.js'

/** What OffsetResetRequests works with. */
export interface OffsetResetRequestsOptions {
  readonly config: BrokerConfig
  readonly offsets: ConsumerOffsetManager
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
  readonly logger: Logger
}

type ResetHeader = RequestOf<typeof InvokeBrokerToResetOffset>

/** Sets groups elsewhere in their queues. Java: AdminBrokerProcessor#resetOffset, Broker2Client#resetOffset. */
export class OffsetResetRequests {
  readonly #options: OffsetResetRequestsOptions

  constructor(options: OffsetResetRequestsOptions) {
    this.#options = options
  }

  /** Serves the reset on a server. */
  register(handlers: HandlerTable): void {
    const { config } = this.#options
    handlers.on(InvokeBrokerToResetOffset, (header) => {
      return config.useServerSideResetOffset ? this.#resetHere(header) : this.#resetAtClients(header)
    })
  }

  /** The broker remembers where to go; the next pull of each queue is told. */
  async #resetHere(header: ResetHeader): Promise<Answer> {
    const { offsets, logger } = this.#options
    const { group, topic } = header
    const targets = await this.#targets(header)
    for (const [queueId, offset] of targets) {
      if (offsets.assignResetOffset({ group, topic, queueId }, offset)) continue
      const remark = 'this broker has maxConsumerOffsetNums offsets: delete groups that are gone, or raise it'
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark)
    }
    logger.info('a group was set elsewhere', { group, topic, queues: targets.size })
    return this.#answer(topic, targets)
  }

  /** Where each queue is to go, in Java's order of checks. */
  async #targets({ group, topic, queueId, offset = -1, timestamp }: ResetHeader): Promise<ReadonlyMap<number, number>> {
    const { config, groups } = this.#options
    if (config.brokerRole === 'SLAVE') throw systemError('Can not reset offset in slave broker: ask the master')
    const { readQueueNums } = this.#topic(topic)
    if (!groups.table.has(group)) {
      throw new ResponseError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, `Group ${group} does not exist`)
    }
    if (queueId > MAX_QUEUE_NUMS)
      throw systemError(`queueId ${queueId} is illegal: a topic has ${readQueueNums} queues`)
    if (queueId >= 0 && offset !== -1) return new Map([[queueId, this.#checkedOffset(topic, queueId, offset)]])
    const queueIds = queueId >= 0 ? [queueId] : Array.from({ length: readQueueNums }, (_, index) => index)
    if (queueIds.length === 0) throw systemError('No queues to reset.')
    const rows = queueIds.map(async (id): Promise<[number, number]> => [id, await this.#offsetAt(topic, id, timestamp)])
    return new Map(await Promise.all(rows))
  }

  #topic(topic: string): TopicConfig {
    const settings = this.#options.topics.select(topic)
    if (settings !== undefined) return settings
    throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, `Topic ${topic} does not exist`)
  }

  #checkedOffset(topic: string, queueId: number, offset: number): number {
    const { store } = this.#options
    const min = store.getMinOffsetInQueue(topic, queueId)
    const max = store.getMaxOffsetInQueue(topic, queueId)
    if (offset >= min && offset <= max + 1) return offset
    throw systemError(`Target offset ${offset} not in consume queue range [${min}-${max}]`)
  }

  /** A negative time is the end of the queue. */
  #offsetAt(topic: string, queueId: number, timestamp: number): number | Promise<number> {
    const { store } = this.#options
    if (timestamp < 0) return store.getMaxOffsetInQueue(topic, queueId)
    return store.getOffsetInQueueByTime(topic, queueId, { timestamp, boundary: 'LOWER' })
  }

  /** The clients that are connected are told where to go, as brokers before 5.0 did. */
  async #resetAtClients(header: ResetHeader): Promise<Answer> {
    const { consumers, logger } = this.#options
    const { group, topic, timestamp } = header
    const targets = await this.#clientTargets(header)
    const members = consumers.members(group)
    if (members.length === 0) {
      const remark = `Consumer not online, so can not reset offset, Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`
      return answer({ code: ResponseCode.CONSUMER_NOT_ONLINE, remark })
    }
    const answered = this.#answer(topic, targets)
    for (const { connection, clientId } of members) {
      const { body } = answered
      connection.sendOneway(createRequest(ResetConsumerClientOffset, { group, topic, timestamp }, { body }))
      logger.info('a client was told to go elsewhere', { group, topic, clientId })
    }
    return answered
  }

  /** Only isForce lets a group go forward. */
  async #clientTargets({ group, topic, timestamp, isForce }: ResetHeader): Promise<ReadonlyMap<number, number>> {
    const { offsets } = this.#options
    const targets = new Map<number, number>()
    for (let queueId = 0; queueId < this.#writeQueues(topic); queueId++) {
      const current = offsets.queryOffset({ group, topic, queueId })
      if (current === undefined) throw systemError(`THe consumer group <${group}> not exist`)
      const target = Math.max(0, await this.#offsetAt(topic, queueId, timestamp))
      targets.set(queueId, isForce ? target : Math.min(target, current))
    }
    return targets
  }

  #writeQueues(topic: string): number {
    const settings = this.#options.topics.select(topic)
    if (settings !== undefined) return settings.writeQueueNums
    throw systemError(`[reset-offset] reset offset failed, no topic in this broker. topic=${topic}`)
  }

  #answer(topic: string, targets: ReadonlyMap<number, number>): Answer {
    const { brokerName } = this.#options.config
    const offsetTable = [...targets].map(([queueId, offset]): QueueOffset => {
      return { messageQueue: { topic, brokerName, queueId }, offset }
    })
    return answer({ body: encodeResetOffsetBody({ offsetTable }) })
  }
}

function systemError(remark: string): ResponseError {
  return new ResponseError(ResponseCode.SYSTEM_ERROR, remark)
}

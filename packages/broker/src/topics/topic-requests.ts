import type { Answer, HandlerTable, Logger, RequestContext, RequestOf, TopicConfig } from '@mq/remoting'
import {
  answer,
  DeleteTopicInBroker,
  decodeCreateTopicListBody,
  encodeDataVersion,
  encodeTopicConfigAndMappingWrapper,
  encodeTopicConfigAndQueueMapping,
  encodeTopicList,
  GetAllTopicConfig,
  GetSystemTopicListFromBroker,
  GetTopicConfig,
  ResponseCode,
  ResponseError,
  UpdateAndCreateTopic,
  UpdateAndCreateTopicList,
  validateTopic,
  isValidPermission,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { ConsumerOffsetManager } from '../offsets/consumer-offset-manager.js'
import { bodyOf } from '../request-body.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import { attributeEntries, changeAttributes, type TopicAttributes } from './topic-attributes.js'
import type { TopicConfigManager } from './topic-config-manager.js'

const MAX_QUEUE_NUMS = 65_535
/** Topics in one page of GET_ALL_TOPIC_CONFIG. */
const PAGE = 2000

/** What TopicRequests works with. */
export interface TopicRequestsOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly store: MessageStore
  readonly offsets: ConsumerOffsetManager
  readonly statistics: BrokerStatistics
  readonly logger: Logger
}

type CreateTopicHeader = RequestOf<typeof UpdateAndCreateTopic>

/** Answers the administration of topics. Java: AdminBrokerProcessor#updateAndCreateTopic, #deleteTopic, #getAllTopicConfig. */
export class TopicRequests {
  readonly #options: TopicRequestsOptions

  constructor(options: TopicRequestsOptions) {
    this.#options = options
  }

  /** Serves the topic commands on a server. */
  register(handlers: HandlerTable): void {
    const limits = { maxPending: this.#options.config.adminBrokerThreadPoolQueueCapacity }
    handlers.on(UpdateAndCreateTopic, (header, context) => this.#update(header, context), limits)
    handlers.on(UpdateAndCreateTopicList, (_header, context) => this.#updateList(context), limits)
    handlers.on(DeleteTopicInBroker, ({ topic }, context) => this.#delete(topic, context), limits)
    handlers.on(GetAllTopicConfig, (header) => this.#all(header))
    handlers.on(GetTopicConfig, ({ topic }) => this.#one(topic))
    handlers.on(GetSystemTopicListFromBroker, () => {
      const topicList = [...this.#options.topics.systemTopicNames]
      return answer({ body: encodeTopicList({ topicList }) })
    })
  }

  async #update(header: CreateTopicHeader, { connection }: RequestContext): Promise<Answer> {
    const { topics, logger } = this.#options
    const { topic: topicName, readQueueNums, writeQueueNums, perm, order, topicFilterType, topicSysFlag = 0 } = header
    const settings = { topicName, readQueueNums, writeQueueNums, perm, order, topicFilterType, topicSysFlag }
    this.#checkSettings(settings)
    const topic = { ...settings, attributes: this.#attributes(topicName, attributeEntries(header.attributes ?? '')) }
    this.#checkRoom([topic])
    if (isUnchanged(topics.select(topicName), topic)) return answer({})
    await topics.put(topic)
    const caller = connection.remoteAddress
    logger.info('a topic was set', { topicName, readQueueNums, writeQueueNums, perm, caller })
    return answer({})
  }

  /** Sets all topics or, when one of them is illegal or already as requested, none. */
  async #updateList(context: RequestContext): Promise<Answer> {
    const { topics, logger } = this.#options
    const { topicConfigList } = decodeCreateTopicListBody(bodyOf(context))
    const requested = topicConfigList.map((settings) => {
      this.#checkSettings(settings)
      const entries = [...settings.attributes].map(([key, value]) => (key.startsWith('-') ? key : `${key}=${value}`))
      return { ...settings, attributes: this.#attributes(settings.topicName, entries) }
    })
    this.#checkRoom(requested)
    if (requested.some((topic) => isUnchanged(topics.select(topic.topicName), topic))) return answer({})
    await topics.putAll(requested)
    const topicNames = requested.map((topic) => topic.topicName)
    logger.info('topics were set', { topicNames, caller: context.connection.remoteAddress })
    return answer({})
  }

  #checkSettings({ topicName, readQueueNums, writeQueueNums, perm }: Omit<TopicConfig, 'attributes'>): void {
    const { config, topics } = this.#options
    const problem = validateTopic(topicName)
    if (problem !== undefined) throw invalidParameter(problem)
    if (config.validateSystemTopicWhenUpdateTopic && topics.isSystemTopic(topicName)) {
      throw invalidParameter(`The topic[${topicName}] is conflict with system topic.`)
    }
    if (![readQueueNums, writeQueueNums].every((count) => count >= 0 && count <= MAX_QUEUE_NUMS)) {
      const queues = `${readQueueNums} to read and ${writeQueueNums} to write`
      throw invalidParameter(`a topic has 0 to ${MAX_QUEUE_NUMS} queues, not ${queues}`)
    }
    if (!isValidPermission(perm)) throw invalidParameter(`permission ${perm} is not one: 2 is write, 4 read, 6 both`)
  }

  #attributes(topic: string, entries: readonly string[]): TopicAttributes {
    const { config, topics } = this.#options
    const change = changeAttributes(topics.select(topic)?.attributes, entries)
    if ('problem' in change) throw new ResponseError(ResponseCode.SYSTEM_ERROR, change.problem)
    if (change.attributes.get('message.type') === 'MIXED' && !config.enableMixedMessageType) {
      throw invalidParameter(`topic ${topic} cannot have message.type MIXED: set enableMixedMessageType=true first`)
    }
    return change.attributes
  }

  #checkRoom(requested: readonly TopicConfig[]): void {
    const { topics } = this.#options
    const added = requested.filter(({ topicName }) => topics.select(topicName) === undefined).length
    if (added === 0 || topics.hasRoomFor(added)) return
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'this broker has maxTopicNums topics: delete some, or raise it')
  }

  /** Deletes a topic; one that does not exist is deleted already. */
  async #delete(topic: string, { connection }: RequestContext): Promise<Answer> {
    const { topics, store, offsets, statistics, logger } = this.#options
    const problem = validateTopic(topic)
    if (problem !== undefined) throw invalidParameter(problem)
    if (topics.isSystemTopic(topic)) throw invalidParameter(`The topic[${topic}] is conflict with system topic.`)
    const existed = await topics.delete(topic)
    await store.deleteTopics(new Set([topic]))
    offsets.removeTopic(topic)
    statistics.forgetTopic(topic)
    if (existed) logger.info('a topic was deleted', { topic, caller: connection.remoteAddress })
    return answer({})
  }

  #one(topic: string): Answer {
    const found = this.#options.topics.select(topic)
    if (found !== undefined) return answer({ body: encodeTopicConfigAndQueueMapping(found) })
    const remark = `topic ${topic} does not exist on this broker`
    return answer({ code: ResponseCode.TOPIC_NOT_EXIST, remark })
  }

  /** Everything, or a page of the table sorted by name; a page of another data version starts over. */
  #all(header: RequestOf<typeof GetAllTopicConfig>): Answer {
    const { dataVersion, table } = this.#options.topics
    const sorted = [...table.values()].sort((a, b) => (a.topicName < b.topicName ? -1 : 1))
    const paged = header.maxTopicNum !== undefined
    const current = encodeDataVersion(dataVersion).toString()
    const from = paged && header.dataVersion === current ? Math.max(0, header.topicSeq ?? 0) : 0
    const page = paged ? sorted.slice(from, from + Math.min(PAGE, header.maxTopicNum ?? PAGE)) : sorted
    const body = encodeTopicConfigAndMappingWrapper({
      dataVersion,
      mappingDataVersion: dataVersion,
      topicConfigTable: new Map(page.map((topic) => [topic.topicName, topic])),
      topicQueueMappingDetailMap: new Map(),
      topicQueueMappingInfoMap: new Map(),
    })
    return answer({ header: { totalTopicNum: sorted.length }, body })
  }
}

function invalidParameter(remark: string): ResponseError {
  return new ResponseError(ResponseCode.INVALID_PARAMETER, remark)
}

function isUnchanged(existing: TopicConfig | undefined, requested: TopicConfig): boolean {
  if (existing === undefined) return false
  const { attributes, ...rest } = existing
  const same = Object.entries(rest).every(([key, value]) => requested[key as keyof TopicConfig] === value)
  if (!same || attributes.size !== requested.attributes.size) return false
  return [...attributes].every(([name, value]) => requested.attributes.get(name) === value)
}

import type { Answer, HandlerTable, Logger, RequestOf, TopicConfig } from '@mq/remoting'
import {
  DeleteTopicInBroker,
  GetAllTopicConfig,
  GetTopicConfig,
  UpdateAndCreateTopic,
  UpdateAndCreateTopicList,
} from '@mq/remoting'
import {
  answer,
  decodeCreateTopicListBody,
  encodeTopicConfigAndMappingWrapper,
  encodeTopicConfigAndQueueMapping,
} from '@mq/remoting'
import {
  encodeDataVersion,
  GetSystemTopicListFromBroker,
  encodeTopicList,
  ResponseCode,
  ResponseError,
  validateTopic,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import { isValidPermission } from './permission.js'
import { changeAttributes } from './topic-attributes.js'
import type { TopicConfigManager } from './topic-config-manager.js'

const MAX_QUEUE_NUMS = 65_535
/** Topics in one page of GET_ALL_TOPIC_CONFIG. */
const PAGE = 2000

/** What TopicRequests works with. */
export interface TopicRequestsOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly store: MessageStore
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
    const maxPending = this.#options.config.adminBrokerThreadPoolQueueCapacity
    handlers.on(UpdateAndCreateTopic, (header, context) => this.#update(header, context.connection.remoteAddress), {
      maxPending,
    })
    handlers.on(UpdateAndCreateTopicList, (_header, context) => this.#updateList(context.body ?? Buffer.alloc(0)), {
      maxPending,
    })
    handlers.on(DeleteTopicInBroker, ({ topic }, context) => this.#delete(topic, context.connection.remoteAddress), {
      maxPending,
    })
    handlers.on(GetAllTopicConfig, (header) => this.#all(header))
    handlers.on(GetTopicConfig, ({ topic }) => this.#one(topic))
    handlers.on(GetSystemTopicListFromBroker, () => {
      const topicList = [...this.#options.topics.systemTopicNames]
      return answer({ body: encodeTopicList({ topicList }) })
    })
  }

  async #update(header: CreateTopicHeader, caller: string): Promise<Answer> {
    const topic = this.#requested(header)
    if (!isUnchanged(this.#options.topics.select(topic.topicName), topic)) {
      await this.#options.topics.put(topic)
      const { topicName, readQueueNums, writeQueueNums, perm } = topic
      this.#options.logger.info(`topic ${topicName} set by ${caller}`, { readQueueNums, writeQueueNums, perm })
    }
    return answer({})
  }

  #requested(header: CreateTopicHeader): TopicConfig {
    const { topics } = this.#options
    const { topic: topicName, readQueueNums, writeQueueNums, perm, order, topicFilterType, topicSysFlag } = header
    this.#check(topicName, { readQueueNums, writeQueueNums, perm })
    const change = changeAttributes(topics.select(topicName)?.attributes, header.attributes ?? '')
    if ('problem' in change) throw new ResponseError(ResponseCode.SYSTEM_ERROR, change.problem)
    const { attributes } = change
    this.#checkMixed(topicName, attributes)
    const filterType = topicFilterType === 'MULTI_TAG' ? 'MULTI_TAG' : 'SINGLE_TAG'
    const sysFlag = topicSysFlag ?? 0
    return {
      topicName,
      readQueueNums,
      writeQueueNums,
      perm,
      order,
      attributes,
      topicFilterType: filterType,
      topicSysFlag: sysFlag,
    }
  }

  #check(topic: string, settings: { readQueueNums: number; writeQueueNums: number; perm: number }): void {
    const { config, topics } = this.#options
    const problem = validateTopic(topic)
    if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem)
    if (config.validateSystemTopicWhenUpdateTopic && topics.isSystemTopic(topic)) {
      throw new ResponseError(
        ResponseCode.INVALID_PARAMETER,
        `topic ${topic} belongs to the broker and cannot be changed`,
      )
    }
    const { readQueueNums, writeQueueNums, perm } = settings
    if (![readQueueNums, writeQueueNums].every((count) => count >= 0 && count <= MAX_QUEUE_NUMS)) {
      const remark = `a topic has 0 to ${MAX_QUEUE_NUMS} queues, not ${readQueueNums} to read and ${writeQueueNums} to write`
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, remark)
    }
    if (!isValidPermission(perm)) {
      throw new ResponseError(
        ResponseCode.INVALID_PARAMETER,
        `permission ${perm} is not one: 2 is write, 4 read, 6 both`,
      )
    }
    if (topics.isFull && topics.select(topic) === undefined) {
      throw new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        'this broker has maxTopicNums topics: delete some, or raise it',
      )
    }
  }

  #checkMixed(topic: string, attributes: ReadonlyMap<string, string>): void {
    if (attributes.get('message.type') !== 'MIXED' || this.#options.config.enableMixedMessageType) return
    const remark = `topic ${topic} cannot have message.type MIXED: set enableMixedMessageType=true first`
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, remark)
  }

  async #updateList(body: Buffer): Promise<Answer> {
    const { topics } = this.#options
    const { topicConfigList } = decodeCreateTopicListBody(body)
    for (const topic of topicConfigList) this.#check(topic.topicName, topic)
    if (topicConfigList.some((topic) => isUnchanged(topics.select(topic.topicName), topic))) return answer({})
    await topics.putAll(topicConfigList)
    return answer({})
  }

  async #delete(topic: string, caller: string): Promise<Answer> {
    const { topics, store, statistics, logger } = this.#options
    if (topic.trim() === '') {
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, 'the topic to delete has no name: give one')
    }
    if (topics.isSystemTopic(topic)) {
      const remark = `The topic[${topic}] is conflict with system topic.`
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, remark)
    }
    const existed = await topics.delete(topic)
    await store.deleteTopics(new Set([topic]))
    statistics.forgetTopic(topic)
    if (existed) logger.info(`topic ${topic} deleted by ${caller}`)
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
    const paged = header.maxTopicNum !== undefined && header.dataVersion !== undefined
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

function isUnchanged(existing: TopicConfig | undefined, requested: TopicConfig): boolean {
  if (existing === undefined) return false
  const { attributes, ...rest } = existing
  const same = Object.entries(rest).every(([key, value]) => requested[key as keyof TopicConfig] === value)
  return same && JSON.stringify([...attributes]) === JSON.stringify([...requested.attributes])
}

import {
  decodeTopicConfigAndMappingWrapper,
  decodeTopicConfigAndQueueMapping,
  decodeTopicList,
  encodeCreateTopicListBody,
  GetAllTopicConfig,
  GetSystemTopicListFromBroker,
  GetTopicConfig,
  MqError,
  Permission,
  type RemotingClient,
  ResponseCode,
  type TopicConfig,
  UpdateAndCreateTopicList,
} from '@mq/remoting'
import type { TopicOptions } from './test-broker-options.js'

const TIMEOUT_MS = 10_000

/** The topics of a broker, as an administrator sees and makes them. */
export class Topics {
  readonly #remoting: RemotingClient
  readonly #address: () => string

  constructor(remoting: RemotingClient, address: () => string) {
    this.#remoting = remoting
    this.#address = address
  }

  /** Makes topics; when it settles the name server knows them. @throws what the broker refuses with. */
  async create(topics: readonly Required<TopicOptions>[]): Promise<void> {
    if (topics.length === 0) return
    const body = encodeCreateTopicListBody({ topicConfigList: topics.map(topicConfig) })
    await this.#remoting.invoke(this.#address(), UpdateAndCreateTopicList, {}, { body, timeoutMs: TIMEOUT_MS })
  }

  /** The configuration of a topic; undefined when there is none of this name. */
  async find(topic: string): Promise<TopicConfig | undefined> {
    try {
      const options = { timeoutMs: TIMEOUT_MS }
      const { body } = await this.#remoting.invoke(this.#address(), GetTopicConfig, { topic }, options)
      return body === undefined ? undefined : decodeTopicConfigAndQueueMapping(body)
    } catch (error) {
      if (MqError.is(error) && error.responseCode === ResponseCode.TOPIC_NOT_EXIST) return undefined
      throw error
    }
  }

  /** All topics but those that every broker makes for itself. */
  async all(): Promise<TopicConfig[]> {
    const options = { timeoutMs: TIMEOUT_MS }
    const [all, system] = await Promise.all([
      this.#remoting.invoke(this.#address(), GetAllTopicConfig, {}, options),
      this.#remoting.invoke(this.#address(), GetSystemTopicListFromBroker, {}, options),
    ])
    if (all.body === undefined || system.body === undefined) return []
    const systemTopics = new Set(decodeTopicList(system.body).topicList)
    const { topicConfigTable } = decodeTopicConfigAndMappingWrapper(all.body)
    return [...topicConfigTable.values()].filter(({ topicName }) => !systemTopics.has(topicName))
  }
}

function topicConfig({ name, queues, attributes }: Required<TopicOptions>): TopicConfig {
  return {
    topicName: name,
    readQueueNums: queues,
    writeQueueNums: queues,
    perm: Permission.READ_WRITE,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map(Object.entries(attributes).map(([key, value]) => [`+${key}`, value])),
  }
}

import {
  type BrokerData,
  decodeOffsetMessageId,
  formatHostAddress,
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  type MessageExt,
  type MessageQueue,
  MqError,
  QueryMessage,
  readRecords,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateAndCreateTopic,
  ViewMessageById,
  withNamespace,
  withoutNamespace,
} from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { MQClientError, NoRouteError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { brokerVIPChannel } from '../instance/vip-channel.js'
import { topicRouteData2TopicPublishInfo } from '../routes/topic-publish-info.js'
import { topicRouteData2TopicSubscribeInfo } from '../routes/topic-subscribe-info.js'
import { checkTopic } from './message-validation.js'

/** How a topic is created by {@link MQAdmin.createTopic}. */
export interface CreateTopicOptions {
  /** Name of a topic whose brokers get the new one, such as TBW102 or the cluster's name. */
  readonly key: string
  readonly newTopic: string
  /** Readable and writable queues on each broker. */
  readonly queueNum: number
  /** Default 0. */
  readonly topicSysFlag?: number
}

/** Which messages {@link MQAdmin.queryMessage} finds. */
export interface QueryMessageOptions {
  readonly topic: string
  readonly key: string
  /** Default 32. */
  readonly maxNum?: number
  /** Store times in milliseconds since the epoch; default: all. */
  readonly begin?: number
  readonly end?: number
}

const masterId = 0
const readWrite = 6
const createAttempts = 5
const defaultMaxNum = 32

/** Questions about topics, queues and stored messages. Java: MQAdminImpl, MqClientAdmin. */
export class MQAdmin {
  readonly #instance: MQClientInstance

  constructor(instance: MQClientInstance) {
    this.#instance = instance
  }

  /**
   * Creates a topic on every broker of the key topic; succeeds when at least one broker took it, else rejects with the last
   * broker's answer. Java: MQAdminImpl#createTopic.
   */
  async createTopic(options: CreateTopicOptions): Promise<void> {
    checkTopic(options.newTopic)
    const route = await this.#instance.routes.query(options.key)
    const masters = (route?.brokerDatas ?? []).flatMap((broker) => masterOf(broker) ?? [])
    if (masters.length === 0) throw await this.#instance.routes.missing(options.key)
    let failure: unknown
    let created = 0
    for (const address of masters) {
      try {
        await this.#createOn(address, options)
        created += 1
      } catch (cause) {
        failure = cause
      }
    }
    if (created === 0) throw failure
  }

  /** The queues a producer may send to. Java: fetchPublishMessageQueues. */
  async fetchPublishMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    const name = this.#withNamespace(topic)
    const route = await this.#instance.routes.query(name)
    if (route === undefined) throw await this.#instance.routes.missing(name)
    return topicRouteData2TopicPublishInfo(name, route).messageQueues.map((queue) => this.#outward(queue))
  }

  /** The queues a consumer may read. Java: fetchSubscribeMessageQueues. */
  async fetchSubscribeMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    const name = this.#withNamespace(topic)
    const route = await this.#instance.routes.query(name)
    if (route === undefined) throw await this.#instance.routes.missing(name)
    return topicRouteData2TopicSubscribeInfo(name, route).map((queue) => this.#outward(queue))
  }

  /** Offset of the first message of a queue stored at this time or later. */
  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    const { address, header, timeoutMs } = await this.#at(queue)
    const request = { ...header, timestamp }
    return (await this.#instance.remoting.invoke(address, SearchOffsetByTimestamp, request, { timeoutMs })).offset
  }

  /** One past the last message of a queue. */
  async maxOffset(queue: MessageQueue): Promise<number> {
    const { address, header, timeoutMs } = await this.#at(queue)
    return (await this.#instance.remoting.invoke(address, GetMaxOffset, header, { timeoutMs })).offset
  }

  /** The first message of a queue that is still kept. */
  async minOffset(queue: MessageQueue): Promise<number> {
    const { address, header, timeoutMs } = await this.#at(queue)
    return (await this.#instance.remoting.invoke(address, GetMinOffset, header, { timeoutMs })).offset
  }

  /** Store time of the first message of a queue, in milliseconds since the epoch. */
  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    const { address, header, timeoutMs } = await this.#at(queue)
    return (await this.#instance.remoting.invoke(address, GetEarliestMsgStoretime, header, { timeoutMs })).timestamp
  }

  /**
   * The message with this id: an offsetMsgId whose broker serves the topic is read there, anything else is looked for as the
   * producer's msgId at all brokers of the topic. Rejects with MQClientError MESSAGE_NOT_FOUND. Java: viewMessage.
   */
  async viewMessage(topic: string, msgId: string): Promise<MessageExt> {
    const { routes } = this.#instance
    const name = this.#withNamespace(topic)
    if (routes.routeOf(name) === undefined) await routes.refresh(name)
    const place = placeOf(msgId)
    const message =
      place !== undefined && routes.brokers.withAddress(place.address).length > 0
        ? await this.#viewAt(place.address, name, place.offset)
        : await this.#viewByUniqueKey(name, msgId)
    if (message !== undefined) return message
    throw new MQClientError(`no message '${msgId}' in topic '${topic}'`, {
      code: 'MESSAGE_NOT_FOUND',
      fields: { topic, msgId },
    })
  }

  /** Messages with this key, from all brokers of the topic. Java: queryMessage. */
  async queryMessage(options: QueryMessageOptions): Promise<readonly MessageExt[]> {
    const topic = this.#withNamespace(options.topic)
    const { key, maxNum = defaultMaxNum, begin = 0, end = Number.MAX_SAFE_INTEGER } = options
    const header = { topic, key, maxNum, beginTimestamp: begin, endTimestamp: end }
    const messages = await this.#queryAll(header)
    return messages.filter((message) => (message.properties.get('KEYS') ?? '').split(' ').includes(key))
  }

  async #createOn(address: string, options: CreateTopicOptions): Promise<void> {
    const { config, remoting } = this.#instance
    const header = {
      topic: options.newTopic,
      defaultTopic: options.key,
      readQueueNums: options.queueNum,
      writeQueueNums: options.queueNum,
      perm: readWrite,
      topicFilterType: 'SINGLE_TAG' as const,
      topicSysFlag: options.topicSysFlag ?? 0,
      order: false,
    }
    for (let attempt = 1; ; attempt++) {
      try {
        await remoting.invoke(this.#wire(address), UpdateAndCreateTopic, header, {
          timeoutMs: config.mqClientApiTimeout,
        })
        return
      } catch (cause) {
        const isRefused = MqError.is(cause) && cause.code === 'RESPONSE_CODE'
        if (isRefused || attempt === createAttempts) throw cause
      }
    }
  }

  async #at(queue: MessageQueue): Promise<{
    address: string
    header: { topic: string; queueId: number; bname: string }
    timeoutMs: number
  }> {
    const { config, routes } = this.#instance
    const topic = this.#withNamespace(queue.topic)
    const inward = { ...queue, topic }
    let address = routes.brokers.masterOf(routes.brokerNameOf(inward))
    if (address === undefined) {
      const deadline = new Deadline({ runtime: config.runtime, timeoutMs: config.mqClientApiTimeout })
      const refreshed = await deadline.wait(routes.refresh(topic), () => untold(queue.topic))
      address = routes.brokers.masterOf(routes.brokerNameOf(inward))
      if (address === undefined && refreshed === 'NOT_FOUND') throw await routes.missing(topic)
    }
    if (address === undefined) {
      const { brokerName } = queue
      throw new MQClientError(`the broker ${brokerName} has no known master`, {
        code: 'BROKER_NOT_FOUND',
        fields: { brokerName, topic: queue.topic },
      })
    }
    const header = { topic, queueId: queue.queueId, bname: queue.brokerName }
    return { address: this.#wire(address), header, timeoutMs: config.mqClientApiTimeout }
  }

  async #viewAt(address: string, topic: string, offset: number): Promise<MessageExt | undefined> {
    const { config, remoting } = this.#instance
    const { body } = await remoting.invoke(
      this.#wire(address),
      ViewMessageById,
      { topic, offset },
      { timeoutMs: config.mqClientApiTimeout },
    )
    const [message] = body === undefined ? [] : await this.#read(body)
    return message && { ...message, topic: withoutNamespace(message.topic, config.namespace) }
  }

  async #viewByUniqueKey(topic: string, key: string): Promise<MessageExt | undefined> {
    const messages = await this.#queryAll({
      topic,
      key,
      maxNum: defaultMaxNum,
      beginTimestamp: 0,
      endTimestamp: Number.MAX_SAFE_INTEGER,
      isUniqueKeyQuery: true,
    })
    return messages.filter((message) => message.msgId === key).sort((a, b) => a.storeTimestamp - b.storeTimestamp)[0]
  }

  async #queryAll(header: Parameters<(typeof QueryMessage)['requestHeader']['encode']>[0]): Promise<MessageExt[]> {
    const { config, remoting, routes } = this.#instance
    if (routes.routeOf(header.topic) === undefined) await routes.refresh(header.topic)
    const brokers = routes.routeOf(header.topic)?.brokerDatas ?? []
    const addresses = brokers.flatMap((broker) => masterOf(broker) ?? [])
    const found = await Promise.all(
      addresses.map(async (address) => {
        try {
          const options = { timeoutMs: config.mqClientApiTimeout }
          const { body } = await remoting.invoke(this.#wire(address), QueryMessage, header, options)
          return body === undefined ? [] : await this.#read(body)
        } catch (cause) {
          if (MqError.is(cause) && cause.responseCode === ResponseCode.QUERY_NOT_FOUND) return []
          throw cause
        }
      }),
    )
    const { namespace } = config
    return found.flat().map((message) => ({ ...message, topic: withoutNamespace(message.topic, namespace) }))
  }

  async #read(records: Buffer): Promise<readonly MessageExt[]> {
    const { compressions } = this.#instance
    await compressions.loadFor(records)
    return readRecords(records, { compressions: compressions.loaded })
  }

  #wire(address: string): string {
    return this.#instance.config.vipChannelEnabled ? brokerVIPChannel(address) : address
  }

  #withNamespace(topic: string): string {
    return withNamespace(this.#instance.config.namespace, topic)
  }

  #outward(queue: MessageQueue): MessageQueue {
    return { ...queue, topic: withoutNamespace(queue.topic, this.#instance.config.namespace) }
  }
}

function masterOf(broker: BrokerData): string | undefined {
  return broker.brokerAddrs.get(masterId)
}

function placeOf(msgId: string): { address: string; offset: number } | undefined {
  try {
    const { host, physicalOffset } = decodeOffsetMessageId(msgId)
    return { address: formatHostAddress(host), offset: physicalOffset }
  } catch (cause) {
    if (MqError.is(cause)) return undefined
    throw cause
  }
}

function untold(topic: string): NoRouteError {
  return new NoRouteError(`no name server told the route of topic '${topic}' in time`, {
    code: 'NAME_SERVER_UNREACHABLE',
    fields: { topic },
  })
}

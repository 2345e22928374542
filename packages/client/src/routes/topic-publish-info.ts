import { isWriteable, type MessageQueue, type Random, type TopicRouteData } from '@mq/remoting'
import { isStaticTopic, topicRouteData2EndpointsForStaticTopic } from './static-topic-endpoints.js'

/** The id a broker's master has. */
const masterId = 0

/** The queues a topic may be sent to, in the order of the round robin. */
export interface PublishQueues {
  readonly messageQueues: readonly MessageQueue[]
  /** Whether the order configuration of the topic named the queues. */
  readonly orderTopic: boolean
}

/**
 * The queues a producer may use: those of the order configuration if there is one, else the end points of a static topic,
 * else the writable queues of brokers whose master is known, by broker name. Java: topicRouteData2TopicPublishInfo.
 */
export function topicRouteData2TopicPublishInfo(topic: string, route: TopicRouteData): PublishQueues {
  const { orderTopicConf } = route
  if (orderTopicConf !== undefined && orderTopicConf !== '') {
    return { messageQueues: orderedQueues(topic, orderTopicConf), orderTopic: true }
  }
  if (orderTopicConf === undefined && isStaticTopic(route)) {
    const queues = topicRouteData2EndpointsForStaticTopic(topic, route).map(({ queue }) => queue)
    return { messageQueues: queues.sort((left, right) => left.queueId - right.queueId), orderTopic: false }
  }
  return { messageQueues: writableQueues(topic, route), orderTopic: false }
}

/** `broker-a:4;broker-b:2` names four queues of one broker and two of another. */
function orderedQueues(topic: string, orderTopicConf: string): MessageQueue[] {
  return orderTopicConf.split(';').flatMap((item) => {
    const [brokerName = '', count = ''] = item.split(':')
    const nums = Number.parseInt(count, 10)
    return brokerName === '' || Number.isNaN(nums) ? [] : queuesOf(topic, brokerName, nums)
  })
}

function writableQueues(topic: string, route: TopicRouteData): MessageQueue[] {
  const withMaster = new Set(
    route.brokerDatas.filter((broker) => broker.brokerAddrs.has(masterId)).map((broker) => broker.brokerName),
  )
  return [...route.queueDatas]
    .sort((left, right) => (left.brokerName < right.brokerName ? -1 : Number(left.brokerName > right.brokerName)))
    .filter((queue) => isWriteable(queue.perm) && withMaster.has(queue.brokerName))
    .flatMap((queue) => queuesOf(topic, queue.brokerName, queue.writeQueueNums))
}

function queuesOf(topic: string, brokerName: string, count: number): MessageQueue[] {
  return Array.from({ length: Math.max(0, count) }, (_, queueId) => ({ topic, brokerName, queueId }))
}

/** Whether a queue may be chosen. Java: TopicPublishInfo.QueueFilter. */
export type QueueFilter = (queue: MessageQueue) => boolean

/** The queues of a topic and whose turn it is. Java: TopicPublishInfo with its ThreadLocalIndex. */
export class TopicPublishInfo implements PublishQueues {
  readonly messageQueues: readonly MessageQueue[]
  readonly orderTopic: boolean
  readonly #random: Random
  #index: number

  constructor(queues: PublishQueues, random: Random) {
    this.messageQueues = queues.messageQueues
    this.orderTopic = queues.orderTopic
    this.#random = random
    this.#index = random.int(positiveMask)
  }

  /** Whether there is a queue to send to. */
  get ok(): boolean {
    return this.messageQueues.length > 0
  }

  /**
   * The next queue in turn that passes the filter; the turn moves on over those that do not. Undefined when a whole round
   * found none.
   */
  selectOneMessageQueue(filter?: QueueFilter): MessageQueue | undefined {
    for (let step = 0; step < this.messageQueues.length; step++) {
      this.#index = (this.#index + 1) & positiveMask
      const queue = this.messageQueues[this.#index % this.messageQueues.length]
      if (queue !== undefined && (filter === undefined || filter(queue))) return queue
    }
    return undefined
  }

  /** Lets the round robin go on somewhere else, so that retries of many senders do not march in step. */
  resetIndex(): void {
    this.#index = this.#random.int(positiveMask)
  }
}

/** Keeps the index of the round robin within a positive int, as it wraps in Java. */
const positiveMask = 0x7fffffff

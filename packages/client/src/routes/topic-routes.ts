import {
  decodeTopicRouteData,
  GetRouteInfoByTopic,
  type Logger,
  type MessageQueue,
  MqError,
  type RemotingClient,
  ResponseCode,
  type TopicRouteData,
} from '@mq/remoting'
import { NoRouteError } from '../errors.js'
import { BrokerAddresses } from './broker-addresses.js'
import { topicRouteData2EndpointsForStaticTopic } from './static-topic-endpoints.js'
import { missingRouteError } from './missing-route.js'
import { isTopicRouteChanged } from './topic-route-equality.js'

/** Someone whose topics' routes are kept fresh: a producer or a consumer. */
export interface RouteUser {
  topics(): Iterable<string>
}

/** What {@link TopicRoutes} is made with. */
export interface TopicRoutesOptions {
  readonly remoting: RemotingClient
  readonly logger: Logger
  /** Milliseconds a route query may take. */
  readonly timeoutMs: number
  /** Largest number of queues a topic made from the template gets. */
  readonly defaultTopicQueueNums: number
  /** Everyone registered now. */
  users(): Iterable<RouteUser>
}

/** What a refresh found. */
export type RouteRefresh =
  /** The name server has a route, which is in force now. */
  | 'FOUND'
  /** The name server answered that it has none. What was known before stays in force. */
  | 'NOT_FOUND'

/**
 * The routes one MQClientInstance knows. A refresh of one topic runs once at a time, and whoever asks meanwhile shares it.
 * Java: topicRouteTable and updateTopicRouteInfoFromNameServer of MQClientInstance.
 */
export class TopicRoutes {
  readonly brokers: BrokerAddresses = new BrokerAddresses()
  readonly #options: TopicRoutesOptions
  readonly #routes = new Map<string, TopicRouteData>()
  readonly #endpoints = new Map<string, ReadonlyMap<string, string>>()
  readonly #refreshes = new Map<string, Promise<RouteRefresh>>()

  constructor(options: TopicRoutesOptions) {
    this.#options = options
  }

  /** The route known for a topic; for a topic not created yet, the one made from the template. */
  routeOf(topic: string): TopicRouteData | undefined {
    return this.#routes.get(topic)
  }

  /** The topics with a known route. */
  topics(): Iterable<string> {
    return this.#routes.keys()
  }

  /** The broker that holds a queue: for a static topic's logical queue the one that leads it now. */
  brokerNameOf(queue: MessageQueue): string {
    return this.#endpoints.get(queue.topic)?.get(endpointKey(queue)) ?? queue.brokerName
  }

  /** Asks for the topic's route and puts it in force; rejects when no name server answers. */
  refresh(topic: string): Promise<RouteRefresh> {
    return this.#shared(`topic ${topic}`, () => this.#refresh(topic, async () => this.query(topic)))
  }

  /** Gives the topic the route of the template, so that a broker can create it at the first send. */
  refreshFromTemplate(topic: string, createTopicKey: string): Promise<RouteRefresh> {
    return this.#shared(`template ${createTopicKey} ${topic}`, () =>
      this.#refresh(topic, async () => {
        const route = await this.query(createTopicKey)
        return route === undefined ? undefined : this.#narrowed(route)
      }),
    )
  }

  /**
   * The route a name server has for the topic, or undefined when it has none. Rejects with NoRouteError
   * NAME_SERVER_UNREACHABLE or NO_NAME_SERVER. Java: getTopicRouteInfoFromNameServer.
   */
  async query(topic: string): Promise<TopicRouteData | undefined> {
    const { remoting, timeoutMs } = this.#options
    const nameServers = remoting.nameServerAddresses
    if (nameServers.length === 0) {
      throw new NoRouteError(`the route of topic '${topic}' is unknown`, { code: 'NO_NAME_SERVER', fields: { topic } })
    }
    try {
      const { body } = await remoting.invoke(undefined, GetRouteInfoByTopic, { topic }, { timeoutMs })
      return body === undefined ? undefined : decodeTopicRouteData(body)
    } catch (cause) {
      if (MqError.is(cause) && cause.responseCode === ResponseCode.TOPIC_NOT_EXIST) return undefined
      throw new NoRouteError(
        `no name server of ${nameServers.join(', ')} told the route of topic '${topic}': ${messageOf(cause)}`,
        { code: 'NAME_SERVER_UNREACHABLE', cause, fields: { topic, nameServers } },
      )
    }
  }

  /** Why there is no route of a topic although name servers answer; `detail` is added when the topic is what is missing. Never rejects. */
  missing(topic: string, detail?: string): Promise<NoRouteError> {
    return missingRouteError(topic, this.#options, detail)
  }

  /**
   * Refreshes the routes of every topic somebody uses, one after the other, and forgets those nobody uses any more; failures are
   * logged.
   */
  async refreshAll(): Promise<void> {
    const topics = new Set<string>()
    for (const user of this.#options.users()) for (const topic of user.topics()) topics.add(topic)
    for (const topic of this.#routes.keys()) if (!topics.has(topic)) this.#forget(topic)
    for (const topic of topics) {
      try {
        await this.refresh(topic)
      } catch (cause) {
        this.#options.logger.warn('a route could not be refreshed', { topic, cause })
      }
    }
  }

  /** Forgets broker addresses that no route names any more. */
  cleanOfflineBrokers(): void {
    const offline = this.brokers.cleanOfflineBrokers(this.#routes.values())
    for (const broker of offline) this.#options.logger.info('a broker address left all routes', { ...broker })
  }

  #shared(key: string, start: () => Promise<RouteRefresh>): Promise<RouteRefresh> {
    const running = this.#refreshes.get(key)
    if (running !== undefined) return running
    const refresh = start().finally(() => this.#refreshes.delete(key))
    this.#refreshes.set(key, refresh)
    return refresh
  }

  async #refresh(topic: string, query: () => Promise<TopicRouteData | undefined>): Promise<RouteRefresh> {
    const route = await query()
    if (route === undefined) return 'NOT_FOUND'
    if (isTopicRouteChanged(this.#routes.get(topic), route)) this.#take(topic, route)
    return 'FOUND'
  }

  #take(topic: string, route: TopicRouteData): void {
    this.brokers.update(route)
    const endpoints = topicRouteData2EndpointsForStaticTopic(topic, route)
    this.#endpoints.set(topic, new Map(endpoints.map((end) => [endpointKey(end.queue), end.brokerName])))
    this.#routes.set(topic, route)
    this.#options.logger.info('the route of a topic changed', { topic, brokers: route.brokerDatas.length })
  }

  #forget(topic: string): void {
    this.#routes.delete(topic)
    this.#endpoints.delete(topic)
  }

  #narrowed(route: TopicRouteData): TopicRouteData {
    const queueDatas = route.queueDatas.map((queue) => {
      const nums = Math.min(this.#options.defaultTopicQueueNums, queue.readQueueNums)
      return { ...queue, readQueueNums: nums, writeQueueNums: nums }
    })
    return { ...route, queueDatas }
  }
}

function endpointKey(queue: MessageQueue): string {
  return `${queue.brokerName} ${queue.queueId}`
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

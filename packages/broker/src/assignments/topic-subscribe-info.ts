import type { Clock, Logger, MessageQueue, RemotingClient, TopicRouteData } from '@mq/remoting'
import { decodeTopicRouteData, GetRouteInfoByTopic, isReadable, MqError, ResponseCode } from '@mq/remoting'
import { nameServerAddresses } from '../broker-options.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** Milliseconds a route is used before the name servers are asked again. Java: loadBalancePollNameServerInterval. */
const ROUTE_MAX_AGE_MS = 30_000
const ASK_MS = 3000
/** Topics whose routes are kept; beyond it all are forgotten and asked for again. */
const MAX_TOPICS = 10_000

/** What a TopicSubscribeInfo works with. */
export interface TopicSubscribeInfoOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly remoting: RemotingClient
  readonly topics: TopicConfigManager
  readonly logger: Logger
}

interface CachedQueues {
  readonly queues: Promise<readonly MessageQueue[] | undefined>
  /** Monotonic milliseconds. */
  readonly askedAt: number
}

/** The queues that consumers of a topic read, on all brokers. Java: TopicRouteInfoManager#getTopicSubscribeInfo. */
export class TopicSubscribeInfo {
  readonly #options: TopicSubscribeInfoOptions
  readonly #cache = new Map<string, CachedQueues>()

  constructor(options: TopicSubscribeInfoOptions) {
    this.#options = options
  }

  /** The queues; undefined when no name server knows the topic. Without name servers this broker's own are all there are. */
  queues(topic: string): Promise<readonly MessageQueue[] | undefined> {
    const { config, clock } = this.#options
    const addresses = nameServerAddresses(config.namesrvAddr)
    if (addresses.length === 0) return Promise.resolve(this.#ownQueues(topic))
    const cached = this.#cache.get(topic)
    const now = clock.monotonic()
    if (cached !== undefined && now - cached.askedAt < ROUTE_MAX_AGE_MS) return cached.queues
    if (this.#cache.size >= MAX_TOPICS) this.#cache.clear()
    const queues = this.#ask(topic, addresses, cached)
    this.#cache.set(topic, { queues, askedAt: now })
    return queues
  }

  #ownQueues(topic: string): readonly MessageQueue[] | undefined {
    const { config, topics } = this.#options
    const settings = topics.select(topic)
    if (settings === undefined) return undefined
    const { brokerName } = config
    return queuesOf(topic, [{ ...settings, brokerName }])
  }

  /** Asks one name server after the other; when none answers, what was known before still counts. */
  async #ask(
    topic: string,
    addresses: readonly string[],
    before: CachedQueues | undefined,
  ): Promise<readonly MessageQueue[] | undefined> {
    const { remoting, logger } = this.#options
    const header = { topic, acceptStandardJsonOnly: true }
    for (const address of addresses) {
      try {
        const { body } = await remoting.invoke(address, GetRouteInfoByTopic, header, { timeoutMs: ASK_MS })
        return queuesOf(topic, decodeTopicRouteData(body ?? Buffer.alloc(0)).queueDatas)
      } catch (error) {
        if (MqError.is(error) && error.responseCode === ResponseCode.TOPIC_NOT_EXIST) {
          this.#cache.delete(topic)
          return undefined
        }
        logger.warn('a name server did not tell the route of a topic', { topic, address, error })
      }
    }
    return before?.queues
  }
}

function queuesOf(
  topic: string,
  brokers: readonly Pick<TopicRouteData['queueDatas'][number], 'brokerName' | 'perm' | 'readQueueNums'>[],
): readonly MessageQueue[] {
  return brokers
    .filter(({ perm }) => isReadable(perm))
    .flatMap(({ brokerName, readQueueNums }) =>
      Array.from({ length: readQueueNums }, (_, queueId) => ({ topic, brokerName, queueId })),
    )
}

import type { Random, TopicRouteData } from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import { NoRouteError } from '../errors.js'
import { TopicPublishInfo, topicRouteData2TopicPublishInfo } from './topic-publish-info.js'
import type { RouteUser, TopicRoutes } from './topic-routes.js'

/** What {@link TopicPublishTable} is made with. */
export interface TopicPublishTableOptions {
  readonly random: Random
  readonly routes: TopicRoutes
  /** The topic whose route stands in for unknown topics. */
  readonly createTopicKey: string
}

interface KnownTopic {
  /** The route the queues were taken from; another one in force makes them stale. */
  readonly route: TopicRouteData
  readonly info: TopicPublishInfo
}

/** The topics one producer sends to, and their queues. Java: topicPublishInfoTable of DefaultMQProducerImpl. */
export class TopicPublishTable implements RouteUser {
  readonly #options: TopicPublishTableOptions
  readonly #known = new Map<string, KnownTopic>()

  constructor(options: TopicPublishTableOptions) {
    this.#options = options
  }

  /** The topics that were found; those that have no route are not asked for every 30 s on behalf of nobody. */
  topics(): Iterable<string> {
    return this.#known.keys()
  }

  /** The topic's queues, if its route is known and has any. */
  known(topic: string): TopicPublishInfo | undefined {
    const route = this.#options.routes.routeOf(topic)
    if (route === undefined) return undefined
    let entry = this.#known.get(topic)
    if (entry?.route !== route) {
      const queues = topicRouteData2TopicPublishInfo(topic, route)
      entry = { route, info: new TopicPublishInfo(queues, this.#options.random) }
      this.#known.set(topic, entry)
    }
    return entry.info.ok ? entry.info : undefined
  }

  /**
   * The topic's queues, asked for at the name servers when unknown: first for the topic, then for the template if the topic does
   * not exist. Rejects with NoRouteError NAME_SERVER_UNREACHABLE, NO_NAME_SERVER, NO_BROKER_REGISTERED, TOPIC_NOT_FOUND or
   * TOPIC_NOT_WRITABLE, and with the signal's reason. Java: tryToFindTopicPublishInfo.
   */
  async find(topic: string, deadline: Deadline): Promise<TopicPublishInfo> {
    const known = this.known(topic)
    if (known !== undefined) return known
    await this.refresh(topic, deadline)
    const found = this.known(topic)
    if (found !== undefined) return found
    const { routes, createTopicKey } = this.#options
    if (routes.routeOf(topic) !== undefined) throw notWritable(topic)
    throw await deadline.wait(routes.missing(topic, creationIsOff(createTopicKey)), () => queryTimeout(topic, deadline))
  }

  /** Asks the name servers as {@link find} does, whatever is known; a route they have is kept fresh from then on. */
  async refresh(topic: string, deadline: Deadline): Promise<void> {
    const { routes, createTopicKey } = this.#options
    const onTimeout = (): Error => queryTimeout(topic, deadline)
    await deadline.wait(routes.refresh(topic), onTimeout)
    if (routes.routeOf(topic) === undefined) {
      await deadline.wait(routes.refreshFromTemplate(topic, createTopicKey), onTimeout)
    }
    this.known(topic)
  }
}

function creationIsOff(createTopicKey: string): string {
  return `, and no broker registered ${createTopicKey}, the template for topics that are created by themselves`
}

function notWritable(topic: string): NoRouteError {
  return new NoRouteError(`topic '${topic}' has no writable queue on a broker with a master`, {
    code: 'TOPIC_NOT_WRITABLE',
    fields: { topic },
  })
}

function queryTimeout(topic: string, deadline: Deadline): NoRouteError {
  return new NoRouteError(`no name server told the route of topic '${topic}' within ${deadline.timeoutMs} ms`, {
    code: 'NAME_SERVER_UNREACHABLE',
    fields: { topic, timeoutMs: deadline.timeoutMs },
  })
}

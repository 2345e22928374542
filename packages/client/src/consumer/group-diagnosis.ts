import {
  CheckClientConfig,
  type ClientConnection,
  type ConsumerConnection,
  decodeConsumerConnection,
  encodeCheckClientRequest,
  GetConsumerConnectionList,
  MqError,
  type SubscriptionData,
  type Timer,
} from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { type GroupMembers, selectBrokerAddress } from '../rebalance/consumer-ids.js'

/** Milliseconds after a change until the group is looked at: by then every member has told the broker its subscriptions. */
const lookDelayMs = 5000
/** Milliseconds between two looks for the same reason. */
const minLookIntervalMs = 30_000

/** What {@link GroupDiagnosis} is made with. */
export interface GroupDiagnosisOptions {
  readonly instance: MQClientInstance
  /** Within the namespace. */
  readonly consumerGroup: string
  readonly subscriptions: ReadonlyMap<string, SubscriptionData>
}

/**
 * Finds what silently breaks groups, and names it in the log: members with different subscriptions, of which each gets messages
 * filtered by what another wants, and two clients with one id, of which one gets nothing. Java leaves both to be found out.
 */
export class GroupDiagnosis {
  readonly #options: GroupDiagnosisOptions
  #timer: Timer | undefined
  #lastLookMs = Number.NEGATIVE_INFINITY
  #wasListedTwice = false
  #hasWarnedOfId = false
  /** Differences told already. */
  readonly #told = new Set<string>()
  #isClosed = false

  constructor(options: GroupDiagnosisOptions) {
    this.#options = options
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  /** The share of a topic has changed, perhaps because of a new member. */
  onShareChanged(): void {
    if (this.#isClosed || this.#timer !== undefined) return
    const { timers } = this.#options.instance.config.runtime
    const look = (): void => {
      this.#timer = undefined
      void this.#compareSubscriptions()
    }
    this.#timer = timers.after(lookDelayMs, look, { background: true })
  }

  /** A broker refused a pull for want of the group's subscription. */
  async onSubscriptionFault(topic: string): Promise<void> {
    const nowMs = this.#options.instance.config.runtime.clock.monotonic()
    if (this.#isClosed || nowMs - this.#lastLookMs < minLookIntervalMs) return
    this.#lastLookMs = nowMs
    await this.#compareSubscriptions(topic)
  }

  /** An id that stands twice in two answers in a row is used by two clients; once may be a connection that is about to end. */
  onMembers({ address, clientIds }: GroupMembers): void {
    const { clientId } = this.#options.instance.config
    const isListedTwice = clientIds.filter((id) => id === clientId).length > 1
    const isSure = isListedTwice && this.#wasListedTwice && !this.#hasWarnedOfId
    this.#wasListedTwice = isListedTwice
    if (!isSure) return
    this.#hasWarnedOfId = true
    void this.#warnOfSharedId(address)
  }

  /** Lets a broker check every expression that is no tag. @throws MQClientError SUBSCRIPTION_REFUSED. Java: checkClientInBroker. */
  async checkClientInBroker(): Promise<void> {
    const { consumerGroup, instance, subscriptions } = this.#options
    const { clientId, mqClientApiTimeout: timeoutMs, namespace, runtime } = instance.config
    for (const subscriptionData of subscriptions.values()) {
      const { expressionType, subString, topic } = subscriptionData
      const route = instance.routes.routeOf(topic)
      const address = route === undefined ? undefined : selectBrokerAddress(route, runtime.random)
      if (expressionType === 'TAG' || address === undefined) continue
      const body = encodeCheckClientRequest({ clientId, group: consumerGroup, subscriptionData, namespace })
      try {
        await instance.remoting.invoke(address, CheckClientConfig, {}, { timeoutMs, body })
      } catch (cause) {
        throw new MQClientError(`broker ${address} refuses ${expressionType} '${subString}' on topic '${topic}'`, {
          code: 'SUBSCRIPTION_REFUSED',
          cause,
          responseCode: MqError.is(cause) ? cause.responseCode : undefined,
          fields: { topic, expressionType, subString },
        })
      }
    }
  }

  async #compareSubscriptions(topic?: string): Promise<void> {
    const { consumerGroup, instance, subscriptions } = this.#options
    const { clientId, logger } = instance.config
    const group = await this.#askForGroup(topic)
    if (group === undefined) return
    const others = group.connectionSet.filter((member) => member.clientId !== clientId).map((member) => member.clientId)
    if (others.length === 0) return
    for (const difference of differencesBetween(subscriptions, group)) {
      const key = JSON.stringify(difference)
      if (this.#told.has(key)) continue
      this.#told.add(key)
      logger.warn(
        `members of consumer group '${consumerGroup}' subscribe to different things, so each gets messages filtered by what ` +
          `another wants: ${clientId} has ${difference.own} on topic '${difference.topic}', but the broker was told ` +
          `${difference.known} by one of ${others.join(', ')}; give all members the same subscriptions, or groups of their own`,
        { consumerGroup, clientId, others, ...difference },
      )
    }
  }

  async #askForGroup(topic?: string): Promise<ConsumerConnection | undefined> {
    const { instance, subscriptions } = this.#options
    for (const name of topic === undefined ? subscriptions.keys() : [topic]) {
      const route = instance.routes.routeOf(name)
      const address = route === undefined ? undefined : selectBrokerAddress(route, instance.config.runtime.random)
      if (address !== undefined) return this.#connectionsAt(address)
    }
    return undefined
  }

  async #connectionsAt(address: string): Promise<ConsumerConnection | undefined> {
    const { consumerGroup, instance } = this.#options
    const { logger, mqClientApiTimeout: timeoutMs } = instance.config
    try {
      const { body } = await instance.remoting.invoke(
        address,
        GetConsumerConnectionList,
        { consumerGroup },
        { timeoutMs },
      )
      return body === undefined ? undefined : decodeConsumerConnection(body)
    } catch (cause) {
      logger.debug('the members of a group could not be looked at', { consumerGroup, address, cause })
      return undefined
    }
  }

  async #warnOfSharedId(address: string): Promise<void> {
    const { consumerGroup, instance } = this.#options
    const { clientId, logger } = instance.config
    const group = await this.#connectionsAt(address)
    const connections = group?.connectionSet.filter((member) => member.clientId === clientId) ?? []
    const where = connections.map(({ clientAddr }: ClientConnection) => clientAddr)
    logger.warn(
      `two clients of consumer group '${consumerGroup}' use the client id ${clientId}` +
        `${where.length > 1 ? ` (connected from ${where.join(' and ')})` : ''}, so that both consume the same queues and the others ` +
        'none; give each its own instanceName, or leave it out',
      { consumerGroup, clientId, address, connections: where },
    )
  }
}

interface Difference {
  readonly topic: string
  readonly own: string
  readonly known: string
}

function differencesBetween(own: ReadonlyMap<string, SubscriptionData>, group: ConsumerConnection): Difference[] {
  const differences: Difference[] = []
  for (const topic of new Set([...own.keys(), ...group.subscriptionTable.keys()])) {
    const mine = describe(own.get(topic))
    const known = describe(group.subscriptionTable.get(topic))
    if (mine !== known) differences.push({ topic, own: mine, known })
  }
  return differences
}

function describe(subscription: SubscriptionData | undefined): string {
  return subscription === undefined ? 'nothing' : `${subscription.expressionType} '${subscription.subString}'`
}

import type { PullMessage, RequestOf, SubscriptionData } from '@mq/remoting'
import { buildSubscriptionData, isSystemGroup, PullSystemFlag, ResponseCode } from '@mq/remoting'
import type { MessageFilter } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import { Forbidden, forbidden, type PullRefusal } from './pull-refusal.js'

/** What a PullSubscriptions works with. */
export interface PullSubscriptionsOptions {
  readonly config: BrokerConfig
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
}

/** What a pull asks for. */
export type PullHeader = RequestOf<typeof PullMessage>

const TAG = 'TAG'
const SQL92 = 'SQL92'

/** Finds which messages a pull wants, in Java's order of checks. Java: PullMessageProcessor#processRequest. */
export class PullSubscriptions {
  readonly #options: PullSubscriptionsOptions

  constructor(options: PullSubscriptionsOptions) {
    this.#options = options
  }

  /** The subscription of a pull, from the request itself or else from the heartbeats of its group. */
  find(header: PullHeader): SubscriptionData | PullRefusal {
    const isGiven = (header.sysFlag & PullSystemFlag.SUBSCRIPTION) !== 0
    const found = isGiven ? givenSubscription(header) : this.#knownSubscription(header)
    if ('code' in found) return found
    return this.#refuse(header, found) ?? found
  }

  #knownSubscription({ consumerGroup, topic, subVersion }: PullHeader): SubscriptionData | PullRefusal {
    const { consumers, groups } = this.#options
    const group = consumers.group(consumerGroup)
    if (group === undefined) {
      const remark = `the consumer's group info not exist: ${consumerGroup} has to send a heartbeat before its first pull`
      return { code: ResponseCode.SUBSCRIPTION_NOT_EXIST, remark }
    }
    if (group.messageModel === 'BROADCASTING' && groups.find(consumerGroup)?.consumeBroadcastEnable === false) {
      const remark = `group ${consumerGroup} must not consume by broadcasting: set its consumeBroadcastEnable`
      return forbidden(Forbidden.BROADCASTING, remark)
    }
    if (groups.isReadForbidden(consumerGroup, topic)) {
      return forbidden(Forbidden.SUBSCRIPTION, `group ${consumerGroup} must not read ${topic}: see its forbidden table`)
    }
    const known = group.subscriptions.get(topic)
    if (known === undefined) {
      const remark = `the consumer's subscription not exist: all members of ${consumerGroup} have to subscribe to ${topic}`
      return { code: ResponseCode.SUBSCRIPTION_NOT_EXIST, remark }
    }
    if (known.subVersion >= subVersion) return known
    const remark = `the consumer's subscription not latest: the one of ${consumerGroup} is older here, pull again`
    return { code: ResponseCode.SUBSCRIPTION_NOT_LATEST, remark }
  }

  #refuse({ consumerGroup }: PullHeader, subscription: SubscriptionData): PullRefusal | undefined {
    const { config, consumers } = this.#options
    if (subscription.expressionType !== TAG) {
      const remark = `the broker does not support consumer to filter message by ${subscription.expressionType}: use tags`
      return { code: ResponseCode.SYSTEM_ERROR, remark }
    }
    if (!config.rejectPullConsumerEnable || isSystemGroup(consumerGroup)) return undefined
    const consumeType = consumers.group(consumerGroup)?.consumeType ?? 'CONSUME_ACTIVELY'
    if (consumeType !== 'CONSUME_ACTIVELY') return undefined
    const remark = `pull consumers are rejected here and ${consumerGroup} is one: use a push consumer`
    return { code: ResponseCode.SUBSCRIPTION_NOT_EXIST, remark }
  }
}

function givenSubscription(header: PullHeader): SubscriptionData | PullRefusal {
  const { topic, subscription: expression = '' } = header
  const expressionType = header.expressionType || TAG
  const isNothing = expression.replaceAll('||', '').trim() === ''
  if (expressionType === TAG && (expression === '' || !isNothing)) return buildSubscriptionData(topic, expression)
  if (expressionType === SQL92 && !isNothing) return { ...buildSubscriptionData(topic, expression), expressionType }
  const remark = `parse the consumer's subscription failed: '${expression}' is no expression of type ${expressionType}`
  return { code: ResponseCode.SUBSCRIPTION_PARSE_FAILED, remark }
}

/** Compares hashes of tags only; the client compares the tags themselves. Java: ExpressionMessageFilter. */
export function tagFilter({ subString, codeSet }: SubscriptionData): MessageFilter | undefined {
  if (subString === '*') return undefined
  const codes = new Set(codeSet)
  return {
    isMatchedByConsumeQueue: (tagsCode) => tagsCode === undefined || codes.has(tagsCode | 0),
    isMatchedByCommitLog: () => true,
  }
}

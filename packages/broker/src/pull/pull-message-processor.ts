import type { Answer, HandlerTable, RequestOf, SubscriptionData } from '@mq/remoting'
import {
  answer,
  buildSubscriptionData,
  createExtFields,
  isSystemGroup,
  LitePullMessage,
  PullMessage,
  PullSystemFlag,
  ResponseCode,
  isReadable,
} from '@mq/remoting'
import type { GetMessageStatus, MessageFilter, MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { Refusal } from '../send/message-check.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** What a PullMessageProcessor works with. */
export interface PullMessageProcessorOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
}

type PullHeader = RequestOf<typeof PullMessage>

interface PullRefusal extends Refusal {
  /** One of {@link Forbidden}. */
  readonly forbiddenType?: number
}

const TAG = 'TAG'

/** Java: ForbiddenType. */
const Forbidden = { BROKER: 1, GROUP: 2, TOPIC: 3, BROADCASTING: 4, SUBSCRIPTION: 5 } as const

/** Answers pulls at once with what is there; a pull for messages to come is not held. Java: PullMessageProcessor. */
export class PullMessageProcessor {
  readonly #options: PullMessageProcessorOptions

  constructor(options: PullMessageProcessorOptions) {
    this.#options = options
  }

  /** Serves the pull commands on a server. */
  register(handlers: HandlerTable): void {
    const { brokerRole, pullThreadPoolQueueCapacity: maxPending } = this.#options.config
    const remark = 'this broker is a slave: pull from the master'
    const limits = { maxPending, reject: () => (brokerRole === 'SLAVE' ? remark : undefined) }
    handlers.on(PullMessage, (header) => this.#pull(header), limits)
    handlers.on(LitePullMessage, (header) => this.#pull(header, { lite: true }), limits)
  }

  /** The checks in Java's order. Java: PullMessageProcessor#processRequest. */
  async #pull(header: PullHeader, { lite = false }: { readonly lite?: boolean } = {}): Promise<Answer> {
    const refusal = this.#refuseBroker(lite) ?? this.#refuseGroupAndTopic(header)
    if (refusal !== undefined) return refusalAnswer(refusal)
    const subscription = this.#subscription(header)
    if ('code' in subscription) return refusalAnswer(subscription)
    const rejected = this.#refuseSubscription(header, subscription)
    return rejected === undefined ? this.#read(header, subscription) : refusalAnswer(rejected)
  }

  #refuseBroker(lite: boolean): PullRefusal | undefined {
    const { config } = this.#options
    if (!isReadable(config.brokerPermission)) {
      return forbidden(Forbidden.BROKER, 'this broker must not be read: set brokerPermission to 6')
    }
    if (!lite || config.litePullMessageEnable) return undefined
    const remark = 'lite pulls are switched off here: set litePullMessageEnable=true'
    return { code: ResponseCode.NO_PERMISSION, remark }
  }

  #refuseGroupAndTopic({ consumerGroup, topic, queueId }: PullHeader): PullRefusal | undefined {
    const { groups, topics } = this.#options
    const group = groups.find(consumerGroup)
    if (group === undefined) {
      const remark = `subscription group [${consumerGroup}] does not exist: create it with updateSubGroup`
      return { code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark }
    }
    if (!group.consumeEnable) {
      return forbidden(Forbidden.GROUP, `group ${consumerGroup} must not consume: set its consumeEnable`)
    }
    const settings = topics.select(topic)
    if (settings === undefined) {
      const remark = `topic[${topic}] not exist on this broker: create it with updateTopic`
      return { code: ResponseCode.TOPIC_NOT_EXIST, remark }
    }
    if (!isReadable(settings.perm)) {
      return forbidden(Forbidden.TOPIC, `topic ${topic} must not be read: change its permission`)
    }
    if (queueId >= 0 && queueId < settings.readQueueNums) return undefined
    const remark = `queueId[${queueId}] is illegal, topic ${topic} has ${settings.readQueueNums} queues to read: refresh the route`
    return { code: ResponseCode.INVALID_PARAMETER, remark }
  }

  /** What the request itself says, or else what the heartbeats of its group said. */
  #subscription(header: PullHeader): SubscriptionData | PullRefusal {
    const { topic, sysFlag, expressionType = '', subscription = '' } = header
    if ((sysFlag & PullSystemFlag.SUBSCRIPTION) === 0) return this.#knownSubscription(header)
    const data = buildSubscriptionData(topic, subscription)
    return { ...data, expressionType: expressionType === '' ? TAG : expressionType }
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

  #refuseSubscription({ consumerGroup }: PullHeader, subscription: SubscriptionData): PullRefusal | undefined {
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

  async #read(header: PullHeader, subscription: SubscriptionData): Promise<Answer> {
    const { store, statistics, groups } = this.#options
    const { consumerGroup: group, topic, queueId, queueOffset: offset, maxMsgNums } = header
    const filter = tagFilter(subscription)
    const found = await store.getMessage({ group, topic, queueId, offset, maxMsgNums, ...(filter && { filter }) })
    statistics.countGet(found.count)
    const { nextBeginOffset, minOffset, maxOffset, status } = found
    return answer({
      code: pullCode(status, offset),
      remark: status,
      header: {
        suggestWhichBrokerId: groups.table.get(group)?.brokerId ?? 0,
        nextBeginOffset,
        minOffset,
        maxOffset,
        topicSysFlag: this.#options.topics.select(topic)?.topicSysFlag ?? 0,
        groupSysFlag: groups.table.get(group)?.groupSysFlag ?? 0,
      },
      ...(found.bytes.length > 0 ? { body: found.bytes } : {}),
    })
  }
}

/** Compares hashes of tags only; the client compares the tags themselves. Java: ExpressionMessageFilter. */
function tagFilter({ subString, codeSet }: SubscriptionData): MessageFilter | undefined {
  if (subString === '*') return undefined
  const codes = new Set(codeSet)
  return {
    isMatchedByConsumeQueue: (tagsCode) => tagsCode === undefined || codes.has(tagsCode | 0),
    isMatchedByCommitLog: () => true,
  }
}

/** Java: PullMessageProcessor#composeResponseHeader. */
function pullCode(status: GetMessageStatus, offset: number): number {
  switch (status) {
    case 'FOUND':
      return ResponseCode.SUCCESS
    case 'NO_MATCHED_MESSAGE':
    case 'MESSAGE_WAS_REMOVING':
      return ResponseCode.PULL_RETRY_IMMEDIATELY
    case 'NO_MATCHED_LOGIC_QUEUE':
    case 'NO_MESSAGE_IN_QUEUE':
      return offset === 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED
    case 'OFFSET_FOUND_NULL':
    case 'OFFSET_OVERFLOW_ONE':
      return ResponseCode.PULL_NOT_FOUND
    case 'OFFSET_OVERFLOW_BADLY':
    case 'OFFSET_TOO_SMALL':
    case 'OFFSET_RESET':
      return ResponseCode.PULL_OFFSET_MOVED
  }
}

function forbidden(forbiddenType: number, remark: string): PullRefusal {
  return { code: ResponseCode.NO_PERMISSION, remark, forbiddenType }
}

function refusalAnswer({ code, remark, forbiddenType }: PullRefusal): Answer {
  if (forbiddenType === undefined) return answer({ code, remark })
  return answer({ code, remark, extFields: createExtFields({ forbiddenType: String(forbiddenType) }) })
}

import type { Answer, HandlerTable, RequestOf, SubscriptionData } from '@mq/remoting'
import { answer, buildSubscriptionData, LitePullMessage, PullMessage, PullSystemFlag, ResponseCode } from '@mq/remoting'
import type { GetMessageStatus, MessageFilter, MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { Refusal } from '../send/message-check.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import { isReadable } from '../topics/permission.js'
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
  /** Why, as a number the Java client knows. Java: ForbiddenType. */
  readonly forbiddenType?: number
}

const Forbidden = { BROKER: 1, GROUP: 2, TOPIC: 3, BROADCASTING: 4 } as const

/** Answers pulls at once with what is there; a pull for messages to come is not held. Java: PullMessageProcessor. */
export class PullMessageProcessor {
  readonly #options: PullMessageProcessorOptions

  constructor(options: PullMessageProcessorOptions) {
    this.#options = options
  }

  /** Serves the pull commands on a server. */
  register(handlers: HandlerTable): void {
    const limits = { maxPending: this.#options.config.pullThreadPoolQueueCapacity }
    handlers.on(PullMessage, (header) => this.#pull(header), limits)
    handlers.on(LitePullMessage, (header) => this.#pull(header, { lite: true }), limits)
  }

  async #pull(header: PullHeader, { lite = false }: { lite?: boolean } = {}): Promise<Answer> {
    const refusal = (lite ? this.#refuseLite() : undefined) ?? this.#refuse(header)
    if (refusal !== undefined) return refusalAnswer(refusal)
    const subscription = this.#subscription(header)
    if ('code' in subscription) return refusalAnswer(subscription)
    return this.#read(header, subscription)
  }

  #refuseLite(): PullRefusal | undefined {
    if (this.#options.config.litePullMessageEnable) return undefined
    return {
      code: ResponseCode.NO_PERMISSION,
      remark: 'lite pulls are switched off here: set litePullMessageEnable=true',
    }
  }

  #refuse({ consumerGroup, topic, queueId }: PullHeader): PullRefusal | undefined {
    const { config, groups, topics } = this.#options
    const forbid = (forbiddenType: number, remark: string): PullRefusal => {
      return { code: ResponseCode.NO_PERMISSION, remark, forbiddenType }
    }
    if (!isReadable(config.brokerPermission))
      return forbid(Forbidden.BROKER, 'this broker must not be read: set brokerPermission to 6')
    const group = groups.find(consumerGroup)
    if (group === undefined) {
      const remark = `subscription group ${consumerGroup} does not exist: create it with updateSubGroup`
      return { code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark }
    }
    if (!group.consumeEnable)
      return forbid(Forbidden.GROUP, `group ${consumerGroup} must not consume: set its consumeEnable`)
    const settings = topics.select(topic)
    if (settings === undefined) {
      return {
        code: ResponseCode.TOPIC_NOT_EXIST,
        remark: `topic ${topic} does not exist on this broker: create it with updateTopic`,
      }
    }
    if (!isReadable(settings.perm))
      return forbid(Forbidden.TOPIC, `topic ${topic} must not be read: change its permission`)
    if (queueId >= 0 && queueId < settings.readQueueNums) return undefined
    const remark = `topic ${topic} has queues 0 to ${settings.readQueueNums - 1} to read, not ${queueId}`
    return { code: ResponseCode.INVALID_PARAMETER, remark }
  }

  #subscription(header: PullHeader): SubscriptionData | PullRefusal {
    const { consumerGroup, topic, sysFlag, subVersion, expressionType = 'TAG', subscription } = header
    if (expressionType !== 'TAG') {
      const remark = `the broker does not filter by ${expressionType}: subscribe with tags`
      return { code: ResponseCode.SYSTEM_ERROR, remark }
    }
    if ((sysFlag & PullSystemFlag.SUBSCRIPTION) !== 0) return buildSubscriptionData(topic, subscription ?? '*')
    const group = this.#options.consumers.group(consumerGroup)
    if (group === undefined) {
      const remark = `no consumer of group ${consumerGroup} sent a heartbeat to this broker: send one before the first pull`
      return { code: ResponseCode.SUBSCRIPTION_NOT_EXIST, remark }
    }
    const known = group.subscriptions.get(topic)
    if (known === undefined) {
      const remark = `group ${consumerGroup} does not subscribe to ${topic}: all its members must have the same subscriptions`
      return { code: ResponseCode.SUBSCRIPTION_NOT_EXIST, remark }
    }
    if (known.subVersion >= subVersion) return known
    return {
      code: ResponseCode.SUBSCRIPTION_NOT_LATEST,
      remark: `the subscription of ${consumerGroup} is older here: pull again`,
    }
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

function refusalAnswer({ code, remark, forbiddenType }: PullRefusal): Answer {
  const position = { suggestWhichBrokerId: 0, nextBeginOffset: 0, minOffset: 0, maxOffset: 0 }
  return answer({ code, remark, header: forbiddenType === undefined ? position : { ...position, forbiddenType } })
}

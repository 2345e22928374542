import type {
  Answer,
  HandlerTable,
  HostAddress,
  Logger,
  MessageExt,
  MessageExtBrokerInner,
  Random,
  RequestOf,
  SubscriptionGroupConfig,
} from '@mq/remoting'
import {
  answer,
  ConsumerSendMsgBack,
  deadLetterTopic,
  isWriteable,
  PropertyName,
  ResponseCode,
  retryTopic,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { Refusal } from '../send/message-check.js'
import { putRefusal } from '../send/put-answer.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { TopicSysFlag } from '../topics/topic-sys-flag.js'
import { groupMissing, maxReconsumeTimesOf } from './retry-topic.js'

/** The level of a first retry when the client leaves it to the broker; each further one waits a level longer. */
const FIRST_RETRY_LEVEL = 3

/** What messages sent back are stored with. */
export interface ConsumerSendMsgBackOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly random: Random
  /** What records carry as their store host. */
  readonly storeHost: HostAddress
  readonly logger: Logger
}

type SendBackHeader = RequestOf<typeof ConsumerSendMsgBack>

/** Serves messages that consumers give back: to be retried later, or dead. Java: AbstractSendMessageProcessor#consumerSendMsgBack. */
export function registerConsumerSendMsgBack(handlers: HandlerTable, options: ConsumerSendMsgBackOptions): void {
  const limits = { maxPending: options.config.sendThreadPoolQueueCapacity }
  handlers.on(ConsumerSendMsgBack, (header, context) => sendBack(header, context.command.version, options), limits)
}

/** The checks in Java's order. */
async function sendBack(header: SendBackHeader, version: number, options: ConsumerSendMsgBackOptions): Promise<Answer> {
  const { config, groups, topics, store } = options
  if (config.brokerRole === 'SLAVE') {
    return refused(`no master available along with ${config.brokerIP1}: send the message back to the master`)
  }
  const group = groups.find(header.group)
  if (group === undefined) return answer(groupMissing(header.group))
  if (!isWriteable(config.brokerPermission)) {
    const remark = `the broker[${config.brokerIP1}] sending message is forbidden: set brokerPermission to 6`
    return answer({ code: ResponseCode.NO_PERMISSION, remark })
  }
  if (group.retryQueueNums <= 0) return answer({})
  const name = retryTopic(header.group)
  const topicSysFlag = header.unitMode ? TopicSysFlag.UNIT_SUB : 0
  const topic = await topics.createForRetry(name, group.retryQueueNums, { topicSysFlag })
  if (topic === undefined) return refused(topicUnmade(name))
  if (!isWriteable(topic.perm)) {
    const remark = `the topic[${name}] sending message is forbidden: give it write permission with updateTopic`
    return answer({ code: ResponseCode.NO_PERMISSION, remark })
  }
  const message = await store.lookMessageByOffset(header.offset)
  if (message === undefined) return refused(`look message by offset failed, ${header.offset}`)
  const isDead =
    header.delayLevel < 0 ||
    message.reconsumeTimes >= maxReconsumeTimesOf(group, { version, override: header.maxReconsumeTimes })
  const problem = await (isDead ? bury(message, header, options) : retry(message, { header, group }, options))
  if (problem !== undefined) return answer(problem)
  options.statistics.countSendBack(message.properties.get(PropertyName.RETRY_TOPIC) ?? message.topic, header.group)
  return answer({})
}

interface Retry {
  readonly header: SendBackHeader
  readonly group: SubscriptionGroupConfig
}

function retry(
  message: MessageExt,
  { header, group }: Retry,
  options: ConsumerSendMsgBackOptions,
): Promise<Refusal | undefined> {
  const queueId = options.random.int(group.retryQueueNums)
  const level = header.delayLevel === 0 ? FIRST_RETRY_LEVEL + message.reconsumeTimes : header.delayLevel
  return put(message, { topic: retryTopic(header.group), queueId, level }, options)
}

/** Stores a message as a dead letter: it is not delivered to the group again. */
async function bury(
  message: MessageExt,
  { group }: SendBackHeader,
  options: ConsumerSendMsgBackOptions,
): Promise<Refusal | undefined> {
  const name = deadLetterTopic(group)
  const topic = await options.topics.createForRetry(name, 1)
  if (topic === undefined) return { code: ResponseCode.SYSTEM_ERROR, remark: topicUnmade(name) }
  const { topic: from, msgId, reconsumeTimes } = message
  options.logger.info('a message becomes a dead letter', { group, topic: from, msgId, reconsumeTimes })
  return put(message, { topic: name, queueId: 0, level: 0 }, options)
}

interface Destination {
  readonly topic: string
  readonly queueId: number
  /** Level the message waits for; 0 for not at all. */
  readonly level: number
}

async function put(
  message: MessageExt,
  destination: Destination,
  { store, storeHost }: ConsumerSendMsgBackOptions,
): Promise<Refusal | undefined> {
  const result = await store.asyncPutMessage(messageSentBack(message, destination, storeHost))
  if (result.status === 'PUT_OK') return undefined
  const reason = putRefusal(result)?.remark
  const remark = reason === undefined ? result.status : `${result.status}: ${reason}`
  return { code: ResponseCode.SYSTEM_ERROR, remark }
}

/** The same message, one retry older, with what it was first. */
function messageSentBack(
  message: MessageExt,
  { topic, queueId, level }: Destination,
  storeHost: HostAddress,
): MessageExtBrokerInner {
  const { body, flag, sysFlag, bornTimestamp, bornHost, reconsumeTimes } = message
  const properties = new Map(message.properties)
  if (!properties.has(PropertyName.RETRY_TOPIC)) properties.set(PropertyName.RETRY_TOPIC, message.topic)
  if (!properties.get(PropertyName.ORIGIN_MESSAGE_ID)?.trim()) {
    properties.set(PropertyName.ORIGIN_MESSAGE_ID, message.offsetMsgId)
  }
  properties.set(PropertyName.WAIT, 'false')
  properties.set(PropertyName.DELAY, String(level))
  return {
    topic,
    queueId,
    flag,
    sysFlag,
    body,
    properties,
    bornTimestamp,
    bornHost,
    storeHost,
    reconsumeTimes: reconsumeTimes + 1,
    preparedTransactionOffset: 0,
  }
}

function refused(remark: string): Answer {
  return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
}

function topicUnmade(topic: string): string {
  return `topic[${topic}] not exist: its name is too long, or this broker has maxTopicNums topics`
}

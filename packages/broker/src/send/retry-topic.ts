import { deadLetterTopic, PropertyName, ResponseCode, retryGroup } from '@mq/remoting'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import type { Refusal } from './message-check.js'

/** The first protocol version whose clients may override the retries of their group: V3_4_9. */
const VERSION_WITH_MAX_RECONSUME_TIMES = 121

/** A send to a %RETRY% topic. */
export interface RetrySend {
  readonly topic: string
  readonly reconsumeTimes: number
  readonly maxReconsumeTimes: number | undefined
  /** Protocol version of the sender. */
  readonly version: number
  /** Changed for a dead letter: it is not delayed. */
  readonly properties: Map<string, string>
}

/** Where a retried message goes: its own topic, the dead letters of its group, or nowhere. */
export type RetryDestination = { readonly topic: string } | Refusal

/**
 * Decides whether a message sent to a %RETRY% topic has been retried too often. Java: SendMessageProcessor#handleRetryAndDLQ.
 * @throws ConfigFileError when the dead-letter topic cannot be made for want of a writable topics.json.
 */
export async function retryDestination(
  send: RetrySend,
  groups: SubscriptionGroupManager,
  topics: TopicConfigManager,
): Promise<RetryDestination> {
  const groupName = retryGroup(send.topic)
  const group = groups.find(groupName)
  if (group === undefined) {
    const remark = `subscription group not exist, ${groupName}: create it with updateSubGroup`
    return { code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark }
  }
  const override = send.version >= VERSION_WITH_MAX_RECONSUME_TIMES ? send.maxReconsumeTimes : undefined
  if (send.reconsumeTimes <= (override ?? group.retryMaxTimes)) return { topic: send.topic }
  const topic = deadLetterTopic(groupName)
  const created = await topics.createForRetry(topic, 1, 0)
  if (created === undefined) return { code: ResponseCode.SYSTEM_ERROR, remark: `topic[${topic}] not exist` }
  send.properties.set(PropertyName.DELAY, '-1')
  return { topic }
}

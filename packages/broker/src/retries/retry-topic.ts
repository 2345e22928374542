import type { SubscriptionGroupConfig } from '@mq/remoting'
import { deadLetterTopic, PropertyName, ResponseCode, retryGroup } from '@mq/remoting'
import type { RebalanceLockManager } from '../queue-locks/rebalance-lock-manager.js'
import type { Refusal } from '../send/message-check.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** The first protocol version whose clients may override the retries of their group: V3_4_9. */
const VERSION_WITH_MAX_RECONSUME_TIMES = 121

/** What a client says of the retries it wants. */
export interface RetriesWanted {
  /** Protocol version of the client. */
  readonly version: number
  /** What its request asks for; undefined leaves it to the group. */
  readonly override: number | undefined
}

/** How often a message of the group may be retried. */
export function maxReconsumeTimesOf(group: SubscriptionGroupConfig, { version, override }: RetriesWanted): number {
  return (version >= VERSION_WITH_MAX_RECONSUME_TIMES ? override : undefined) ?? group.retryMaxTimes
}

/** The answer for a group that does not exist and may not be created. */
export function groupMissing(group: string): Refusal {
  const remark = `subscription group not exist, ${group}: create it with updateSubGroup`
  return { code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark }
}

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

/** What decides over retries. */
export interface RetryRules {
  readonly groups: SubscriptionGroupManager
  readonly topics: TopicConfigManager
  readonly locks: RebalanceLockManager
}

/** Where a retried message goes: its own topic, the dead letters of its group, or nowhere. */
export type RetryDestination = { readonly topic: string } | Refusal

/**
 * Decides whether a message sent to a %RETRY% topic has been retried too often. A client that consumes in order sends one only
 * when it has given up, so that while the group holds locks every such message is dead. Java: SendMessageProcessor#handleRetryAndDLQ.
 * @throws ConfigFileError when the dead-letter topic cannot be made for want of a writable topics.json.
 */
export async function retryDestination(
  send: RetrySend,
  { groups, topics, locks }: RetryRules,
): Promise<RetryDestination> {
  const groupName = retryGroup(send.topic)
  const group = groups.find(groupName)
  if (group === undefined) return groupMissing(groupName)
  const { version, maxReconsumeTimes: override } = send
  const mayBeRetried = send.reconsumeTimes <= maxReconsumeTimesOf(group, { version, override })
  if (mayBeRetried && locks.isLockAllExpired(groupName)) return { topic: send.topic }
  const topic = deadLetterTopic(groupName)
  const created = await topics.createForRetry(topic, 1)
  if (created === undefined) return { code: ResponseCode.SYSTEM_ERROR, remark: `topic[${topic}] not exist` }
  send.properties.set(PropertyName.DELAY, '-1')
  return { topic }
}

import type { TopicConfig } from '@mq/remoting'
import { isRetryTopic } from '@mq/remoting'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { TopicSysFlag } from '../topics/topic-sys-flag.js'
import { type Refusal, topicMissing } from './message-check.js'

/** The part of a send header that topics are made from. */
export interface TopicRequest {
  readonly topic: string
  readonly defaultTopic: string
  readonly defaultTopicQueueNums: number
  readonly unitMode?: boolean | undefined
}

/**
 * The topic a send goes to, made from its template if it is missing and may be made, so that it is on disk and announced when
 * the promise settles. Java: AbstractSendMessageProcessor#msgCheck. @throws ConfigFileError when topics.json cannot be written.
 */
export async function topicOfSend(request: TopicRequest, topics: TopicConfigManager): Promise<TopicConfig | Refusal> {
  const { topic, defaultTopic, defaultTopicQueueNums: clientDefaultTopicQueueNums, unitMode } = request
  const isRetry = isRetryTopic(topic)
  const unitFlag = isRetry ? TopicSysFlag.UNIT_SUB : TopicSysFlag.UNIT
  const topicSysFlag = unitMode === true ? unitFlag : 0
  const created = await topics.createForSend({ topic, defaultTopic, clientDefaultTopicQueueNums, topicSysFlag })
  if (created !== undefined) return created
  const forRetry = isRetry ? await topics.createForRetry(topic, 1, { topicSysFlag }) : undefined
  return forRetry ?? topicMissing(topic, topics)
}

import type { TopicConfig } from '@mq/remoting'
import { isRetryTopic } from '@mq/remoting'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { type Refusal, topicMissing } from './message-check.js'

/** The topic's flag of a producer in unit mode. Java: TopicSysFlag. */
const UNIT = 1
/** The retry topic's. */
const UNIT_SUBSCRIPTION = 2

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
  const unitFlag = isRetry ? UNIT_SUBSCRIPTION : UNIT
  const topicSysFlag = unitMode === true ? unitFlag : 0
  const created = await topics.createForSend({ topic, defaultTopic, clientDefaultTopicQueueNums, topicSysFlag })
  if (created !== undefined) return created
  const forRetry = isRetry ? await topics.createForRetry(topic, 1, topicSysFlag) : undefined
  return forRetry ?? topicMissing(topic, topics)
}

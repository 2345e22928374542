import { ResponseCode, isForbiddenTopic, validateTopic } from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { isWriteable } from '../topics/permission.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** Why a request is not executed: the response code and a sentence that tells the next step. */
export interface Refusal {
  readonly code: number
  readonly remark: string
}

/** The part of a send header that the checks look at. */
export interface CheckedSend {
  readonly topic: string
  readonly queueId: number
}

/** The checks a send passes before its topic is looked up, in Java's order. Java: AbstractSendMessageProcessor#msgCheck. */
export function refuseByName(send: CheckedSend, config: BrokerConfig, topics: TopicConfigManager): Refusal | undefined {
  const { topic } = send
  if (!isWriteable(config.brokerPermission) && topics.select(topic)?.order === true) {
    const remark = `broker ${config.brokerName} does not accept messages now: set brokerPermission to 6, or send elsewhere`
    return { code: ResponseCode.NO_PERMISSION, remark }
  }
  const problem = validateTopic(topic)
  if (problem !== undefined) return { code: ResponseCode.INVALID_PARAMETER, remark: problem }
  if (isForbiddenTopic(topic)) {
    const remark = `topic ${topic} belongs to the broker: send to a topic of your own`
    return { code: ResponseCode.NO_PERMISSION, remark }
  }
  return undefined
}

/** Refuses a queue the topic does not have; a negative id lets the broker choose. */
export function refuseQueue(
  send: CheckedSend,
  queues: { readQueueNums: number; writeQueueNums: number },
): Refusal | undefined {
  const count = Math.max(queues.writeQueueNums, queues.readQueueNums)
  if (send.queueId < count) return undefined
  const remark = `topic ${send.topic} has queues 0 to ${count - 1}, not ${send.queueId}: refresh the route, or update the topic`
  return { code: ResponseCode.INVALID_PARAMETER, remark }
}

/** The answer for a topic that does not exist and may not be created. */
export function topicMissing(topic: string, topics: TopicConfigManager): Refusal {
  const reason = topics.isFull
    ? 'this broker has maxTopicNums topics: delete some, or raise it'
    : 'create it with updateTopic, or set autoCreateTopicEnable=true'
  return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `topic ${topic} does not exist: ${reason}` }
}

import {
  isForbiddenTopic,
  isRetryTopic,
  MAX_TOPIC_LENGTH,
  PropertyName,
  ResponseCode,
  validateTopic,
  isWriteable,
} from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
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

/** Refuses sends before the time from which the broker takes them. Java: SendMessageProcessor#preSend. */
export function refuseBeforeStart(config: BrokerConfig, now: () => number): Refusal | undefined {
  const startMs = config.startAcceptSendRequestTimeStamp
  if (startMs <= 0 || now() >= startMs) return undefined
  const remark = `broker unable to service, until ${new Date(startMs).toISOString()}: send later, or elsewhere`
  return { code: ResponseCode.SYSTEM_ERROR, remark }
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
    const remark = `Sending message to topic[${topic}] is forbidden: it belongs to the broker, send to one of your own`
    return { code: ResponseCode.NO_PERMISSION, remark }
  }
  return undefined
}

/** Refuses a queue the topic does not have; a negative id lets the broker choose. */
export function refuseQueue(
  send: CheckedSend,
  queues: { readonly readQueueNums: number; readonly writeQueueNums: number },
): Refusal | undefined {
  const count = Math.max(queues.writeQueueNums, queues.readQueueNums)
  if (send.queueId < count) return undefined
  const remark = `request queueId[${send.queueId}] is illegal, topic ${send.topic} has ${count} queues: refresh the route, or update the topic`
  return { code: ResponseCode.INVALID_PARAMETER, remark }
}

/** The answer for a topic that does not exist and may not be created. */
export function topicMissing(topic: string, topics: TopicConfigManager): Refusal {
  const reason = topics.hasRoomFor(1)
    ? 'create it with updateTopic, or set autoCreateTopicEnable=true'
    : 'this broker has maxTopicNums topics, delete some, or raise it'
  return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `topic[${topic}] not exist: ${reason}` }
}

/** What a batch must not be. Java: SendMessageProcessor#sendBatchMessage. */
export function refuseBatch(topic: string, bodyLength: number, config: BrokerConfig): Refusal | undefined {
  if (topic.length > MAX_TOPIC_LENGTH || isRetryTopic(topic)) {
    const remark = `a batch may not go to ${topic}: its name is too long or belongs to retries; send one by one`
    return { code: ResponseCode.MESSAGE_ILLEGAL, remark }
  }
  const { maxMessageSize } = config
  if (bodyLength <= maxMessageSize) return undefined
  const remark = `the batch has ${bodyLength} bytes, more than maxMessageSize ${maxMessageSize}: send smaller batches`
  return { code: ResponseCode.SYSTEM_ERROR, remark }
}

/** Refuses half messages: this broker has no transactions. Java: SendMessageProcessor#sendMessage, rejectTransactionMessage. */
export function refuseTransaction(
  properties: ReadonlyMap<string, string>,
  reconsumeTimes: number,
): Refusal | undefined {
  if (properties.get(PropertyName.TRAN_MSG)?.toLowerCase() !== 'true') return undefined
  if (reconsumeTimes > 0 && Number(properties.get(PropertyName.DELAY) ?? 0) > 0) return undefined
  const remark = 'sending transaction message is forbidden on this broker: send the message without a transaction'
  return { code: ResponseCode.NO_PERMISSION, remark }
}

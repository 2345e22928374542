/** Longest topic name in characters. */
export const MAX_TOPIC_LENGTH = 127
/** Longest %RETRY% and %DLQ% topic name, and longest group name, in characters. */
export const MAX_GROUP_LENGTH = 255
/** Prefix of a consumer group's retry topic. */
export const RETRY_TOPIC_PREFIX = '%RETRY%'
/** Prefix of a consumer group's dead-letter topic. */
export const DLQ_TOPIC_PREFIX = '%DLQ%'
/** Prefix of topics that belong to a broker. */
export const SYSTEM_TOPIC_PREFIX = 'rmq_sys_'
/** Prefix of groups that belong to a broker. */
export const SYSTEM_GROUP_PREFIX = 'CID_RMQ_SYS_'
/** Light queues, made by INNER_MULTI_DISPATCH. */
export const LMQ_PREFIX = '%LMQ%'
/** The template of topics created by sending to them. */
export const AUTO_CREATE_TOPIC_KEY_TOPIC = 'TBW102'

/** Topics with a meaning of their own. Java: TopicValidator. */
export const SystemTopic = {
  AUTO_CREATE: AUTO_CREATE_TOPIC_KEY_TOPIC,
  SCHEDULE: 'SCHEDULE_TOPIC_XXXX',
  BENCHMARK: 'BenchmarkTest',
  TRANS_HALF: 'RMQ_SYS_TRANS_HALF_TOPIC',
  TRACE: 'RMQ_SYS_TRACE_TOPIC',
  TRANS_OP_HALF: 'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  TRANS_CHECK_MAX_TIME: 'TRANS_CHECK_MAX_TIME_TOPIC',
  SELF_TEST: 'SELF_TEST_TOPIC',
  OFFSET_MOVED_EVENT: 'OFFSET_MOVED_EVENT',
  CHECKPOINT: 'CHECKPOINT_TOPIC',
} as const

/** The fixed system topics; a broker adds its own (cluster, broker name, reply topic). */
export const systemTopics: ReadonlySet<string> = new Set(Object.values(SystemTopic))

const forbiddenTopics: ReadonlySet<string> = new Set([
  SystemTopic.SCHEDULE,
  SystemTopic.TRANS_HALF,
  SystemTopic.TRANS_OP_HALF,
  SystemTopic.TRANS_CHECK_MAX_TIME,
  SystemTopic.SELF_TEST,
  SystemTopic.OFFSET_MOVED_EVENT,
])

const LEGAL_NAME = /^[%|a-zA-Z0-9_-]+$/

/** True for fixed system topics and those with the system prefix. */
export function isSystemTopic(topic: string): boolean {
  return systemTopics.has(topic) || topic.startsWith(SYSTEM_TOPIC_PREFIX)
}

/** True for topics that clients may not send to. Java: TopicValidator#isNotAllowedSendTopic. */
export function isForbiddenTopic(topic: string): boolean {
  return forbiddenTopics.has(topic)
}

/** True for groups that belong to a broker. */
export function isSystemGroup(group: string): boolean {
  return group.startsWith(SYSTEM_GROUP_PREFIX)
}

/** The retry topic of a consumer group. */
export function retryTopic(group: string): string {
  return RETRY_TOPIC_PREFIX + group
}

/** True for retry topics. */
export function isRetryTopic(topic: string): boolean {
  return topic.startsWith(RETRY_TOPIC_PREFIX)
}

/** The consumer group of a retry topic; what follows a `+` in its name is no part of the group. */
export function retryGroup(topic: string): string {
  const name = topic.slice(RETRY_TOPIC_PREFIX.length)
  const plus = name.indexOf('+')
  return plus < 0 ? name : name.slice(0, plus)
}

/** The dead-letter topic of a consumer group. */
export function deadLetterTopic(group: string): string {
  return DLQ_TOPIC_PREFIX + group
}

/** Found legal last: messages that follow each other are often of one topic. */
let lastLegalTopic: string | undefined

/**
 * What is wrong with a topic's name in the words of a Java broker, or undefined. A legal name holds no dot and no slash,
 * so that it is safe as a directory's name. Java: TopicValidator#validateTopic.
 */
export function validateTopic(topic: string): string | undefined {
  if (topic === lastLegalTopic) return undefined
  if (topic.trim() === '') return 'The specified topic is blank.'
  if (!LEGAL_NAME.test(topic)) {
    return `The specified topic: ${topic}, contains illegal characters, allowing only ${LEGAL_NAME.source}`
  }
  const isOfGroup = topic.startsWith(RETRY_TOPIC_PREFIX) || topic.startsWith(DLQ_TOPIC_PREFIX)
  if (topic.length > (isOfGroup ? MAX_GROUP_LENGTH : MAX_TOPIC_LENGTH)) {
    return `The specified topic: ${topic}, is longer than topic max length.`
  }
  lastLegalTopic = topic
  return undefined
}

/** What is wrong with a group's name, or undefined. Java: TopicValidator#validateGroup. */
export function validateGroup(group: string): string | undefined {
  if (group.trim() === '') return 'The specified group is blank.'
  if (!LEGAL_NAME.test(group)) {
    return `The specified group: ${group}, contains illegal characters, allowing only ${LEGAL_NAME.source}`
  }
  return group.length > MAX_GROUP_LENGTH ? `The specified group: ${group}, is longer than group max length.` : undefined
}

import {
  isForbiddenTopic,
  MAX_TOPIC_LENGTH,
  PropertyName,
  ResponseCode,
  reservedPropertyNames,
  validateGroup,
  validateTopic,
} from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { Message } from './message.js'

const maxGroupLength = 120
const reservedGroups: ReadonlySet<string> = new Set(['DEFAULT_PRODUCER', 'DEFAULT_CONSUMER'])

/** Throws MQClientError CLIENT_CONFIG unless the option's text can name a group. Java: Validators#checkGroup. */
export function checkGroup(option: 'producerGroup' | 'consumerGroup', group: string): void {
  const fault = typeof group === 'string' ? groupFault(option, group) : `${option} is missing`
  if (fault === undefined) return
  throw new MQClientError(fault, { code: 'CLIENT_CONFIG', fields: { option, value: group } })
}

function groupFault(option: string, group: string): string | undefined {
  if (group.length > maxGroupLength) return `${option} '${group}' is longer than ${maxGroupLength} characters`
  if (reservedGroups.has(group)) return `${option} '${group}' is reserved`
  return validateGroup(group)
}

/** Throws MQClientError MESSAGE_ILLEGAL unless the text can name a topic. Java: Validators#checkTopic. */
export function checkTopic(topic: string): void {
  if (typeof topic !== 'string') throw illegalMessage('the topic is missing')
  const fault = validateTopic(topic)
  if (fault !== undefined) throw illegalMessage(fault)
  if (topic.length > MAX_TOPIC_LENGTH) {
    throw illegalMessage(`topic '${topic}' is longer than ${MAX_TOPIC_LENGTH} characters`)
  }
}

/**
 * Throws MQClientError MESSAGE_ILLEGAL unless the message may be sent: a legal topic that clients may send to, a body that is
 * neither empty nor too large, properties that are not RocketMQ's own. Java: Validators#checkMessage, Message#putUserProperty.
 */
export function checkMessage(message: Message, maxMessageSize: number): void {
  if (typeof message !== 'object') throw illegalMessage('the message is not an object')
  checkTopic(message.topic)
  if (isForbiddenTopic(message.topic)) {
    throw illegalMessage(`sending to topic '${message.topic}' is forbidden: it belongs to the broker`)
  }
  checkBody(message.body, maxMessageSize)
  if (message.flag !== undefined && (message.flag | 0) !== message.flag) {
    throw illegalMessage(`the flag ${message.flag} is no whole number of 32 bits`)
  }
  for (const [name, value] of propertiesOf(message)) checkProperty(name, value)
}

/** The entries of a message's own properties. */
export function propertiesOf(message: Message): Iterable<[string, string]> {
  const { properties } = message
  if (properties === undefined) return []
  return isMap(properties) ? properties : Object.entries(properties)
}

/** A MESSAGE_ILLEGAL error that says what is wrong. */
export function illegalMessage(fault: string): MQClientError {
  return new MQClientError(fault, { code: 'MESSAGE_ILLEGAL', responseCode: ResponseCode.MESSAGE_ILLEGAL })
}

function isMap(properties: NonNullable<Message['properties']>): properties is ReadonlyMap<string, string> {
  return properties instanceof Map
}

function checkBody(body: Message['body'], maxMessageSize: number): void {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw illegalMessage('the message body is neither a string nor a Uint8Array')
  }
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  if (size === 0) throw illegalMessage('the message body is empty')
  if (size > maxMessageSize) {
    throw illegalMessage(`the message body of ${size} bytes is larger than maxMessageSize, ${maxMessageSize} bytes`)
  }
}

function checkProperty(name: string, value: string): void {
  if (reservedPropertyNames.has(name)) {
    throw illegalMessage(`the property name '${name}' is used by RocketMQ itself`)
  }
  if (typeof value !== 'string' || name.trim() === '' || value.trim() === '') {
    throw illegalMessage(`the property '${name}' has an empty name or value, which would be lost`)
  }
  if (name === PropertyName.INNER_MULTI_DISPATCH && value.includes('/')) {
    throw illegalMessage(`the property '${name}' contains '/'`)
  }
}

import type { MessageExt } from '@mq/client'
import { textOf } from './body-text.js'

/** Properties that have a field of their own. */
const ownFields = new Set(['TAGS', 'KEYS'])

/** A message as one JSON document, without a line feed. A body that is no UTF-8 is given as base64. */
export function messageJson(number: number, message: MessageExt, receivedTimestamp: number): string {
  const { topic, brokerName, queueId, queueOffset, msgId, offsetMsgId, properties } = message
  const text = textOf(message.body)
  return JSON.stringify({
    number,
    topic,
    brokerName,
    queueId,
    queueOffset,
    msgId,
    offsetMsgId,
    tags: properties.get('TAGS'),
    keys: keysOf(message),
    properties: Object.fromEntries([...properties].filter(([name]) => !ownFields.has(name))),
    reconsumeTimes: message.reconsumeTimes,
    bornTimestamp: message.bornTimestamp,
    storeTimestamp: message.storeTimestamp,
    receivedTimestamp,
    ...(text === undefined ? { bodyBase64: message.body.toString('base64') } : { body: text }),
  })
}

/** The keys a message can be found by. */
export function keysOf({ properties }: MessageExt): string[] {
  return (properties.get('KEYS') ?? '').split(' ').filter((key) => key !== '')
}

import { encodeProperties, type MessageExtBrokerInner, type MessageProperties, parseHostAddress } from '@mq/remoting'
import type { MessageInput } from './message-store.js'

const defaultBornHost = parseHostAddress('127.0.0.1:0')
const defaultStoreHost = parseHostAddress('127.0.0.1:10911')

/**
 * Completes a message with what was left out; `now` is in ms since the epoch.
 * @throws MessageFormatError for a host that is no `ip:port` or a property that cannot be encoded.
 */
export function completeMessage(input: MessageInput | MessageExtBrokerInner, now: number): MessageExtBrokerInner {
  const properties = toProperties(input.properties)
  return {
    topic: input.topic,
    queueId: input.queueId ?? 0,
    flag: input.flag ?? 0,
    sysFlag: input.sysFlag ?? 0,
    body: toBuffer(input.body),
    properties,
    propertiesString: encodeProperties(properties),
    bornTimestamp: input.bornTimestamp ?? now,
    bornHost: toHost(input.bornHost) ?? defaultBornHost,
    storeHost: toHost(input.storeHost) ?? defaultStoreHost,
    reconsumeTimes: input.reconsumeTimes ?? 0,
    preparedTransactionOffset: input.preparedTransactionOffset ?? 0,
  }
}

function toBuffer(body: MessageInput['body']): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

function toProperties(properties: MessageInput['properties']): MessageProperties {
  if (properties === undefined) return new Map()
  return new Map(properties instanceof Map ? properties : Object.entries(properties))
}

function toHost(
  host: string | MessageExtBrokerInner['bornHost'] | undefined,
): MessageExtBrokerInner['bornHost'] | undefined {
  return typeof host === 'string' ? parseHostAddress(host) : host
}

import { PropertyName } from '@mq/remoting'
import type { MessageType } from './send-message-hook.js'

const delaying = [
  PropertyName.DELAY,
  PropertyName.TIMER_DELIVER_MS,
  PropertyName.TIMER_DELAY_SEC,
  PropertyName.TIMER_DELAY_MS,
]

/** What a message is to be, as its properties say. Java: SendMessageProcessor, the msgType of its context. */
export function messageTypeOf(properties: ReadonlyMap<string, string>): MessageType {
  if (properties.has(PropertyName.SHARDING_KEY)) return 'ORDER'
  if (delaying.some((name) => properties.has(name))) return 'DELAY'
  return properties.get(PropertyName.TRAN_MSG)?.toLowerCase() === 'true' ? 'TRANSACTION_HALF' : 'NORMAL'
}

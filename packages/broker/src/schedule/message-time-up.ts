import type { MessageExt, MessageExtBrokerInner } from '@mq/remoting'
import { encodeProperties, PropertyName, SystemTopic, validateTopic } from '@mq/remoting'

/** What a stored message keeps of its delay, and what must not delay it again. */
const delayProperties = [PropertyName.DELAY, PropertyName.TIMER_DELIVER_MS, PropertyName.TIMER_DELAY_SEC]

/**
 * The message as it goes to its own topic and queue: all its properties are stored again, its delay included, while hooks see it
 * without. Undefined when nothing says where it belongs, or it belongs where it must not go. Java: ScheduleMessageService#messageTimeUp.
 */
export function messageTimeUp(message: MessageExt): MessageExtBrokerInner | undefined {
  const { body, flag, sysFlag, bornTimestamp, bornHost, storeHost, reconsumeTimes } = message
  const topic = message.properties.get(PropertyName.REAL_TOPIC)
  const queueId = Number(message.properties.get(PropertyName.REAL_QID))
  if (topic === undefined || validateTopic(topic) !== undefined || topic === SystemTopic.TRANS_HALF) return undefined
  if (!Number.isInteger(queueId) || queueId < 0) return undefined
  const properties = new Map(message.properties)
  for (const name of delayProperties) properties.delete(name)
  properties.set(PropertyName.WAIT, 'false')
  return {
    topic,
    queueId,
    flag,
    sysFlag,
    body,
    properties,
    propertiesString: encodeProperties(message.properties),
    bornTimestamp,
    bornHost,
    storeHost,
    reconsumeTimes,
    preparedTransactionOffset: 0,
  }
}

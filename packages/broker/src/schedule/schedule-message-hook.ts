import { PropertyName, SystemFlag } from '@mq/remoting'
import type { PutMessageHook, PutMessageRefusal } from '@mq/store'
import { SCHEDULE_TOPIC } from '../topics/system-topics.js'

const timerProperties = [PropertyName.TIMER_DELAY_SEC, PropertyName.TIMER_DELAY_MS, PropertyName.TIMER_DELIVER_MS]

/**
 * Puts a message with a delay level where it waits, keeping its own topic and queue in REAL_TOPIC and REAL_QID, and refuses
 * one with a delivery time, since there is no timer wheel. A level above the highest becomes it. Java: HookUtils#handleScheduleMessage.
 */
export function scheduleMessageHook(maxDelayLevel: number): PutMessageHook {
  return {
    name: 'handleScheduleMessage',
    executeBeforePutMessage(message) {
      const transaction = message.sysFlag & SystemFlag.TRANSACTION_ROLLBACK
      if (transaction !== SystemFlag.TRANSACTION_NOT && transaction !== SystemFlag.TRANSACTION_COMMIT) return undefined
      const { properties } = message
      const delay = properties.get(PropertyName.DELAY)
      if (delay === undefined) return refuseTimed(properties)
      if (!/^[+-]?\d{1,9}$/.test(delay)) {
        return { status: 'UNKNOWN_ERROR', remark: `DELAY '${delay}' is no delay level: use 1 to ${maxDelayLevel}` }
      }
      const level = Math.min(Number(delay), maxDelayLevel)
      if (level <= 0) return refuseTimed(properties)
      for (const name of timerProperties) properties.delete(name)
      properties.set(PropertyName.DELAY, String(level))
      properties.set(PropertyName.REAL_TOPIC, message.topic)
      properties.set(PropertyName.REAL_QID, String(message.queueId))
      // It no longer says the same as the properties.
      message.propertiesString = undefined
      message.topic = SCHEDULE_TOPIC
      message.queueId = level - 1
      return undefined
    },
  }
}

function refuseTimed(properties: ReadonlyMap<string, string>): PutMessageRefusal | undefined {
  for (const name of timerProperties) if (properties.has(name)) return { status: 'WHEEL_TIMER_NOT_ENABLE' }
  return undefined
}

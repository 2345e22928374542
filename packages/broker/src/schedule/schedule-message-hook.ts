import { PropertyName, SystemFlag } from '@mq/remoting'
import type { PutMessageHook } from '@mq/store'
import { SCHEDULE_TOPIC } from '../topics/system-topics.js'

/** Java's delay levels are 1 to 18. */
export const MAX_DELAY_LEVEL = 18

const timerProperties = [PropertyName.TIMER_DELAY_SEC, PropertyName.TIMER_DELAY_MS, PropertyName.TIMER_DELIVER_MS]

/**
 * Puts a message with a delay level where it waits, keeping its own topic and queue in REAL_TOPIC and REAL_QID, and refuses
 * one with a delivery time, since there is no timer wheel. Java: HookUtils#handleScheduleMessage.
 */
export function scheduleMessageHook(maxDelayLevel: number): PutMessageHook {
  return {
    name: 'handleScheduleMessage',
    executeBeforePutMessage(message) {
      const transaction = message.sysFlag & SystemFlag.TRANSACTION_ROLLBACK
      if (transaction !== 0 && transaction !== SystemFlag.TRANSACTION_COMMIT) return undefined
      const { properties } = message
      const level = Number(properties.get(PropertyName.DELAY) ?? 0)
      if (!(level > 0)) {
        const timed = timerProperties.some((name) => properties.has(name))
        return timed ? { status: 'WHEEL_TIMER_NOT_ENABLE' } : undefined
      }
      for (const name of timerProperties) properties.delete(name)
      const reached = Math.min(level, maxDelayLevel)
      properties.set(PropertyName.DELAY, String(reached))
      properties.set(PropertyName.REAL_TOPIC, message.topic)
      properties.set(PropertyName.REAL_QID, String(message.queueId))
      message.topic = SCHEDULE_TOPIC
      message.queueId = reached - 1
      return undefined
    },
  }
}

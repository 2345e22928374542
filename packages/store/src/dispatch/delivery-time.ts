import { PropertyName, SystemTopic } from '@mq/remoting'

/** Delays of the levels in ms, level 1 first; at least one. */
export type DelayLevels = readonly number[]

/** The levels of a store that is told nothing else. */
export const defaultMessageDelayLevel = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h'

/** Levels that a store knows at most: each is a queue of the schedule topic. */
const maxDelayLevels = 128

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads delays such as `1s 5s 10m 2h 1d`, separated by blanks; `undefined` when one of them is none, or there are none, or more than 128.
 * Java: ScheduleMessageService#parseDelayLevel.
 */
export function parseDelayLevels(text: string): DelayLevels | undefined {
  const words = text.trim().split(/\s+/)
  if (words.length > maxDelayLevels) return undefined
  const levels: number[] = []
  for (const word of words) {
    const [, count, unit] = /^(\d{1,7})([smhd])$/.exec(word) ?? []
    if (count === undefined || unit === undefined) return undefined
    levels.push(Number(count) * (unitsMs[unit] as number))
  }
  return levels
}

/**
 * When a delayed message is due, in ms since the epoch; `undefined` for every other message. Consume queues of the schedule topic hold it in
 * place of the tags code. Java: CommitLog#checkMessageAndReturnSize, ScheduleMessageService#computeDeliverTimestamp.
 */
export function deliveryTimeOf(
  record: {
    readonly topic: string
    readonly properties: ReadonlyMap<string, string>
    readonly storeTimestamp: number
  },
  delayLevels: DelayLevels,
): number | undefined {
  if (record.topic !== SystemTopic.SCHEDULE) return undefined
  const level = Number.parseInt(record.properties.get(PropertyName.DELAY) ?? '0', 10)
  if (!(level > 0)) return undefined
  return record.storeTimestamp + (delayLevels[Math.min(level, delayLevels.length) - 1] as number)
}

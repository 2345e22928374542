import { PropertyName, SystemTopic } from '@mq/remoting'

/** Delays of the levels 1 to 18 in ms. Java: MessageStoreConfig#messageDelayLevel. */
const delayLevelsMs: readonly number[] = [
  1_000, 5_000, 10_000, 30_000, 60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 420_000, 480_000, 540_000, 600_000,
  1_200_000, 1_800_000, 3_600_000, 7_200_000,
]

/**
 * When a delayed message is due, in ms since the epoch; `undefined` for every other message. Consume queues of the schedule topic hold it in
 * place of the tags code. Java: CommitLog#checkMessageAndReturnSize, ScheduleMessageService#computeDeliverTimestamp.
 */
export function deliveryTimeOf(record: {
  readonly topic: string
  readonly properties: ReadonlyMap<string, string>
  readonly storeTimestamp: number
}): number | undefined {
  if (record.topic !== SystemTopic.SCHEDULE) return undefined
  const level = Number.parseInt(record.properties.get(PropertyName.DELAY) ?? '0', 10)
  if (!(level > 0)) return undefined
  return record.storeTimestamp + (delayLevelsMs[Math.min(level, delayLevelsMs.length) - 1] as number)
}

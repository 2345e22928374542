import { type ConsumeFromWhere, isRetryTopic, type Logger, type MessageQueue } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { OffsetStore, ReadOffsetType } from '../offsets/offset-store.js'

/** The questions to a broker that a start offset may need; MQAdmin answers them. */
interface QueueBounds {
  /** One past the last message. */
  maxOffset(queue: MessageQueue): Promise<number>
  /** First message stored at this time or later. */
  searchOffset(queue: MessageQueue, timestamp: number): Promise<number>
}

/** What {@link computePullFromWhere} decides by. */
export interface StartOffsetOptions {
  readonly offsetStore: OffsetStore
  readonly bounds: QueueBounds
  readonly consumeFromWhere: ConsumeFromWhere
  /** For CONSUME_FROM_TIMESTAMP, milliseconds since the epoch. */
  readonly consumeTimestamp: number
  /** Where the group's own offset is looked for. */
  readonly readType: ReadOffsetType
  readonly logger: Logger
}

/**
 * Where a group begins in a queue: at its offset if it has one, else where the options say; undefined when the offset could not
 * be asked. Rejects when a bound of the queue could not be asked. Java: computePullFromWhereWithException.
 *
 * A group without an offset is told 0 by a broker whose queue begins at 0 and still has that message in memory, so a new group
 * with CONSUME_FROM_LAST_OFFSET consumes a young topic from its beginning, as in Java.
 */
export async function computePullFromWhere(
  queue: MessageQueue,
  options: StartOffsetOptions,
): Promise<number | undefined> {
  const { offsetStore, consumeFromWhere, logger } = options
  const stored = await offsetStore.readOffset(queue, options.readType)
  if (stored === 'UNAVAILABLE') return undefined
  if (stored !== 'NOT_FOUND') {
    const mayBeNew = stored === 0 && isFromLast(consumeFromWhere) && !isRetryTopic(queue.topic)
    if (mayBeNew) {
      logger.info(
        'the broker answers offset 0: a new group begins at the first message although it asks for the last, because the ' +
          'queue still has all its messages in memory',
        { ...queue, consumeFromWhere },
      )
    }
    return stored
  }
  const nextOffset = await startOfNewGroup(queue, options)
  logger.info('a group without an offset begins in a queue', { ...queue, consumeFromWhere, nextOffset })
  return nextOffset
}

/** A time as an option: a Date, or Java's `yyyyMMddHHmmss` in local time. @throws MQClientError CLIENT_CONFIG. */
export function parseConsumeTimestamp(value: string | Date): number {
  const ms = typeof value === 'string' ? parseLocalTime(value) : value.getTime()
  if (Number.isFinite(ms)) return ms
  throw new MQClientError(`consumeTimestamp is ${String(value)}, but must be a Date or yyyyMMddHHmmss in local time`, {
    code: 'CLIENT_CONFIG',
    fields: { option: 'consumeTimestamp', value },
  })
}

function isFromLast(consumeFromWhere: ConsumeFromWhere): boolean {
  return consumeFromWhere !== 'CONSUME_FROM_FIRST_OFFSET' && consumeFromWhere !== 'CONSUME_FROM_TIMESTAMP'
}

async function startOfNewGroup(queue: MessageQueue, options: StartOffsetOptions): Promise<number> {
  const { bounds, consumeFromWhere, consumeTimestamp } = options
  switch (consumeFromWhere) {
    case 'CONSUME_FROM_FIRST_OFFSET':
      // Where 0 is no longer kept, the first pull is told the first offset that is.
      return 0
    case 'CONSUME_FROM_TIMESTAMP':
      return isRetryTopic(queue.topic) ? bounds.maxOffset(queue) : bounds.searchOffset(queue, consumeTimestamp)
    default:
      return isRetryTopic(queue.topic) ? 0 : bounds.maxOffset(queue)
  }
}

function parseLocalTime(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return Number.NaN
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts
  return new Date(year, month - 1, day, hours, minutes, seconds).getTime()
}

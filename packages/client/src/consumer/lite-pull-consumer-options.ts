import type { ConsumeFromWhere, MessageQueue } from '@mq/remoting'
import { within } from '../instance/client-options.js'
import type { QueueShare } from '../rebalance/rebalance.js'
import { parseConsumeTimestamp } from '../rebalance/start-offset.js'
import {
  type ActiveConsumerConfig,
  type ActiveConsumerOptions,
  resolveActiveConsumerConfig,
} from './pull-consumer-options.js'
import type { UndecodableMessage } from './pull-result.js'

/** Settings of a lite pull consumer, with Java's names and defaults. Java: DefaultLitePullConsumer. */
export interface LitePullConsumerOptions extends ActiveConsumerOptions {
  /** Where a group begins that has no offset for a queue. Default `CONSUME_FROM_LAST_OFFSET`. */
  readonly consumeFromWhere?: ConsumeFromWhere
  /** For CONSUME_FROM_TIMESTAMP: a time, or `yyyyMMddHHmmss` in local time. Default: half an hour before now. */
  readonly consumeTimestamp?: string | Date
  /** Whether what earlier polls handed out is committed by itself. Default true. */
  readonly autoCommit?: boolean
  /** Milliseconds between two such commits, at least 1000. Default 5000. */
  readonly autoCommitIntervalMillis?: number
  /** Milliseconds a poll waits for a message unless it says otherwise. Default 5000. */
  readonly pollTimeoutMillis?: number
  /** Messages a pull asks for, which is what a poll returns at most, 1 to 1024. Default 10. */
  readonly pullBatchSize?: number
  /** Messages cached of all queues before pulls pause, 1 to 6553500. Default 10000. */
  readonly pullThresholdForAll?: number
  /** Messages cached of a queue before its pulls pause, 1 to 65535. Default 1000. */
  readonly pullThresholdForQueue?: number
  /** MiB of bodies cached of a queue before its pulls pause, 1 to 1024. Default 100. */
  readonly pullThresholdSizeForQueue?: number
  /** From the first to the last offset cached of a queue at most, 1 to 65535. Default 2000. */
  readonly consumeMaxSpan?: number
  /** Milliseconds until the next pull after one that failed. Default 1000. */
  readonly pullTimeDelayMillsWhenException?: number
  /** Milliseconds between two looks at the queues of topics with a change listener. Default 30000. */
  readonly topicMetadataCheckIntervalMillis?: number
  /** Hears of this member's share of a topic subscribed to. Java: MessageQueueListener. */
  readonly messageQueueListener?: (topic: string, share: QueueShare) => void
  /** Hears of stored messages that cannot be read; they are skipped, and logged in any case. */
  readonly onUndecodable?: (message: UndecodableMessage, queue: MessageQueue) => void
}

const maxInt = 2_147_483_647

/** Every numeric option with its default and range. */
const numericOptions = {
  autoCommitIntervalMillis: { default: 5000, min: 1000, max: maxInt },
  pollTimeoutMillis: { default: 5000, min: 0, max: maxInt },
  pullBatchSize: { default: 10, min: 1, max: 1024 },
  pullThresholdForAll: { default: 10_000, min: 1, max: 6_553_500 },
  pullThresholdForQueue: { default: 1000, min: 1, max: 65_535 },
  pullThresholdSizeForQueue: { default: 100, min: 1, max: 1024 },
  consumeMaxSpan: { default: 2000, min: 1, max: 65_535 },
  pullTimeDelayMillsWhenException: { default: 1000, min: 1, max: 65_535 },
  topicMetadataCheckIntervalMillis: { default: 30_000, min: 10, max: maxInt },
} as const

type NumericOption = keyof typeof numericOptions

/** The settings in force after defaults. */
export interface LitePullConsumerConfig extends ActiveConsumerConfig, Readonly<Record<NumericOption, number>> {
  readonly consumeFromWhere: ConsumeFromWhere
  /** Milliseconds since the epoch. */
  readonly consumeTimestamp: number
  readonly autoCommit: boolean
}

const defaultTimestampAgeMs = 30 * 60_000

/** Applies the defaults and checks the values; throws MQClientError CLIENT_CONFIG naming the option that cannot be used. */
export function resolveLitePullConsumerConfig(options: LitePullConsumerOptions): LitePullConsumerConfig {
  const active = resolveActiveConsumerConfig(options)
  const { consumeTimestamp = new Date(active.client.runtime.clock.now() - defaultTimestampAgeMs) } = options
  const numbers = Object.entries(numericOptions).map(([name, { default: byDefault, ...range }]) => {
    return [name, within(range, name, options[name as NumericOption] ?? byDefault)]
  })
  return {
    ...active,
    consumeFromWhere: options.consumeFromWhere ?? 'CONSUME_FROM_LAST_OFFSET',
    consumeTimestamp: parseConsumeTimestamp(consumeTimestamp),
    autoCommit: options.autoCommit ?? true,
    ...(Object.fromEntries(numbers) as Record<NumericOption, number>),
  }
}

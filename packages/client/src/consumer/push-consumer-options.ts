import { type ConsumeFromWhere, type MessageModel, type MessageQueue, retryTopic, withNamespace } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { ClientConfig } from '../instance/client-config.js'
import { atLeast, type ClientOptions, resolveClientConfig, within } from '../instance/client-options.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import { checkGroup } from '../producer/message-validation.js'
import type { AllocateMessageQueueStrategy } from '../rebalance/allocate-message-queue-strategy.js'
import { parseConsumeTimestamp } from '../rebalance/start-offset.js'
import type { QueueShare } from '../rebalance/rebalance.js'
import type { ConsumeMessageHook } from './consume-hooks.js'
import type { UndecodableMessage } from './pull-result.js'

/** Settings of a push consumer, with Java's names and defaults. Java: DefaultMQPushConsumer, ClientConfig. */
export interface PushConsumerOptions extends ClientOptions {
  /** Names the consumers that share messages, 1 to 120 characters of `%|a-zA-Z0-9_-`; all of them subscribe to the same. */
  readonly consumerGroup: string
  /** Whether the members of the group share the messages or each gets all. Default `CLUSTERING`. */
  readonly messageModel?: MessageModel
  /** Where a group begins that has no offset for a queue. Default `CONSUME_FROM_LAST_OFFSET`. */
  readonly consumeFromWhere?: ConsumeFromWhere
  /** For CONSUME_FROM_TIMESTAMP: a time, or `yyyyMMddHHmmss` in local time. Default: half an hour before now. */
  readonly consumeTimestamp?: string | Date
  /** Which queues are this member's; the same for the whole group. Default `AVG`. */
  readonly allocateMessageQueueStrategy?: AllocateMessageQueueStrategy
  /** Where offsets are kept. Default: at the brokers, and in a file for BROADCASTING. */
  readonly offsetStore?: OffsetStore
  /** Directory of that file. Default `.rocketmq_offsets` in the home directory. Java: rocketmq.client.localOffsetStoreDir. */
  readonly localOffsetStoreDir?: string
  /** Handlers that run at the same time, over all queues, 1 to 1000. Default 20. Java's consumeThreadMin has no meaning here. */
  readonly consumeThreadMax?: number
  /** Messages handed to a handler together at most, 1 to 1024. Default 1. */
  readonly consumeMessageBatchMaxSize?: number
  /** From the first to the last offset cached of a queue at most, 1 to 65535, unless consumed in order. Default 2000. */
  readonly consumeConcurrentlyMaxSpan?: number
  /** Messages cached of a queue before pulls pause, 1 to 65535. Default 1000. */
  readonly pullThresholdForQueue?: number
  /** MiB of bodies cached of a queue before pulls pause, 1 to 1024. Default 100. */
  readonly pullThresholdSizeForQueue?: number
  /** Messages cached of all queues before pulls pause, shared out among them, 1 to 6553500; -1 is no limit. Default -1. */
  readonly pullThresholdForTopic?: number
  /** MiB cached of all queues before pulls pause, shared out among them, 1 to 102400; -1 is no limit. Default -1. */
  readonly pullThresholdSizeForTopic?: number
  /** Milliseconds between two pulls of a queue, 0 to 65535. Default 0. */
  readonly pullInterval?: number
  /** Messages a pull asks for, 1 to 1024. Default 32. */
  readonly pullBatchSize?: number
  /** Bytes a pull asks for. Default 262144. */
  readonly pullBatchSizeInBytes?: number
  /** Milliseconds until the next pull after one that failed. Default 1000. */
  readonly pullTimeDelayMillsWhenException?: number
  /** Whether every pull carries the subscription. Default false. */
  readonly postSubscriptionWhenPull?: boolean
  /** Deliveries of a message after the first one at most; -1 is 16, and no limit when consumed in order. Default -1. */
  readonly maxReconsumeTimes?: number
  /** Milliseconds until a queue consumed in order goes on after a failure, 10 to 30000. Default 1000. */
  readonly suspendCurrentQueueTimeMillis?: number
  /** Minutes a handler may take before its message is given to others. Default 15. */
  readonly consumeTimeout?: number
  /** Called around every call of the handler. */
  readonly consumeMessageHooks?: readonly ConsumeMessageHook[]
  /** Hears of this member's share of a topic. Java: MessageQueueListener. */
  readonly messageQueueListener?: (topic: string, share: QueueShare) => void
  /** Hears of stored messages that cannot be read; they are skipped, and logged in any case. */
  readonly onUndecodable?: (message: UndecodableMessage, queue: MessageQueue) => void
}

/** Every numeric option with its default and range. */
const numericOptions = {
  consumeThreadMax: { default: 20, min: 1, max: 1000 },
  consumeMessageBatchMaxSize: { default: 1, min: 1, max: 1024 },
  consumeConcurrentlyMaxSpan: { default: 2000, min: 1, max: 65_535 },
  pullThresholdForQueue: { default: 1000, min: 1, max: 65_535 },
  pullThresholdSizeForQueue: { default: 100, min: 1, max: 1024 },
  pullInterval: { default: 0, min: 0, max: 65_535 },
  pullBatchSize: { default: 32, min: 1, max: 1024 },
  pullBatchSizeInBytes: { default: 262_144, min: 1, max: 2_147_483_647 },
  pullTimeDelayMillsWhenException: { default: 1000, min: 1, max: 65_535 },
  maxReconsumeTimes: { default: -1, min: -1, max: 2_147_483_647 },
  suspendCurrentQueueTimeMillis: { default: 1000, min: 10, max: 30_000 },
} as const

type NumericOption = keyof typeof numericOptions

/** The settings in force after defaults. */
export interface PushConsumerConfig extends Readonly<Record<NumericOption, number>> {
  readonly client: ClientConfig
  /** Within the namespace. */
  readonly consumerGroup: string
  /** The group's retry topic, within the namespace. */
  readonly retryTopic: string
  readonly messageModel: MessageModel
  readonly consumeFromWhere: ConsumeFromWhere
  /** Milliseconds since the epoch. */
  readonly consumeTimestamp: number
  readonly pullThresholdForTopic: number
  readonly pullThresholdSizeForTopic: number
  readonly postSubscriptionWhenPull: boolean
  /** Minutes. */
  readonly consumeTimeout: number
}

const consumeFromWheres: readonly ConsumeFromWhere[] = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST',
  'CONSUME_FROM_MIN_OFFSET',
  'CONSUME_FROM_MAX_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
]
const defaultTimestampAgeMs = 30 * 60_000

/** Applies the defaults and checks the values; throws MQClientError CLIENT_CONFIG naming the option that cannot be used. */
export function resolvePushConsumerConfig(options: PushConsumerOptions): PushConsumerConfig {
  checkGroup('consumerGroup', options.consumerGroup)
  const messageModel = oneOf(['CLUSTERING', 'BROADCASTING'], 'messageModel', options.messageModel ?? 'CLUSTERING')
  const client = resolveClientConfig(options, { keepsDefaultName: messageModel === 'BROADCASTING' })
  const consumerGroup = withNamespace(client.namespace, options.consumerGroup)
  const { consumeTimestamp = new Date(client.runtime.clock.now() - defaultTimestampAgeMs) } = options
  return {
    client,
    consumerGroup,
    retryTopic: retryTopic(consumerGroup),
    messageModel,
    consumeFromWhere: oneOf(
      consumeFromWheres,
      'consumeFromWhere',
      options.consumeFromWhere ?? 'CONSUME_FROM_LAST_OFFSET',
    ),
    consumeTimestamp: parseConsumeTimestamp(consumeTimestamp),
    pullThresholdForTopic: unlessNone(options.pullThresholdForTopic, 'pullThresholdForTopic', 6_553_500),
    pullThresholdSizeForTopic: unlessNone(options.pullThresholdSizeForTopic, 'pullThresholdSizeForTopic', 102_400),
    postSubscriptionWhenPull: options.postSubscriptionWhenPull ?? false,
    consumeTimeout: atLeast(1, 'consumeTimeout', options.consumeTimeout ?? 15),
    ...resolveNumbers(options),
  }
}

function resolveNumbers(options: PushConsumerOptions): Record<NumericOption, number> {
  const entries = Object.entries(numericOptions).map(([name, { default: byDefault, ...range }]) => {
    return [name, within(range, name, options[name as NumericOption] ?? byDefault)]
  })
  return Object.fromEntries(entries) as Record<NumericOption, number>
}

function unlessNone(value: number | undefined, option: string, max: number): number {
  return value === undefined || value === -1 ? -1 : within({ min: 1, max }, option, value)
}

function oneOf<const T extends string>(allowed: readonly T[], option: string, value: T): T {
  if (allowed.includes(value)) return value
  throw new MQClientError(`${option} is ${value}, but must be one of ${allowed.join(', ')}`, {
    code: 'CLIENT_CONFIG',
    fields: { option, value },
  })
}

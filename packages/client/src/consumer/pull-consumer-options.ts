import { type MessageModel, retryTopic, withNamespace } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { ClientConfig } from '../instance/client-config.js'
import { type ClientOptions, resolveClientConfig, within } from '../instance/client-options.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import { checkGroup } from '../producer/message-validation.js'
import type { AllocateMessageQueueStrategy } from '../rebalance/allocate-message-queue-strategy.js'

/** Settings of every consumer that pulls when the application says so, with Java's names and defaults. */
export interface ActiveConsumerOptions extends ClientOptions {
  /** Names the consumers that share offsets, 1 to 120 characters of `%|a-zA-Z0-9_-`. */
  readonly consumerGroup: string
  /** Whether the members of the group share the queues or each has all. Default `CLUSTERING`. */
  readonly messageModel?: MessageModel
  /** Milliseconds a broker may hold a pull until a message comes. Default 20000. */
  readonly brokerSuspendMaxTimeMillis?: number
  /** Milliseconds until the answer to a pull that may be held has to be here; at least brokerSuspendMaxTimeMillis. Default 30000. */
  readonly consumerTimeoutMillisWhenSuspend?: number
  /** Which queues are this member's; the same for the whole group. Default `AVG`. */
  readonly allocateMessageQueueStrategy?: AllocateMessageQueueStrategy
  /** Where offsets are kept. Default: at the brokers, and in a file for BROADCASTING. */
  readonly offsetStore?: OffsetStore
  /** Directory of that file. Default `.rocketmq_offsets` in the home directory. Java: rocketmq.client.localOffsetStoreDir. */
  readonly localOffsetStoreDir?: string
}

/** Settings of a pull consumer. Java: DefaultMQPullConsumer. */
export interface PullConsumerOptions extends ActiveConsumerOptions {
  /** Topics the group is announced with, and whose queues are shared out among its members. Default none. */
  readonly registerTopics?: readonly string[]
  /** Milliseconds a pull that may not be held may take. Default 10000. */
  readonly consumerPullTimeoutMillis?: number
  /** Deliveries of a message that was sent back at most. Default 16. */
  readonly maxReconsumeTimes?: number
}

const numericOptions = {
  brokerSuspendMaxTimeMillis: { default: 20_000, min: 1 },
  consumerTimeoutMillisWhenSuspend: { default: 30_000, min: 1 },
  consumerPullTimeoutMillis: { default: 10_000, min: 1 },
  maxReconsumeTimes: { default: 16, min: -1 },
} as const

const maxInt = 2_147_483_647

/** What both kinds of active consumers have in force after defaults. */
export interface ActiveConsumerConfig {
  readonly client: ClientConfig
  /** Within the namespace. */
  readonly consumerGroup: string
  /** The group's retry topic, within the namespace. */
  readonly retryTopic: string
  readonly messageModel: MessageModel
  readonly brokerSuspendMaxTimeMillis: number
  readonly consumerTimeoutMillisWhenSuspend: number
}

/** The settings of a pull consumer in force after defaults. */
export interface PullConsumerConfig extends ActiveConsumerConfig {
  /** Within the namespace. */
  readonly registerTopics: readonly string[]
  readonly consumerPullTimeoutMillis: number
  readonly maxReconsumeTimes: number
}

/** Applies the defaults and checks the values; throws MQClientError CLIENT_CONFIG naming the option that cannot be used. */
export function resolvePullConsumerConfig(options: PullConsumerOptions): PullConsumerConfig {
  const active = resolveActiveConsumerConfig(options)
  return {
    ...active,
    registerTopics: (options.registerTopics ?? []).map((topic) => withNamespace(active.client.namespace, topic)),
    consumerPullTimeoutMillis: numberOf('consumerPullTimeoutMillis', options.consumerPullTimeoutMillis),
    maxReconsumeTimes: numberOf('maxReconsumeTimes', options.maxReconsumeTimes),
  }
}

/** The part of the settings that both kinds of active consumers have; throws as {@link resolvePullConsumerConfig}. */
export function resolveActiveConsumerConfig(options: ActiveConsumerOptions): ActiveConsumerConfig {
  checkGroup('consumerGroup', options.consumerGroup)
  const messageModel = options.messageModel ?? 'CLUSTERING'
  if (!messageModels.includes(messageModel)) {
    throw badOption('messageModel', messageModel, `one of ${messageModels.join(', ')}`)
  }
  const client = resolveClientConfig(options, { keepsDefaultName: messageModel === 'BROADCASTING' })
  const consumerGroup = withNamespace(client.namespace, options.consumerGroup)
  const brokerSuspendMaxTimeMillis = numberOf('brokerSuspendMaxTimeMillis', options.brokerSuspendMaxTimeMillis)
  const consumerTimeoutMillisWhenSuspend = numberOf(
    'consumerTimeoutMillisWhenSuspend',
    options.consumerTimeoutMillisWhenSuspend,
  )
  if (consumerTimeoutMillisWhenSuspend < brokerSuspendMaxTimeMillis) {
    const atLeast = `at least brokerSuspendMaxTimeMillis, ${brokerSuspendMaxTimeMillis}`
    throw badOption('consumerTimeoutMillisWhenSuspend', consumerTimeoutMillisWhenSuspend, atLeast)
  }
  return {
    client,
    consumerGroup,
    retryTopic: retryTopic(consumerGroup),
    messageModel,
    brokerSuspendMaxTimeMillis,
    consumerTimeoutMillisWhenSuspend,
  }
}

const messageModels: readonly MessageModel[] = ['CLUSTERING', 'BROADCASTING']

function numberOf(option: keyof typeof numericOptions, value: number | undefined): number {
  const { default: byDefault, min } = numericOptions[option]
  return within({ min, max: maxInt }, option, value ?? byDefault)
}

function badOption(option: string, value: unknown, allowed: string): MQClientError {
  return new MQClientError(`${option} is ${String(value)}, but must be ${allowed}`, {
    code: 'CLIENT_CONFIG',
    fields: { option, value },
  })
}

import { AUTO_CREATE_TOPIC_KEY_TOPIC, type CompressionType, withNamespace } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { ClientConfig } from '../instance/client-config.js'
import { atLeast, type ClientOptions, resolveClientConfig } from '../instance/client-options.js'
import { checkGroup } from './message-validation.js'
import type { CheckForbiddenHook, SendMessageHook } from './send-hooks.js'

/** Settings of a producer, with Java's names and defaults. Java: DefaultMQProducer, ClientConfig. */
export interface ProducerOptions extends ClientOptions {
  /** Names the producers that send alike, 1 to 120 characters of `%|a-zA-Z0-9_-`; one of a group in each client. */
  readonly producerGroup: string
  /** Topics whose routes are fetched at the start, so that the first send need not wait for them. Default none. */
  readonly topics?: readonly string[]
  /** Topic whose settings an unknown topic is created with. Default `TBW102`. */
  readonly createTopicKey?: string
  /** Milliseconds a send may take, retries included. Default 3000. */
  readonly sendMsgTimeout?: number
  /** Milliseconds one attempt may take while another could follow; -1 is no limit. Default -1. */
  readonly sendMsgMaxTimeoutPerRequest?: number
  /** Attempts after the first of `send`. Default 2. */
  readonly retryTimesWhenSendFailed?: number
  /** Attempts after the first of `sendAsync`. Default 2. */
  readonly retryTimesWhenSendAsyncFailed?: number
  /** Whether a status other than SEND_OK is a reason to try another broker. Default false. */
  readonly retryAnotherBrokerWhenNotStoreOK?: boolean
  /** Response codes of a broker after which `send` tries again. Default 1, 2, 14, 16, 17, 204, 205, 1500. */
  readonly retryResponseCodes?: Iterable<number>
  /** Largest body in bytes, before compression. Default 4194304. */
  readonly maxMessageSize?: number
  /** Bodies of this many bytes and more are compressed. Default 4096. */
  readonly compressMsgBodyOverHowmuch?: number
  /** Default `ZLIB`. LZ4 needs the package `lz4-napi`, ZSTD a Node.js that has it (22.15 or later). */
  readonly compressType?: CompressionType
  /** 1 (fast) to 9 (small). Default 5. */
  readonly compressLevel?: number
  /** Whether latencies are measured and slow brokers avoided. Default false. */
  readonly sendLatencyEnable?: boolean
  /** Whether brokers that failed are probed until they answer. Default false. */
  readonly startDetectorEnable?: boolean
  /** Milliseconds such a probe may take. Default 200. */
  readonly detectTimeout?: number
  /** Milliseconds between two probes of one broker. Default 2000. */
  readonly detectInterval?: number
  /** Whether `sendAsync` waits while too much is in flight. Default false. */
  readonly enableBackpressureForAsyncMode?: boolean
  /** Messages `sendAsync` has in flight at most, with back-pressure. Default 1024, at least 10. */
  readonly backPressureForAsyncSendNum?: number
  /** Body bytes `sendAsync` has in flight at most, with back-pressure. Default 104857600, at least 1048576. */
  readonly backPressureForAsyncSendSize?: number
  /** Calls of `sendAsync` that are not finished at most; more are refused. Default 50000. */
  readonly asyncSenderQueueCapacity?: number
  /** Whether single messages use the short header names (V2). Default true. Java: org.apache.rocketmq.client.sendSmartMsg. */
  readonly sendSmartMsg?: boolean
  /** Called around every attempt. */
  readonly sendMessageHooks?: readonly SendMessageHook[]
  /** May forbid an attempt by throwing. */
  readonly checkForbiddenHooks?: readonly CheckForbiddenHook[]
}

/** The settings in force after defaults. */
export interface ProducerConfig {
  readonly client: ClientConfig
  /** Within the namespace. */
  readonly producerGroup: string
  readonly topics: readonly string[]
  readonly createTopicKey: string
  readonly sendMsgTimeout: number
  readonly sendMsgMaxTimeoutPerRequest: number
  readonly retryTimesWhenSendFailed: number
  readonly retryTimesWhenSendAsyncFailed: number
  readonly retryAnotherBrokerWhenNotStoreOK: boolean
  readonly retryResponseCodes: ReadonlySet<number>
  readonly maxMessageSize: number
  readonly compressMsgBodyOverHowmuch: number
  readonly compressType: CompressionType
  readonly compressLevel: number
  readonly sendLatencyEnable: boolean
  readonly startDetectorEnable: boolean
  readonly detectTimeout: number
  readonly detectInterval: number
  readonly enableBackpressureForAsyncMode: boolean
  readonly backPressureForAsyncSendNum: number
  readonly backPressureForAsyncSendSize: number
  readonly asyncSenderQueueCapacity: number
  readonly sendSmartMsg: boolean
}

/** TOPIC_NOT_EXIST, SERVICE_NOT_AVAILABLE, SYSTEM_ERROR, SYSTEM_BUSY, NO_PERMISSION, NO_BUYER_ID, NOT_IN_CURRENT_UNIT, GO_AWAY. */
const defaultRetryResponseCodes = [17, 14, 1, 2, 16, 204, 205, 1500]

/** Applies the defaults and checks the values; throws MQClientError CLIENT_CONFIG naming the option that cannot be used. */
export function resolveProducerConfig(
  options: ProducerOptions,
  client: ClientConfig = resolveClientConfig(options),
): ProducerConfig {
  const compressType = options.compressType ?? 'ZLIB'
  if (!compressTypes.includes(compressType)) {
    throw new MQClientError(`compressType is ${compressType}, but must be one of ${compressTypes.join(', ')}`, {
      code: 'CLIENT_CONFIG',
      fields: { option: 'compressType', value: compressType },
    })
  }
  checkGroup('producerGroup', options.producerGroup)
  return {
    client,
    producerGroup: withNamespace(client.namespace, options.producerGroup),
    topics: (options.topics ?? []).map((topic) => withNamespace(client.namespace, topic)),
    createTopicKey: options.createTopicKey ?? AUTO_CREATE_TOPIC_KEY_TOPIC,
    retryAnotherBrokerWhenNotStoreOK: options.retryAnotherBrokerWhenNotStoreOK ?? false,
    retryResponseCodes: new Set(options.retryResponseCodes ?? defaultRetryResponseCodes),
    compressType,
    sendLatencyEnable: options.sendLatencyEnable ?? false,
    startDetectorEnable: options.startDetectorEnable ?? false,
    enableBackpressureForAsyncMode: options.enableBackpressureForAsyncMode ?? false,
    sendSmartMsg: options.sendSmartMsg ?? true,
    ...resolveNumbers(options),
  }
}

const compressTypes: readonly CompressionType[] = ['ZLIB', 'LZ4', 'ZSTD']

/** Every numeric option with its default and the least value that makes sense. */
const numericOptions = {
  sendMsgTimeout: { default: 3000, min: 1 },
  sendMsgMaxTimeoutPerRequest: { default: -1, min: -1 },
  retryTimesWhenSendFailed: { default: 2, min: 0 },
  retryTimesWhenSendAsyncFailed: { default: 2, min: 0 },
  maxMessageSize: { default: 4_194_304, min: 1 },
  compressMsgBodyOverHowmuch: { default: 4096, min: 0 },
  compressLevel: { default: 5, min: 0 },
  detectTimeout: { default: 200, min: 1 },
  detectInterval: { default: 2000, min: 0 },
  asyncSenderQueueCapacity: { default: 50_000, min: 1 },
  backPressureForAsyncSendNum: { default: 1024, min: 10 },
  backPressureForAsyncSendSize: { default: 104_857_600, min: 1_048_576 },
} as const

type NumericOption = keyof typeof numericOptions

function resolveNumbers(options: ProducerOptions): Record<NumericOption, number> {
  const entries = Object.entries(numericOptions).map(([name, { default: byDefault, min }]) => {
    return [name, atLeast(min, name, options[name as NumericOption] ?? byDefault)]
  })
  return Object.fromEntries(entries) as Record<NumericOption, number>
}

import type { BrokerConfig, BrokerOptions } from '@mq/broker'
import type { Logger } from '@mq/remoting'
import { TestBrokerError } from './errors.js'

/** A topic to make. */
export interface TopicOptions {
  readonly name: string
  /** Queues to write and to read. Default 4. */
  readonly queues?: number
  /** Attributes of the topic, such as `{ 'message.type': 'FIFO' }`. Default none. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** Keys of broker.conf that may be set; where it listens and keeps its files is the test broker's business. */
export type TestBrokerConfig = Partial<
  Omit<BrokerConfig, 'listenPort' | 'vipChannelEnable' | 'namesrvAddr' | 'storePathRootDir' | 'storePathCommitLog'>
>

/** How a test broker is started. */
export interface TestBrokerOptions {
  /** Topics there are from the start. Default none. */
  readonly topics?: readonly (string | TopicOptions)[]
  /** Whether a send makes a missing topic. Default true, as in RocketMQ. */
  readonly autoCreateTopics?: boolean
  /** Where messages are: in memory, or in files of a temporary directory that is removed on close. Default memory. */
  readonly store?: 'memory' | 'temporary'
  /** Bytes of files that the store in memory may have; beyond them sends are refused as on a full disk. Default 256 MiB. */
  readonly maxStoreBytes?: number
  /** Keys of broker.conf. */
  readonly config?: TestBrokerConfig
  /** Hears what name server and broker log. Default: silent. */
  readonly logger?: Logger
}

/** What a store of few messages needs; a message of the largest size fits into a file. */
const defaults = {
  brokerName: 'test-broker',
  brokerClusterName: 'TestCluster',
  bindAddress: '127.0.0.1',
  mappedFileSizeCommitLog: 8 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 120_000,
  maxHashSlotNum: 5000,
  maxIndexNum: 20_000,
  // Clients outside the test broker's time send no heartbeats while it leaps.
  channelExpiredTimeout: 2_147_483_647,
} as const satisfies TestBrokerConfig

const DEFAULT_MAX_STORE_BYTES = 256 * 1024 * 1024
const DEFAULT_QUEUES = 4

/** The options with defaults applied. */
export interface ResolvedOptions {
  readonly topics: readonly Required<TopicOptions>[]
  readonly store: 'memory' | 'temporary'
  readonly maxStoreBytes: number
  readonly broker: BrokerOptions
  readonly logger: Logger | undefined
}

/** Applies the defaults. @throws TestBrokerError TEST_BROKER_ARGUMENT naming what cannot be used; the broker checks its own keys. */
export function resolveOptions(options: TestBrokerOptions): ResolvedOptions {
  const { topics = [], store = 'memory', maxStoreBytes = DEFAULT_MAX_STORE_BYTES, logger, config } = options
  const stores: readonly string[] = ['memory', 'temporary']
  if (!stores.includes(store)) {
    throw new TestBrokerError('TEST_BROKER_ARGUMENT', `store is ${store}: it is 'memory' or 'temporary'`)
  }
  const leastBytes = 2 * (config?.mappedFileSizeCommitLog ?? defaults.mappedFileSizeCommitLog)
  if (!(maxStoreBytes >= leastBytes)) {
    const message = `maxStoreBytes is ${maxStoreBytes}: two files of the commit log, ${leastBytes} bytes, have to fit`
    throw new TestBrokerError('TEST_BROKER_ARGUMENT', message)
  }
  return {
    topics: topics.map((topic) => resolveTopic(typeof topic === 'string' ? { name: topic } : topic)),
    store,
    maxStoreBytes,
    broker: { ...defaults, autoCreateTopicEnable: options.autoCreateTopics ?? true, ...config },
    logger,
  }
}

/** A topic with the defaults applied; the broker checks name and number. */
export function resolveTopic({ name, queues = DEFAULT_QUEUES, attributes = {} }: TopicOptions): Required<TopicOptions> {
  return { name, queues, attributes }
}

import type { MessageStoreConfig } from '@mq/store'
import { defaultMessageDelayLevel } from '@mq/store'
import type { ConfigEntry, ConfigOf } from './config-entry.js'
import { changeable, choice, flag, integer, text } from './config-entry.js'

const port = { max: 65_535 }

/** The broker's own keys. Java: BrokerConfig, NettyServerConfig. */
const brokerKeys = {
  brokerClusterName: text('DefaultCluster', 'cluster this broker belongs to'),
  brokerName: text('', 'name of this broker; the machine name when unset'),
  brokerId: integer(0, 'id within the brokers of one name; 0 is the master'),
  brokerIP1: text(
    '',
    'address that clients are told to connect to; the first outside address of the machine when unset',
  ),
  brokerIP2: text('', 'address that slaves replicate from; brokerIP1 when unset'),
  bindAddress: text('127.0.0.1', 'address to listen on'),
  listenPort: integer(10_911, 'port for clients; 0 takes a free one', port),
  vipChannelEnable: flag(
    true,
    'whether everything but pulls is also served on listenPort - 2, where it is free; never with listenPort 0',
  ),
  haListenPort: integer(0, 'port told to slaves; listenPort + 1 when 0', port),
  namesrvAddr: text('', 'name servers to register at, host:port separated by ;'),
  brokerPermission: changeable(integer(6, 'what the broker allows: 4 read, 2 write', { max: 7 })),
  defaultTopicQueueNums: integer(8, 'queues of TBW102, the template for new topics', { min: 1, max: 65_535 }),
  autoCreateTopicEnable: changeable(flag(true, 'whether a send creates a missing topic')),
  autoCreateSubscriptionGroup: changeable(flag(true, 'whether a heartbeat creates a missing group')),
  clusterTopicEnable: flag(true, 'whether the topic named after the cluster is readable and writable'),
  brokerTopicEnable: flag(true, 'whether the topic named after the broker is readable and writable'),
  traceTopicEnable: flag(false, 'whether the message trace topic is created'),
  msgTraceTopicName: text('RMQ_SYS_TRACE_TOPIC', 'name of the message trace topic'),
  traceOn: changeable(flag(true, 'what clients are told about tracing (TRACE_ON)')),
  regionId: text('DefaultRegion', 'region put into every message (MSG_REGION)'),
  reviveQueueNum: integer(8, 'queues of the revive topic', { min: 1, max: 1024 }),
  registerNameServerPeriod: integer(30_000, 'milliseconds between registrations, kept within 10 s and 60 s'),
  registerBrokerTimeoutMills: integer(24_000, 'milliseconds one registration may take', { min: 1 }),
  forceRegister: flag(true, 'whether to register each time, or only when the data version changed'),
  startAcceptSendRequestTimeStamp: integer(0, 'epoch milliseconds before which sends are refused'),
  rejectPullConsumerEnable: changeable(flag(false, 'whether pulls by consumers that did not subscribe are refused')),
  litePullMessageEnable: changeable(flag(true, 'whether LITE_PULL_MESSAGE is served')),
  notifyConsumerIdsChangedEnable: changeable(
    flag(true, 'whether clients are told that members of their group changed'),
  ),
  enableMixedMessageType: changeable(flag(false, 'whether a topic may have message.type=MIXED')),
  validateSystemTopicWhenUpdateTopic: flag(true, 'whether updating a system topic is refused'),
  defaultQueryMaxNum: integer(32, 'messages one query by unique key returns', { min: 1 }),
  flushDelayOffsetInterval: integer(10_000, 'milliseconds between writes of delayOffset.json', { min: 1 }),
  delayOffsetUpdateVersionStep: integer(200, 'deliveries after which the version of delayOffset.json is counted up', {
    min: 1,
  }),
  channelExpiredTimeout: integer(120_000, 'milliseconds without a heartbeat after which a client is forgotten', {
    min: 1,
  }),
  serverChannelMaxIdleTimeSeconds: integer(120, 'seconds without traffic after which a connection is closed', {
    min: 1,
  }),
  serverMaxConnections: integer(10_000, 'connections served at once', { min: 1 }),
  sendThreadPoolQueueCapacity: integer(10_000, 'sends that may wait for the disk', { min: 1 }),
  pullThreadPoolQueueCapacity: integer(100_000, 'pulls that may be in progress', { min: 1 }),
  adminBrokerThreadPoolQueueCapacity: integer(10_000, 'administrative requests in progress', { min: 1 }),
  maxTopicNums: integer(50_000, 'topics that can be created; a registration of all is one frame of 16 MiB', { min: 1 }),
  maxSubscriptionGroupNums: integer(100_000, 'subscription groups this broker keeps at most', { min: 1 }),
  maxClientNums: integer(100_000, 'producers and consumers this broker keeps at most', { min: 1 }),
  flushConsumerOffsetInterval: integer(5000, 'milliseconds between writes of consumerOffset.json', { min: 1 }),
  consumerOffsetUpdateVersionStep: integer(500, 'offsets stored in one data version', { min: 1 }),
  maxConsumerOffsetNums: integer(1_000_000, 'offsets of groups in queues this broker keeps at most', { min: 1 }),
  maxStatsKeys: integer(100_000, 'keys of one statistic counted one by one, such as a topic, or a topic and group', {
    min: 1,
  }),
  useServerSideResetOffset: changeable(flag(true, 'whether a reset reaches consumers through their next pull')),
  enableBroadcastOffsetStore: changeable(
    flag(true, 'whether it is remembered how far clients that broadcast have pulled, for those that change to a proxy'),
  ),
  broadcastOffsetExpireSecond: integer(120, 'seconds it is remembered of a client that is gone', { min: 1 }),
  broadcastOffsetExpireMaxSecond: integer(300, 'seconds it is remembered of one that no longer pulls', { min: 1 }),
  longPollingEnable: changeable(flag(true, 'whether a pull that asks for it waits for messages as long as it says')),
  shortPollingTimeMills: integer(1000, 'milliseconds it waits when longPollingEnable is false', { min: 1 }),
  maxHeldPullRequests: integer(50_000, 'pulls that wait for messages; further ones are answered at once'),
  maxPullReadsPerConnection: integer(8, 'pulls of one connection that read the store at once', { min: 1 }),
  slaveReadEnable: changeable(flag(false, 'whether slow consumers are sent to a slave, and a slave answers pulls')),
  maxQueueLockNums: integer(1_000_000, 'queues locked for ordered consumption at once', { min: 1 }),
} as const

/** The store's keys, handed on to it when it is opened. Java: MessageStoreConfig. */
export const storeKeys = {
  storePathRootDir: text('', 'directory of the store'),
  storePathCommitLog: text('', 'directory of the commit log; commitlog under the store when unset'),
  brokerRole: choice(['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE'], 'ASYNC_MASTER', 'role in replication'),
  flushDiskType: choice(['ASYNC_FLUSH', 'SYNC_FLUSH'], 'ASYNC_FLUSH', 'whether a send waits for the disk'),
  mappedFileSizeCommitLog: integer(1_073_741_824, 'bytes of one commit log file', { min: 65_536, max: 2_147_483_647 }),
  mappedFileSizeConsumeQueue: integer(6_000_000, 'bytes of one consume queue file', { min: 20, max: 2_147_483_647 }),
  maxHashSlotNum: integer(5_000_000, 'slots of one index file', { min: 1, max: 100_000_000 }),
  maxIndexNum: integer(20_000_000, 'entries of one index file', { min: 2, max: 100_000_000 }),
  maxMessageSize: integer(4_194_304, 'bytes of the largest body', { min: 10, max: 16_000_000 }),
  flushIntervalCommitLog: integer(500, 'milliseconds between flushes of the commit log', { min: 1 }),
  flushCommitLogLeastPages: integer(4, 'pages of 4 KiB that make a flush worth while'),
  flushCommitLogThoroughInterval: integer(10_000, 'milliseconds after which everything is flushed'),
  flushIntervalConsumeQueue: integer(1000, 'milliseconds between flushes of the consume queues', { min: 1 }),
  flushConsumeQueueLeastPages: integer(2, 'pages of 4 KiB that make a flush worth while'),
  flushConsumeQueueThoroughInterval: integer(60_000, 'milliseconds after which every queue is flushed'),
  syncFlushTimeout: integer(5000, 'milliseconds a send waits for the disk', { min: 1 }),
  slaveTimeout: integer(3000, 'milliseconds a send waits for slaves', { min: 1 }),
  inSyncReplicas: integer(1, 'copies a SYNC_MASTER waits for, its own included', { min: 1 }),
  messageIndexEnable: flag(true, 'whether messages can be found by key'),
  checkCRCOnRecover: flag(true, 'whether recovery checks the bodies'),
  maxMsgsNumBatch: integer(64, 'messages one query by key returns', { min: 1 }),
  maxTransferBytesOnMessageInMemory: integer(262_144, 'bytes one pull returns of recent messages', { min: 1 }),
  maxTransferCountOnMessageInMemory: integer(32, 'recent messages one pull returns', { min: 1 }),
  maxTransferBytesOnMessageInDisk: integer(65_536, 'bytes one pull returns of old messages', { min: 1 }),
  maxTransferCountOnMessageInDisk: integer(8, 'old messages one pull returns', { min: 1 }),
  messageDelayLevel: text(defaultMessageDelayLevel, 'delays of the levels 1, 2, 3 …: numbers with s, m, h or d'),
  accessMessageInMemoryMaxRatio: integer(40, 'percent of the memory within which a message counts as recent', {
    max: 100,
  }),
  offsetCheckInSlave: flag(false, 'whether a slave corrects offsets outside the range'),
} as const satisfies { [K in keyof MessageStoreConfig]?: ConfigEntry<MessageStoreConfig[K]> }

/** Every key this broker acts on. */
export const brokerConfigTable = { ...brokerKeys, ...storeKeys } as const

/** The configuration of a running broker, every key present. */
export type BrokerConfig = ConfigOf<typeof brokerConfigTable>

/** The configuration that no key was given for. */
export function defaultBrokerConfig(): BrokerConfig {
  const entries = Object.entries(brokerConfigTable).map(([key, entry]) => [key, entry.defaultValue])
  return Object.fromEntries(entries) as BrokerConfig
}

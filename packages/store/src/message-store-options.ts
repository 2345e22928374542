import { type Logger, nodeRuntime, type Runtime, silentLogger } from '@mq/remoting'
import { defaultMessageDelayLevel, parseDelayLevels } from './dispatch/delivery-time.js'
import { StoreOptionsError } from './errors.js'
import type { FileSystem } from './file-system/file-system.js'
import { nodeFileSystem } from './file-system/node-file-system.js'

/** When an accepted message counts as stored. Java: FlushDiskType. */
export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH'

/** What the broker is to its replicas. Java: BrokerRole. */
export type BrokerRole = 'ASYNC_MASTER' | 'SYNC_MASTER' | 'SLAVE'

/** Every setting of a store with its value; names and defaults are those of Java's MessageStoreConfig. */
export interface MessageStoreConfig {
  /** Directory of the store, made if it is missing. */
  readonly storePathRootDir: string
  /** Directory of the commit log. Default: `commitlog` in the root. */
  readonly storePathCommitLog: string
  /** Bytes of a commit-log segment. */
  readonly mappedFileSizeCommitLog: number
  /** Bytes of a consume-queue segment; rounded up to whole units of 20. */
  readonly mappedFileSizeConsumeQueue: number
  readonly flushDiskType: FlushDiskType
  readonly brokerRole: BrokerRole
  /** Longest body in bytes. */
  readonly maxMessageSize: number
  /** ms between two flushes with ASYNC_FLUSH. */
  readonly flushIntervalCommitLog: number
  /** Pages of 4096 bytes below which a periodic flush is skipped. */
  readonly flushCommitLogLeastPages: number
  /** ms after which a flush takes what there is. */
  readonly flushCommitLogThoroughInterval: number
  /** ms that a SYNC_FLUSH put waits for its sync. */
  readonly syncFlushTimeout: number
  readonly flushIntervalConsumeQueue: number
  readonly flushConsumeQueueLeastPages: number
  readonly flushConsumeQueueThoroughInterval: number
  readonly checkCRCOnRecover: boolean
  readonly messageIndexEnable: boolean
  readonly messageIndexSafe: boolean
  readonly maxHashSlotNum: number
  readonly maxIndexNum: number
  /** Messages that a query by key answers at most. */
  readonly maxMsgsNumBatch: number
  /** Messages that brokers ask for in a query by unique key. */
  readonly defaultQueryMaxNum: number
  readonly maxFilterMessageSize: number
  readonly maxTransferBytesOnMessageInMemory: number
  readonly maxTransferCountOnMessageInMemory: number
  readonly maxTransferBytesOnMessageInDisk: number
  readonly maxTransferCountOnMessageInDisk: number
  /** Percent of the machine's memory in which the newest messages count as in memory. */
  readonly accessMessageInMemoryMaxRatio: number
  readonly travelCqFileNumWhenGetMessage: number
  /** Puts that may wait for the disk; beyond it they are refused with OS_PAGE_CACHE_BUSY. Java bounds the time instead. */
  readonly maxPendingPuts: number
  /** Replicas that must have a message, this one included, before a SYNC_MASTER acknowledges it. */
  readonly inSyncReplicas: number
  /** ms that a put waits for its replicas. */
  readonly slaveTimeout: number
  readonly offsetCheckInSlave: boolean
  /** Delays of the levels 1, 2, 3 …, such as `1s 5s 10m 2h 1d`. */
  readonly messageDelayLevel: string
}

/** How a store is opened: any setting, and the world that it runs in. */
export interface MessageStoreOptions extends Partial<MessageStoreConfig> {
  readonly storePathRootDir: string
  /** Clock, timers, random numbers. Default: Node's. */
  readonly runtime?: Runtime
  /** Default: the machine's. */
  readonly fileSystem?: FileSystem
  /** Default: silent. */
  readonly logger?: Logger
}

/** The world that a store runs in. */
export interface StoreEnvironment {
  readonly runtime: Runtime
  readonly fileSystem: FileSystem
  readonly logger: Logger
}

/** Settings that nobody gave. */
const defaultMessageStoreConfig: Omit<MessageStoreConfig, 'storePathRootDir' | 'storePathCommitLog'> = {
  mappedFileSizeCommitLog: 1024 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 300_000 * 20,
  flushDiskType: 'ASYNC_FLUSH',
  brokerRole: 'ASYNC_MASTER',
  maxMessageSize: 4 * 1024 * 1024,
  flushIntervalCommitLog: 500,
  flushCommitLogLeastPages: 4,
  flushCommitLogThoroughInterval: 10_000,
  syncFlushTimeout: 5000,
  flushIntervalConsumeQueue: 1000,
  flushConsumeQueueLeastPages: 2,
  flushConsumeQueueThoroughInterval: 60_000,
  checkCRCOnRecover: true,
  messageIndexEnable: true,
  messageIndexSafe: false,
  maxHashSlotNum: 5_000_000,
  maxIndexNum: 20_000_000,
  maxMsgsNumBatch: 64,
  defaultQueryMaxNum: 32,
  maxFilterMessageSize: 16_000,
  maxTransferBytesOnMessageInMemory: 262_144,
  maxTransferCountOnMessageInMemory: 32,
  maxTransferBytesOnMessageInDisk: 65_536,
  maxTransferCountOnMessageInDisk: 8,
  accessMessageInMemoryMaxRatio: 40,
  travelCqFileNumWhenGetMessage: 1,
  maxPendingPuts: 65_536,
  inSyncReplicas: 1,
  slaveTimeout: 3000,
  offsetCheckInSlave: false,
  messageDelayLevel: defaultMessageDelayLevel,
}

const maxInt32 = 2 ** 31 - 1

/** The least and the greatest value of settings for which 0 to 2^31 − 1 is too wide. */
const bounds: Readonly<Partial<Record<keyof MessageStoreConfig, readonly [number, number]>>> = {
  mappedFileSizeCommitLog: [1024, maxInt32],
  mappedFileSizeConsumeQueue: [20, maxInt32],
  maxMessageSize: [10, 2 ** 30],
  flushIntervalCommitLog: [1, maxInt32],
  flushIntervalConsumeQueue: [1, maxInt32],
  syncFlushTimeout: [1, maxInt32],
  maxHashSlotNum: [1, maxInt32],
  maxIndexNum: [2, maxInt32],
  accessMessageInMemoryMaxRatio: [0, 100],
  maxPendingPuts: [1, maxInt32],
  inSyncReplicas: [1, 1000],
}

const choices: Readonly<Partial<Record<keyof MessageStoreConfig, readonly string[]>>> = {
  flushDiskType: ['ASYNC_FLUSH', 'SYNC_FLUSH'],
  brokerRole: ['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE'],
}

const consumeQueueUnitSize = 20

/**
 * Completes the settings with Java's defaults; a setting that is `undefined` counts as not given.
 * @throws StoreOptionsError naming the option and what it may be if a value cannot be used.
 */
export function completeConfig(options: MessageStoreOptions): MessageStoreConfig {
  const { storePathRootDir } = options
  if (typeof storePathRootDir !== 'string' || storePathRootDir === '') {
    throw new StoreOptionsError('storePathRootDir is empty; set it to the directory of the store')
  }
  const defaults = {
    ...defaultMessageStoreConfig,
    storePathRootDir,
    storePathCommitLog: `${storePathRootDir}/commitlog`,
  }
  const entries = Object.entries(defaults).map(([name, byDefault]) => {
    const value = options[name as keyof MessageStoreConfig] ?? byDefault
    assertUsable(name as keyof MessageStoreConfig, value, typeof byDefault)
    return [name, value] as const
  })
  const config = Object.fromEntries(entries) as unknown as MessageStoreConfig
  assertDelayLevels(config.messageDelayLevel)
  const units = Math.ceil(config.mappedFileSizeConsumeQueue / consumeQueueUnitSize)
  return { ...config, mappedFileSizeConsumeQueue: units * consumeQueueUnitSize }
}

function assertUsable(name: keyof MessageStoreConfig, value: unknown, type: string): void {
  const allowed = choices[name]
  const [least, greatest] = bounds[name] ?? [0, maxInt32]
  const isUsable =
    typeof value === type &&
    (allowed === undefined || allowed.includes(value as string)) &&
    (typeof value !== 'number' || (Number.isInteger(value) && value >= least && value <= greatest))
  if (isUsable) return
  const range =
    type === 'number' ? `a whole number from ${least} to ${greatest}` : (allowed?.join(' or ') ?? `a ${type}`)
  throw new StoreOptionsError(`${name} is ${String(value)}; set it to ${range}`, { fields: { option: name, value } })
}

function assertDelayLevels(messageDelayLevel: string): void {
  if (parseDelayLevels(messageDelayLevel) !== undefined) return
  const message = `messageDelayLevel is '${messageDelayLevel}'; set it to 1 to 128 delays such as 1s 10m 2h 1d, separated by blanks`
  throw new StoreOptionsError(message, { fields: { option: 'messageDelayLevel', value: messageDelayLevel } })
}

/** The world that the options give, completed with Node's. */
export function completeEnvironment(options: MessageStoreOptions): StoreEnvironment {
  return {
    runtime: options.runtime ?? nodeRuntime,
    fileSystem: options.fileSystem ?? nodeFileSystem,
    logger: options.logger ?? silentLogger,
  }
}

import { type Logger, nodeRuntime, type Runtime, silentLogger } from '@mq/remoting'
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
  readonly maxMsgsNumBatch: number
  readonly defaultQueryMaxNum: number
  readonly maxFilterMessageSize: number
  readonly maxTransferBytesOnMessageInMemory: number
  readonly maxTransferCountOnMessageInMemory: number
  readonly maxTransferBytesOnMessageInDisk: number
  readonly maxTransferCountOnMessageInDisk: number
  /** Percent of the machine's memory in which the newest messages count as in memory. */
  readonly accessMessageInMemoryMaxRatio: number
  readonly travelCqFileNumWhenGetMessage: number
  /** Delays of the levels from 1 on. */
  readonly messageDelayLevel: string
  /** Puts that may wait for the disk; beyond it they are refused with OS_PAGE_CACHE_BUSY. Java bounds the time instead. */
  readonly maxPendingPuts: number
  /** Replicas that must have a message, this one included, before a SYNC_MASTER acknowledges it. */
  readonly inSyncReplicas: number
  /** ms that a put waits for its replicas. */
  readonly slaveTimeout: number
  readonly offsetCheckInSlave: boolean
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
export const defaultMessageStoreConfig: Omit<MessageStoreConfig, 'storePathRootDir' | 'storePathCommitLog'> = {
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
  messageDelayLevel: '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h',
  maxPendingPuts: 65_536,
  inSyncReplicas: 1,
  slaveTimeout: 3000,
  offsetCheckInSlave: false,
}

/** Settings whose value is a whole number, with the least and the greatest that can be used. */
const bounds: readonly (readonly [keyof MessageStoreConfig, number, number])[] = [
  ['mappedFileSizeCommitLog', 1024, 2 ** 31 - 1],
  ['mappedFileSizeConsumeQueue', 20, 2 ** 31 - 1],
  ['maxMessageSize', 10, 2 ** 30],
  ['flushIntervalCommitLog', 1, 2 ** 31 - 1],
  ['flushCommitLogLeastPages', 0, 2 ** 31 - 1],
  ['flushCommitLogThoroughInterval', 0, 2 ** 31 - 1],
  ['syncFlushTimeout', 1, 2 ** 31 - 1],
  ['flushIntervalConsumeQueue', 1, 2 ** 31 - 1],
  ['maxHashSlotNum', 1, 2 ** 31 - 1],
  ['maxIndexNum', 2, 2 ** 31 - 1],
  ['maxPendingPuts', 1, 2 ** 31 - 1],
  ['inSyncReplicas', 1, 1000],
]

/**
 * Completes the settings with Java's defaults.
 * @throws StoreOptionsError naming the option and its range if a value cannot be used.
 */
export function completeConfig(options: MessageStoreOptions): MessageStoreConfig {
  const { runtime: _runtime, fileSystem: _fileSystem, logger: _logger, ...given } = options
  const root = options.storePathRootDir
  if (typeof root !== 'string' || root === '') {
    throw new StoreOptionsError('storePathRootDir is empty; set it to the directory of the store')
  }
  const config: MessageStoreConfig = {
    ...defaultMessageStoreConfig,
    ...given,
    storePathCommitLog: options.storePathCommitLog ?? `${root}/commitlog`,
  }
  for (const [name, least, greatest] of bounds) {
    const value = config[name]
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= greatest) continue
    throw new StoreOptionsError(`${name} is ${value}; set it to a whole number from ${least} to ${greatest}`, {
      fields: { option: name, value },
    })
  }
  const unit = 20
  const mappedFileSizeConsumeQueue = Math.ceil(config.mappedFileSizeConsumeQueue / unit) * unit
  return { ...config, mappedFileSizeConsumeQueue }
}

/** The world that the options give, completed with Node's. */
export function completeEnvironment(options: MessageStoreOptions): StoreEnvironment {
  return {
    runtime: options.runtime ?? nodeRuntime,
    fileSystem: options.fileSystem ?? nodeFileSystem,
    logger: options.logger ?? silentLogger,
  }
}

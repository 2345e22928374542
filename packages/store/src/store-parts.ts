import { StoreCheckpoint } from './checkpoint/store-checkpoint.js'
import { CommitLog } from './commit-log/commit-log.js'
import { ConsumeQueueStore } from './consume-queue/consume-queue-store.js'
import { type DelayLevels, parseDelayLevels } from './dispatch/delivery-time.js'
import { ReputMessageService } from './dispatch/reput-message-service.js'
import type { StoreWriteError } from './errors.js'
import { IndexService } from './index-file/index-service.js'
import {
  completeConfig,
  completeEnvironment,
  type MessageStoreConfig,
  type MessageStoreOptions,
  type StoreEnvironment,
} from './message-store-options.js'
import { AbortFile } from './recovery/abort-file.js'
import { RunningFlags } from './running-flags.js'
import { StoreStatsService } from './stats/store-stats-service.js'

/** What a store is made of. */
export interface StoreParts {
  readonly config: MessageStoreConfig
  readonly environment: StoreEnvironment
  readonly delayLevels: DelayLevels
  readonly runningFlags: RunningFlags
  readonly checkpoint: StoreCheckpoint
  readonly commitLog: CommitLog
  readonly consumeQueueStore: ConsumeQueueStore
  readonly indexService: IndexService
  readonly reputMessageService: ReputMessageService
  readonly stats: StoreStatsService
  readonly abortFile: AbortFile
}

/**
 * Makes the parts and joins them: the log hands what may be shown to dispatch, dispatch to consume queues and index, and whoever fails to write
 * stops the puts. Opens nothing.
 * @throws StoreOptionsError if an option cannot be used.
 */
export function makeStoreParts(options: MessageStoreOptions): StoreParts {
  const config = completeConfig(options)
  const environment = completeEnvironment(options)
  const { fileSystem, runtime, logger } = environment
  const delayLevels = parseDelayLevels(config.messageDelayLevel) ?? []
  const runningFlags = new RunningFlags()
  const checkpoint = new StoreCheckpoint({ fileSystem, path: `${config.storePathRootDir}/checkpoint` })
  const stats = new StoreStatsService(runtime.clock)
  const shared = { ...config, fileSystem, runtime, logger, checkpoint }
  const stopPuts = (error: StoreWriteError): void => logger.error('the store is read-only from now on', { error })
  const consumeQueueStore = new ConsumeQueueStore({
    ...shared,
    onWriteError: (error) => {
      runningFlags.makeLogicsQueueError()
      stopPuts(error)
    },
  })
  const indexService = new IndexService({
    ...shared,
    onWriteError: (error) => {
      runningFlags.makeIndexFileError()
      stopPuts(error)
    },
  })
  const commitLog = new CommitLog({
    config,
    environment,
    delayLevels,
    runningFlags,
    queueOffsets: consumeQueueStore,
    checkpoint,
    stats,
    onConfirmed: (requests) => reputMessageService.dispatchConfirmed(requests),
  })
  const dispatchers = config.messageIndexEnable ? [consumeQueueStore, indexService] : [consumeQueueStore]
  const reputMessageService = new ReputMessageService({ commitLog, dispatchers, delayLevels, runtime, logger })
  const abortFile = new AbortFile(fileSystem, config.storePathRootDir)
  const built = {
    config,
    environment,
    delayLevels,
    runningFlags,
    checkpoint,
    commitLog,
    consumeQueueStore,
    indexService,
  }
  return { ...built, reputMessageService, stats, abortFile }
}

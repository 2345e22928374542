import type { ConsumeQueueStore } from '../consume-queue/consume-queue-store.js'
import type { StoreParts } from '../store-parts.js'
import { type CommitLogRecovery, recoverCommitLog } from './commit-log-recovery.js'

/**
 * Opens the files of all parts and brings them into step with the log. Java: DefaultMessageStore#load.
 * @throws StoreLoadError if files on disk do not fit the configuration.
 */
export async function loadStore(parts: StoreParts, isLastExitOk: boolean): Promise<CommitLogRecovery> {
  const { commitLog, consumeQueueStore, indexService, checkpoint } = parts
  await commitLog.load()
  await consumeQueueStore.load()
  await checkpoint.load()
  await indexService.load({ isLastExitOk })
  await consumeQueueStore.recover({ isLastExitOk })
  const recovery = await recoverLog(parts, isLastExitOk)
  await consumeQueueStore.recoverOffsetTable(commitLog.getMinOffset())
  return recovery
}

async function recoverLog(parts: StoreParts, isLastExitOk: boolean): Promise<CommitLogRecovery> {
  const { config, environment, commitLog, consumeQueueStore, indexService, reputMessageService, checkpoint } = parts
  const recovery = await recoverCommitLog({
    queue: commitLog.mappedFileQueue,
    logger: environment.logger,
    isLastExitOk,
    lastQueuedRecord: await lastQueuedRecord(consumeQueueStore),
    minTimestamp: checkpoint.minTimestamp,
    durableTimestamp: checkpoint.physicMsgTimestamp,
    indexTimestamp: config.messageIndexEnable && config.messageIndexSafe ? checkpoint.indexMsgTimestamp : undefined,
    checkCrc: config.checkCRCOnRecover,
    delayLevels: parts.delayLevels,
    dispatch: async (requests) => {
      for (const request of requests) await reputMessageService.dispatchRecovered(request)
    },
  })
  if (commitLog.mappedFileQueue.files.length === 0) {
    await consumeQueueStore.destroy()
    await indexService.destroy()
  } else if (consumeQueueStore.getMaxPhyOffsetInConsumeQueue() >= recovery.processOffset) {
    await consumeQueueStore.truncateDirty(recovery.processOffset)
  }
  if (recovery.confirmOffset >= 0) checkpoint.confirmPhyOffset = recovery.confirmOffset
  return recovery
}

/** Where the newest record lies that any consume queue knows. */
async function lastQueuedRecord(
  consumeQueueStore: ConsumeQueueStore,
): Promise<{ readonly offset: number; readonly size: number } | undefined> {
  const end = consumeQueueStore.getMaxPhyOffsetInConsumeQueue()
  for (const queue of consumeQueueStore.queues()) {
    if (end < 0 || queue.maxPhysicOffset !== end) continue
    const unit = await queue.readUnit(queue.maxOffsetInQueue - 1)
    const offset = unit?.commitLogOffset ?? end
    return { offset, size: end - offset }
  }
  return undefined
}

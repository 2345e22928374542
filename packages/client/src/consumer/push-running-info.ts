import type { ConsumerRunningInfo, MessageQueue, ProcessQueueInfo } from '@mq/remoting'
import type { OffsetStore } from '../offsets/offset-store.js'
import type { ProcessQueue } from '../rebalance/process-queue.js'
import type { Rebalance } from '../rebalance/rebalance.js'
import type { ConsumerStats } from './consumer-stats.js'
import type { MessageListener } from './message-listener.js'
import type { PushConsumerConfig } from './push-consumer-options.js'

const bytesPerMiB = 1_048_576

/** What a running info is made of. */
export interface PushRunningInfoParts {
  readonly config: PushConsumerConfig
  readonly listener: MessageListener
  readonly rebalance: Rebalance
  readonly offsetStore: OffsetStore
  readonly stats: ConsumerStats
  /** Wall clock of the start, ms. */
  readonly startedAt: number
}

/** What a push consumer does just now, as `mqadmin consumerStatus` shows it. Java: consumerRunningInfo. */
export async function pushRunningInfo(parts: PushRunningInfoParts): Promise<ConsumerRunningInfo> {
  const { config, listener, rebalance, stats, startedAt } = parts
  const nowMs = config.client.runtime.clock.monotonic()
  const subscriptionSet = [...rebalance.subscriptions.values()]
  const properties = new Map<string, string>()
  for (const [name, value] of Object.entries(config)) {
    if (typeof value !== 'object') properties.set(name, String(value))
  }
  properties.set('PROP_CONSUMEORDERLY', String(listener.isOrderly))
  properties.set('PROP_THREADPOOL_CORE_SIZE', String(listener.concurrency))
  properties.set('PROP_CONSUMER_START_TIMESTAMP', String(startedAt))
  properties.set('PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY')
  const mqTable = [...rebalance.processQueues].map(async ([messageQueue, processQueue]) => {
    return { messageQueue, info: await infoOf(messageQueue, processQueue, parts.offsetStore) }
  })
  return {
    properties,
    subscriptionSet,
    mqTable: await Promise.all(mqTable),
    statusTable: new Map(subscriptionSet.map(({ topic }) => [topic, stats.statusOf(topic, nowMs)])),
    userConsumerInfo: new Map(),
  }
}

async function infoOf(
  queue: MessageQueue,
  processQueue: ProcessQueue,
  offsetStore: OffsetStore,
): Promise<ProcessQueueInfo> {
  const stored = await offsetStore.readOffset(queue, 'MEMORY_FIRST_THEN_STORE')
  const { takenCount, timestamps, minOffset = 0, maxOffset = 0 } = processQueue
  return {
    // Java's numbers for "none" and "could not be asked".
    commitOffset: typeof stored === 'number' ? stored : stored === 'NOT_FOUND' ? -1 : -2,
    cachedMsgMinOffset: minOffset,
    cachedMsgMaxOffset: maxOffset,
    cachedMsgCount: processQueue.messageCount,
    cachedMsgSizeInMiB: Math.floor(processQueue.bodyBytes / bytesPerMiB),
    transactionMsgMinOffset: takenCount > 0 ? minOffset : 0,
    transactionMsgMaxOffset: takenCount > 0 ? processQueue.takenMaxOffset : 0,
    transactionMsgCount: takenCount,
    locked: processQueue.isLocked,
    tryUnlockTimes: processQueue.tryUnlockTimes,
    lastLockTimestamp: timestamps.lastLock,
    droped: processQueue.isDropped,
    lastPullTimestamp: timestamps.lastPull,
    lastConsumeTimestamp: timestamps.lastConsume,
  }
}

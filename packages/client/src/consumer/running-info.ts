import type { ConsumerRunningInfo, ConsumeStatus, MessageQueue, ProcessQueueInfo, SubscriptionData } from '@mq/remoting'
import type { OffsetStore } from '../offsets/offset-store.js'
import type { ProcessQueue } from '../rebalance/process-queue.js'
import type { ConsumerStats } from './consumer-stats.js'
import type { MessageListener } from './message-listener.js'

const bytesPerMiB = 1_048_576

/** What a running info is made of, whatever kind of consumer it is of. */
export interface RunningInfoParts {
  /** Settings; those that are plain values are shown. */
  readonly config: object
  readonly subscriptions: Iterable<SubscriptionData>
  /** Queues consumed from; none for a consumer that only pulls when told to. */
  readonly processQueues?: Iterable<readonly [MessageQueue, ProcessQueue]>
  readonly offsetStore: OffsetStore
  /** Wall clock of the start, ms. */
  readonly startedAt: number
  /** Of a consumer that calls handlers. */
  readonly consuming?: {
    readonly listener: MessageListener
    readonly stats: ConsumerStats
    /** Monotonic clock, ms. */
    readonly nowMs: number
  }
}

/** What a consumer does just now, as `mqadmin consumerStatus` shows it. Java: MQConsumerInner#consumerRunningInfo. */
export async function runningInfoOf(parts: RunningInfoParts): Promise<ConsumerRunningInfo> {
  const { offsetStore, processQueues = [] } = parts
  const subscriptionSet = [...parts.subscriptions]
  const mqTable = [...processQueues].map(async ([messageQueue, processQueue]) => {
    return { messageQueue, info: await infoOf(messageQueue, processQueue, offsetStore) }
  })
  return {
    properties: propertiesOf(parts),
    subscriptionSet,
    mqTable: await Promise.all(mqTable),
    statusTable: statusTableOf(parts, subscriptionSet),
    userConsumerInfo: new Map(),
  }
}

function propertiesOf({ config, startedAt, consuming }: RunningInfoParts): Map<string, string> {
  const properties = new Map<string, string>()
  for (const [name, value] of Object.entries(config)) {
    if (typeof value !== 'object') properties.set(name, String(value))
  }
  if (consuming !== undefined) {
    properties.set('PROP_CONSUMEORDERLY', String(consuming.listener.isOrderly))
    properties.set('PROP_THREADPOOL_CORE_SIZE', String(consuming.listener.concurrency))
  }
  properties.set('PROP_CONSUMER_START_TIMESTAMP', String(startedAt))
  return properties
}

function statusTableOf(
  { consuming }: RunningInfoParts,
  subscriptions: readonly SubscriptionData[],
): Map<string, ConsumeStatus> {
  if (consuming === undefined) return new Map()
  return new Map(subscriptions.map(({ topic }) => [topic, consuming.stats.statusOf(topic, consuming.nowMs)]))
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

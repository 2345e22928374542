import type { HandlerTable } from '@mq/remoting'
import { answer, CURRENT_VERSION, encodeKVTable, GetBrokerRuntimeInfo, protocolVersionName } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { ScheduleMessageService } from '../schedule/schedule-message-service.js'
import type { BrokerStatistics } from './broker-statistics.js'

/** What the runtime information is made of. */
export interface RuntimeInfoOptions {
  readonly config: BrokerConfig
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly schedule: ScheduleMessageService
}

/**
 * Requests that may wait for each thread pool of the Java broker, which the tools print. Ours has no pools: nothing waits, and
 * where no key says otherwise the capacities are Java's defaults.
 */
const defaultCapacities = { litePull: 100_000, query: 20_000, ack: 100_000, endTransaction: 100_000 } as const
/** What Java reports where it has no pool of transient buffers. */
const NO_TRANSIENT_POOL = 2_147_483_647

/** Serves GET_BROKER_RUNTIME_INFO. Java: AdminBrokerProcessor#prepareRuntimeInfo. */
export function registerRuntimeInfo(handlers: HandlerTable, options: RuntimeInfoOptions): void {
  handlers.on(GetBrokerRuntimeInfo, () => answer({ body: encodeKVTable({ table: runtimeInfo(options) }) }))
}

/** Everything brokerStatus prints, by key. */
function runtimeInfo({ config, store, statistics, schedule }: RuntimeInfoOptions): Map<string, string> {
  const { putTotals, getTotals } = statistics
  const { sendThreadPoolQueueCapacity: send, pullThreadPoolQueueCapacity: pull } = config
  const { endTransaction, ...others } = defaultCapacities
  const own: Record<string, string | number | boolean> = {
    brokerActive: true,
    brokerVersionDesc: protocolVersionName(CURRENT_VERSION),
    msgPutTotalYesterdayMorning: putTotals.yesterdayMorning,
    msgPutTotalTodayMorning: putTotals.todayMorning,
    msgPutTotalTodayNow: putTotals.todayNow,
    msgGetTotalYesterdayMorning: getTotals.yesterdayMorning,
    msgGetTotalTodayMorning: getTotals.todayMorning,
    msgGetTotalTodayNow: getTotals.todayNow,
    startAcceptSendRequestTimeStamp: config.startAcceptSendRequestTimeStamp,
    remainTransientStoreBufferNumbs: NO_TRANSIENT_POOL,
    EndTransactionQueueSize: 0,
    EndTransactionThreadPoolQueueCapacity: endTransaction,
    timerReadBehind: 0,
    timerOffsetBehind: 0,
    timerCongestNum: 0,
    timerEnqueueTps: '0.0',
    timerDequeueTps: '0.0',
  }
  for (const [pool, capacity] of Object.entries({ send, pull, ...others })) {
    own[`${pool}ThreadPoolQueueSize`] = 0
    own[`${pool}ThreadPoolQueueCapacity`] = capacity
    own[`${pool}ThreadPoolQueueHeadWaitTimeMills`] = 0
  }
  const info = new Map([...store.runtimeInfo(), ...schedule.runtimeInfo()])
  for (const [key, value] of Object.entries(own)) info.set(key, String(value))
  return info
}

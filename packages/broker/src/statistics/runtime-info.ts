import type { HandlerTable } from '@mq/remoting'
import { answer, CURRENT_VERSION, encodeKVTable, GetBrokerRuntimeInfo, protocolVersionName } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { BrokerStatistics } from './broker-statistics.js'

/** What the runtime information is made of. */
export interface RuntimeInfoOptions {
  readonly config: BrokerConfig
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
}

/** Thread pools of the Java broker whose queues the tools print; ours has none, so they are empty. */
const pools = ['send', 'pull', 'litePull', 'query', 'ack'] as const

/** Serves GET_BROKER_RUNTIME_INFO. Java: AdminBrokerProcessor#prepareRuntimeInfo. */
export function registerRuntimeInfo(handlers: HandlerTable, options: RuntimeInfoOptions): void {
  handlers.on(GetBrokerRuntimeInfo, () => answer({ body: encodeKVTable({ table: runtimeInfo(options) }) }))
}

/** Everything brokerStatus prints, by key. */
export function runtimeInfo({ config, store, statistics }: RuntimeInfoOptions): Map<string, string> {
  const { putTotals, getTotals } = statistics
  const capacities = { send: config.sendThreadPoolQueueCapacity, pull: config.pullThreadPoolQueueCapacity }
  const info = new Map(store.runtimeInfo())
  const own: Record<string, string | number | boolean> = {
    brokerActive: true,
    brokerVersion: CURRENT_VERSION,
    brokerVersionDesc: protocolVersionName(CURRENT_VERSION),
    msgPutTotalYesterdayMorning: putTotals.yesterdayMorning,
    msgPutTotalTodayMorning: putTotals.todayMorning,
    msgPutTotalTodayNow: putTotals.todayNow,
    msgGetTotalYesterdayMorning: getTotals.yesterdayMorning,
    msgGetTotalTodayMorning: getTotals.todayMorning,
    msgGetTotalTodayNow: getTotals.todayNow,
    startAcceptSendRequestTimeStamp: config.startAcceptSendRequestTimeStamp,
    EndTransactionQueueSize: 0,
    EndTransactionThreadPoolQueueCapacity: 0,
    timerReadBehind: 0,
    timerOffsetBehind: 0,
    timerCongestNum: 0,
    timerEnqueueTps: '0.0',
    timerDequeueTps: '0.0',
  }
  for (const pool of pools) {
    own[`${pool}ThreadPoolQueueSize`] = 0
    own[`${pool}ThreadPoolQueueCapacity`] = pool === 'send' ? capacities.send : capacities.pull
    own[`${pool}ThreadPoolQueueHeadWaitTimeMills`] = 0
  }
  for (const [key, value] of Object.entries(own)) info.set(key, String(value))
  return info
}

import type { HandlerTable } from '@mq/remoting'
import { answer, encodeBrokerStatsData, ResponseCode, ViewBrokerStatsData } from '@mq/remoting'
import type { BrokerStatistics } from './broker-statistics.js'

/** Serves VIEW_BROKER_STATS_DATA. Java: AdminBrokerProcessor#ViewBrokerStatsData. */
export function registerStatsRequests(handlers: HandlerTable, statistics: BrokerStatistics): void {
  handlers.on(ViewBrokerStatsData, ({ statsName, statsKey }) => {
    const item = statistics.find(statsName, statsKey)
    if (item !== undefined) return answer({ body: encodeBrokerStatsData(item.data) })
    const remark = `The stats <${statsName}> <${statsKey}> not exist: nothing of it was counted since the start`
    return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
  })
}

import { asJsonObject, decodeJsonBody, encodeJsonBody, integerMember, numberMember } from '../codec/json-body.js'
import { javaDouble } from '../codec/java-json-writer.js'

/** A statistic over some time. Java: BrokerStatsItem. */
export interface BrokerStatsItem {
  readonly sum: number
  /** Growth a second. */
  readonly tps: number
  /** Growth each time it was counted. */
  readonly avgpt: number
}

/** A statistic over the last minute, hour and day. Java: BrokerStatsData. */
export interface BrokerStatsData {
  readonly statsMinute: BrokerStatsItem
  readonly statsHour: BrokerStatsItem
  readonly statsDay: BrokerStatsItem
}

/** Body of the answer to VIEW_BROKER_STATS_DATA. */
export function encodeBrokerStatsData({ statsDay, statsHour, statsMinute }: BrokerStatsData): Buffer {
  return encodeJsonBody({
    statsDay: itemRecord(statsDay),
    statsHour: itemRecord(statsHour),
    statsMinute: itemRecord(statsMinute),
  })
}

/** Body of the answer to VIEW_BROKER_STATS_DATA. @throws RemotingCommandError when it is no JSON object. */
export function decodeBrokerStatsData(bytes: Buffer): BrokerStatsData {
  const object = decodeJsonBody(bytes, 'BrokerStatsData')
  return {
    statsMinute: readItem(object['statsMinute']),
    statsHour: readItem(object['statsHour']),
    statsDay: readItem(object['statsDay']),
  }
}

function itemRecord({ avgpt, sum, tps }: BrokerStatsItem): object {
  return { avgpt: javaDouble(avgpt), sum, tps: javaDouble(tps) }
}

function readItem(value: unknown): BrokerStatsItem {
  const object = asJsonObject(value)
  return { sum: integerMember(object, 'sum'), tps: numberMember(object, 'tps'), avgpt: numberMember(object, 'avgpt') }
}

import {
  asJsonObject,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  isJsonObject,
  listMember,
  textMember,
} from '../codec/json-body.js'
import { type ConsumeStats, consumeStatsRecord, readConsumeStats } from './offset-tables.js'

/** Where one group is, topic by topic. */
export interface GroupConsumeStats {
  readonly group: string
  readonly stats: readonly ConsumeStats[]
}

/** Where all groups are on a broker. Java: ConsumeStatsList. */
export interface ConsumeStatsList {
  readonly brokerAddr: string
  readonly groups: readonly GroupConsumeStats[]
  /** Messages all groups have yet to consume. */
  readonly totalDiff: number
  /** Messages all groups have pulled and not consumed. */
  readonly totalInflightDiff: number
}

/** Body of the answer to GET_BROKER_CONSUME_STATS. */
export function encodeConsumeStatsList({ brokerAddr, groups, totalDiff, totalInflightDiff }: ConsumeStatsList): Buffer {
  const consumeStatsList = groups.map(({ group, stats }) => new Map([[group, stats.map(consumeStatsRecord)]]))
  return encodeJsonBody({ brokerAddr, consumeStatsList, totalDiff, totalInflightDiff })
}

/** Body of the answer to GET_BROKER_CONSUME_STATS. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumeStatsList(bytes: Buffer): ConsumeStatsList {
  const object = decodeJsonBody(bytes, 'ConsumeStatsList')
  return {
    brokerAddr: textMember(object, 'brokerAddr') ?? '',
    groups: listMember(object, 'consumeStatsList', asJsonObject).flatMap((byGroup) => {
      return Object.keys(byGroup).map((group) => ({
        group,
        stats: listMember(byGroup, group, (stats) => (isJsonObject(stats) ? readConsumeStats(stats) : undefined)),
      }))
    }),
    totalDiff: integerMember(object, 'totalDiff'),
    totalInflightDiff: integerMember(object, 'totalInflightDiff'),
  }
}

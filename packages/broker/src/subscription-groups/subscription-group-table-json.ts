import type { DataVersion, SubscriptionGroupConfig } from '@mq/remoting'
import { parseJavaJson, readDataVersion, readSubscriptionGroupConfig, stringifyJavaJson } from '@mq/remoting'

/** What subscriptionGroup.json holds. */
export interface SubscriptionGroupTable {
  readonly dataVersion: DataVersion
  readonly groups: readonly SubscriptionGroupConfig[]
  /** Bits by topic by group; bit 2 forbids reading. */
  readonly forbidden: ReadonlyMap<string, ReadonlyMap<string, number>>
}

type JsonObject = Readonly<Record<string, unknown>>

/** The text of subscriptionGroup.json as Java writes it. Java: SubscriptionGroupManager#encode(true). */
export function stringifySubscriptionGroupTable({ dataVersion, groups, forbidden }: SubscriptionGroupTable): string {
  const { counter, stateVersion, timestamp } = dataVersion
  return stringifyJavaJson(
    {
      dataVersion: { counter, stateVersion, timestamp },
      forbiddenTable: Object.fromEntries([...forbidden].map(([group, topics]) => [group, Object.fromEntries(topics)])),
      subscriptionGroupTable: Object.fromEntries(groups.map((group) => [group.groupName, sortedByName(group)])),
    },
    { pretty: true },
  )
}

/** Reads subscriptionGroup.json; throws when the text is not such a table. */
export function parseSubscriptionGroupTable(source: string): SubscriptionGroupTable {
  const root = parseJavaJson(source) as JsonObject
  const groups = Object.entries((root['subscriptionGroupTable'] ?? {}) as JsonObject)
  const forbidden = Object.entries((root['forbiddenTable'] ?? {}) as Readonly<Record<string, JsonObject>>)
  return {
    dataVersion: readDataVersion(root['dataVersion']),
    groups: groups.map(([name, value]) => ({ ...readSubscriptionGroupConfig(value), groupName: name })),
    forbidden: new Map(forbidden.map(([group, topics]) => [group, new Map(Object.entries(topics).map(toNumber))])),
  }
}

function toNumber([topic, bits]: [string, unknown]): [string, number] {
  return [topic, Number(bits) || 0]
}

function sortedByName(group: SubscriptionGroupConfig): JsonObject {
  return Object.fromEntries(Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)))
}

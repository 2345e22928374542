import type { DataVersion, TopicConfig } from '@mq/remoting'
import { parseJavaJson, readDataVersion, readTopicConfig, stringifyJavaJson } from '@mq/remoting'

/** What topics.json holds. */
export interface TopicTable {
  readonly dataVersion: DataVersion
  readonly topics: readonly TopicConfig[]
}

/** The text of topics.json as Java writes it. Java: TopicConfigManager#encode(true). */
export function stringifyTopicTable({ dataVersion, topics }: TopicTable): string {
  const topicConfigTable: Record<string, unknown> = Object.create(null)
  for (const topic of topics) topicConfigTable[topic.topicName] = topicRecord(topic)
  return stringifyJavaJson({ dataVersion: versionRecord(dataVersion), topicConfigTable }, { pretty: true })
}

/** Reads topics.json; throws when the text is not such a table. */
export function parseTopicTable(source: string): TopicTable {
  const root = parseJavaJson(source) as Readonly<Record<string, unknown>>
  const table = (root['topicConfigTable'] ?? {}) as Readonly<Record<string, unknown>>
  return {
    dataVersion: readDataVersion(root['dataVersion']),
    topics: Object.entries(table).map(([name, value]) => ({ ...readTopicConfig(value), topicName: name })),
  }
}

function versionRecord({ counter, stateVersion, timestamp }: DataVersion): Record<string, unknown> {
  return { counter, stateVersion, timestamp }
}

function topicRecord(topic: TopicConfig): Record<string, unknown> {
  const { attributes, order, perm, readQueueNums, topicFilterType, topicName, topicSysFlag, writeQueueNums } = topic
  return { attributes, order, perm, readQueueNums, topicFilterType, topicName, topicSysFlag, writeQueueNums }
}

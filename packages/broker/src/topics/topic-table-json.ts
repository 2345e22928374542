import type { TopicConfigSerializeWrapper } from '@mq/remoting'
import {
  asJsonObject,
  parseJavaJson,
  readTopicConfigWrapper,
  stringifyJavaJson,
  topicConfigWrapperRecord,
} from '@mq/remoting'

/** The text of topics.json as Java writes it. Java: TopicConfigManager#encode(true). */
export function stringifyTopicTable(table: TopicConfigSerializeWrapper): string {
  return stringifyJavaJson(topicConfigWrapperRecord(table), { pretty: true })
}

/** Reads topics.json; throws when the text is no JSON object. */
export function parseTopicTable(source: string): TopicConfigSerializeWrapper {
  return readTopicConfigWrapper(asJsonObject(parseJavaJson(source)))
}

import type { TopicConfigSerializeWrapper } from '@mq/remoting'
import { decodeTopicConfigWrapper, stringifyJavaJson, topicConfigWrapperRecord } from '@mq/remoting'

/** The text of topics.json as Java writes it. Java: TopicConfigManager#encode(true). */
export function stringifyTopicTable(table: TopicConfigSerializeWrapper): string {
  return stringifyJavaJson(topicConfigWrapperRecord(table), { pretty: true })
}

/** Reads topics.json. Throws RemotingCommandError when the text is no JSON object. */
export function parseTopicTable(source: string): TopicConfigSerializeWrapper {
  return decodeTopicConfigWrapper(Buffer.from(source, 'utf8'))
}

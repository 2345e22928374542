import type { ConsumerOffsetTable } from '@mq/remoting'
import { consumerOffsetTableRecord, decodeConsumerOffsetTable, stringifyJavaJson } from '@mq/remoting'

/** The text of consumerOffset.json as Java writes it. Java: ConsumerOffsetManager#encode(true). */
export function stringifyConsumerOffsetTable(table: ConsumerOffsetTable): string {
  return stringifyJavaJson(consumerOffsetTableRecord(table), { pretty: true })
}

/** Reads consumerOffset.json. Throws RemotingCommandError when the text is no JSON object. */
export function parseConsumerOffsetTable(source: string): ConsumerOffsetTable {
  return decodeConsumerOffsetTable(Buffer.from(source, 'utf8'))
}

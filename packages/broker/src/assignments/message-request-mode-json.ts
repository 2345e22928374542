import type { MessageRequestModeTable } from '@mq/remoting'
import { decodeMessageRequestModeTable, messageRequestModeTableRecord, stringifyJavaJson } from '@mq/remoting'

/** The text of messageRequestMode.json as Java writes it. Java: MessageRequestModeManager#encode(true). */
export function stringifyMessageRequestModeTable(table: MessageRequestModeTable): string {
  return stringifyJavaJson(messageRequestModeTableRecord(table), { pretty: true })
}

/** Reads messageRequestMode.json. Throws RemotingCommandError when the text is no JSON object. */
export function parseMessageRequestModeTable(source: string): MessageRequestModeTable {
  return decodeMessageRequestModeTable(Buffer.from(source, 'utf8'))
}

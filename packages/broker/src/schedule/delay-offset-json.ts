import type { DelayOffsetTable } from '@mq/remoting'
import { decodeDelayOffsetTable, delayOffsetTableRecord, stringifyJavaJson } from '@mq/remoting'

/** The text of delayOffset.json as Java writes it. Java: ScheduleMessageService#encode(true). */
export function stringifyDelayOffsetTable(table: DelayOffsetTable): string {
  return stringifyJavaJson(delayOffsetTableRecord(table), { pretty: true })
}

/** Reads delayOffset.json. Throws RemotingCommandError when the text is no JSON object. */
export function parseDelayOffsetTable(source: string): DelayOffsetTable {
  return decodeDelayOffsetTable(Buffer.from(source, 'utf8'))
}

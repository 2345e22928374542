import { decodeJsonBody, encodeJsonBody, integerMapMember, integerOf, textKeyed } from '../codec/json-body.js'
import { type DataVersion, dataVersionRecord, readDataVersion } from './data-version.js'

/** How far each delay level has been delivered: the content of delayOffset.json. Java: DelayOffsetSerializeWrapper. */
export interface DelayOffsetTable {
  readonly dataVersion: DataVersion
  /** Level, from 1 on, to the next message to deliver in its queue of the schedule topic. */
  readonly offsetTable: ReadonlyMap<number, number>
}

/** The JSON object of delayOffset.json, members in Java's order; its levels are bare numbers, as Java writes them. */
export function delayOffsetTableRecord({ dataVersion, offsetTable }: DelayOffsetTable): object {
  return { dataVersion: dataVersionRecord(dataVersion), offsetTable }
}

/** Body of the answer to GET_ALL_DELAY_OFFSET. */
export function encodeDelayOffsetTable({ dataVersion, offsetTable }: DelayOffsetTable): Buffer {
  return encodeJsonBody({ dataVersion: dataVersionRecord(dataVersion), offsetTable: textKeyed(offsetTable) })
}

/** Body of the answer to GET_ALL_DELAY_OFFSET. @throws RemotingCommandError when it is no JSON object. */
export function decodeDelayOffsetTable(bytes: Buffer): DelayOffsetTable {
  const object = decodeJsonBody(bytes, 'DelayOffsetTable')
  return {
    dataVersion: readDataVersion(object['dataVersion']),
    offsetTable: integerMapMember(object, 'offsetTable', integerOf),
  }
}

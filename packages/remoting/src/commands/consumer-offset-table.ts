import {
  asJsonObject,
  decodeJsonBody,
  encodeJsonBody,
  integerMapMember,
  integerOf,
  isJsonObject,
  mapMember,
} from '../codec/json-body.js'
import { type DataVersion, dataVersionRecord, readDataVersion } from './data-version.js'

/** The offsets of all groups of a broker: the content of consumerOffset.json. Java: ConsumerOffsetManager. */
export interface ConsumerOffsetTable {
  readonly dataVersion: DataVersion
  /** `topic@group` to queue to the next message to consume. */
  readonly offsetTable: ReadonlyMap<string, ReadonlyMap<number, number>>
}

/** The JSON object of a broker's offsets, members in Java's order. */
export function consumerOffsetTableRecord({ dataVersion, offsetTable }: ConsumerOffsetTable): object {
  return { dataVersion: dataVersionRecord(dataVersion), groupTopicMap: groupTopicMap(offsetTable.keys()), offsetTable }
}

/** What Java writes for people and never reads: the topics of each group. */
function groupTopicMap(keys: Iterable<string>): Map<string, Set<string>> {
  const topicsOf = new Map<string, Set<string>>()
  for (const key of keys) {
    const [topic, group, ...more] = key.split('@')
    if (topic === undefined || group === undefined || more.length > 0) continue
    const topics = topicsOf.get(group)
    if (topics === undefined) topicsOf.set(group, new Set([topic]))
    else topics.add(topic)
  }
  return topicsOf
}

/** Body of the answer to GET_ALL_CONSUMER_OFFSET. */
export function encodeConsumerOffsetTable(table: ConsumerOffsetTable): Buffer {
  return encodeJsonBody(consumerOffsetTableRecord(table))
}

/** Body of the answer to GET_ALL_CONSUMER_OFFSET. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumerOffsetTable(bytes: Buffer): ConsumerOffsetTable {
  const object = decodeJsonBody(bytes, 'ConsumerOffsetTable')
  const byKey = asJsonObject(object['offsetTable'])
  const offsetTable = mapMember(object, 'offsetTable', (value) => (isJsonObject(value) ? value : undefined))
  return {
    dataVersion: readDataVersion(object['dataVersion']),
    offsetTable: new Map([...offsetTable.keys()].map((key) => [key, integerMapMember(byKey, key, integerOf)])),
  }
}

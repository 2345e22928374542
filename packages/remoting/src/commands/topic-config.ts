import {
  asJsonObject,
  booleanMember,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  listMember,
  mapMember,
  mapRecord,
  objectMember,
  textMember,
  textOf,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { type DataVersion, dataVersionRecord, readDataVersion } from './data-version.js'
import {
  mappingDetailValue,
  mappingInfoValue,
  readTopicQueueMappingDetail,
  type TopicQueueMappingDetail,
  topicQueueMappingDetailRecord,
  type TopicQueueMappingInfo,
  topicQueueMappingInfoRecord,
} from './topic-queue-mapping.js'

/** Whether messages of a topic carry one tag or more; nothing acts on it. Java: TopicFilterType. */
export type TopicFilterType = 'SINGLE_TAG' | 'MULTI_TAG'

/** Settings of a topic on a broker. Java: TopicConfig. */
export interface TopicConfig {
  readonly topicName: string
  readonly readQueueNums: number
  readonly writeQueueNums: number
  /** 4 readable, 2 writeable, 1 inherited by topics made on the fly. */
  readonly perm: number
  readonly topicFilterType: TopicFilterType
  readonly topicSysFlag: number
  readonly order: boolean
  readonly attributes: ReadonlyMap<string, string>
}

/** Java's values for what a TopicConfig leaves out. */
const defaultQueueNums = 16
const defaultPerm = 6

/** Settings as a member of a JSON object. */
export function readTopicConfig(value: unknown): TopicConfig {
  const object = asJsonObject(value)
  return {
    topicName: textMember(object, 'topicName') ?? '',
    readQueueNums: integerMember(object, 'readQueueNums', defaultQueueNums),
    writeQueueNums: integerMember(object, 'writeQueueNums', defaultQueueNums),
    perm: integerMember(object, 'perm', defaultPerm),
    topicFilterType: textMember(object, 'topicFilterType') === 'MULTI_TAG' ? 'MULTI_TAG' : 'SINGLE_TAG',
    topicSysFlag: integerMember(object, 'topicSysFlag'),
    order: booleanMember(object, 'order') ?? false,
    attributes: mapMember(object, 'attributes', textOf),
  }
}

/** The JSON object of a topic's settings, members in Java's order. */
export function topicConfigRecord(config: TopicConfig): object {
  const { attributes, order, perm, readQueueNums, topicFilterType, topicName, topicSysFlag, writeQueueNums } = config
  return { attributes, order, perm, readQueueNums, topicFilterType, topicName, topicSysFlag, writeQueueNums }
}

/** All topics of a broker and their version. Java: TopicConfigSerializeWrapper. */
export interface TopicConfigSerializeWrapper {
  readonly dataVersion: DataVersion
  readonly topicConfigTable: ReadonlyMap<string, TopicConfig>
}

/** All topics of a broker and, for static ones, their mappings. Java: TopicConfigAndMappingSerializeWrapper. */
export interface TopicConfigAndMappingWrapper extends TopicConfigSerializeWrapper {
  readonly mappingDataVersion: DataVersion
  readonly topicQueueMappingDetailMap: ReadonlyMap<string, TopicQueueMappingDetail>
  readonly topicQueueMappingInfoMap: ReadonlyMap<string, TopicQueueMappingInfo>
}

/** The JSON object of a broker's topics: the content of topics.json. */
export function topicConfigWrapperRecord(wrapper: TopicConfigSerializeWrapper): object {
  return {
    dataVersion: dataVersionRecord(wrapper.dataVersion),
    topicConfigTable: mapRecord(wrapper.topicConfigTable, topicConfigRecord),
  }
}

/** A broker's topics as a JSON object: the content of topics.json. */
export function readTopicConfigWrapper(object: JsonObject): TopicConfigSerializeWrapper {
  return {
    dataVersion: readDataVersion(object['dataVersion']),
    topicConfigTable: mapMember(object, 'topicConfigTable', whenObject(readTopicConfig)),
  }
}

/** Body of a table of topics. */
export function encodeTopicConfigWrapper(wrapper: TopicConfigSerializeWrapper): Buffer {
  return encodeJsonBody(topicConfigWrapperRecord(wrapper))
}

/** Body of a table of topics. @throws RemotingCommandError when it is no JSON object. */
export function decodeTopicConfigWrapper(bytes: Buffer): TopicConfigSerializeWrapper {
  return readTopicConfigWrapper(decodeJsonBody(bytes, 'TopicConfigSerializeWrapper'))
}

/** The JSON object of a broker's topics and mappings. */
export function topicConfigAndMappingRecord(wrapper: TopicConfigAndMappingWrapper): object {
  return {
    dataVersion: dataVersionRecord(wrapper.dataVersion),
    mappingDataVersion: dataVersionRecord(wrapper.mappingDataVersion),
    topicConfigTable: mapRecord(wrapper.topicConfigTable, topicConfigRecord),
    topicQueueMappingDetailMap: mapRecord(wrapper.topicQueueMappingDetailMap, topicQueueMappingDetailRecord),
    topicQueueMappingInfoMap: mapRecord(wrapper.topicQueueMappingInfoMap, topicQueueMappingInfoRecord),
  }
}

/** A broker's topics and mappings as a JSON object. */
export function readTopicConfigAndMapping(object: JsonObject): TopicConfigAndMappingWrapper {
  return {
    ...readTopicConfigWrapper(object),
    mappingDataVersion: readDataVersion(object['mappingDataVersion']),
    topicQueueMappingDetailMap: mapMember(object, 'topicQueueMappingDetailMap', mappingDetailValue),
    topicQueueMappingInfoMap: mapMember(object, 'topicQueueMappingInfoMap', mappingInfoValue),
  }
}

/** Body of the answer to GET_ALL_TOPIC_CONFIG. */
export function encodeTopicConfigAndMappingWrapper(wrapper: TopicConfigAndMappingWrapper): Buffer {
  return encodeJsonBody(topicConfigAndMappingRecord(wrapper))
}

/** Body of the answer to GET_ALL_TOPIC_CONFIG. @throws RemotingCommandError when it is no JSON object. */
export function decodeTopicConfigAndMappingWrapper(bytes: Buffer): TopicConfigAndMappingWrapper {
  return readTopicConfigAndMapping(decodeJsonBody(bytes, 'TopicConfigAndMappingSerializeWrapper'))
}

/** One topic's settings and, if it is static and asked for, its mapping. Java: TopicConfigAndQueueMapping. */
export interface TopicConfigAndQueueMapping extends TopicConfig {
  readonly mappingDetail?: TopicQueueMappingDetail | undefined
}

/** Body of the answer to GET_TOPIC_CONFIG. */
export function encodeTopicConfigAndQueueMapping(config: TopicConfigAndQueueMapping): Buffer {
  const { attributes, order, perm, readQueueNums, topicFilterType, topicName, topicSysFlag, writeQueueNums } = config
  const mappingDetail = config.mappingDetail && topicQueueMappingDetailRecord(config.mappingDetail)
  return encodeJsonBody({
    attributes,
    mappingDetail,
    order,
    perm,
    readQueueNums,
    topicFilterType,
    topicName,
    topicSysFlag,
    writeQueueNums,
  })
}

/** Body of the answer to GET_TOPIC_CONFIG. @throws RemotingCommandError when it is no JSON object. */
export function decodeTopicConfigAndQueueMapping(bytes: Buffer): TopicConfigAndQueueMapping {
  const object = decodeJsonBody(bytes, 'TopicConfigAndQueueMapping')
  const detail = objectMember(object, 'mappingDetail')
  return { ...readTopicConfig(object), mappingDetail: detail && readTopicQueueMappingDetail(detail) }
}

/** Several topics to create or change. Java: CreateTopicListRequestBody. */
export interface CreateTopicListBody {
  readonly topicConfigList: readonly TopicConfig[]
}

/** Body of UPDATE_AND_CREATE_TOPIC_LIST. */
export function encodeCreateTopicListBody({ topicConfigList }: CreateTopicListBody): Buffer {
  return encodeJsonBody({ topicConfigList: topicConfigList.map(topicConfigRecord) })
}

/** Body of UPDATE_AND_CREATE_TOPIC_LIST. @throws RemotingCommandError when it is no JSON object. */
export function decodeCreateTopicListBody(bytes: Buffer): CreateTopicListBody {
  const object = decodeJsonBody(bytes, 'CreateTopicListRequestBody')
  return { topicConfigList: listMember(object, 'topicConfigList', whenObject(readTopicConfig)) }
}

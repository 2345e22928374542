import {
  booleanMember,
  decodeJsonBody,
  integerMapMember,
  integerMember,
  isJsonObject,
  listMember,
  mapMember,
  mapRecord,
  textKeyed,
  textMember,
  textOf,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { stringifyJavaJson } from '../codec/java-json-writer.js'
import { mappingInfoValue, type TopicQueueMappingInfo, topicQueueMappingInfoRecord } from './topic-queue-mapping.js'

/** A broker and its addresses. Java: BrokerData. */
export interface BrokerData {
  readonly cluster: string
  readonly brokerName: string
  /** Broker id (0 is the master) to ip:port. */
  readonly brokerAddrs: ReadonlyMap<number, string>
  readonly zoneName?: string | undefined
  readonly enableActingMaster: boolean
}

/** How many queues of a topic a broker has. Java: QueueData. */
export interface QueueData {
  readonly brokerName: string
  readonly readQueueNums: number
  readonly writeQueueNums: number
  /** 4 readable, 2 writeable. */
  readonly perm: number
  readonly topicSysFlag: number
}

/** Where a topic lives. Java: TopicRouteData. */
export interface TopicRouteData {
  /** `broker-a:4;broker-b:2`, for topics of global order. */
  readonly orderTopicConf?: string | undefined
  readonly queueDatas: readonly QueueData[]
  readonly brokerDatas: readonly BrokerData[]
  readonly filterServerTable: ReadonlyMap<string, readonly string[]>
  /** For static topics: broker name to the queues it has. */
  readonly topicQueueMappingByBroker?: ReadonlyMap<string, TopicQueueMappingInfo> | undefined
}

/** `standard`: JSON for clients since 4.9.4, or those that ask for it; `fastjson`: broker ids as bare keys, for older ones. */
export type TopicRouteForm = 'standard' | 'fastjson'

/** Body of the answer to GET_ROUTEINFO_BY_TOPIC. */
export function encodeTopicRouteData(route: TopicRouteData, form: TopicRouteForm = 'standard'): Buffer {
  const mappings = route.topicQueueMappingByBroker
  return Buffer.from(
    stringifyJavaJson({
      brokerDatas: route.brokerDatas.map((broker) => brokerDataRecord(broker, form)),
      filterServerTable: route.filterServerTable,
      orderTopicConf: route.orderTopicConf,
      queueDatas: route.queueDatas.map(queueDataRecord),
      topicQueueMappingByBroker: mappings && mapRecord(mappings, topicQueueMappingInfoRecord),
    }),
  )
}

/** Reads a route of either form. @throws RemotingCommandError when it is no JSON object. */
export function decodeTopicRouteData(bytes: Buffer): TopicRouteData {
  const object = decodeJsonBody(bytes, 'TopicRouteData')
  const mappings = mapMember(object, 'topicQueueMappingByBroker', mappingInfoValue)
  return {
    orderTopicConf: textMember(object, 'orderTopicConf'),
    queueDatas: listMember(object, 'queueDatas', whenObject(readQueueData)),
    brokerDatas: listMember(object, 'brokerDatas', whenObject(readBrokerData)),
    filterServerTable: mapMember(object, 'filterServerTable', textList),
    topicQueueMappingByBroker: isJsonObject(object['topicQueueMappingByBroker']) ? mappings : undefined,
  }
}

/** The JSON object of a broker. */
export function brokerDataRecord(broker: BrokerData, form: TopicRouteForm = 'standard'): object {
  const { brokerName, cluster, enableActingMaster, zoneName } = broker
  return { brokerAddrs: brokerAddrsRecord(broker.brokerAddrs, form), brokerName, cluster, enableActingMaster, zoneName }
}

/** The JSON object of a broker's addresses. */
export function brokerAddrsRecord(brokerAddrs: ReadonlyMap<number, string>, form: TopicRouteForm = 'standard'): object {
  return form === 'fastjson' ? brokerAddrs : textKeyed(brokerAddrs)
}

/** A broker as a member of a JSON object. */
export function readBrokerData(object: JsonObject): BrokerData {
  return {
    cluster: textMember(object, 'cluster') ?? '',
    brokerName: textMember(object, 'brokerName') ?? '',
    brokerAddrs: integerMapMember(object, 'brokerAddrs', textOf),
    zoneName: textMember(object, 'zoneName'),
    enableActingMaster: booleanMember(object, 'enableActingMaster') ?? false,
  }
}

function readQueueData(object: JsonObject): QueueData {
  return {
    brokerName: textMember(object, 'brokerName') ?? '',
    readQueueNums: integerMember(object, 'readQueueNums'),
    writeQueueNums: integerMember(object, 'writeQueueNums'),
    perm: integerMember(object, 'perm'),
    topicSysFlag: integerMember(object, 'topicSysFlag'),
  }
}

function queueDataRecord({ brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums }: QueueData): object {
  return { brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums }
}

function textList(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}

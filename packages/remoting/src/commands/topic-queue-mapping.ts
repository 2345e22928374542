import {
  booleanMember,
  integerMapMember,
  integerMember,
  integerOf,
  isJsonObject,
  textKeyed,
  textMember,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'

/** Which queues of a static topic a broker has. Java: TopicQueueMappingInfo. */
export interface TopicQueueMappingInfo {
  readonly topic?: string | undefined
  /** Queues of the topic over all brokers. */
  readonly totalQueues: number
  /** Name of the broker. */
  readonly bname?: string | undefined
  /** Wall clock of the last change, ms; of two brokers that claim a queue the later one has it. */
  readonly epoch: number
  readonly dirty: boolean
  readonly scope?: string | undefined
  /** Global queue id to the broker's own. */
  readonly currIdMap: ReadonlyMap<number, number>
}

/** One stretch of a logical queue's history. Java: LogicQueueMappingItem. */
export interface LogicQueueMappingItem {
  readonly gen: number
  readonly queueId: number
  readonly bname?: string | undefined
  readonly logicOffset: number
  readonly startOffset: number
  readonly endOffset: number
  readonly timeOfStart: number
  readonly timeOfEnd: number
}

/** A mapping with the history of each logical queue. Java: TopicQueueMappingDetail. */
export interface TopicQueueMappingDetail extends TopicQueueMappingInfo {
  readonly hostedQueues: ReadonlyMap<number, readonly LogicQueueMappingItem[]>
}

/** A mapping as a member of a JSON object. */
export function readTopicQueueMappingInfo(object: JsonObject): TopicQueueMappingInfo {
  return {
    topic: textMember(object, 'topic'),
    totalQueues: integerMember(object, 'totalQueues'),
    bname: textMember(object, 'bname'),
    epoch: integerMember(object, 'epoch'),
    dirty: booleanMember(object, 'dirty') ?? false,
    scope: textMember(object, 'scope'),
    currIdMap: integerMapMember(object, 'currIdMap', integerOf),
  }
}

/** The JSON object of a mapping, keys of its map as text, as standard JSON has them. */
export function topicQueueMappingInfoRecord(info: TopicQueueMappingInfo): object {
  const { bname, currIdMap, dirty, epoch, scope, topic, totalQueues } = info
  return { bname, currIdMap: textKeyed(currIdMap), dirty, epoch, scope, topic, totalQueues }
}

/** A mapping with history as a member of a JSON object. */
export function readTopicQueueMappingDetail(object: JsonObject): TopicQueueMappingDetail {
  return {
    ...readTopicQueueMappingInfo(object),
    hostedQueues: integerMapMember(object, 'hostedQueues', (items) =>
      Array.isArray(items) ? items.filter(isJsonObject).map(readMappingItem) : undefined,
    ),
  }
}

/** The JSON object of a mapping with history. */
export function topicQueueMappingDetailRecord(detail: TopicQueueMappingDetail): object {
  const { bname, currIdMap, dirty, epoch, hostedQueues, scope, topic, totalQueues } = detail
  const hosted = new Map([...hostedQueues].map(([id, items]) => [String(id), items.map(mappingItemRecord)]))
  return { bname, currIdMap: textKeyed(currIdMap), dirty, epoch, hostedQueues: hosted, scope, topic, totalQueues }
}

/** Decoder for values of a map of mappings. */
export const mappingInfoValue: (value: unknown) => TopicQueueMappingInfo | undefined =
  whenObject(readTopicQueueMappingInfo)
/** Decoder for values of a map of mappings with history. */
export const mappingDetailValue: (value: unknown) => TopicQueueMappingDetail | undefined =
  whenObject(readTopicQueueMappingDetail)

function readMappingItem(object: JsonObject): LogicQueueMappingItem {
  return {
    gen: integerMember(object, 'gen'),
    queueId: integerMember(object, 'queueId'),
    bname: textMember(object, 'bname'),
    logicOffset: integerMember(object, 'logicOffset'),
    startOffset: integerMember(object, 'startOffset'),
    endOffset: integerMember(object, 'endOffset', -1),
    timeOfStart: integerMember(object, 'timeOfStart', -1),
    timeOfEnd: integerMember(object, 'timeOfEnd', -1),
  }
}

function mappingItemRecord(item: LogicQueueMappingItem): object {
  const { bname, endOffset, gen, logicOffset, queueId, startOffset, timeOfEnd, timeOfStart } = item
  return { bname, endOffset, gen, logicOffset, queueId, startOffset, timeOfEnd, timeOfStart }
}

import {
  asJsonObject,
  booleanMember,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  integerOf,
  listMember,
  mapMember,
  mapRecord,
  nameOf,
  numberMember,
  objectMember,
  textMember,
  textOf,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { type DataVersion, dataVersionRecord, readDataVersion } from './data-version.js'

/** How long a message waits for its next delivery. Java: GroupRetryPolicy. */
export interface GroupRetryPolicy {
  readonly type: 'CUSTOMIZED' | 'EXPONENTIAL'
  readonly exponentialRetryPolicy?:
    | { readonly initial: number; readonly max: number; readonly multiplier: number }
    | undefined
  /** Delays in ms, by delivery. */
  readonly customizedRetryPolicy?: { readonly next: readonly number[] } | undefined
}

/** A subscription a group is held to. Java: SimpleSubscriptionData. */
export interface SimpleSubscriptionData {
  readonly topic: string
  readonly expressionType?: string | undefined
  readonly expression?: string | undefined
  readonly version: number
}

/** Settings of a consumer group on a broker. Java: SubscriptionGroupConfig. */
export interface SubscriptionGroupConfig {
  readonly groupName: string
  readonly consumeEnable: boolean
  readonly consumeFromMinEnable: boolean
  readonly consumeBroadcastEnable: boolean
  readonly consumeMessageOrderly: boolean
  readonly retryQueueNums: number
  readonly retryMaxTimes: number
  readonly groupRetryPolicy: GroupRetryPolicy
  readonly brokerId: number
  readonly whichBrokerWhenConsumeSlowly: number
  readonly notifyConsumerIdsChangedEnable: boolean
  readonly groupSysFlag: number
  readonly consumeTimeoutMinute: number
  readonly subscriptionDataSet?: readonly SimpleSubscriptionData[] | undefined
  readonly attributes: ReadonlyMap<string, string>
}

/** Java's settings of a group that has none: sixteen deliveries, one retry queue, everything allowed. */
export function defaultSubscriptionGroupConfig(groupName: string): SubscriptionGroupConfig {
  return readSubscriptionGroupConfig({ groupName })
}

/** Settings as a member of a JSON object; what is missing is Java's default. */
export function readSubscriptionGroupConfig(value: unknown): SubscriptionGroupConfig {
  const object = asJsonObject(value)
  return {
    groupName: textMember(object, 'groupName') ?? '',
    consumeEnable: booleanMember(object, 'consumeEnable') ?? true,
    consumeFromMinEnable: booleanMember(object, 'consumeFromMinEnable') ?? true,
    consumeBroadcastEnable: booleanMember(object, 'consumeBroadcastEnable') ?? true,
    consumeMessageOrderly: booleanMember(object, 'consumeMessageOrderly') ?? false,
    retryQueueNums: integerMember(object, 'retryQueueNums', 1),
    retryMaxTimes: integerMember(object, 'retryMaxTimes', 16),
    groupRetryPolicy: readRetryPolicy(asJsonObject(object['groupRetryPolicy'])),
    brokerId: integerMember(object, 'brokerId'),
    whichBrokerWhenConsumeSlowly: integerMember(object, 'whichBrokerWhenConsumeSlowly', 1),
    notifyConsumerIdsChangedEnable: booleanMember(object, 'notifyConsumerIdsChangedEnable') ?? true,
    groupSysFlag: integerMember(object, 'groupSysFlag'),
    consumeTimeoutMinute: integerMember(object, 'consumeTimeoutMinute', 15),
    subscriptionDataSet: Array.isArray(object['subscriptionDataSet'])
      ? listMember(object, 'subscriptionDataSet', whenObject(readSimpleSubscription))
      : undefined,
    attributes: mapMember(object, 'attributes', textOf),
  }
}

/** The JSON object of a group's settings, members in Java's order. */
export function subscriptionGroupConfigRecord(config: SubscriptionGroupConfig): object {
  return {
    attributes: config.attributes,
    brokerId: config.brokerId,
    consumeBroadcastEnable: config.consumeBroadcastEnable,
    consumeEnable: config.consumeEnable,
    consumeFromMinEnable: config.consumeFromMinEnable,
    consumeMessageOrderly: config.consumeMessageOrderly,
    consumeTimeoutMinute: config.consumeTimeoutMinute,
    groupName: config.groupName,
    groupRetryPolicy: retryPolicyRecord(config.groupRetryPolicy),
    groupSysFlag: config.groupSysFlag,
    notifyConsumerIdsChangedEnable: config.notifyConsumerIdsChangedEnable,
    retryMaxTimes: config.retryMaxTimes,
    retryQueueNums: config.retryQueueNums,
    subscriptionDataSet: config.subscriptionDataSet?.map(simpleSubscriptionRecord),
    whichBrokerWhenConsumeSlowly: config.whichBrokerWhenConsumeSlowly,
  }
}

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP. */
export function encodeSubscriptionGroupConfig(config: SubscriptionGroupConfig): Buffer {
  return encodeJsonBody(subscriptionGroupConfigRecord(config))
}

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP. @throws RemotingCommandError when it is no JSON object. */
export function decodeSubscriptionGroupConfig(bytes: Buffer): SubscriptionGroupConfig {
  return readSubscriptionGroupConfig(decodeJsonBody(bytes, 'SubscriptionGroupConfig'))
}

/** Several groups to create or change. Java: SubscriptionGroupList. */
export interface SubscriptionGroupList {
  readonly groupConfigList: readonly SubscriptionGroupConfig[]
}

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST. */
export function encodeSubscriptionGroupList({ groupConfigList }: SubscriptionGroupList): Buffer {
  return encodeJsonBody({ groupConfigList: groupConfigList.map(subscriptionGroupConfigRecord) })
}

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST. @throws RemotingCommandError when it is no JSON object. */
export function decodeSubscriptionGroupList(bytes: Buffer): SubscriptionGroupList {
  const object = decodeJsonBody(bytes, 'SubscriptionGroupList')
  return { groupConfigList: listMember(object, 'groupConfigList', whenObject(readSubscriptionGroupConfig)) }
}

/** All groups of a broker: the content of subscriptionGroup.json. Java: SubscriptionGroupWrapper. */
export interface SubscriptionGroupWrapper {
  readonly dataVersion: DataVersion
  /** Group to topic to bits; bit 2 forbids reading. */
  readonly forbiddenTable: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly subscriptionGroupTable: ReadonlyMap<string, SubscriptionGroupConfig>
}

/** The JSON object of a broker's groups, members in Java's order. */
export function subscriptionGroupWrapperRecord(wrapper: SubscriptionGroupWrapper): object {
  return {
    dataVersion: dataVersionRecord(wrapper.dataVersion),
    forbiddenTable: wrapper.forbiddenTable,
    subscriptionGroupTable: mapRecord(wrapper.subscriptionGroupTable, subscriptionGroupConfigRecord),
  }
}

/** A broker's groups as a JSON object. */
export function readSubscriptionGroupWrapper(object: JsonObject): SubscriptionGroupWrapper {
  const forbidden = asJsonObject(object['forbiddenTable'])
  return {
    dataVersion: readDataVersion(object['dataVersion']),
    forbiddenTable: new Map(Object.keys(forbidden).map((group) => [group, mapMember(forbidden, group, integerOf)])),
    subscriptionGroupTable: mapMember(object, 'subscriptionGroupTable', whenObject(readSubscriptionGroupConfig)),
  }
}

/** Body of the answer to GET_ALL_SUBSCRIPTIONGROUP_CONFIG. */
export function encodeSubscriptionGroupWrapper(wrapper: SubscriptionGroupWrapper): Buffer {
  return encodeJsonBody(subscriptionGroupWrapperRecord(wrapper))
}

/** Body of the answer to GET_ALL_SUBSCRIPTIONGROUP_CONFIG. @throws RemotingCommandError when it is no JSON object. */
export function decodeSubscriptionGroupWrapper(bytes: Buffer): SubscriptionGroupWrapper {
  return readSubscriptionGroupWrapper(decodeJsonBody(bytes, 'SubscriptionGroupWrapper'))
}

function readRetryPolicy(object: JsonObject): GroupRetryPolicy {
  const exponential = objectMember(object, 'exponentialRetryPolicy')
  const customized = objectMember(object, 'customizedRetryPolicy')
  return {
    type: nameOf(object['type'], ['CUSTOMIZED', 'EXPONENTIAL']) ?? 'CUSTOMIZED',
    exponentialRetryPolicy: exponential && {
      initial: integerMember(exponential, 'initial', 5000),
      max: integerMember(exponential, 'max', 7_200_000),
      multiplier: numberMember(exponential, 'multiplier', 2),
    },
    customizedRetryPolicy: customized && { next: listMember(customized, 'next', integerOf) },
  }
}

function retryPolicyRecord({ customizedRetryPolicy, exponentialRetryPolicy, type }: GroupRetryPolicy): object {
  return { customizedRetryPolicy, exponentialRetryPolicy, type }
}

function readSimpleSubscription(object: JsonObject): SimpleSubscriptionData {
  return {
    topic: textMember(object, 'topic') ?? '',
    expressionType: textMember(object, 'expressionType'),
    expression: textMember(object, 'expression'),
    version: integerMember(object, 'version'),
  }
}

function simpleSubscriptionRecord({ expression, expressionType, topic, version }: SimpleSubscriptionData): object {
  return { expression, expressionType, topic, version }
}

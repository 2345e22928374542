import {
  booleanMember,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  integerOf,
  listMember,
  nameOf,
  textMember,
  textOf,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'

/** Pull, push or pop. Java: ConsumeType. */
export type ConsumeType = 'CONSUME_ACTIVELY' | 'CONSUME_PASSIVELY' | 'CONSUME_POP'
/** Whether the members of a group share messages or each gets all. Java: MessageModel. */
export type MessageModel = 'BROADCASTING' | 'CLUSTERING'
/** Where a group without offsets begins. Java: ConsumeFromWhere, its deprecated names included. */
export type ConsumeFromWhere =
  | 'CONSUME_FROM_LAST_OFFSET'
  | 'CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST'
  | 'CONSUME_FROM_MIN_OFFSET'
  | 'CONSUME_FROM_MAX_OFFSET'
  | 'CONSUME_FROM_FIRST_OFFSET'
  | 'CONSUME_FROM_TIMESTAMP'

/** Every {@link ConsumeType}. */
export const consumeTypes: readonly ConsumeType[] = ['CONSUME_ACTIVELY', 'CONSUME_PASSIVELY', 'CONSUME_POP']
/** Every {@link MessageModel}. */
export const messageModels: readonly MessageModel[] = ['BROADCASTING', 'CLUSTERING']
/** Every {@link ConsumeFromWhere}. */
export const consumeFromWheres: readonly ConsumeFromWhere[] = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST',
  'CONSUME_FROM_MIN_OFFSET',
  'CONSUME_FROM_MAX_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
]

/** What a group wants of a topic. Java: SubscriptionData. */
export interface SubscriptionData {
  readonly topic: string
  /** `TagA || TagB`, `*`, or a SQL expression. */
  readonly subString: string
  /** TAG or SQL92. */
  readonly expressionType: string
  readonly tagsSet: readonly string[]
  /** Java's hash of each tag. */
  readonly codeSet: readonly number[]
  /** Wall clock when the subscription was made, ms. */
  readonly subVersion: number
  readonly classFilterMode: boolean
}

/** A consumer group of a client. Java: ConsumerData. */
export interface ConsumerData {
  readonly groupName: string
  readonly consumeType: ConsumeType
  readonly messageModel: MessageModel
  readonly consumeFromWhere: ConsumeFromWhere
  readonly subscriptionDataSet: readonly SubscriptionData[]
  readonly unitMode: boolean
}

/** A producer group of a client. Java: ProducerData. */
export interface ProducerData {
  readonly groupName: string
}

/** What a client tells a broker about itself. Java: HeartbeatData. */
export interface HeartbeatData {
  readonly clientID: string
  readonly producerDataSet: readonly ProducerData[]
  readonly consumerDataSet: readonly ConsumerData[]
  /** Equal for equal members; 0 for a heartbeat without one (V1). */
  readonly heartbeatFingerprint: number
  /** Subscriptions are left out because the broker knows them by the fingerprint. */
  readonly withoutSub: boolean
}

/** Body of HEART_BEAT. */
export function encodeHeartbeatData(data: HeartbeatData): Buffer {
  const { clientID, heartbeatFingerprint, withoutSub } = data
  return encodeJsonBody({
    clientID,
    consumerDataSet: data.consumerDataSet.map(consumerDataRecord),
    heartbeatFingerprint,
    producerDataSet: data.producerDataSet.map(({ groupName }) => ({ groupName })),
    withoutSub,
  })
}

/** Body of HEART_BEAT. @throws RemotingCommandError when it is no JSON object. */
export function decodeHeartbeatData(bytes: Buffer): HeartbeatData {
  const object = decodeJsonBody(bytes, 'HeartbeatData')
  return {
    clientID: textMember(object, 'clientID') ?? '',
    producerDataSet: listMember(object, 'producerDataSet', whenObject(readProducerData)),
    consumerDataSet: listMember(object, 'consumerDataSet', whenObject(readConsumerData)),
    heartbeatFingerprint: integerMember(object, 'heartbeatFingerprint'),
    withoutSub: booleanMember(object, 'withoutSub') ?? false,
  }
}

/** The JSON object of a subscription, members in Java's order. */
export function subscriptionDataRecord(data: SubscriptionData): object {
  const { classFilterMode, codeSet, expressionType, subString, subVersion, tagsSet, topic } = data
  return { classFilterMode, codeSet, expressionType, subString, subVersion, tagsSet, topic }
}

/** A subscription as a member of a JSON object. */
export function readSubscriptionData(object: JsonObject): SubscriptionData {
  return {
    topic: textMember(object, 'topic') ?? '',
    subString: textMember(object, 'subString') ?? '',
    expressionType: textMember(object, 'expressionType') ?? 'TAG',
    tagsSet: listMember(object, 'tagsSet', textOf),
    codeSet: listMember(object, 'codeSet', integerOf),
    subVersion: integerMember(object, 'subVersion'),
    classFilterMode: booleanMember(object, 'classFilterMode') ?? false,
  }
}

function consumerDataRecord(data: ConsumerData): object {
  const { consumeFromWhere, consumeType, groupName, messageModel, unitMode } = data
  return {
    consumeFromWhere,
    consumeType,
    groupName,
    messageModel,
    subscriptionDataSet: data.subscriptionDataSet.map(subscriptionDataRecord),
    unitMode,
  }
}

function readConsumerData(object: JsonObject): ConsumerData {
  return {
    groupName: textMember(object, 'groupName') ?? '',
    consumeType: nameOf(object['consumeType'], consumeTypes) ?? 'CONSUME_PASSIVELY',
    messageModel: nameOf(object['messageModel'], messageModels) ?? 'CLUSTERING',
    consumeFromWhere: nameOf(object['consumeFromWhere'], consumeFromWheres) ?? 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: listMember(object, 'subscriptionDataSet', whenObject(readSubscriptionData)),
    unitMode: booleanMember(object, 'unitMode') ?? false,
  }
}

function readProducerData(object: JsonObject): ProducerData {
  return { groupName: textMember(object, 'groupName') ?? '' }
}

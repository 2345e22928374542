import {
  booleanMember,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  listMember,
  objectMember,
  textMember,
  whenObject,
} from '../codec/json-body.js'
import { readSubscriptionData, type SubscriptionData, subscriptionDataRecord } from './heartbeat-data.js'

/** One entry of a consume queue. Java: ConsumeQueueData. */
export interface ConsumeQueueData {
  readonly physicOffset: number
  readonly physicSize: number
  /** Java String.hashCode of the tags. */
  readonly tagsCode: number
  /** Whether the filter of the group lets it pass; false when there is none. */
  readonly eval: boolean
  /** What is wrong with the entry. */
  readonly msg?: string | undefined
}

/** Entries of a consume queue. Java: QueryConsumeQueueResponseBody. */
export interface ConsumeQueueBody {
  readonly subscriptionData: SubscriptionData | undefined
  /** The filter of the group as JSON text, or why there is none. */
  readonly filterData: string | undefined
  readonly queueData: readonly ConsumeQueueData[]
  readonly minQueueIndex: number
  readonly maxQueueIndex: number
}

/** Body of the answer to QUERY_CONSUME_QUEUE. */
export function encodeConsumeQueueBody(body: ConsumeQueueBody): Buffer {
  const { filterData, maxQueueIndex, minQueueIndex, queueData, subscriptionData } = body
  return encodeJsonBody({
    filterData,
    maxQueueIndex,
    minQueueIndex,
    queueData: queueData.map((data) => ({
      eval: data.eval,
      msg: data.msg,
      physicOffset: data.physicOffset,
      physicSize: data.physicSize,
      tagsCode: data.tagsCode,
    })),
    subscriptionData: subscriptionData && subscriptionDataRecord(subscriptionData),
  })
}

/** Body of the answer to QUERY_CONSUME_QUEUE. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumeQueueBody(bytes: Buffer): ConsumeQueueBody {
  const object = decodeJsonBody(bytes, 'QueryConsumeQueueResponseBody')
  const subscription = objectMember(object, 'subscriptionData')
  return {
    subscriptionData: subscription && readSubscriptionData(subscription),
    filterData: textMember(object, 'filterData'),
    queueData: listMember(
      object,
      'queueData',
      whenObject((data) => ({
        physicOffset: integerMember(data, 'physicOffset'),
        physicSize: integerMember(data, 'physicSize'),
        tagsCode: integerMember(data, 'tagsCode'),
        eval: booleanMember(data, 'eval') ?? false,
        msg: textMember(data, 'msg'),
      })),
    ),
    minQueueIndex: integerMember(object, 'minQueueIndex'),
    maxQueueIndex: integerMember(object, 'maxQueueIndex'),
  }
}

/** A group's subscription to a topic. Java: QuerySubscriptionResponseBody. */
export interface SubscriptionBody {
  readonly group: string
  readonly topic: string | undefined
  readonly subscriptionData: SubscriptionData | undefined
}

/** Body of the answer to QUERY_SUBSCRIPTION_BY_CONSUMER. */
export function encodeSubscriptionBody({ group, subscriptionData, topic }: SubscriptionBody): Buffer {
  return encodeJsonBody({
    group,
    subscriptionData: subscriptionData && subscriptionDataRecord(subscriptionData),
    topic,
  })
}

/** Body of the answer to QUERY_SUBSCRIPTION_BY_CONSUMER. @throws RemotingCommandError when it is no JSON object. */
export function decodeSubscriptionBody(bytes: Buffer): SubscriptionBody {
  const object = decodeJsonBody(bytes, 'QuerySubscriptionResponseBody')
  const subscription = objectMember(object, 'subscriptionData')
  return {
    group: textMember(object, 'group') ?? '',
    topic: textMember(object, 'topic'),
    subscriptionData: subscription && readSubscriptionData(subscription),
  }
}

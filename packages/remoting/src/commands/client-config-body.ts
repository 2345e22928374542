import { booleanMember, decodeJsonBody, encodeJsonBody, objectMember, textMember } from '../codec/json-body.js'
import { readSubscriptionData, type SubscriptionData, subscriptionDataRecord } from './heartbeat-data.js'

/** A subscription that a client wants to be sure of. Java: CheckClientRequestBody. */
export interface CheckClientRequestBody {
  readonly clientId: string
  readonly group: string
  readonly subscriptionData: SubscriptionData | undefined
}

/** Body of CHECK_CLIENT_CONFIG. */
export function encodeCheckClientRequest({ clientId, group, subscriptionData }: CheckClientRequestBody): Buffer {
  const record = subscriptionData && subscriptionDataRecord(subscriptionData)
  return encodeJsonBody({ clientId, group, subscriptionData: record })
}

/** Body of CHECK_CLIENT_CONFIG. @throws RemotingCommandError when it is no JSON object. */
export function decodeCheckClientRequest(bytes: Buffer): CheckClientRequestBody {
  const object = decodeJsonBody(bytes, 'CheckClientRequestBody')
  const subscription = objectMember(object, 'subscriptionData')
  return {
    clientId: textMember(object, 'clientId') ?? '',
    group: textMember(object, 'group') ?? '',
    subscriptionData: subscription && readSubscriptionData(subscription),
  }
}

/** Whether a group may read a topic. Java: GroupForbidden. */
export interface GroupForbidden {
  readonly group: string
  readonly topic: string
  readonly readable: boolean
}

/** Body of the answer to UPDATE_AND_GET_GROUP_FORBIDDEN. */
export function encodeGroupForbidden({ group, readable, topic }: GroupForbidden): Buffer {
  return encodeJsonBody({ group, readable, topic })
}

/** Body of the answer to UPDATE_AND_GET_GROUP_FORBIDDEN. @throws RemotingCommandError when it is no JSON object. */
export function decodeGroupForbidden(bytes: Buffer): GroupForbidden {
  const object = decodeJsonBody(bytes, 'GroupForbidden')
  return {
    group: textMember(object, 'group') ?? '',
    topic: textMember(object, 'topic') ?? '',
    readable: booleanMember(object, 'readable') ?? true,
  }
}

import { decodeJsonBody, encodeJsonBody, objectMember, textMember } from '../codec/json-body.js'
import { readSubscriptionData, type SubscriptionData, subscriptionDataRecord } from './heartbeat-data.js'

/** A subscription that a broker is to check. Java: CheckClientRequestBody. */
export interface CheckClientRequest {
  readonly clientId: string
  readonly group: string
  readonly namespace?: string | undefined
  readonly subscriptionData: SubscriptionData | undefined
}

/** Body of CHECK_CLIENT_CONFIG. */
export function encodeCheckClientRequest(request: CheckClientRequest): Buffer {
  const { clientId, group, namespace, subscriptionData } = request
  return encodeJsonBody({
    clientId,
    group,
    namespace,
    subscriptionData: subscriptionData && subscriptionDataRecord(subscriptionData),
  })
}

/** Body of CHECK_CLIENT_CONFIG. @throws RemotingCommandError when it is no JSON object. */
export function decodeCheckClientRequest(bytes: Buffer): CheckClientRequest {
  const object = decodeJsonBody(bytes, 'CheckClientRequestBody')
  const subscriptionData = objectMember(object, 'subscriptionData')
  return {
    clientId: textMember(object, 'clientId') ?? '',
    group: textMember(object, 'group') ?? '',
    namespace: textMember(object, 'namespace'),
    subscriptionData: subscriptionData && readSubscriptionData(subscriptionData),
  }
}

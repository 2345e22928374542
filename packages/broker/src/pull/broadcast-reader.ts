import type { Connection } from '@mq/remoting'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BroadcastReader } from '../offsets/broadcast-offset-manager.js'
import type { PullHeader } from './pull-subscription.js'

/** Java: RequestSource.PROXY_FOR_BROADCAST. */
const PROXY_FOR_BROADCAST = 1

/** Who pulls by broadcasting, itself or through a proxy; undefined for any other pull. Java: PullMessageProcessor#isBroadcast. */
export function broadcastReader(
  header: PullHeader,
  connection: Connection,
  consumers: ConsumerManager,
): BroadcastReader | undefined {
  const { consumerGroup: group, topic, queueId, requestSource, proxyFrowardClientId } = header
  if (requestSource === PROXY_FOR_BROADCAST) {
    if (proxyFrowardClientId === undefined) return undefined
    return { group, topic, queueId, clientId: proxyFrowardClientId, source: 'proxy' }
  }
  const { messageModel, consumeType } = consumers.group(group) ?? {}
  if (messageModel !== 'BROADCASTING' || consumeType !== 'CONSUME_PASSIVELY') return undefined
  const member = consumers.member(group, connection)
  return member && { group, topic, queueId, clientId: member.clientId, source: 'client' }
}

import type { MessageQueue, TopicQueueMappingInfo, TopicRouteData } from '@mq/remoting'

const virtualBrokerPrefix = '__syslo__'
const globalScope = '__global__'

/** The broker name of a logical queue that no broker leads. Java: LOGICAL_QUEUE_MOCK_BROKER_NAME_NOT_EXIST. */
export const missingEndpointBrokerName = '__syslo__none__'

/** A logical queue of a static topic and the broker that leads it now. */
export interface StaticTopicEndpoint {
  /** Carries the virtual broker name of its scope and the global queue id. */
  readonly queue: MessageQueue
  /** The real broker, or {@link missingEndpointBrokerName}. */
  readonly brokerName: string
}

/** The virtual broker name of a scope. Java: TopicQueueMappingUtils#getMockBrokerName. */
export function virtualBrokerName(scope: string): string {
  return virtualBrokerPrefix + (scope.startsWith(globalScope) ? scope.slice(2) : scope)
}

/** Whether the route maps logical queues of the topic to brokers. */
export function isStaticTopic(route: TopicRouteData): boolean {
  return (route.topicQueueMappingByBroker?.size ?? 0) > 0
}

/**
 * Where each logical queue of a static topic (RIP-21) lives; empty for ordinary topics. Of two brokers that claim a queue the
 * one with the higher epoch has it. Java: topicRouteData2EndpointsForStaticTopic.
 */
export function topicRouteData2EndpointsForStaticTopic(
  topic: string,
  route: TopicRouteData,
): readonly StaticTopicEndpoint[] {
  const byScope = new Map<string, TopicQueueMappingInfo[]>()
  for (const info of route.topicQueueMappingByBroker?.values() ?? []) {
    if (info.scope === undefined) continue
    const infos = byScope.get(info.scope)
    if (infos === undefined) byScope.set(info.scope, [info])
    else infos.push(info)
  }
  return [...byScope].flatMap(([scope, infos]) => endpointsOfScope(topic, scope, infos))
}

function endpointsOfScope(
  topic: string,
  scope: string,
  infos: readonly TopicQueueMappingInfo[],
): readonly StaticTopicEndpoint[] {
  const leaders = new Map<number, TopicQueueMappingInfo>()
  for (const info of [...infos].sort((left, right) => right.epoch - left.epoch)) {
    for (const globalId of info.currIdMap.keys()) {
      const known = leaders.get(globalId)
      if (known === undefined || known.epoch <= info.epoch) leaders.set(globalId, info)
    }
  }
  const totalQueues = infos.reduce((largest, info) => Math.max(largest, info.totalQueues), 0)
  const brokerName = virtualBrokerName(scope)
  return Array.from({ length: totalQueues }, (_, queueId) => ({
    queue: { topic, brokerName, queueId },
    brokerName: leaders.get(queueId)?.bname ?? missingEndpointBrokerName,
  }))
}

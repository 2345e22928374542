import type { BrokerData, QueueData, TopicRouteData } from '@mq/remoting'

/**
 * Whether two routes differ in anything a client acts on: queues, brokers by name and addresses, filter servers, order
 * configuration, queue mappings. The order in which a name server lists them does not matter. Java: topicRouteDataIsChange.
 */
export function isTopicRouteChanged(old: TopicRouteData | undefined, fresh: TopicRouteData): boolean {
  return old === undefined || fingerprint(old) !== fingerprint(fresh)
}

function fingerprint(route: TopicRouteData): string {
  return JSON.stringify([
    route.orderTopicConf ?? null,
    route.queueDatas.map(queueText).sort(),
    route.brokerDatas.map(brokerText).sort(),
    sortedEntries(route.filterServerTable),
    mappingTexts(route),
  ])
}

function queueText(queue: QueueData): string {
  const { brokerName, readQueueNums, writeQueueNums, perm, topicSysFlag } = queue
  return JSON.stringify([brokerName, readQueueNums, writeQueueNums, perm, topicSysFlag])
}

function brokerText(broker: BrokerData): string {
  return JSON.stringify([broker.brokerName, sortedEntries(broker.brokerAddrs)])
}

function mappingTexts(route: TopicRouteData): string[] {
  const mappings = [...(route.topicQueueMappingByBroker ?? [])]
  return mappings
    .map(([brokerName, info]) => JSON.stringify([brokerName, { ...info, currIdMap: sortedEntries(info.currIdMap) }]))
    .sort()
}

function sortedEntries(map: ReadonlyMap<string | number, unknown>): string[] {
  return [...map].map((entry) => JSON.stringify(entry)).sort()
}

import type { BrokerData, QueueData, TopicRouteData } from '@mq/remoting'
import { MASTER_ID } from './broker-table.js'
import { Permission } from '@mq/remoting'

/** Topics brokers of one name tell each other apart with; their routes are never changed. Java: TopicValidator. */
const SYNC_BROKER_MEMBER_GROUP_PREFIX = 'rmq_sys_SYNC_BROKER_MEMBER_'

/**
 * Shows the slave with the lowest id as the master wherever a broker that allows it has none and takes no messages, so that
 * clients that read from masters go on. Java: RouteInfoManager#pickupTopicRouteData with supportActingMaster.
 */
export function withActingMasters(topic: string, route: TopicRouteData): TopicRouteData {
  if (topic.startsWith(SYNC_BROKER_MEMBER_GROUP_PREFIX)) return route
  return { ...route, brokerDatas: route.brokerDatas.map((broker) => withActingMaster(broker, route.queueDatas)) }
}

function withActingMaster(broker: BrokerData, queueDatas: readonly QueueData[]): BrokerData {
  const { brokerAddrs, brokerName, enableActingMaster } = broker
  if (!enableActingMaster || brokerAddrs.size === 0 || brokerAddrs.has(MASTER_ID)) return broker
  const queues = queueDatas.find((data) => data.brokerName === brokerName)
  if (queues === undefined || (queues.perm & Permission.WRITE) !== 0) return broker
  const [lowest, ...others] = [...brokerAddrs].sort(([left], [right]) => left - right)
  const acting: [number, string][] = lowest === undefined ? [] : [[MASTER_ID, lowest[1]]]
  return { ...broker, brokerAddrs: new Map([...acting, ...others]) }
}

/** Hides brokers of other zones that have a master. Java: ZoneRouteRPCHook. */
export function inZone(zoneName: string, route: TopicRouteData): TopicRouteData {
  const hidden = route.brokerDatas.filter((broker) => broker.brokerAddrs.has(MASTER_ID) && broker.zoneName !== zoneName)
  if (hidden.length === 0) return route
  const hiddenNames = new Set(hidden.map((broker) => broker.brokerName))
  const hiddenAddrs = new Set(hidden.flatMap((broker) => [...broker.brokerAddrs.values()]))
  return {
    ...route,
    brokerDatas: route.brokerDatas.filter((broker) => !hiddenNames.has(broker.brokerName)),
    queueDatas: route.queueDatas.filter((queues) => !hiddenNames.has(queues.brokerName)),
    filterServerTable: new Map([...route.filterServerTable].filter(([addr]) => !hiddenAddrs.has(addr))),
  }
}

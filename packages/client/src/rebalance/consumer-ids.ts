import { decodeConsumerList, GetConsumerListByGroup, type Random, type TopicRouteData } from '@mq/remoting'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { brokerVIPChannel } from '../instance/vip-channel.js'

const masterId = 0

/**
 * An address of a broker chosen by chance among those of a route: its master, or any of it without one.
 * Java: findBrokerAddrByTopic, BrokerData#selectBrokerAddr.
 */
export function selectBrokerAddress(route: TopicRouteData, random: Random): string | undefined {
  if (route.brokerDatas.length === 0) return undefined
  const { brokerAddrs } = route.brokerDatas[
    random.int(route.brokerDatas.length)
  ] as TopicRouteData['brokerDatas'][number]
  const master = brokerAddrs.get(masterId)
  if (master !== undefined || brokerAddrs.size === 0) return master
  return [...brokerAddrs.values()][random.int(brokerAddrs.size)]
}

/** The members of a group as one broker knows them. */
export interface GroupMembers {
  /** Where they were asked for. */
  readonly address: string
  /** In no order; an id stands twice when two connections use it. */
  readonly clientIds: readonly string[]
}

/** Asks a broker of the route who is in the group; rejects when it cannot tell. Java: findConsumerIdList. */
export async function findConsumerIdList(
  instance: MQClientInstance,
  route: TopicRouteData,
  consumerGroup: string,
): Promise<GroupMembers | undefined> {
  const { config, remoting } = instance
  const address = selectBrokerAddress(route, config.runtime.random)
  if (address === undefined) return undefined
  const { body } = await remoting.invoke(
    config.vipChannelEnabled ? brokerVIPChannel(address) : address,
    GetConsumerListByGroup,
    { consumerGroup },
    { timeoutMs: config.mqClientApiTimeout },
  )
  return { address, clientIds: body === undefined ? [] : decodeConsumerList(body).consumerIdList }
}

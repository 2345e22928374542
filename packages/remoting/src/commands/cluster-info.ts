import {
  decodeJsonBody,
  encodeJsonBody,
  integerMapMember,
  mapMember,
  mapRecord,
  objectMember,
  textMember,
  textOf,
  whenObject,
} from '../codec/json-body.js'
import { defineCommand } from '../schema/command.js'
import { type BrokerData, brokerAddrsRecord, brokerDataRecord, readBrokerData } from './topic-route-data.js'

/** All clusters and brokers a name server knows. */
export const GetBrokerClusterInfo = defineCommand({
  code: 106,
  name: 'GET_BROKER_CLUSTER_INFO',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'ClusterInfo',
})

/** Clusters and brokers. Java: ClusterInfo. */
export interface ClusterInfo {
  readonly brokerAddrTable: ReadonlyMap<string, BrokerData>
  /** Cluster to the names of its brokers. */
  readonly clusterAddrTable: ReadonlyMap<string, readonly string[]>
}

/** Body of the answer to GET_BROKER_CLUSTER_INFO. */
export function encodeClusterInfo({ brokerAddrTable, clusterAddrTable }: ClusterInfo): Buffer {
  return encodeJsonBody({
    brokerAddrTable: mapRecord(brokerAddrTable, (broker) => brokerDataRecord(broker)),
    clusterAddrTable,
  })
}

/** Body of the answer to GET_BROKER_CLUSTER_INFO. @throws RemotingCommandError when it is no JSON object. */
export function decodeClusterInfo(bytes: Buffer): ClusterInfo {
  const object = decodeJsonBody(bytes, 'ClusterInfo')
  return {
    brokerAddrTable: mapMember(object, 'brokerAddrTable', whenObject(readBrokerData)),
    clusterAddrTable: mapMember(object, 'clusterAddrTable', (value) =>
      Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined,
    ),
  }
}

/** Master and slaves of one name. Java: BrokerMemberGroup. */
export interface BrokerMemberGroup {
  readonly cluster: string
  readonly brokerName: string
  readonly brokerAddrs: ReadonlyMap<number, string>
}

/** Body of the answer to GET_BROKER_MEMBER_GROUP. Java: GetBrokerMemberGroupResponseBody. */
export function encodeBrokerMemberGroup(group: BrokerMemberGroup | undefined): Buffer {
  if (group === undefined) return encodeJsonBody({})
  const { brokerAddrs, brokerName, cluster } = group
  return encodeJsonBody({
    brokerMemberGroup: { brokerAddrs: brokerAddrsRecord(brokerAddrs), brokerName, cluster },
  })
}

/** Body of the answer to GET_BROKER_MEMBER_GROUP. @throws RemotingCommandError when it is no JSON object. */
export function decodeBrokerMemberGroup(bytes: Buffer): BrokerMemberGroup | undefined {
  const group = objectMember(decodeJsonBody(bytes, 'BrokerMemberGroup'), 'brokerMemberGroup')
  if (group === undefined) return undefined
  return {
    cluster: textMember(group, 'cluster') ?? '',
    brokerName: textMember(group, 'brokerName') ?? '',
    brokerAddrs: integerMapMember(group, 'brokerAddrs', textOf),
  }
}

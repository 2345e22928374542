import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, string, withDefault } from '../schema/field.js'

/** Who a broker is: the fields every registration request begins with. */
export interface BrokerIdentity {
  brokerName: string
  brokerAddr: string
  clusterName: string
  brokerId: number
}

const identity = {
  brokerName: string('name of the broker'),
  brokerAddr: string('ip:port clients reach the broker at'),
  clusterName: string('cluster of the broker'),
  brokerId: int64('0 is the master'),
}

/** Tells a name server that a broker lives, and its topics. */
export const RegisterBroker = defineCommand({
  code: 103,
  name: 'REGISTER_BROKER',
  access: 'internal',
  servedBy: ['nameServer'],
  request: {
    ...identity,
    haServerAddr: string('ip:port of replication'),
    heartbeatTimeoutMillis: optional(int64('silence after which the broker counts as dead, ms')),
    enableActingMaster: optional(boolean('a slave may stand in for the master')),
    compressed: withDefault(boolean('the body is compressed'), false),
    bodyCrc32: withDefault(int32('CRC-32 of the body without its highest bit; 0 is not checked'), 0),
  },
  response: {
    haServerAddr: optional(string('ip:port of the replication of the master')),
    masterAddr: optional(string('ip:port of the master, for slaves')),
  },
  requestBody: 'RegisterBrokerBody',
  responseBody: 'KVTable of the topics of global order',
})

/** Tells a name server that a broker goes. */
export const UnregisterBroker = defineCommand({
  code: 104,
  name: 'UNREGISTER_BROKER',
  access: 'internal',
  servedBy: ['nameServer'],
  request: identity,
})

/** Asks a name server whether it knows the broker's topics in this version. */
export const QueryDataVersion = defineCommand({
  code: 322,
  name: 'QUERY_DATA_VERSION',
  access: 'internal',
  servedBy: ['nameServer'],
  request: identity,
  response: { changed: boolean('the name server knows another version') },
  requestBody: 'DataVersion of the broker',
  responseBody: 'DataVersion the name server knows',
})

/** Tells a name server or controller that a broker lives, and no more. */
export const BrokerHeartbeat = defineCommand({
  code: 904,
  name: 'BROKER_HEARTBEAT',
  access: 'internal',
  servedBy: ['nameServer', 'controller'],
  request: {
    clusterName: identity.clusterName,
    brokerAddr: identity.brokerAddr,
    brokerName: identity.brokerName,
    brokerId: optional(identity.brokerId),
    epoch: optional(int32('epoch of the master')),
    maxOffset: optional(int64('end of the commit log')),
    confirmOffset: optional(int64('end of what replicas have')),
    heartbeatTimeoutMills: optional(int64('silence after which the broker counts as dead, ms')),
    electionPriority: optional(int32('lower is elected first')),
  },
})

/** Asks a name server for the master and slaves of one name. */
export const GetBrokerMemberGroup = defineCommand({
  code: 901,
  name: 'GET_BROKER_MEMBER_GROUP',
  access: 'internal',
  servedBy: ['nameServer'],
  request: { clusterName: identity.clusterName, brokerName: identity.brokerName },
  responseBody: 'BrokerMemberGroup',
})

/** Java: NotifyMinBrokerIdChangeRequestHeader. */
export interface NotifyMinBrokerIdChangeRequest {
  minBrokerId?: number
  brokerName?: string
  minBrokerAddr?: string
  offlineBrokerAddr?: string
  haBrokerAddr?: string
}

/** Tells brokers of one name which of them has the lowest id now. */
export const NotifyMinBrokerIdChange = defineCommand({
  code: 905,
  name: 'NOTIFY_MIN_BROKER_ID_CHANGE',
  access: 'internal',
  servedBy: ['broker'],
  oneway: true,
  request: {
    minBrokerId: optional(int64('lowest id alive')),
    brokerName: optional(string('name of the brokers')),
    minBrokerAddr: optional(string('address of the lowest')),
    offlineBrokerAddr: optional(string('address of the one that went')),
    haBrokerAddr: optional(string('its replication address')),
  },
})

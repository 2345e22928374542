import { defineCommand } from '../schema/command.js'
import { boolean, int32, int64, optional, string, withDefault } from '../schema/field.js'

const clusterAndBroker = {
  clusterName: optional(string('cluster of the broker')),
  brokerName: optional(string('name of the broker')),
}

const master = {
  masterBrokerId: optional(int64('id of the master')),
  masterAddress: optional(string('ip:port of the master')),
  masterEpoch: optional(int32('epoch of the master')),
}

const syncStateSetEpoch = optional(int32('epoch of the set of replicas in sync'))
const invokeTime = withDefault(int64('clock of the caller, ms'), 0)

/** A master tells which replicas are in sync. */
export const ControllerAlterSyncStateSet = defineCommand({
  code: 1001,
  name: 'CONTROLLER_ALTER_SYNC_STATE_SET',
  access: 'internal',
  servedBy: ['controller'],
  request: {
    brokerName: clusterAndBroker.brokerName,
    masterBrokerId: master.masterBrokerId,
    masterEpoch: master.masterEpoch,
    invokeTime,
  },
  response: { newSyncStateSetEpoch: withDefault(int32('epoch of the set'), 0) },
  requestBody: 'SyncStateSet',
  responseBody: 'SyncStateSet',
})

/** Elects a master. */
export const ControllerElectMaster = defineCommand({
  code: 1002,
  name: 'CONTROLLER_ELECT_MASTER',
  access: 'internal',
  servedBy: ['controller'],
  request: {
    clusterName: withDefault(string('cluster of the broker'), ''),
    brokerName: withDefault(string('name of the broker'), ''),
    brokerId: withDefault(int64('id of the broker that asks, or that is to be master'), -1),
    designateElect: withDefault(boolean('brokerId is to be master'), false),
    invokeTime: optional(int64('clock of the caller, ms')),
  },
  response: { ...master, syncStateSetEpoch },
  responseBody: 'RoleChangeNotifyEntry',
})

/** A broker that has its id joins. */
export const ControllerRegisterBroker = defineCommand({
  code: 1003,
  name: 'CONTROLLER_REGISTER_BROKER',
  access: 'internal',
  servedBy: ['controller'],
  request: {
    ...clusterAndBroker,
    brokerId: optional(int64('id of the broker')),
    brokerAddress: optional(string('ip:port of the broker')),
    invokeTime,
  },
  response: { ...clusterAndBroker, ...master, syncStateSetEpoch },
  responseBody: 'SyncStateSet',
})

/** Who is master of a name. */
export const ControllerGetReplicaInfo = defineCommand({
  code: 1004,
  name: 'CONTROLLER_GET_REPLICA_INFO',
  access: 'internal',
  servedBy: ['controller'],
  request: { brokerName: clusterAndBroker.brokerName },
  response: master,
  responseBody: 'SyncStateSet',
})

/** Which controller leads. */
export const ControllerGetMetadataInfo = defineCommand({
  code: 1005,
  name: 'CONTROLLER_GET_METADATA_INFO',
  access: 'internal',
  servedBy: ['controller'],
  response: {
    group: optional(string('group of the controllers')),
    controllerLeaderId: optional(string('id of the leader')),
    controllerLeaderAddress: optional(string('ip:port of the leader')),
    isLeader: withDefault(boolean('the one that answers leads'), false),
    peers: optional(string('all controllers')),
  },
})

/** Which replicas are in sync, for several names. */
export const ControllerGetSyncStateData = defineCommand({
  code: 1006,
  name: 'CONTROLLER_GET_SYNC_STATE_DATA',
  access: 'admin',
  servedBy: ['controller'],
  requestBody: 'array of broker names',
  responseBody: 'BrokerReplicasInfo',
})

/** Changes a controller's configuration. */
export const UpdateControllerConfig = defineCommand({
  code: 1009,
  name: 'UPDATE_CONTROLLER_CONFIG',
  access: 'admin',
  servedBy: ['controller'],
  requestBody: 'properties text, key=value lines',
})

/** A controller's configuration. */
export const GetControllerConfig = defineCommand({
  code: 1010,
  name: 'GET_CONTROLLER_CONFIG',
  access: 'admin',
  servedBy: ['controller'],
  responseBody: 'properties text, key=value lines',
})

/** Forgets brokers. */
export const CleanBrokerData = defineCommand({
  code: 1011,
  name: 'CLEAN_BROKER_DATA',
  access: 'admin',
  servedBy: ['controller'],
  request: {
    clusterName: clusterAndBroker.clusterName,
    brokerName: string('name of the brokers'),
    brokerControllerIdsToClean: optional(string('ids, separated by ;')),
    isCleanLivingBroker: withDefault(boolean('also those alive'), false),
    invokeTime,
  },
})

/** The id a new broker may apply for. */
export const ControllerGetNextBrokerId = defineCommand({
  code: 1012,
  name: 'CONTROLLER_GET_NEXT_BROKER_ID',
  access: 'internal',
  servedBy: ['controller'],
  request: clusterAndBroker,
  response: { ...clusterAndBroker, nextBrokerId: optional(int64('id that is free')) },
})

/** A new broker takes an id. */
export const ControllerApplyBrokerId = defineCommand({
  code: 1013,
  name: 'CONTROLLER_APPLY_BROKER_ID',
  access: 'internal',
  servedBy: ['controller'],
  request: {
    ...clusterAndBroker,
    appliedBrokerId: optional(int64('id wanted')),
    registerCheckCode: optional(string('recognises the broker when it asks again')),
  },
  response: clusterAndBroker,
})

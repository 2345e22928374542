import { defineCommand } from '../schema/command.js'
import { int32, int64, optional, string } from '../schema/field.js'

/** Master and slaves tell each other their replication addresses. */
export const ExchangeBrokerHaInfo = defineCommand({
  code: 906,
  name: 'EXCHANGE_BROKER_HA_INFO',
  access: 'internal',
  servedBy: ['broker'],
  requestBody: 'BrokerSyncInfo',
  responseBody: 'BrokerSyncInfo',
})

/** How far replicas are. */
export const GetBrokerHaStatus = defineCommand({
  code: 907,
  name: 'GET_BROKER_HA_STATUS',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'HARuntimeInfo',
})

/** Sets the offset up to which a master is said to be on disk. */
export const ResetMasterFlushOffset = defineCommand({
  code: 908,
  name: 'RESET_MASTER_FLUSH_OFFSET',
  access: 'internal',
  servedBy: ['broker'],
  request: { masterFlushOffset: int64('commit-log offset') },
})

/** Epochs of masters and where each began in the commit log. */
export const GetBrokerEpochCache = defineCommand({
  code: 1007,
  name: 'GET_BROKER_EPOCH_CACHE',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'EpochEntryCache',
})

/** Tells a broker who is master now. */
export const NotifyBrokerRoleChanged = defineCommand({
  code: 1008,
  name: 'NOTIFY_BROKER_ROLE_CHANGED',
  access: 'internal',
  servedBy: ['broker'],
  request: {
    masterAddress: optional(string('ip:port of the master')),
    masterEpoch: optional(int32('epoch of the master')),
    syncStateSetEpoch: optional(int32('epoch of the set of replicas in sync')),
    masterBrokerId: optional(int64('id of the master')),
  },
  requestBody: 'SyncStateSet',
})

/** Starts another broker in a container. */
export const AddBroker = defineCommand({
  code: 902,
  name: 'ADD_BROKER',
  access: 'admin',
  servedBy: ['broker'],
  request: { configPath: optional(string('configuration file of the broker')) },
  requestBody: 'properties text, key=value lines',
})

/** Stops a broker in a container. */
export const RemoveBroker = defineCommand({
  code: 903,
  name: 'REMOVE_BROKER',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    brokerName: string('name of the broker'),
    brokerClusterName: string('its cluster'),
    brokerId: int64('its id'),
  },
})

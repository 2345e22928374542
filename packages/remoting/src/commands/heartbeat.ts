import { defineCommand } from '../schema/command.js'
import { boolean, optional, string, wireName } from '../schema/field.js'
import { rpcFields } from './rpc-fields.js'

/** Tells a broker which groups a client has; the broker may call the client back on the same connection. */
export const Heartbeat = defineCommand({
  code: 34,
  name: 'HEART_BEAT',
  access: 'anyone',
  servedBy: ['broker'],
  request: rpcFields,
  response: {
    isSupportHeartBeatV2: wireName(optional(boolean('the broker knows fingerprints')), 'IS_SUPPORT_HEART_BEAT_V2'),
    isSubChange: wireName(optional(boolean('the broker needs the subscriptions again')), 'IS_SUB_CHANGE'),
  },
  requestBody: 'HeartbeatData',
})

/** Tells a broker that a client leaves a group. */
export const UnregisterClient = defineCommand({
  code: 35,
  name: 'UNREGISTER_CLIENT',
  access: 'anyone',
  servedBy: ['broker'],
  request: {
    ...rpcFields,
    clientID: string('id of the client'),
    producerGroup: optional(string('producer group to leave')),
    consumerGroup: optional(string('consumer group to leave')),
  },
})

/** Asks a broker whether it accepts a subscription. */
export const CheckClientConfig = defineCommand({
  code: 46,
  name: 'CHECK_CLIENT_CONFIG',
  access: 'anyone',
  servedBy: ['broker'],
  requestBody: 'CheckClientRequestBody',
})

/** Client ids of a group's members, which each of them needs to share out queues. */
export const GetConsumerListByGroup = defineCommand({
  code: 38,
  name: 'GET_CONSUMER_LIST_BY_GROUP',
  access: 'subscriber',
  servedBy: ['broker'],
  request: { ...rpcFields, consumerGroup: string('group to list') },
  responseBody: 'ConsumerList',
})

/** Tells a client that the members of a group have changed. */
export const NotifyConsumerIdsChanged = defineCommand({
  code: 40,
  name: 'NOTIFY_CONSUMER_IDS_CHANGED',
  access: 'internal',
  servedBy: ['client'],
  oneway: true,
  request: { ...rpcFields, consumerGroup: string('group that changed') },
})

import { defineCommand } from '../schema/command.js'
import { int64, optional, string, withDefault } from '../schema/field.js'

/** Changes a broker's configuration. */
export const UpdateBrokerConfig = defineCommand({
  code: 25,
  name: 'UPDATE_BROKER_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'properties text, key=value lines',
})

/** A broker's configuration. */
export const GetBrokerConfig = defineCommand({
  code: 26,
  name: 'GET_BROKER_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  response: { version: string('DataVersion of the configuration, as JSON') },
  responseBody: 'properties text, key=value lines',
})

/** What a broker measures about itself. */
export const GetBrokerRuntimeInfo = defineCommand({
  code: 28,
  name: 'GET_BROKER_RUNTIME_INFO',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'KVTable',
})

/** One statistic over the last minute, hour and day. */
export const ViewBrokerStatsData = defineCommand({
  code: 315,
  name: 'VIEW_BROKER_STATS_DATA',
  access: 'admin',
  servedBy: ['broker'],
  request: { statsName: string('name of the statistic'), statsKey: string('what it is about, such as a topic') },
  responseBody: 'BrokerStatsData',
})

/** Deletes consume-queue files whose messages are gone. */
export const CleanExpiredConsumeQueue = defineCommand({
  code: 306,
  name: 'CLEAN_EXPIRED_CONSUMEQUEUE',
  access: 'admin',
  servedBy: ['broker'],
})

/** Deletes commit-log files older than they have to be kept. */
export const DeleteExpiredCommitLog = defineCommand({
  code: 329,
  name: 'DELETE_EXPIRED_COMMITLOG',
  access: 'admin',
  servedBy: ['broker'],
})

/** How far timer messages have been processed; slaves keep a copy. */
export const GetTimerCheckPoint = defineCommand({
  code: 60,
  name: 'GET_TIMER_CHECK_POINT',
  access: 'internal',
  servedBy: ['broker'],
  responseBody: 'content of the timer check point file',
})

/** How many timer messages wait; slaves keep a copy. */
export const GetTimerMetrics = defineCommand({
  code: 61,
  name: 'GET_TIMER_METRICS',
  access: 'internal',
  servedBy: ['broker'],
  responseBody: 'content of the timer metrics file',
})

/** Changes how many messages read from disk a group gets. */
export const UpdateColdDataFlowCtrConfig = defineCommand({
  code: 2001,
  name: 'UPDATE_COLD_DATA_FLOW_CTR_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'properties text, group=threshold lines',
})

/** Lets a group read from disk as it likes. */
export const RemoveColdDataFlowCtrConfig = defineCommand({
  code: 2002,
  name: 'REMOVE_COLD_DATA_FLOW_CTR_CONFIG',
  access: 'admin',
  servedBy: ['broker'],
  requestBody: 'name of the group',
})

/** How many messages groups read from disk. */
export const GetColdDataFlowCtrInfo = defineCommand({
  code: 2003,
  name: 'GET_COLD_DATA_FLOW_CTR_INFO',
  access: 'admin',
  servedBy: ['broker'],
  responseBody: 'JSON text',
})

/** Tells the operating system how the commit log is read. */
export const SetCommitLogReadMode = defineCommand({
  code: 2004,
  name: 'SET_COMMITLOG_READ_MODE',
  access: 'admin',
  servedBy: ['broker'],
  request: { READ_AHEAD_MODE: optional(string('0 as usual, 1 at random')) },
})

/** Whether consume queues in RocksDB agree with those in files. */
export const CheckRocksdbCqWriteProgress = defineCommand({
  code: 354,
  name: 'CHECK_ROCKSDB_CQ_WRITE_PROGRESS',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    topic: string('topic to check'),
    checkStoreTime: withDefault(int64('store time to begin at, ms'), 0),
  },
  responseBody: 'CheckRocksdbCqWriteResult',
})

/** Writes configuration kept in RocksDB to JSON files. */
export const ExportRocksDBConfigToJson = defineCommand({
  code: 355,
  name: 'EXPORT_ROCKSDB_CONFIG_TO_JSON',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    typeName: optional(string('not used by brokers')),
    configType: string('tables to write, separated by ;'),
  },
})

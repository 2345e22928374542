import type { TopicConfig } from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { Permission } from '@mq/remoting'

/** The topic whose settings new topics are made from. */
export const AUTO_CREATE_TOPIC = 'TBW102'
/** Where delayed messages wait, one queue a delay level. */
export const SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX'

/** Makes a topic with the same number of queues to read and to write. */
export function topicConfig(topicName: string, queueNums: number, perm: number = Permission.READ_WRITE): TopicConfig {
  return {
    topicName,
    readQueueNums: queueNums,
    writeQueueNums: queueNums,
    perm,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map(),
  }
}

/** The topics every broker has from its first start. Java: TopicConfigManager#init. */
export function systemTopics(config: BrokerConfig): TopicConfig[] {
  const openOrInherit = (open: boolean): number =>
    open ? Permission.READ_WRITE | Permission.INHERIT : Permission.INHERIT
  return [
    topicConfig('SELF_TEST_TOPIC', 1),
    ...(config.autoCreateTopicEnable
      ? [topicConfig(AUTO_CREATE_TOPIC, config.defaultTopicQueueNums, Permission.READ_WRITE | Permission.INHERIT)]
      : []),
    topicConfig('BenchmarkTest', 1024),
    topicConfig(config.brokerClusterName, 16, openOrInherit(config.clusterTopicEnable)),
    topicConfig(config.brokerName, 1, openOrInherit(config.brokerTopicEnable)),
    topicConfig('OFFSET_MOVED_EVENT', 1),
    topicConfig(SCHEDULE_TOPIC, 18),
    ...(config.traceTopicEnable ? [topicConfig(config.msgTraceTopicName, 1)] : []),
    topicConfig(`${config.brokerClusterName}_REPLY_TOPIC`, 1),
    topicConfig(`rmq_sys_REVIVE_LOG_${config.brokerClusterName}`, config.reviveQueueNum),
    topicConfig(`rmq_sys_SYNC_BROKER_MEMBER_${config.brokerName}`, 1, Permission.INHERIT),
    topicConfig('RMQ_SYS_TRANS_HALF_TOPIC', 1),
    topicConfig('RMQ_SYS_TRANS_OP_HALF_TOPIC', 1),
    topicConfig('RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC', 1),
    topicConfig('RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC', 1),
  ]
}

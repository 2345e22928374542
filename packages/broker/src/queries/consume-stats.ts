import type { Answer, ConsumeOffset, ConsumeStats, HandlerTable, RequestOf, TopicConfig } from '@mq/remoting'
import {
  answer,
  encodeConsumeStats,
  encodeConsumeStatsList,
  GetBrokerConsumeStats,
  GetConsumeStats,
  type GroupConsumeStats,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { ConsumerOffsetManager } from '../offsets/consumer-offset-manager.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** What the consume statistics work with. */
export interface ConsumeStatsOptions {
  readonly config: BrokerConfig
  readonly brokerAddress: string
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
  readonly statistics: BrokerStatistics
}

/** Serves how far groups are behind. Java: AdminBrokerProcessor#getConsumeStats, #fetchAllConsumeStatsInBroker. */
export function registerConsumeStats(handlers: HandlerTable, options: ConsumeStatsOptions): void {
  handlers.on(GetConsumeStats, async (header) => {
    const { consumerGroup } = header
    const stats = await statsOf(consumerGroup, topicsAsked(header, options), options)
    return answer({
      body: encodeConsumeStats({
        offsets: stats.flatMap(({ offsets }) => offsets),
        consumeTps: stats.reduce((sum, { consumeTps }) => sum + consumeTps, 0),
      }),
    })
  })
  handlers.on(GetBrokerConsumeStats, ({ isOrder }) => brokerStats(isOrder ? 'order' : 'all', options))
}

/** A list is taken as it is; otherwise topics that the online group does not subscribe to are left out. */
function topicsAsked(header: RequestOf<typeof GetConsumeStats>, options: ConsumeStatsOptions): readonly string[] {
  const { consumerGroup, topic = '', topicList = '' } = header
  const listed = topicList.split(';').filter((name) => name !== '')
  if (listed.length > 0) return [...new Set(listed)]
  const asked = topic.trim() === '' ? options.offsets.topicsOf(consumerGroup) : [topic]
  return asked.filter((name) => isSubscribed(consumerGroup, name, options))
}

function isSubscribed(group: string, topic: string, { consumers }: ConsumeStatsOptions): boolean {
  const subscriptions = consumers.group(group)?.subscriptions
  return subscriptions === undefined || subscriptions.size === 0 || subscriptions.has(topic)
}

async function statsOf(
  group: string,
  topics: readonly string[],
  options: ConsumeStatsOptions,
): Promise<readonly ConsumeStats[]> {
  const stats: ConsumeStats[] = []
  for (const topic of topics) {
    const settings = options.topics.select(topic)
    if (settings !== undefined) stats.push(await topicStats(group, settings, options))
  }
  return stats
}

async function topicStats(
  group: string,
  { topicName: topic, readQueueNums }: TopicConfig,
  options: ConsumeStatsOptions,
): Promise<ConsumeStats> {
  const rows = Array.from({ length: readQueueNums }, (_, queueId) => queueStats({ group, topic, queueId }, options))
  return { offsets: await Promise.all(rows), consumeTps: options.statistics.groupGetTps(topic, group) }
}

async function queueStats(
  queue: { readonly group: string; readonly topic: string; readonly queueId: number },
  { config, store, offsets }: ConsumeStatsOptions,
): Promise<ConsumeOffset> {
  const { topic, queueId } = queue
  const consumerOffset = Math.max(0, offsets.queryOffset(queue) ?? 0)
  const last = consumerOffset === 0 ? 0 : await store.getMessageStoreTimestamp(topic, queueId, consumerOffset - 1)
  return {
    messageQueue: { topic, brokerName: config.brokerName, queueId },
    brokerOffset: Math.max(0, store.getMaxOffsetInQueue(topic, queueId)),
    consumerOffset,
    pullOffset: Math.max(consumerOffset, offsets.queryPullOffset(queue) ?? 0),
    lastTimestamp: Math.max(0, last),
  }
}

async function brokerStats(kind: 'all' | 'order', options: ConsumeStatsOptions): Promise<Answer> {
  const groups: GroupConsumeStats[] = []
  for (const group of options.groups.table.keys()) {
    const topics = options.offsets.topicsOf(group).filter((topic) => {
      if (kind === 'order' && options.topics.select(topic)?.order !== true) return false
      return isSubscribed(group, topic, options)
    })
    groups.push({ group, stats: await statsOf(group, topics, options) })
  }
  const offsets = groups.flatMap(({ stats }) => stats.flatMap((topic) => topic.offsets))
  return answer({
    body: encodeConsumeStatsList({
      brokerAddr: options.brokerAddress,
      groups,
      totalDiff: offsets.reduce((sum, { brokerOffset, consumerOffset }) => sum + brokerOffset - consumerOffset, 0),
      totalInflightDiff: offsets.reduce((sum, { pullOffset, consumerOffset }) => sum + pullOffset - consumerOffset, 0),
    }),
  })
}

import type { Answer, HandlerTable } from '@mq/remoting'
import {
  answer,
  encodeTopicStatsTable,
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  GetTopicStatsInfo,
  ResponseCode,
  SearchOffsetByTimestamp,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** What the offset queries work with. */
export interface OffsetQueriesOptions {
  readonly config: BrokerConfig
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly statistics: BrokerStatistics
}

/** Serves the offsets of queues. Java: AdminBrokerProcessor#getMaxOffset, #getMinOffset, #searchOffsetByTimestamp, #getTopicStatsInfo. */
export function registerOffsetQueries(handlers: HandlerTable, options: OffsetQueriesOptions): void {
  const { store } = options
  handlers.on(GetMaxOffset, ({ topic, queueId }) => ({ offset: store.getMaxOffsetInQueue(topic, queueId) }))
  handlers.on(GetMinOffset, ({ topic, queueId }) => ({ offset: store.getMinOffsetInQueue(topic, queueId) }))
  handlers.on(SearchOffsetByTimestamp, async ({ topic, queueId, timestamp, boundaryType }) => {
    return {
      offset: await store.getOffsetInQueueByTime(topic, queueId, { timestamp, boundary: boundaryType ?? 'LOWER' }),
    }
  })
  handlers.on(GetEarliestMsgStoretime, async ({ topic, queueId }) => {
    const earliest = store.getMinOffsetInQueue(topic, queueId)
    return { timestamp: await store.getMessageStoreTimestamp(topic, queueId, earliest) }
  })
  handlers.on(GetTopicStatsInfo, ({ topic }) => topicStats(topic, options))
}

async function topicStats(topic: string, { config, store, topics, statistics }: OffsetQueriesOptions): Promise<Answer> {
  const settings = topics.select(topic)
  if (settings === undefined) {
    return answer({ code: ResponseCode.TOPIC_NOT_EXIST, remark: `topic[${topic}] not exist on this broker` })
  }
  const queueNums = Math.max(settings.readQueueNums, settings.writeQueueNums)
  const rows = Array.from({ length: queueNums }, async (_, queueId) => {
    const minOffset = Math.max(0, store.getMinOffsetInQueue(topic, queueId))
    const maxOffset = Math.max(0, store.getMaxOffsetInQueue(topic, queueId))
    const last = maxOffset > 0 ? await store.getMessageStoreTimestamp(topic, queueId, maxOffset - 1) : 0
    const messageQueue = { topic, brokerName: config.brokerName, queueId }
    return { messageQueue, minOffset, maxOffset, lastUpdateTimestamp: Math.max(0, last) }
  })
  const offsets = await Promise.all(rows)
  return answer({ body: encodeTopicStatsTable({ offsets, topicPutTps: statistics.topicPutTps(topic) }) })
}

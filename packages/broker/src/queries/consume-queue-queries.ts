import type { Answer, Clock, HandlerTable, QueueTimeSpan, RequestOf, SubscriptionData } from '@mq/remoting'
import {
  answer,
  CleanExpiredConsumeQueue,
  CleanUnusedTopic,
  encodeConsumeQueueBody,
  encodeConsumeTimeSpan,
  QueryConsumeQueue,
  QueryConsumeTimeSpan,
  ResponseCode,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { ConsumerOffsetManager } from '../offsets/consumer-offset-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'

/** Entries of a consume queue in one answer. */
const MAX_ENTRIES = 10_000

/** What the requests on consume queues work with. */
export interface ConsumeQueueQueriesOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
}

/** Serves what tools ask of consume queues. Java: AdminBrokerProcessor#queryConsumeQueue, #queryConsumeTimeSpan, #cleanUnusedTopic. */
export function registerConsumeQueueQueries(handlers: HandlerTable, options: ConsumeQueueQueriesOptions): void {
  const { store, topics } = options
  handlers.on(QueryConsumeQueue, (header) => consumeQueue(header, options))
  handlers.on(QueryConsumeTimeSpan, (header) => timeSpans(header, options))
  handlers.on(CleanExpiredConsumeQueue, async () => {
    await store.deleteExpiredConsumeQueues()
    return answer({})
  })
  handlers.on(CleanUnusedTopic, async () => {
    await store.cleanUnusedTopics(new Set([...topics.table.keys(), ...topics.systemTopicNames]))
    return answer({})
  })
}

async function consumeQueue(
  { topic = '', queueId, index, count, consumerGroup }: RequestOf<typeof QueryConsumeQueue>,
  { store, consumers }: ConsumeQueueQueriesOptions,
): Promise<Answer> {
  const minQueueIndex = store.getMinOffsetInQueue(topic, queueId)
  const maxQueueIndex = store.getMaxOffsetInQueue(topic, queueId)
  if (maxQueueIndex === 0) {
    return answer({ code: ResponseCode.SYSTEM_ERROR, remark: `${queueId}@${topic} is not exist!` })
  }
  const maxUnits = Math.max(0, Math.min(count, MAX_ENTRIES))
  // Java leaves the body out, too.
  if (index < minQueueIndex || index >= maxQueueIndex)
    return answer({ remark: `Index ${index} of ${queueId}@${topic} is not exist!` })
  const { messages } = await store.readConsumeQueue({ topic, queueId, offset: index, maxUnits })
  const subscriptionData = consumerGroup && consumers.group(consumerGroup)?.subscriptions.get(topic)
  const body = encodeConsumeQueueBody({
    subscriptionData: subscriptionData || undefined,
    filterData: filterData(consumerGroup, topic, subscriptionData || undefined),
    queueData: messages.map(({ physicalOffset: physicOffset, size: physicSize, tagsCode }) => {
      return { physicOffset, physicSize, tagsCode, eval: false }
    }),
    minQueueIndex,
    maxQueueIndex,
  })
  return answer({ body })
}

/** Only SQL has filter data, and there is none here. */
function filterData(
  group: string | undefined,
  topic: string,
  subscription: SubscriptionData | undefined,
): string | undefined {
  if (group === undefined) return undefined
  return subscription === undefined ? `${group}@${topic} is not online!` : 'null'
}

async function timeSpans(
  { topic, group }: RequestOf<typeof QueryConsumeTimeSpan>,
  options: ConsumeQueueQueriesOptions,
): Promise<Answer> {
  const settings = options.topics.select(topic)
  if (settings === undefined) {
    return answer({ code: ResponseCode.TOPIC_NOT_EXIST, remark: `topic[${topic}] not exist` })
  }
  const spans = Array.from({ length: settings.writeQueueNums }, (_, queueId) => {
    return timeSpan({ group, topic, queueId }, options)
  })
  return answer({ body: encodeConsumeTimeSpan(await Promise.all(spans)) })
}

async function timeSpan(
  queue: { readonly group: string; readonly topic: string; readonly queueId: number },
  { config, clock, store, offsets }: ConsumeQueueQueriesOptions,
): Promise<QueueTimeSpan> {
  const { topic, queueId } = queue
  const storedAt = (offset: number): Promise<number> => store.getMessageStoreTimestamp(topic, queueId, offset)
  const maxOffset = store.getMaxOffsetInQueue(topic, queueId)
  const consumerOffset = offsets.queryOffset(queue) ?? -1
  const minTimeStamp = await storedAt(store.getMinOffsetInQueue(topic, queueId))
  const isBehind = maxOffset > 0 && consumerOffset < maxOffset
  return {
    messageQueue: { topic, brokerName: config.brokerName, queueId },
    minTimeStamp,
    maxTimeStamp: await storedAt(maxOffset - 1),
    consumeTimeStamp: consumerOffset > 0 ? await storedAt(consumerOffset - 1) : minTimeStamp,
    delayTime: isBehind ? clock.now() - (await storedAt(Math.max(0, consumerOffset))) : 0,
  }
}

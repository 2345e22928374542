import type { HandlerTable } from '@mq/remoting'
import {
  answer,
  encodeConsumerConnection,
  encodeGroupList,
  encodeSubscriptionBody,
  encodeTopicList,
  GetConsumerConnectionList,
  languageName,
  QuerySubscriptionByConsumer,
  QueryTopicConsumeByWho,
  QueryTopicsByConsumer,
  ResponseCode,
} from '@mq/remoting'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { ConsumerOffsetManager } from '../offsets/consumer-offset-manager.js'

/** What the questions of who consumes work with. */
export interface SubscriberQueriesOptions {
  readonly brokerAddress: string
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
}

/**
 * Serves the questions of who consumes. Java: AdminBrokerProcessor#queryTopicConsumeByWho, #queryTopicsByConsumer,
 * #querySubscriptionByConsumer, #getConsumerConnectionList.
 */
export function registerSubscriberQueries(
  handlers: HandlerTable,
  { brokerAddress, consumers, offsets }: SubscriberQueriesOptions,
): void {
  handlers.on(QueryTopicConsumeByWho, ({ topic }) => {
    const groups = new Set([...consumers.groupsOf(topic), ...offsets.groupsOf(topic)])
    return answer({ body: encodeGroupList({ groupList: [...groups] }) })
  })
  handlers.on(QueryTopicsByConsumer, ({ group }) => {
    return answer({ body: encodeTopicList({ topicList: offsets.topicsOf(group), brokerAddr: brokerAddress }) })
  })
  handlers.on(QuerySubscriptionByConsumer, ({ group, topic }) => {
    const subscriptionData = topic === undefined ? undefined : consumers.group(group)?.subscriptions.get(topic)
    return answer({ body: encodeSubscriptionBody({ group, topic, subscriptionData }) })
  })
  handlers.on(GetConsumerConnectionList, ({ consumerGroup }) => {
    const group = consumers.group(consumerGroup)
    if (group === undefined) {
      const remark = `the consumer group[${consumerGroup}] not online: no consumer of it is connected to this broker`
      return answer({ code: ResponseCode.CONSUMER_NOT_ONLINE, remark })
    }
    const connectionSet = consumers.members(consumerGroup).map(({ connection, clientId, language, version }) => ({
      clientAddr: connection.remoteAddress,
      clientId,
      language: languageName(language),
      version,
    }))
    const { consumeType, messageModel, consumeFromWhere, subscriptions: subscriptionTable } = group
    const body = { connectionSet, consumeType, messageModel, consumeFromWhere, subscriptionTable }
    return answer({ body: encodeConsumerConnection(body) })
  })
}

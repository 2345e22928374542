import type { HandlerTable } from '@mq/remoting'
import {
  answer,
  encodeConsumerConnection,
  encodeGroupList,
  GetConsumerConnectionList,
  languageName,
  QueryTopicConsumeByWho,
  ResponseCode,
} from '@mq/remoting'
import type { ConsumerManager } from '../clients/consumer-manager.js'

/** Serves the questions of who consumes. Java: AdminBrokerProcessor#queryTopicConsumeByWho, #getConsumerConnectionList. */
export function registerSubscriberQueries(handlers: HandlerTable, consumers: ConsumerManager): void {
  handlers.on(QueryTopicConsumeByWho, ({ topic }) => {
    return answer({ body: encodeGroupList({ groupList: consumers.groupsOf(topic) }) })
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

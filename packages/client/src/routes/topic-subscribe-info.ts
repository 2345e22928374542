import { isReadable, type MessageQueue, type TopicRouteData } from '@mq/remoting'
import { isStaticTopic, topicRouteData2EndpointsForStaticTopic } from './static-topic-endpoints.js'

/**
 * The queues a consumer may read: the end points of a static topic, else all readable queues, master or not.
 * Java: topicRouteData2TopicSubscribeInfo.
 */
export function topicRouteData2TopicSubscribeInfo(topic: string, route: TopicRouteData): readonly MessageQueue[] {
  if (isStaticTopic(route)) return topicRouteData2EndpointsForStaticTopic(topic, route).map(({ queue }) => queue)
  return route.queueDatas
    .filter((queue) => isReadable(queue.perm))
    .flatMap(({ brokerName, readQueueNums }) =>
      Array.from({ length: Math.max(0, readQueueNums) }, (_, queueId) => ({ topic, brokerName, queueId })),
    )
}

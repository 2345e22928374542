import { type MessageExt, type MessageQueue, PropertyName, withoutNamespace } from '@mq/remoting'
import type { PushConsumerConfig } from './push-consumer-options.js'

/**
 * A message as the application sees it: one that is delivered again has the topic it was sent to, not the group's retry topic.
 * Java: resetRetryAndNamespace.
 */
export function receivedMessage(
  message: MessageExt,
  { client, retryTopic }: Pick<PushConsumerConfig, 'client' | 'retryTopic'>,
): MessageExt {
  const { namespace } = client
  const topic = message.topic === withoutNamespace(retryTopic, namespace) ? originOf(message) : message.topic
  const outward = withoutNamespace(topic, namespace)
  return outward === message.topic ? message : { ...message, topic: outward }
}

/** A queue as the application names it. */
export function outwardQueue(queue: MessageQueue, namespace: string): MessageQueue {
  const topic = withoutNamespace(queue.topic, namespace)
  return topic === queue.topic ? queue : { ...queue, topic }
}

function originOf(message: MessageExt): string {
  return message.properties.get(PropertyName.RETRY_TOPIC) ?? message.topic
}

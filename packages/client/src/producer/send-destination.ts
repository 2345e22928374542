import { type MessageQueue, withNamespace, withoutNamespace } from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import { MQClientError } from '../errors.js'
import type { TopicPublishTable } from '../routes/topic-publish-table.js'
import type { Message } from './message.js'
import { type MessageQueueSelector, selectMessageQueueByHash } from './message-queue-selector.js'
import { illegalMessage } from './message-validation.js'

/** Where a send goes; at most one of queue, selector and shardingKey. Without any, the producer chooses and may retry elsewhere. */
export interface SendDestination {
  /** Exactly this queue, in one attempt. */
  readonly queue?: MessageQueue
  /** Chooses among the topic's queues; the message goes there in one attempt. */
  readonly selector?: MessageQueueSelector<never>
  /** Handed to the selector. */
  readonly arg?: unknown
  /** Messages with one key share a queue: short for the hash selector with this argument. */
  readonly shardingKey?: string
}

/** What {@link resolveDestination} works with. */
export interface DestinationContext {
  readonly publish: TopicPublishTable
  /** Empty for none. */
  readonly namespace: string
  readonly deadline: Deadline
}

/** Whether the caller chooses the queue. */
export function isDestined({ queue, selector, shardingKey }: SendDestination): boolean {
  return queue !== undefined || selector !== undefined || shardingKey !== undefined
}

/**
 * The queue the caller asked for, within the namespace. Rejects with MQClientError QUEUE_SELECTION when a selector fails, and
 * with the errors of TopicPublishTable#find. Java: invokeMessageQueueSelector.
 */
export async function resolveDestination(
  message: Message,
  destination: SendDestination,
  context: DestinationContext,
): Promise<MessageQueue> {
  const { queue, shardingKey } = destination
  const selector = destination.selector as MessageQueueSelector | undefined
  const chosen = [queue, selector, shardingKey].filter((given) => given !== undefined)
  if (chosen.length > 1) throw illegalMessage('a send names at most one of queue, selector and shardingKey')
  if (queue !== undefined) return ownQueue(message, queue, context)
  if (selector !== undefined) return select({ message, selector, arg: destination.arg }, context)
  return select({ message, selector: selectMessageQueueByHash as MessageQueueSelector, arg: shardingKey }, context)
}

function ownQueue(message: Message, queue: MessageQueue, { namespace }: DestinationContext): MessageQueue {
  if (queue.topic !== message.topic) {
    throw illegalMessage(`the message has topic '${message.topic}', but its queue belongs to topic '${queue.topic}'`)
  }
  return { ...queue, topic: withNamespace(namespace, queue.topic) }
}

async function select(
  choice: { message: Message; selector: MessageQueueSelector; arg: unknown },
  { publish, namespace, deadline }: DestinationContext,
): Promise<MessageQueue> {
  const { message, selector, arg } = choice
  const topic = withNamespace(namespace, message.topic)
  const info = await publish.find(topic, deadline)
  const outward = info.messageQueues.map((queue) => ({ ...queue, topic: withoutNamespace(queue.topic, namespace) }))
  let selected: MessageQueue | undefined
  try {
    selected = selector(outward, message, arg)
  } catch (cause) {
    throw new MQClientError('the message queue selector threw', { code: 'QUEUE_SELECTION', cause })
  }
  const index = outward.findIndex(
    ({ brokerName, queueId }) => brokerName === selected?.brokerName && queueId === selected.queueId,
  )
  const queue = info.messageQueues[index]
  if (queue !== undefined) return queue
  throw new MQClientError(`the message queue selector returned no queue of topic '${message.topic}'`, {
    code: 'QUEUE_SELECTION',
  })
}

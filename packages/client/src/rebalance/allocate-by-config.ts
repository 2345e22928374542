import type { MessageQueue } from '@mq/remoting'
import type { AllocateMessageQueueStrategy } from './allocate-message-queue-strategy.js'

/** These queues and no others, whoever the members are. Java: AllocateMessageQueueByConfig. */
export function allocateMessageQueueByConfig(queues: readonly MessageQueue[]): AllocateMessageQueueStrategy {
  return { name: 'CONFIG', allocate: () => queues }
}

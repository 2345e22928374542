import type {
  ConsumeMessageDirectlyResult,
  ConsumerData,
  ConsumerRunningInfo,
  MessageExt,
  MessageQueue,
  QueueOffset,
} from '@mq/remoting'
import type { RouteUser } from '../routes/topic-routes.js'

/** What an MQClientInstance asks of a consumer registered in it. Java: MQConsumerInner. */
export interface MQConsumerInner extends RouteUser {
  /** What heartbeats say about it. */
  heartbeatData(): ConsumerData
  /** Saves the offsets consumed so far. */
  persistConsumerOffset(): Promise<void>
  /**
   * Shares the queues of its topics with the rest of its group anew; false when something is left to do, so that another round
   * follows soon. Java: tryRebalance.
   */
  doRebalance(): Promise<boolean>
  /** What it does just now, for GET_CONSUMER_RUNNING_INFO; the instance adds what it knows itself. */
  consumerRunningInfo(): Promise<ConsumerRunningInfo>
  /** Its offsets in memory in the queues of a topic, for GET_CONSUMER_STATUS_FROM_CLIENT. */
  offsetsOf?(topic: string): ReadonlyMap<MessageQueue, number>
  /** Goes to other offsets in these queues of a topic, for RESET_CONSUMER_CLIENT_OFFSET. Never rejects. */
  resetOffset?(topic: string, offsets: readonly QueueOffset[]): Promise<void>
  /** Consumes this one message now, for CONSUME_MESSAGE_DIRECTLY. */
  consumeMessageDirectly?(message: MessageExt, brokerName: string): Promise<ConsumeMessageDirectlyResult>
}

import type { MessageQueue } from '@mq/remoting'

/** What a strategy decides by. Both lists are sorted the same way at every member. */
export interface AllocationRequest {
  readonly consumerGroup: string
  /** Client id of the member that asks. */
  readonly currentCID: string
  /** Every queue of the topic, sorted by broker name, then queue id. */
  readonly mqAll: readonly MessageQueue[]
  /** Client ids of all members, sorted by UTF-16 code units. */
  readonly cidAll: readonly string[]
}

/** Which queues of a topic one member of a group consumes. Java: AllocateMessageQueueStrategy. */
export interface AllocateMessageQueueStrategy {
  /** Java's name of it, which brokers and tools show. */
  readonly name: string
  /** The member's share; empty when `currentCID` is not in `cidAll`. Pure: equal input gives equal output at every member. */
  allocate(request: AllocationRequest): readonly MessageQueue[]
}

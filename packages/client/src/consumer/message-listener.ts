import type { MessageExt, MessageQueue } from '@mq/remoting'

/** What a handler learns about a delivery, and may say about the next one. Java: ConsumeConcurrentlyContext, ConsumeOrderlyContext. */
export interface ConsumeContext {
  /** Where the message was pulled from; for a message delivered again that is a queue of the group's retry topic. */
  readonly queue: MessageQueue
  /** 1 for the first delivery; of a batch, that of the message delivered most often. */
  readonly attempt: number
  /** Aborted when the consumer closes and does not wait any longer, and after consumeTimeout. */
  readonly signal: AbortSignal
  /**
   * Level of the delay before the next delivery, if the handler throws: 0 (the default) leaves it to the broker, 1 to 18 is that
   * level, -1 is the dead-letter topic at once. Not for handlers that work in order. Java: delayLevelWhenNextConsume.
   */
  delayLevel: number
  /** Of a batch, the index of the last message that was consumed; those after it are delivered again. Default: the last of all. */
  ackIndex: number
  /**
   * For handlers that work in order: milliseconds until the queue goes on, if the handler throws. Default:
   * suspendCurrentQueueTimeMillis. Java: suspendCurrentQueueTimeMillis of the context.
   */
  suspendMs: number | undefined
}

/** Consumes one message: returning, or the promise resolving, means consumed; throwing means that it is delivered again. */
export type MessageHandler = (message: MessageExt, context: ConsumeContext) => unknown

/** Consumes several messages of one queue, in the order of the queue. */
export type MessageBatchHandler = (messages: readonly MessageExt[], context: ConsumeContext) => unknown

/** How messages are handed to a handler. */
export interface ListenOptions {
  /** Handlers that run at the same time, over all queues, 1 to 1000. Default: consumeThreadMax. */
  readonly concurrency?: number
  /** Whether the messages of a queue are consumed one after the other, the next one only after the one before. Default false. */
  readonly orderly?: boolean
}

/** How batches are handed to a handler. */
export interface ListenBatchOptions extends ListenOptions {
  /** Messages of one queue handed over together at most, 1 to 1024. */
  readonly batchSize: number
}

/** What a consumer does with messages. Java: MessageListenerConcurrently, MessageListenerOrderly. */
export interface MessageListener {
  readonly handle: MessageBatchHandler
  readonly batchSize: number
  readonly concurrency: number
  readonly isOrderly: boolean
}

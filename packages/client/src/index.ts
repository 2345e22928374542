export type { MessageExt, MessageQueue } from '@mq/remoting'
export type {
  ConsumeMessageContext,
  ConsumeMessageHook,
  ConsumeReturnType,
} from './consumer/consume-hooks.js'
export { ConsumeLater, type ConsumeLaterOptions } from './consumer/consume-later.js'
export type { ConsumeTrace } from './consumer/consume-tracing.js'
export { type CommitOptions, DefaultLitePullConsumer, type PollOptions } from './consumer/default-lite-pull-consumer.js'
export { DefaultMQPullConsumer, type PullOptions } from './consumer/default-mq-pull-consumer.js'
export { type CloseConsumerOptions, DefaultMQPushConsumer } from './consumer/default-mq-push-consumer.js'
export type { LitePullConsumerOptions } from './consumer/lite-pull-consumer-options.js'
export type {
  ConsumeContext,
  ListenBatchOptions,
  ListenOptions,
  MessageBatchHandler,
  MessageHandler,
} from './consumer/message-listener.js'
export type { MQConsumerInner } from './consumer/mq-consumer-inner.js'
export type { ActiveConsumerOptions, PullConsumerOptions } from './consumer/pull-consumer-options.js'
export type { PullResult, PullStatus, UndecodableMessage } from './consumer/pull-result.js'
export type { PushConsumerOptions } from './consumer/push-consumer-options.js'
export type { SubscriptionExpression } from './consumer/subscription-expression.js'
export type { TopicMessageQueueChangeListener } from './consumer/topic-queue-watch.js'
export {
  clientErrors,
  type ClientErrorOptions,
  MQClientError,
  NoRouteError,
  type SendAttempt,
  SendError,
} from './errors.js'
export type { ClientOptions } from './instance/client-options.js'
export type { ClientConfig } from './instance/client-config.js'
export { MQClientInstance } from './instance/mq-client-instance.js'
export { MQClientManager } from './instance/mq-client-manager.js'
export type { OffsetRead, OffsetStore, ReadOffsetType } from './offsets/offset-store.js'
export {
  type CloseProducerOptions,
  DefaultMQProducer,
  type SendAsyncOptions,
  type SendCallback,
  type SendOptions,
} from './producer/default-mq-producer.js'
export type { Message, SendResult, SendStatus } from './producer/message.js'
export {
  type HashArgument,
  type MessageQueueSelector,
  selectMessageQueueByHash,
  selectMessageQueueByRandom,
} from './producer/message-queue-selector.js'
export type { CreateTopicOptions, QueryMessageOptions } from './producer/mq-admin.js'
export type { ProducerOptions } from './producer/producer-options.js'
export type { SendDestination } from './producer/send-destination.js'
export type {
  CheckForbiddenContext,
  CheckForbiddenHook,
  CommunicationMode,
  HookedMessage,
  MessageType,
  SendMessageContext,
  SendMessageHook,
} from './producer/send-hooks.js'
export { allocateMessageQueueByConfig } from './rebalance/allocate-by-config.js'
export {
  allocateMachineRoomNearby,
  allocateMessageQueueByMachineRoom,
  type MachineRoomResolver,
} from './rebalance/allocate-by-machine-room.js'
export { allocateMessageQueueConsistentHash, type ConsistentHashOptions } from './rebalance/allocate-consistent-hash.js'
export {
  allocateMessageQueueAveragely,
  allocateMessageQueueAveragelyByCircle,
} from './rebalance/allocate-message-queue-averagely.js'
export type {
  AllocateMessageQueueStrategy,
  AllocationRequest,
} from './rebalance/allocate-message-queue-strategy.js'
export type { QueueShare } from './rebalance/rebalance.js'
export type { SendTrace } from './producer/send-tracing.js'

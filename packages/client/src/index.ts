export type { MessageExt, MessageQueue } from '@mq/remoting'
export type { MQConsumerInner } from './consumer/mq-consumer-inner.js'
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
export type { SendTrace } from './producer/send-tracing.js'

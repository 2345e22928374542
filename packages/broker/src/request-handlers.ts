import type { Clock, HandlerTable, Logger } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import { AssignmentRequests, type AssignmentRequestsOptions } from './assignments/assignment-requests.js'
import { registerCheckClientConfig } from './clients/check-client-config.js'
import { ClientRelay } from './clients/client-relay.js'
import type { ClientRequests } from './clients/client-requests.js'
import type { ConsumerManager } from './clients/consumer-manager.js'
import type { BrokerConfig } from './configuration/broker-config.js'
import type { ConfigRequests } from './configuration/config-requests.js'
import type { ConsumerOffsetManager } from './offsets/consumer-offset-manager.js'
import { ConsumerOffsetRequests } from './offsets/consumer-offset-requests.js'
import { registerQueueLockRequests } from './queue-locks/queue-lock-requests.js'
import type { RebalanceLockManager } from './queue-locks/rebalance-lock-manager.js'
import { registerOffsetComparisons } from './offsets/offset-comparisons.js'
import { OffsetResetRequests } from './offsets/offset-reset-requests.js'
import { registerConsumeQueueQueries } from './queries/consume-queue-queries.js'
import { registerConsumeStats } from './queries/consume-stats.js'
import { registerMessageQueries } from './queries/message-queries.js'
import { registerOffsetQueries } from './queries/offset-queries.js'
import { registerSubscriberQueries } from './queries/subscriber-queries.js'
import { type ConsumerSendMsgBackOptions, registerConsumerSendMsgBack } from './retries/consumer-send-msg-back.js'
import type { ScheduleMessageService } from './schedule/schedule-message-service.js'
import type { SendMessageProcessor } from './send/send-message-processor.js'
import type { BrokerStatistics } from './statistics/broker-statistics.js'
import { registerRuntimeInfo } from './statistics/runtime-info.js'
import { registerStatsRequests } from './statistics/stats-requests.js'
import type { SubscriptionGroupManager } from './subscription-groups/subscription-group-manager.js'
import { registerSubscriptionGroupRequests } from './subscription-groups/subscription-group-requests.js'
import type { TopicConfigManager } from './topics/topic-config-manager.js'
import type { TopicRequests } from './topics/topic-requests.js'

/** What answers requests. */
export interface BrokerFeatures extends ConsumerSendMsgBackOptions, AssignmentRequestsOptions {
  readonly config: BrokerConfig
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
  readonly logger: Logger
  readonly locks: RebalanceLockManager
  readonly clock: Clock
  readonly brokerAddress: string
  readonly schedule: ScheduleMessageService
  readonly statistics: BrokerStatistics
  readonly clients: ClientRequests
  readonly send: SendMessageProcessor
  readonly configuration: ConfigRequests
  readonly topicRequests: TopicRequests
}

/** Puts everything a broker answers into a table, but for pulls, which the VIP channel does not serve. */
export function registerHandlers(handlers: HandlerTable, features: BrokerFeatures): void {
  const { config, store } = features
  features.send.register(handlers)
  registerConsumerSendMsgBack(handlers, features)
  registerQueueLockRequests(handlers, features.locks)
  features.schedule.register(handlers)
  features.clients.register(handlers)
  new ClientRelay(features).register(handlers)
  registerCheckClientConfig(handlers)
  new AssignmentRequests(features).register(handlers)
  features.configuration.register(handlers)
  features.topicRequests.register(handlers)
  new ConsumerOffsetRequests(features).register(handlers)
  new OffsetResetRequests(features).register(handlers)
  registerOffsetComparisons(handlers, features)
  registerSubscriptionGroupRequests(handlers, features)
  registerMessageQueries(handlers, store, config)
  registerOffsetQueries(handlers, features)
  registerSubscriberQueries(handlers, features)
  registerConsumeStats(handlers, features)
  registerConsumeQueueQueries(handlers, features)
  registerStatsRequests(handlers, features.statistics)
  registerRuntimeInfo(handlers, features)
}

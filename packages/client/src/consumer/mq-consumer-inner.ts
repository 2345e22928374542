import type { ConsumerData } from '@mq/remoting'
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
}

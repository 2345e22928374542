import type { ConsumeMessageDirectlyResult, MessageExt, MessageQueue } from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import type { OffsetStore } from '../offsets/offset-store.js'
import type { CachedMessage, ProcessQueue } from '../rebalance/process-queue.js'
import { ConsumeLater } from './consume-later.js'
import { Delivery } from './delivery.js'
import type { HandlerCaller } from './handler-call.js'
import type { MessageListener } from './message-listener.js'
import type { PushConsumerConfig } from './push-consumer-options.js'
import type { SendMessageBack } from './send-message-back.js'

/** A queue of this member. */
export interface OwnQueue {
  readonly queue: MessageQueue
  readonly processQueue: ProcessQueue
}

/** What both ways to consume are made with. */
export interface ConsumeMessageServiceOptions {
  readonly config: PushConsumerConfig
  readonly listener: MessageListener
  readonly caller: HandlerCaller
  readonly offsetStore: OffsetStore
  readonly sendMessageBack: SendMessageBack
}

/** Hands pulled messages to the handler and does with them what it says. Java: ConsumeMessageService. */
export interface ConsumeMessageService {
  /** Begins; until then nothing is handed over. */
  start(): void
  /** Messages have come into the cache of a queue. */
  submit(own: OwnQueue, added: readonly CachedMessage[]): void
  /**
   * Hands nothing over any more and waits for handlers; when time is over, aborts their signals and waits a little for those that
   * listen. Then nothing is consumed any more, and what was consumed can be committed. Never rejects.
   */
  close(deadline: Deadline): Promise<void>
}

/** Milliseconds handlers get to end after their signal was aborted. */
export const abortGraceMs = 500

/** Calls the handler with one message, whatever is cached. Java: consumeMessageDirectly. */
export async function consumeMessageDirectly(
  message: MessageExt,
  queue: MessageQueue,
  options: Pick<ConsumeMessageServiceOptions, 'config' | 'listener' | 'caller'>,
): Promise<ConsumeMessageDirectlyResult> {
  const { config, listener, caller } = options
  const startedMs = config.client.runtime.clock.monotonic()
  const entry = { message, localRetries: 0, isRemoved: false }
  const { isConsumed, cause, endedMs } = await caller.call(
    new Delivery({ source: queue, namespace: config.client.namespace, entries: [entry], startedMs }),
  )
  const answer = { order: listener.isOrderly, autoCommit: true, spentTimeMills: Math.round(endedMs - startedMs) }
  if (isConsumed) return { ...answer, consumeResult: 'CR_SUCCESS' }
  if (cause instanceof ConsumeLater) return { ...answer, consumeResult: 'CR_LATER' }
  return { ...answer, consumeResult: 'CR_THROW_EXCEPTION', remark: String(cause) }
}

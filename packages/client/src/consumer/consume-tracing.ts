import { tracingChannel } from 'node:diagnostics_channel'
import type { MessageExt, MessageQueue } from '@mq/remoting'

/** What subscribers of the tracing channel `mq:consume` get; one object a call of a handler. */
export interface ConsumeTrace {
  readonly messages: readonly MessageExt[]
  readonly queue: MessageQueue
  readonly attempt: number
  readonly consumerGroup: string
  readonly clientId: string
  /** Set before `error`, when the handler threw. */
  error?: unknown
}

const consumeChannel = tracingChannel<ConsumeTrace>('mq:consume')

/** Calls a handler, and publishes the call to whoever subscribed; without subscribers nothing is allocated. */
export function traceConsume(handle: () => unknown, trace: () => ConsumeTrace): unknown {
  return hasSubscribers() ? consumeChannel.tracePromise(async () => handle(), trace()) : handle()
}

function hasSubscribers(): boolean {
  const { start, end, asyncStart, asyncEnd, error } = consumeChannel
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  )
}

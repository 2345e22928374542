import { tracingChannel } from 'node:diagnostics_channel'
import type { Message, SendResult } from './message.js'
import type { CommunicationMode } from './send-hooks.js'

/** What subscribers of the tracing channel `mq:send` get; one object a send, whatever its attempts. */
export interface SendTrace {
  readonly message: Message | readonly Message[]
  readonly mode: CommunicationMode
  readonly producerGroup: string
  readonly clientId: string
  /** Set before `asyncStart`, when the send succeeded. */
  result?: SendResult | undefined
  /** Set before `error`, when it failed. */
  error?: unknown
}

const sendChannel = tracingChannel<SendTrace>('mq:send')

/** Runs a send, and publishes it to whoever subscribed; without subscribers nothing is allocated. */
export function traceSend<T>(send: () => Promise<T>, trace: () => SendTrace): Promise<T> {
  return hasSubscribers() ? sendChannel.tracePromise(send, trace()) : send()
}

function hasSubscribers(): boolean {
  const { start, end, asyncStart, asyncEnd, error } = sendChannel
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  )
}

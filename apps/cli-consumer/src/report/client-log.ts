import type { LitePullConsumerOptions } from '@mq/client'
import type { Output } from './output.js'

/** What clients log to. */
export type Logger = NonNullable<LitePullConsumerOptions['logger']>

/** Milliseconds in which a warning is told once. */
const QUIET_MS = 30_000

/** What is told of what the client logs. */
export interface ClientLogOptions {
  /** Everything, with its fields. */
  readonly isDebugging: boolean
  /** Aborted when the run is over: what a client cuts off when it closes is no news. */
  readonly over: AbortSignal
}

/** Tells the user what the client warns of, each thing now and then. */
export function clientLog(output: Output, { isDebugging, over }: ClientLogOptions): Logger {
  const toldAtMs = new Map<string, number>()
  const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (isDebugging) {
      output.complain(`${message} ${JSON.stringify(fields, plain)}`)
      return
    }
    if (over.aborted) return
    const nowMs = performance.now()
    if (nowMs - (toldAtMs.get(message) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    toldAtMs.set(message, nowMs)
    const { cause } = fields
    output.complain(cause instanceof Error ? `${message}: ${cause.message}` : message)
  }
  const tellDetails = isDebugging ? tell : (): void => {}
  return { debug: tellDetails, info: tellDetails, warn: tell, error: tell }
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}

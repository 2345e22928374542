import type { LitePullConsumerOptions } from '@mq/client'
import type { Output } from './output.js'

/** What clients log to. */
export type Logger = NonNullable<LitePullConsumerOptions['logger']>

/** Milliseconds in which a warning is told once. */
const QUIET_MS = 30_000

/** Tells the user what the client warns of, each thing now and then; with `isDebugging` everything, with its fields. */
export function clientLog(output: Output, { isDebugging }: { isDebugging: boolean }): Logger {
  const toldAtMs = new Map<string, number>()
  const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (isDebugging) {
      output.complain(`${message} ${JSON.stringify(fields, plain)}`)
      return
    }
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

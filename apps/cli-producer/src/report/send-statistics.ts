import { createHistogram } from 'node:perf_hooks'
import type { SendStatus } from '@mq/client'

/** Latencies in milliseconds. */
export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
  readonly max: number
}

/** What became of the messages of a run. Counts are messages, latencies are requests. */
export class SendStatistics {
  readonly #statuses = new Map<SendStatus | 'ONEWAY', number>()
  readonly #errors = new Map<string, number>()
  readonly #microseconds = createHistogram({ figures: 3 })
  readonly #startedAtMs = performance.now()
  #endedAtMs: number | undefined
  #sent = 0
  #failed = 0
  #bytes = 0

  /** A request that was accepted, or handed over for ONEWAY. */
  countSent(status: SendStatus | 'ONEWAY', request: { messages: number; bytes: number; latencyMs: number }): void {
    const { messages, bytes, latencyMs } = request
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + messages)
    this.#sent += messages
    this.#bytes += bytes
    this.#microseconds.record(Math.max(1, Math.round(latencyMs * 1000)))
  }

  /** A request that failed; true for the first one of its code. */
  countFailed(code: string, messages: number): boolean {
    const before = this.#errors.get(code) ?? 0
    this.#errors.set(code, before + messages)
    this.#failed += messages
    return before === 0
  }

  /** Stops the clock. */
  end(): void {
    this.#endedAtMs ??= performance.now()
  }

  get sent(): number {
    return this.#sent
  }

  get failed(): number {
    return this.#failed
  }

  /** Bytes of the bodies sent. */
  get bytes(): number {
    return this.#bytes
  }

  /** Messages by the status that the broker answered. */
  get statuses(): ReadonlyMap<SendStatus | 'ONEWAY', number> {
    return this.#statuses
  }

  /** Messages that failed, by error code. */
  get errors(): ReadonlyMap<string, number> {
    return this.#errors
  }

  get durationMs(): number {
    return (this.#endedAtMs ?? performance.now()) - this.#startedAtMs
  }

  /** Messages sent in a second, so far. */
  get messagesPerSecond(): number {
    return this.#sent / Math.max(this.durationMs / 1000, 1e-6)
  }

  /** Undefined while nothing was sent. */
  get latencies(): Latencies | undefined {
    if (this.#sent === 0) return undefined
    const percentile = (percent: number): number => this.#microseconds.percentile(percent) / 1000
    return {
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      'p99.9': percentile(99.9),
      max: this.#microseconds.max / 1000,
    }
  }
}

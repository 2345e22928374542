import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** Latencies in whole milliseconds: what brokers and producers write on messages is no finer. */
export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
  readonly max: number
}

/** A message by the clocks it went past, in milliseconds since the epoch. */
export interface MessageTimes {
  readonly bornTimestamp: number
  readonly storeTimestamp: number
  readonly receivedTimestamp: number
}

/**
 * What was consumed in a run. Only messages that were stored since it began have a latency: of older ones it would be their age.
 */
export class ConsumeStatistics {
  readonly #sinceStored = createHistogram({ figures: 3 })
  readonly #sinceBorn = createHistogram({ figures: 3 })
  readonly #startedAt: number
  #consumed = 0
  #measured = 0
  #unreadable = 0
  #bytes = 0
  #firstAtMs = 0
  #lastAtMs = 0

  /** `startedAt` in milliseconds since the epoch. */
  constructor(startedAt: number = Date.now()) {
    this.#startedAt = startedAt
  }

  /** A message with a body of so many bytes was received. */
  count(bodyBytes: number, { bornTimestamp, storeTimestamp, receivedTimestamp }: MessageTimes): void {
    this.#lastAtMs = performance.now()
    if (this.#consumed === 0) this.#firstAtMs = this.#lastAtMs
    this.#consumed += 1
    this.#bytes += bodyBytes
    if (storeTimestamp < this.#startedAt) return
    this.#measured += 1
    record(this.#sinceStored, receivedTimestamp - storeTimestamp)
    record(this.#sinceBorn, receivedTimestamp - bornTimestamp)
  }

  /** A message that is stored cannot be read. */
  countUnreadable(): void {
    this.#unreadable += 1
  }

  get consumed(): number {
    return this.#consumed
  }

  /** Messages that were stored since the start. */
  get measured(): number {
    return this.#measured
  }

  get unreadable(): number {
    return this.#unreadable
  }

  /** Bytes of the bodies. */
  get bytes(): number {
    return this.#bytes
  }

  /** Milliseconds from the first message to the last. */
  get durationMs(): number {
    return this.#lastAtMs - this.#firstAtMs
  }

  /** From being stored at the broker until received here; undefined while nothing was measured. */
  get sinceStored(): Latencies | undefined {
    return this.#measured === 0 ? undefined : latenciesOf(this.#sinceStored)
  }

  /** From being sent, by the producer's clock, until received here. */
  get sinceBorn(): Latencies | undefined {
    return this.#measured === 0 ? undefined : latenciesOf(this.#sinceBorn)
  }
}

/** A histogram holds no zero, so it is kept one above. Clocks that differ can make a latency negative, which counts as none. */
function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(0, ms) + 1)
}

function latenciesOf(histogram: RecordableHistogram): Latencies {
  const percentile = (percent: number): number => histogram.percentile(percent) - 1
  return {
    p50: percentile(50),
    p90: percentile(90),
    p99: percentile(99),
    'p99.9': percentile(99.9),
    max: histogram.max - 1,
  }
}

import type { SendStatistics } from './send-statistics.js'

/** What is known of a run besides its statistics. */
export interface RunFacts {
  readonly topic: string
  /** Messages that were to be sent; undefined when that was not known beforehand. */
  readonly requested: number | undefined
  readonly interrupted: boolean
  /** Messages whose fate is unknown, for the run was interrupted before an answer came. */
  readonly unanswered: number
}

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A run in a few lines for a person, ending with a line feed. */
export function summaryText(statistics: SendStatistics, facts: RunFacts): string {
  const { sent, failed, durationMs, messagesPerSecond, bytes, latencies } = statistics
  const seconds = durationMs / 1000
  const mebibytesPerSecond = bytes / 1024 / 1024 / Math.max(seconds, 1e-6)
  const lines = [
    `${integer.format(sent)} sent in ${seconds.toFixed(2)} s: ` +
      `${integer.format(messagesPerSecond)} messages/s, ${mebibytesPerSecond.toFixed(2)} MiB/s`,
    counts(statistics.statuses),
  ]
  if (failed > 0) lines.push(`${integer.format(failed)} failed: ${counts(statistics.errors)}`)
  if (latencies !== undefined) {
    const columns = Object.entries(latencies).map(([name, ms]: [string, number]) => `${name} ${ms.toFixed(2)}`)
    lines.push(`latency in ms: ${columns.join('  ')}`)
  }
  if (facts.interrupted) lines.push(interruption(facts))
  return `${lines.filter((line) => line !== '').join('\n')}\n`
}

function counts(byName: ReadonlyMap<string, number>): string {
  return [...byName].map(([name, count]) => `${name} ${integer.format(count)}`).join(', ')
}

function interruption({ requested, unanswered }: RunFacts): string {
  const of = requested === undefined ? '' : ` before all ${integer.format(requested)} were sent`
  const unknown =
    unanswered === 0 ? '' : `; ${integer.format(unanswered)} more may have been stored, no answer was waited for`
  return `interrupted${of}${unknown}`
}

/** A run as one JSON document for a program, without a line feed. Durations in milliseconds, sizes in bytes. */
export function summaryJson(statistics: SendStatistics, facts: RunFacts): string {
  return JSON.stringify({
    ...facts,
    sent: statistics.sent,
    failed: statistics.failed,
    statuses: Object.fromEntries(statistics.statuses),
    errors: Object.fromEntries(statistics.errors),
    bytes: statistics.bytes,
    durationMs: rounded(statistics.durationMs),
    messagesPerSecond: rounded(statistics.messagesPerSecond),
    latencyMs: statistics.latencies,
  })
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

import type { ConsumeStatistics, Latencies } from './consume-statistics.js'

/** How a run ended: as asked by --count, for want of messages, by the user, or because nobody reads what it shows. */
export type Ending = 'COUNT' | 'IDLE' | 'STOPPED' | 'UNREAD'

/** What a summary says besides numbers. */
export interface RunFacts {
  readonly ending: Ending
  readonly count: number | undefined
  readonly timeoutMs: number | undefined
}

/** Fewer messages than these have no rate that means anything. */
const FEWEST_FOR_RATE = 100

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A run in a few lines for a person, ending with a line feed. */
export function summaryText(statistics: ConsumeStatistics, facts: RunFacts): string {
  const { sinceBorn, sinceStored, unreadable } = statistics
  const lines = [`${integer.format(statistics.consumed)} consumed${throughput(statistics)}`]
  if (unreadable > 0) lines.push(`${integer.format(unreadable)} could not be read and were skipped`)
  if (sinceStored !== undefined && sinceBorn !== undefined) {
    lines.push(
      `since stored, in ms: ${columns(sinceStored)}${scope(statistics)}`,
      `since sent, in ms:   ${columns(sinceBorn)}`,
    )
  }
  const shortfall = shortfallOf(statistics, facts)
  if (shortfall !== undefined) lines.push(shortfall)
  return `${lines.join('\n')}\n`
}

function throughput({ consumed, bytes, durationMs }: ConsumeStatistics): string {
  if (consumed < FEWEST_FOR_RATE) return ''
  const seconds = Math.max(durationMs / 1000, 1e-6)
  const rate = `${integer.format(consumed / seconds)} messages/s, ${(bytes / 1024 / 1024 / seconds).toFixed(2)} MiB/s`
  return ` in ${seconds.toFixed(2)} s: ${rate}`
}

function columns(latencies: Latencies): string {
  return Object.entries(latencies)
    .map(([name, ms]: [string, number]) => `${name} ${integer.format(ms)}`)
    .join('  ')
}

function scope({ consumed, measured }: ConsumeStatistics): string {
  return measured === consumed ? '' : ` (of the ${integer.format(measured)} stored since the start)`
}

function shortfallOf({ consumed }: ConsumeStatistics, { ending, count, timeoutMs }: RunFacts): string | undefined {
  const of = count === undefined ? '' : `${integer.format(consumed)} of ${integer.format(count)} messages came: `
  if (ending === 'IDLE') return `${of}no more for ${integer.format(timeoutMs ?? 0)} ms`
  return ending === 'STOPPED' && count !== undefined ? `${of}interrupted` : undefined
}

import type { ConsumeStatistics } from './consume-statistics.js'

/** A display of a run while it lasts. */
export interface Progress {
  /** Takes the display away. */
  stop(): void
}

const REDRAW_MS = 250
const clearLine = '\r\u001b[K'
const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** Counts on stderr while messages go elsewhere; nothing unless stderr is a terminal and stdout is none. */
export function showProgress(statistics: ConsumeStatistics, total: number | undefined): Progress {
  if (!process.stderr.isTTY || process.stdout.isTTY) return { stop: () => {} }
  const of = total === undefined ? '' : ` of ${integer.format(total)}`
  let before = 0
  const timer = setInterval(() => {
    const { consumed } = statistics
    const rate = integer.format(((consumed - before) * 1000) / REDRAW_MS)
    before = consumed
    process.stderr.write(`${clearLine}${integer.format(consumed)}${of} consumed, ${rate} messages/s`)
  }, REDRAW_MS)
  return {
    stop: () => {
      clearInterval(timer)
      process.stderr.write(clearLine)
    },
  }
}

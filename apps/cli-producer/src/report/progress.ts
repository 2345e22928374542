import type { SendStatistics } from './send-statistics.js'

/** A display of a run while it lasts. */
export interface Progress {
  /** Shows the end of the run and leaves the line. */
  stop(): void
}

const REDRAW_MS = 100

/** Draws a bar on stderr while a load is sent; nothing unless stderr is a terminal. */
export async function showProgress(statistics: SendStatistics, total: number | undefined): Promise<Progress> {
  if (total === undefined || !process.stderr.isTTY) return { stop: () => {} }
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    format: 'sending [{bar}] {percentage} % | {value} of {total} | {rate} messages/s',
    barCompleteChar: '#',
    barIncompleteChar: '.',
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
  })
  const state = (): { rate: number } => ({ rate: Math.round(statistics.messagesPerSecond) })
  bar.start(total, 0, state())
  const timer = setInterval(() => bar.update(statistics.sent + statistics.failed, state()), REDRAW_MS)
  return {
    stop: () => {
      clearInterval(timer)
      bar.update(statistics.sent + statistics.failed, state())
      bar.stop()
    },
  }
}

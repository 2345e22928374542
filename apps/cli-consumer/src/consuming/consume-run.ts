import type { MessageExt } from '@mq/client'
import type { ConsumeStatistics } from '../report/consume-statistics.js'
import type { Output } from '../report/output.js'
import type { Ending } from '../report/summary.js'

/** How a run goes. */
export interface ConsumeRunOptions {
  readonly statistics: ConsumeStatistics
  readonly output: Pick<Output, 'data' | 'onceDrained' | 'readerGone'>
  /** The line that shows a message, the first one of which has number 1. */
  readonly lineOf: (number: number, message: MessageExt, receivedTimestamp: number) => string
  readonly count: number | undefined
  readonly timeoutMs: number | undefined
  /** Aborted when the user wants the run to end. */
  readonly stop: AbortSignal
}

/** Takes messages one after the other until there are enough, none comes any more, or nobody wants to see them. */
export class ConsumeRun {
  readonly #options: ConsumeRunOptions
  readonly #over = new AbortController()
  readonly #idleTimer: NodeJS.Timeout | undefined
  #ending: Ending | undefined

  constructor(options: ConsumeRunOptions) {
    this.#options = options
    const { output, stop, timeoutMs } = options
    if (timeoutMs !== undefined) this.#idleTimer = setTimeout(() => this.#end('IDLE'), timeoutMs)
    onceAborted(stop, () => this.#end('STOPPED'))
    onceAborted(output.readerGone, () => this.#end('UNREAD'))
  }

  /** Aborted when the run is over. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Why the run is over; undefined while it is not. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Shows a message; settles when the next one may come. False when the run was over, so that it was not taken. */
  async take(message: MessageExt): Promise<boolean> {
    if (this.over.aborted) return false
    const { count, lineOf, output, statistics } = this.#options
    const receivedTimestamp = Date.now()
    const { bornTimestamp, storeTimestamp } = message
    statistics.count(message.body.length, { bornTimestamp, storeTimestamp, receivedTimestamp })
    const hasRoom = output.data(lineOf(statistics.consumed, message, receivedTimestamp))
    this.#idleTimer?.refresh()
    if (statistics.consumed === count) this.#end('COUNT')
    if (!hasRoom) await this.#drained()
    return true
  }

  /** Ends a run that failed. */
  [Symbol.dispose](): void {
    this.#end('STOPPED')
  }

  #end(ending: Ending): void {
    this.#ending ??= ending
    clearTimeout(this.#idleTimer)
    this.#over.abort()
  }

  /** Settles when the reader has caught up, or the run is over. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel()
        this.over.removeEventListener('abort', finish)
        resolve()
      }
      const cancel = this.#options.output.onceDrained(finish)
      onceAborted(this.over, finish)
    })
  }
}

function onceAborted(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}

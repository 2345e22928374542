import type { Runtime } from '@mq/remoting'
import type { CachedMessage } from '../rebalance/process-queue.js'
import type { LitePullSink, LitePullTask } from './lite-pull-task.js'

/** Messages of one queue that were pulled together. */
export interface ConsumeRequest {
  readonly task: LitePullTask
  readonly messages: readonly CachedMessage[]
}

/** How long to wait for a message, and how many are wanted. */
export interface TakeOptions {
  /** Default all that were pulled together. */
  readonly maxCount?: number
  /** Default: until a message comes or the cache is closed. */
  readonly timeoutMs?: number
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** What was pulled and waits to be polled, in the order it came. Java: consumeRequestCache. */
export class ConsumeRequestCache implements LitePullSink {
  readonly #runtime: Runtime
  #requests: ConsumeRequest[] = []
  readonly #waiting = new Set<() => void>()
  #messageCount = 0
  #isClosed = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get messageCount(): number {
    return this.#messageCount
  }

  put(task: LitePullTask, messages: readonly CachedMessage[]): void {
    if (this.#isClosed) return
    this.#requests.push({ task, messages })
    this.#messageCount += messages.length
    this.#wakeAll()
  }

  removeOf(task: LitePullTask): void {
    this.#requests = this.#requests.filter((request) => request.task !== task)
    this.#messageCount = this.#requests.reduce((sum, { messages }) => sum + messages.length, 0)
  }

  /** Whoever waits gets nothing, and so does everyone later. */
  close(): void {
    this.#isClosed = true
    this.#requests = []
    this.#messageCount = 0
    this.#wakeAll()
  }

  /** The oldest messages, waiting for some; undefined when the time is over or the cache is closed. Rejects with the signal's reason. */
  async take(options: TakeOptions): Promise<ConsumeRequest | undefined> {
    const { maxCount = Number.POSITIVE_INFINITY, signal, timeoutMs } = options
    const { clock } = this.#runtime
    signal?.throwIfAborted()
    const startedMs = clock.monotonic()
    for (let isOver = timeoutMs === 0; ; ) {
      const request = this.#shift(maxCount)
      if (request !== undefined || this.#isClosed || isOver) return request
      const leftMs = timeoutMs === undefined ? undefined : startedMs + timeoutMs - clock.monotonic()
      isOver = (await this.#change({ timeoutMs: leftMs, signal })) === 'TIME_OVER'
    }
  }

  #shift(maxCount: number): ConsumeRequest | undefined {
    const request = this.#requests[0]
    if (request === undefined) return undefined
    const messages = request.messages.slice(0, maxCount)
    const left = request.messages.slice(messages.length)
    if (left.length === 0) this.#requests.shift()
    else this.#requests[0] = { task: request.task, messages: left }
    this.#messageCount -= messages.length
    return { task: request.task, messages }
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Until something was put, the cache was closed, or the time is over. Leaves no timer and no listener behind. */
  #change(until: { timeoutMs: number | undefined; signal: AbortSignal | undefined }): Promise<'CHANGED' | 'TIME_OVER'> {
    const { signal, timeoutMs } = until
    return new Promise((resolve, reject) => {
      const cleanUp = (): void => {
        timer?.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(onChange)
      }
      const onChange = (): void => {
        cleanUp()
        resolve('CHANGED')
      }
      const onTimeOver = (): void => {
        cleanUp()
        resolve('TIME_OVER')
      }
      const onAbort = (): void => {
        cleanUp()
        reject(signal?.reason as Error)
      }
      const timer = timeoutMs === undefined ? undefined : this.#runtime.timers.after(Math.max(0, timeoutMs), onTimeOver)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(onChange)
    })
  }
}

import {
  type Logger,
  type MessageExt,
  type MessageQueue,
  MqError,
  PullSystemFlag,
  ResponseCode,
  type SubscriptionData,
  type Timers,
} from '@mq/remoting'
import type { CachedMessage, ProcessQueue } from '../rebalance/process-queue.js'
import type { LitePullConsumerConfig } from './lite-pull-consumer-options.js'
import type { PullKernel } from './pull-kernel.js'
import type { PullResult } from './pull-result.js'

/** Milliseconds until the next try when where to begin is unknown. Java: PULL_TIME_DELAY_MILLS_ON_EXCEPTION. */
const unknownStartDelayMs = 3000
/** Milliseconds after a broker said that it has too much to do. */
const brokerFlowControlDelayMs = 20
const bytesPerMiB = 1_048_576

/** Where a task puts what it pulled. */
export interface LitePullSink {
  /** Messages that wait to be polled, of all queues. */
  readonly messageCount: number
  put(task: LitePullTask, messages: readonly CachedMessage[]): void
  /** Drops what waits of a task. */
  removeOf(task: LitePullTask): void
}

/** What {@link LitePullTask} is made with. */
export interface LitePullTaskOptions {
  readonly config: LitePullConsumerConfig
  readonly kernel: PullKernel
  /** As brokers know it. */
  readonly queue: MessageQueue
  readonly processQueue: ProcessQueue
  readonly sink: LitePullSink
  subscription(): SubscriptionData
  /** Where the group is in the queue, or is to begin; undefined when nobody can tell. */
  startOf(queue: MessageQueue): Promise<number | undefined>
  pulled(result: PullResult, queue: MessageQueue): void
}

/**
 * Pulls one queue ahead of the polls, as far as the thresholds permit, until it is stopped. Java: PullTaskImpl, with the entry of
 * its queue in AssignedMessageQueue.
 */
export class LitePullTask {
  readonly queue: MessageQueue
  readonly processQueue: ProcessQueue
  readonly #options: LitePullTaskOptions
  readonly #logger: Logger
  readonly #timers: Timers
  /** Where the next pull begins; undefined until it is known. */
  #nextOffset: number | undefined
  #polledOffset: number | undefined
  #confirmedOffset: number | undefined
  #isPaused = false
  #isStopped = false
  /** One more with every seek: what an older pull brings is not wanted any more. */
  #generation = 0
  #pull: AbortController | undefined
  #waiting: { readonly isForRoom: boolean; end(): void } | undefined

  constructor(options: LitePullTaskOptions, nextOffset?: number) {
    this.#options = options
    this.queue = options.queue
    this.processQueue = options.processQueue
    this.#nextOffset = nextOffset
    const { logger, runtime } = options.config.client
    this.#logger = logger
    this.#timers = runtime.timers
  }

  /** All before it was handed out; undefined before the first poll. */
  get polledOffset(): number | undefined {
    return this.#polledOffset
  }

  /** All before it is done with: it was handed out before the last poll, or committed. */
  get confirmedOffset(): number | undefined {
    return this.#confirmedOffset
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  start(): void {
    void this.#run()
  }

  /** Pulls no more and ends the pull under way; what is cached is dropped. */
  stop(): void {
    this.#isStopped = true
    this.processQueue.drop()
    this.#options.sink.removeOf(this)
    this.#interrupt()
  }

  /** Polls go on to return what is cached. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.wake()
  }

  /** Goes on from this offset, without what is cached; a commit stores it. */
  seek(offset: number): void {
    this.#generation += 1
    this.#nextOffset = offset
    this.#polledOffset = offset
    this.#confirmedOffset = offset
    this.#forgetCached()
    this.#interrupt()
  }

  /** These are handed to the application. */
  handOut(messages: readonly CachedMessage[]): readonly MessageExt[] {
    for (const message of messages) this.#polledOffset = this.processQueue.remove(message) ?? this.#polledOffset
    this.wake()
    return messages.map(({ message }) => message)
  }

  /** The application is done with everything before this offset, by default with everything handed out so far. */
  confirm(offset = this.#polledOffset): void {
    this.#confirmedOffset = offset
  }

  /** There may be room again. */
  wake(): void {
    if (this.#waiting?.isForRoom === true) this.#waiting.end()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      if (this.#hasToWait()) {
        await this.#wait()
        continue
      }
      const generation = this.#generation
      try {
        await this.#pullOnce(generation)
      } catch (cause) {
        if (!this.#isStale(generation)) await this.#wait(this.#delayAfter(cause))
      }
    }
  }

  /** Whether a pull that began in this generation is not wanted any more. */
  #isStale(generation: number): boolean {
    return this.#isStopped || generation !== this.#generation
  }

  #hasToWait(): boolean {
    const { config, sink } = this.#options
    const { bodyBytes, messageCount, span } = this.processQueue
    return (
      this.#isPaused ||
      sink.messageCount > config.pullThresholdForAll ||
      messageCount > config.pullThresholdForQueue ||
      bodyBytes > config.pullThresholdSizeForQueue * bytesPerMiB ||
      span > config.consumeMaxSpan
    )
  }

  async #pullOnce(generation: number): Promise<void> {
    const offset = this.#nextOffset ?? (await this.#options.startOf(this.queue))
    if (this.#isStale(generation)) return
    if (offset === undefined) {
      await this.#wait(unknownStartDelayMs)
      return
    }
    this.#nextOffset = offset
    const result = await this.#pullFrom(offset)
    if (this.#isStale(generation)) return
    this.#take(result, offset)
  }

  async #pullFrom(offset: number): Promise<PullResult> {
    const { config, kernel } = this.#options
    const subscription = this.#options.subscription()
    const pull = new AbortController()
    this.#pull = pull
    this.processQueue.notePull()
    try {
      return await kernel.pull(
        {
          queue: this.queue,
          subscription,
          offset,
          maxNums: config.pullBatchSize,
          maxSizeBytes: 2_147_483_647,
          sysFlag: PullSystemFlag.SUSPEND | PullSystemFlag.SUBSCRIPTION,
          commitOffset: 0,
          suspendTimeoutMs: config.brokerSuspendMaxTimeMillis,
          timeoutMs: config.consumerTimeoutMillisWhenSuspend,
          subVersion: subscription.expressionType === 'TAG' ? 0 : subscription.subVersion,
          isLite: true,
        },
        pull.signal,
      )
    } finally {
      this.#pull = undefined
    }
  }

  #take(result: PullResult, offset: number): void {
    const { nextBeginOffset, pullStatus } = result
    if (pullStatus === 'OFFSET_ILLEGAL') {
      this.#logger.warn('an offset lies outside its queue, so the next pull begins elsewhere', {
        ...this.queue,
        offset,
        nextBeginOffset,
      })
      if (nextBeginOffset < offset) this.#forgetCached()
    }
    const added = this.processQueue.put(result.msgFoundList, nextBeginOffset)
    this.#nextOffset = nextBeginOffset
    if (added.length > 0) this.#options.sink.put(this, added)
    this.#options.pulled(result, this.queue)
  }

  #forgetCached(): void {
    this.processQueue.clear()
    this.#options.sink.removeOf(this)
  }

  #delayAfter(cause: unknown): number {
    const isFlowControl = MqError.is(cause) && cause.responseCode === ResponseCode.FLOW_CONTROL
    if (isFlowControl) return brokerFlowControlDelayMs
    this.#logger.warn('a queue could not be pulled from', { ...this.queue, offset: this.#nextOffset, cause })
    return this.#options.config.pullTimeDelayMillsWhenException
  }

  #interrupt(): void {
    this.#pull?.abort(new Error('the pull is not wanted any more'))
    this.#waiting?.end()
  }

  /** Until the time is over, or without one until there may be room; a seek or a stop ends both. */
  #wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting = undefined
        timer?.cancel()
        resolve()
      }
      const timer = ms === undefined ? undefined : this.#timers.after(ms, end)
      this.#waiting = { isForRoom: ms === undefined, end }
    })
  }
}

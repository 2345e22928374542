import {
  type Clock,
  isRetryTopic,
  type Logger,
  type MessageQueue,
  MqError,
  PullSystemFlag,
  ResponseCode,
  type Timer,
} from '@mq/remoting'
import type { OffsetStore } from '../offsets/offset-store.js'
import type { ProcessQueue } from '../rebalance/process-queue.js'
import type { Rebalance } from '../rebalance/rebalance.js'
import type { ConsumeMessageService, OwnQueue } from './consume-message-service.js'
import type { ConsumerStats, Timed } from './consumer-stats.js'
import type { KernelPull, PullKernel } from './pull-kernel.js'
import type { PullResult, UndecodableMessage } from './pull-result.js'
import type { PushConsumerConfig } from './push-consumer-options.js'
import { outwardQueue, receivedMessage } from './received-message.js'

/** Milliseconds until the first pull of a queue, in which the member that had it can save its offset. */
const firstPullDelayMs = 500
const pausedDelayMs = 1000
const flowControlDelayMs = 50
const brokerFlowControlDelayMs = 20
/** Milliseconds a broker may hold a pull. Java: BROKER_SUSPEND_MAX_TIME_MILLIS. */
const suspendTimeoutMs = 15_000
/** Milliseconds until a pull has to be answered. Java: CONSUMER_TIMEOUT_MILLIS_WHEN_SUSPEND. */
const pullTimeoutMs = 30_000
const bytesPerMiB = 1_048_576
/** One in so many pulls put off by flow control is logged. */
const flowControlLogInterval = 1000

/** How much of a queue may be cached. */
export interface PullThresholds {
  readonly messages: number
  readonly sizeMiB: number
}

/** What {@link PullMessageService} is made with. */
export interface PullMessageServiceOptions {
  readonly config: PushConsumerConfig
  readonly kernel: Pick<PullKernel, 'pull'>
  readonly rebalance: Rebalance
  readonly offsetStore: OffsetStore
  readonly consume: ConsumeMessageService
  readonly stats: ConsumerStats
  readonly isOrderly: boolean
  /** Whether a queue has to be locked before it is pulled from. */
  readonly needsLocks: boolean
  readonly isPaused: () => boolean
  readonly thresholds: () => PullThresholds
  /** Where to begin in a queue, asked again once it is locked. */
  readonly computePullFromWhere: (own: OwnQueue) => Promise<number | undefined>
  readonly onUndecodable: ((message: UndecodableMessage, queue: MessageQueue) => void) | undefined
  /** A broker did not know the group's subscription, or knew another one. */
  readonly onSubscriptionFault: (topic: string) => void
  readonly rebalanceImmediately: () => void
}

/** The pulls of one queue. Java: PullRequest. */
interface PullRequest extends OwnQueue {
  nextOffset: number
  /** Whether the start was asked for again after the queue was locked. */
  isPreviouslyLocked: boolean
  timer: Timer | undefined
}

/**
 * Pulls from every queue of this member, one pull after the other, for as long as the cache has room.
 * Java: PullMessageService and DefaultMQPushConsumerImpl#pullMessage.
 */
export class PullMessageService {
  readonly #options: PullMessageServiceOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #requests = new Set<PullRequest>()
  #flowControlTimes = 0
  #isStopped = false

  constructor(options: PullMessageServiceOptions) {
    this.#options = options
    this.#clock = options.config.client.runtime.clock
    this.#logger = options.config.client.logger
  }

  /** Begins to pull, until the queue is dropped. */
  begin(own: OwnQueue, nextOffset: number): void {
    const request = { ...own, nextOffset, isPreviouslyLocked: false, timer: undefined }
    this.#requests.add(request)
    own.processQueue.onDropped(() => this.#end(request))
    this.#schedule(request, firstPullDelayMs)
  }

  /** Ends all pulls; what those under way still bring is dropped. */
  stop(): void {
    this.#isStopped = true
    for (const request of [...this.#requests]) this.#end(request)
  }

  #end(request: PullRequest): void {
    this.#requests.delete(request)
    request.timer?.cancel()
  }

  #schedule(request: PullRequest, delayMs: number): void {
    if (this.#isStopped || request.processQueue.isDropped) return
    const { timers } = this.#options.config.client.runtime
    request.timer = timers.after(delayMs, () => void this.#run(request), { background: true })
  }

  /** Pulls again and again until a pull has to wait. Never rejects. */
  async #run(request: PullRequest): Promise<void> {
    try {
      while (!this.#isStopped && !request.processQueue.isDropped) {
        const delayMs = await this.#pullMessage(request)
        if (delayMs === 0) continue
        this.#schedule(request, delayMs)
        return
      }
    } catch (cause) {
      this.#logger.error('a pull failed in this client', { queue: request.queue, cause })
      this.#schedule(request, this.#options.config.pullTimeDelayMillsWhenException)
    }
  }

  /** Makes one pull, if it may be made now; returns the milliseconds until the next one. */
  async #pullMessage(request: PullRequest): Promise<number> {
    const { config, isPaused, needsLocks, rebalance } = this.#options
    const { processQueue, queue } = request
    processQueue.notePull()
    if (isPaused()) return pausedDelayMs
    if (this.#isFull(processQueue)) {
      if (this.#flowControlTimes++ % flowControlLogInterval === 0) this.#logFlowControl(request)
      return flowControlDelayMs
    }
    const isReady = !needsLocks || (await this.#beginLocked(request))
    const subscription = rebalance.subscriptions.get(queue.topic)
    if (!isReady || subscription === undefined) return config.pullTimeDelayMillsWhenException
    const startedMs = this.#clock.monotonic()
    let result: PullResult
    try {
      result = await this.#options.kernel.pull(this.#kernelPull(request, subscription))
    } catch (cause) {
      return processQueue.isDropped || this.#isStopped ? 0 : this.#onException(request, cause)
    }
    if (processQueue.isDropped || this.#isStopped) return 0
    return this.#onResult(request, result, { startedMs, endedMs: this.#clock.monotonic() })
  }

  #kernelPull(request: PullRequest, subscription: KernelPull['subscription']): KernelPull {
    const { config, offsetStore } = this.#options
    const known = config.messageModel === 'CLUSTERING' ? (offsetStore.knownOffset(request.queue) ?? 0) : 0
    const posts = config.postSubscriptionWhenPull && !subscription.classFilterMode
    return {
      queue: request.queue,
      subscription,
      offset: request.nextOffset,
      maxNums: config.pullBatchSize,
      maxSizeBytes: config.pullBatchSizeInBytes,
      sysFlag:
        PullSystemFlag.SUSPEND |
        (known > 0 ? PullSystemFlag.COMMIT_OFFSET : 0) |
        (posts ? PullSystemFlag.SUBSCRIPTION : 0) |
        (subscription.classFilterMode ? PullSystemFlag.CLASS_FILTER : 0),
      commitOffset: known,
      suspendTimeoutMs,
      timeoutMs: pullTimeoutMs,
      subVersion: subscription.subVersion,
    }
  }

  #isFull(processQueue: ProcessQueue): boolean {
    const { config, isOrderly, thresholds } = this.#options
    const { messages, sizeMiB } = thresholds()
    if (processQueue.messageCount > messages) return true
    if (Math.floor(processQueue.bodyBytes / bytesPerMiB) > sizeMiB) return true
    return !isOrderly && processQueue.span > config.consumeConcurrentlyMaxSpan
  }

  /** Whether the queue is locked; its start is asked for again when it is so for the first time. */
  async #beginLocked(request: PullRequest): Promise<boolean> {
    if (!request.processQueue.isLocked) return false
    if (request.isPreviouslyLocked) return true
    const offset = await this.#options.computePullFromWhere(request)
    if (offset === undefined) return false
    if (offset < request.nextOffset) {
      const { queue, nextOffset } = request
      this.#logger.warn('the group is less far in a queue than the pull was to begin', { queue, nextOffset, offset })
    }
    request.isPreviouslyLocked = true
    request.nextOffset = offset
    return true
  }

  #onResult(request: PullRequest, result: PullResult, timed: Timed): number | Promise<number> {
    switch (result.pullStatus) {
      case 'FOUND':
        return this.#onFound(request, result, timed)
      case 'OFFSET_ILLEGAL':
        return this.#onOffsetIllegal(request, result)
      default:
        request.nextOffset = result.nextBeginOffset
        request.processQueue.put([], result.nextBeginOffset)
        this.#commitWhenEmpty(request)
        return 0
    }
  }

  #onFound(request: PullRequest, result: PullResult, timed: Timed): number {
    const { config, consume, onUndecodable, stats } = this.#options
    const { processQueue, queue } = request
    request.nextOffset = result.nextBeginOffset
    for (const message of result.undecodable) {
      try {
        onUndecodable?.(message, outwardQueue(queue, config.client.namespace))
      } catch (cause) {
        this.#logger.error('onUndecodable threw', { queue, cause })
      }
    }
    const messages = result.msgFoundList.map((message) => receivedMessage(message, config))
    const added = processQueue.put(messages, result.nextBeginOffset)
    stats.pulled(queue.topic, messages.length, timed)
    this.#commitWhenEmpty(request)
    if (added.length > 0) consume.submit({ queue, processQueue }, added)
    return messages.length > 0 ? config.pullInterval : 0
  }

  /** What was skipped because it does not match, or cannot be read, is not pulled again after a restart. Java: correctTagsOffset. */
  #commitWhenEmpty({ queue, processQueue, nextOffset }: PullRequest): void {
    if (processQueue.messageCount > 0) return
    this.#options.offsetStore.updateOffset(queue, nextOffset, { increaseOnly: true })
  }

  /** The broker names another offset: it becomes the group's, and the queue is taken anew from there. */
  async #onOffsetIllegal(request: PullRequest, { nextBeginOffset, ...bounds }: PullResult): Promise<number> {
    const { offsetStore, rebalance, rebalanceImmediately } = this.#options
    const { queue, nextOffset } = request
    const { minOffset, maxOffset } = bounds
    const fields = { queue, offset: nextOffset, minOffset, maxOffset, nextBeginOffset }
    this.#logger.warn('the broker has nothing at the offset of a queue, so it goes on at another', fields)
    request.processQueue.drop()
    offsetStore.updateAndFreezeOffset(queue, nextBeginOffset)
    await offsetStore.persist(queue)
    await rebalance.removeProcessQueue(queue)
    rebalanceImmediately()
    return 0
  }

  #onException({ queue }: PullRequest, cause: unknown): number {
    const { config, onSubscriptionFault } = this.#options
    const responseCode = MqError.is(cause) ? cause.responseCode : undefined
    if (!isRetryTopic(queue.topic)) this.#logger.warn('a pull failed', { queue, cause })
    if (responseCode === ResponseCode.FLOW_CONTROL) return brokerFlowControlDelayMs
    const isSubscriptionFault =
      responseCode === ResponseCode.SUBSCRIPTION_NOT_EXIST || responseCode === ResponseCode.SUBSCRIPTION_NOT_LATEST
    if (isSubscriptionFault) onSubscriptionFault(queue.topic)
    return config.pullTimeDelayMillsWhenException
  }

  #logFlowControl({ queue, processQueue }: PullRequest): void {
    const { messageCount, bodyBytes, span } = processQueue
    const fields = { queue, messageCount, bodyBytes, span, flowControlTimes: this.#flowControlTimes }
    this.#logger.warn('pulls pause because too much is cached: the handlers are slower than the producers', fields)
  }
}

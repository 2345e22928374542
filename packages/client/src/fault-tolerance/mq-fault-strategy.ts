import type { MessageQueue } from '@mq/remoting'
import type { TopicPublishInfo } from '../routes/topic-publish-info.js'
import type { LatencyFaultTolerance } from './latency-fault-tolerance.js'

/** A broker slower than `latencyMs` is avoided for `notAvailableMs`. Java: latencyMax and notAvailableDuration. */
interface AvoidanceStep {
  readonly latencyMs: number
  readonly notAvailableMs: number
}

/** From the slowest step to the fastest; a latency below the last is not avoided at all. */
const avoidanceSteps: readonly AvoidanceStep[] = [
  { latencyMs: 15_000, notAvailableMs: 30_000 },
  { latencyMs: 5000, notAvailableMs: 10_000 },
  { latencyMs: 3000, notAvailableMs: 6000 },
  { latencyMs: 1800, notAvailableMs: 5000 },
  { latencyMs: 550, notAvailableMs: 2000 },
  { latencyMs: 100, notAvailableMs: 0 },
  { latencyMs: 50, notAvailableMs: 0 },
]

/** Latency that stands for a broker whose send failed, whatever time the failure took. */
const isolationLatencyMs = 10_000

/** Milliseconds a broker of this latency is avoided. Java: MQFaultStrategy#computeNotAvailableDuration. */
export function computeNotAvailableDuration(latencyMs: number): number {
  return avoidanceSteps.find((step) => latencyMs >= step.latencyMs)?.notAvailableMs ?? 0
}

/** What {@link MQFaultStrategy} is made with. */
export interface MQFaultStrategyOptions {
  readonly latencyFaultTolerance: LatencyFaultTolerance
  /** Whether latencies are recorded and slow brokers avoided; else only the broker that failed last is avoided. */
  readonly sendLatencyEnable: boolean
  readonly startDetectorEnable: boolean
}

/** What is asked of {@link MQFaultStrategy.selectOneMessageQueue}. */
export interface QueueChoice {
  /** The broker of the attempt before, which is avoided when another is there. */
  readonly lastBrokerName?: string | undefined
  /** Whether to restart the round robin somewhere else first, as retries do. */
  readonly resetIndex?: boolean
}

/** What a send told about a broker. */
export interface SendOutcome {
  readonly latencyMs: number
  /** Whether the broker is treated as if it had taken 10 s. */
  readonly isolation: boolean
  readonly reachable: boolean
}

/** Chooses the queue of the next attempt, keeping away from brokers that failed or were slow. Java: MQFaultStrategy. */
export class MQFaultStrategy {
  readonly #options: MQFaultStrategyOptions

  constructor(options: MQFaultStrategyOptions) {
    this.#options = options
  }

  /** Whether probes tell when a broker can be used again. */
  get isDetecting(): boolean {
    return this.#options.startDetectorEnable
  }

  /** Starts the probes when `startDetectorEnable` asks for them. */
  startDetector(): void {
    if (this.#options.startDetectorEnable) this.#options.latencyFaultTolerance.startDetector()
  }

  /** Stops the probes. */
  shutdown(): void {
    this.#options.latencyFaultTolerance.shutdown()
  }

  /** The next queue in turn that is not to be avoided, or the next in turn when all are; undefined without queues. */
  selectOneMessageQueue(info: TopicPublishInfo, choice: QueueChoice = {}): MessageQueue | undefined {
    const { lastBrokerName } = choice
    const isOther = (queue: MessageQueue): boolean => queue.brokerName !== lastBrokerName
    if (!this.#options.sendLatencyEnable) return info.selectOneMessageQueue(isOther) ?? info.selectOneMessageQueue()
    if (choice.resetIndex === true) info.resetIndex()
    const faults = this.#options.latencyFaultTolerance
    return (
      info.selectOneMessageQueue((queue) => faults.isAvailable(queue.brokerName) && isOther(queue)) ??
      info.selectOneMessageQueue((queue) => faults.isReachable(queue.brokerName) && isOther(queue)) ??
      info.selectOneMessageQueue()
    )
  }

  /** Records what a send told about its broker; does nothing unless `sendLatencyEnable`. */
  updateFaultItem(brokerName: string, outcome: SendOutcome): void {
    if (!this.#options.sendLatencyEnable) return
    const latencyMs = outcome.isolation ? isolationLatencyMs : outcome.latencyMs
    this.#options.latencyFaultTolerance.updateFaultItem(brokerName, {
      currentLatencyMs: outcome.latencyMs,
      notAvailableDurationMs: computeNotAvailableDuration(latencyMs),
      reachable: outcome.reachable,
    })
  }
}

import type { Clock, Logger, Timer, Timers } from '@mq/remoting'

/** How the detector finds out whether a broker is back. */
export interface ServiceDetector {
  /** Master address of the broker, or undefined when no route names it any more. Java: Resolver#resolve. */
  resolve(brokerName: string): string | undefined
  /** Whether the broker answers at this address within the timeout. Never rejects. Java: ServiceDetector#detect. */
  detect(address: string, timeoutMs: number): Promise<boolean>
}

/** What {@link LatencyFaultTolerance} is made with. */
export interface LatencyFaultToleranceOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly detector: ServiceDetector
  /** Milliseconds a probe may take. */
  readonly detectTimeout: number
  /** Milliseconds between two probes of one broker; probes are only started every 3000 ms. */
  readonly detectInterval: number
}

/** What one send told about its broker. */
export interface FaultUpdate {
  /** Milliseconds the send took, or the stand-in for an isolated broker. */
  readonly currentLatencyMs: number
  /** Milliseconds from now in which the broker is not chosen; 0 leaves an earlier time as it is. */
  readonly notAvailableDurationMs: number
  readonly reachable: boolean
}

interface FaultItem {
  currentLatencyMs: number
  availableFromMs: number
  checkStampMs: number
  reachable: boolean
}

const detectorPeriodMs = 3000

/**
 * Remembers which brokers were slow or failed, and until when they are to be avoided. It holds one item a broker name ever
 * sent to; items of brokers that left every route are forgotten by the detector. Java: LatencyFaultToleranceImpl.
 */
export class LatencyFaultTolerance {
  readonly #options: LatencyFaultToleranceOptions
  readonly #items = new Map<string, FaultItem>()
  #timer: Timer | undefined

  constructor(options: LatencyFaultToleranceOptions) {
    this.#options = options
  }

  /** Records the outcome of a send. The time of avoidance only ever moves later; reachability is overwritten. */
  updateFaultItem(brokerName: string, update: FaultUpdate): void {
    const item = this.#itemOf(brokerName)
    const now = this.#options.clock.monotonic()
    item.currentLatencyMs = update.currentLatencyMs
    if (update.notAvailableDurationMs > 0) {
      item.availableFromMs = Math.max(item.availableFromMs, now + update.notAvailableDurationMs)
    }
    if (item.reachable && !update.reachable) {
      this.#options.logger.info('broker is unreachable and not used until a probe finds it', { brokerName })
    }
    item.reachable = update.reachable
  }

  /** False while the broker's time of avoidance lasts. */
  isAvailable(brokerName: string): boolean {
    const item = this.#items.get(brokerName)
    return item === undefined || this.#options.clock.monotonic() >= item.availableFromMs
  }

  /** False from a failed send until a probe or a send reaches the broker again. */
  isReachable(brokerName: string): boolean {
    return this.#items.get(brokerName)?.reachable ?? true
  }

  /** Milliseconds the last recorded send took; undefined for a broker without a record. */
  latencyOf(brokerName: string): number | undefined {
    return this.#items.get(brokerName)?.currentLatencyMs
  }

  /** Forgets the broker. */
  remove(brokerName: string): void {
    this.#items.delete(brokerName)
  }

  /** Starts probing every 3000 ms; a second call does nothing. */
  startDetector(): void {
    this.#timer ??= this.#options.timers.every(detectorPeriodMs, () => {
      void this.detectByOneRound().catch((cause: unknown) => {
        this.#options.logger.warn('a round of broker probes failed', { cause })
      })
    })
  }

  /** Stops probing. */
  shutdown(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Probes every broker whose turn has come; ends when the last probe has answered. */
  async detectByOneRound(): Promise<void> {
    const now = this.#options.clock.monotonic()
    const probes: Promise<void>[] = []
    for (const [brokerName, item] of [...this.#items]) {
      if (now < item.checkStampMs) continue
      item.checkStampMs = now + this.#options.detectInterval
      const address = this.#options.detector.resolve(brokerName)
      if (address === undefined) this.remove(brokerName)
      else probes.push(this.#probe(brokerName, item, address))
    }
    await Promise.all(probes)
  }

  async #probe(brokerName: string, item: FaultItem, address: string): Promise<void> {
    const answered = await this.#options.detector.detect(address, this.#options.detectTimeout)
    if (!answered || item.reachable) return
    this.#options.logger.info('broker is reachable again', { brokerName, address })
    item.reachable = true
  }

  #itemOf(brokerName: string): FaultItem {
    const known = this.#items.get(brokerName)
    if (known !== undefined) return known
    const item: FaultItem = { currentLatencyMs: 0, availableFromMs: 0, checkStampMs: 0, reachable: true }
    this.#items.set(brokerName, item)
    return item
  }
}

import { type Logger, RemotingTimeoutError, type Timer, type Timers } from '@mq/remoting'
import type { BatchUnregistrationService } from './batch-unregistration-service.js'
import type { BrokerChannel } from './broker-live-table.js'
import type { RouteInfoManager } from './route-info-manager.js'

const FIRST_SCAN_MS = 5

/** What the service is made of. */
export interface BrokerHousekeepingOptions {
  readonly timers: Timers
  readonly routes: RouteInfoManager
  readonly unregistration: BatchUnregistrationService
  readonly logger: Logger
  /** Milliseconds between looks at silent brokers. Java: scanNotActiveBrokerInterval. */
  readonly scanIntervalMs: number
}

/** Takes dead brokers out: at once when their connection closes, otherwise when they were silent for too long. Java: BrokerHousekeepingService. */
export class BrokerHousekeepingService {
  readonly #options: BrokerHousekeepingOptions
  readonly #scan: Timer
  #isStopped = false

  constructor(options: BrokerHousekeepingOptions) {
    this.#options = options
    const scan = (): void => this.scanNotActiveBroker()
    this.#scan = options.timers.every(options.scanIntervalMs, scan, { firstDelayMs: FIRST_SCAN_MS })
  }

  /** Brokers that registered through the connection are gone with it. */
  onChannelClosed(channel: BrokerChannel): void {
    if (this.#isStopped) return
    const { routes, unregistration } = this.#options
    for (const departure of routes.brokersOf(channel)) {
      if (unregistration.submit(departure)) continue
      // A full queue must not keep a dead broker: make room and try again.
      unregistration.flush()
      unregistration.submit(departure)
    }
  }

  /** Takes out brokers that were silent for longer than they announced, and closes their connections. */
  scanNotActiveBroker(): void {
    const { routes, logger } = this.#options
    const expired = routes.expiredBrokers()
    if (expired.length === 0) return
    for (const { departure, timeoutMs } of expired) {
      logger.warn('broker silent for too long', { brokerAddr: departure.brokerAddr, timeoutMs })
    }
    routes.unregisterBrokers(expired.map(({ departure }) => departure))
    for (const { channel, timeoutMs } of expired) {
      channel.close(new RemotingTimeoutError(`the broker was silent for more than ${timeoutMs} ms`))
    }
  }

  /** Looks at nothing any more: a name server that ends does not report its brokers gone. */
  stop(): void {
    this.#isStopped = true
    this.#scan.cancel()
  }
}

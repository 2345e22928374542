import type { Timers } from '@mq/remoting'
import type { BrokerDeparture } from './broker-registration.js'
import type { RouteInfoManager } from './route-info-manager.js'

/** What the service is made of. */
export interface BatchUnregistrationOptions {
  readonly timers: Timers
  readonly routes: RouteInfoManager
  /** Departures waiting at most. Java: unRegisterBrokerQueueCapacity. */
  readonly capacity: number
}

/**
 * Gathers the departures of a turn, for taking many brokers out together goes over all topics once. Whoever registers a broker
 * flushes first, so that an earlier departure never takes a later registration out. Java: BatchUnregistrationService.
 */
export class BatchUnregistrationService {
  readonly #timers: Timers
  readonly #routes: RouteInfoManager
  readonly #capacity: number
  #waiting: BrokerDeparture[] = []

  constructor({ timers, routes, capacity }: BatchUnregistrationOptions) {
    this.#timers = timers
    this.#routes = routes
    this.#capacity = capacity
  }

  /** Takes a broker out by the end of this turn; false if too many wait. */
  submit(departure: BrokerDeparture): boolean {
    if (this.#waiting.length >= this.#capacity) return false
    this.#waiting.push(departure)
    if (this.#waiting.length === 1) this.#timers.turnEnd(() => this.flush())
    return true
  }

  /** Takes out what waits, now. */
  flush(): void {
    if (this.#waiting.length === 0) return
    const departures = this.#waiting
    this.#waiting = []
    this.#routes.unregisterBrokers(departures)
  }
}

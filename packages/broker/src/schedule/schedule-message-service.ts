import type { Clock, HandlerTable, Logger, Timers } from '@mq/remoting'
import { answer, encodeDelayOffsetTable, GetAllDelayOffset, SystemTopic } from '@mq/remoting'
import type { DelayLevels, MessageStore } from '@mq/store'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import { DelayLevelDelivery } from './delay-level-delivery.js'
import type { DelayOffsetManager } from './delay-offset-manager.js'

/** What a ScheduleMessageService works with. */
export interface ScheduleMessageServiceOptions {
  readonly delayLevels: DelayLevels
  readonly offsets: DelayOffsetManager
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

/** Delivers messages with a delay level when they are due, each level on its own. Java: ScheduleMessageService. */
export class ScheduleMessageService {
  readonly #options: ScheduleMessageServiceOptions
  /** By queue id: level 1 is queue 0. */
  readonly #deliveries: readonly DelayLevelDelivery[]

  constructor(options: ScheduleMessageServiceOptions) {
    this.#options = options
    this.#deliveries = options.delayLevels.map((delayMs, queueId) => this.#delivery(queueId + 1, delayMs))
  }

  #delivery(level: number, delayMs: number): DelayLevelDelivery {
    const { offsets, statistics } = this.#options
    const offset = {
      get: (): number => offsets.offset(level),
      set: (next: number): void => offsets.update(level, next),
    }
    const onDelivered = (topic: string, bytes: number): void => statistics.countPut(topic, { messages: 1, bytes })
    return new DelayLevelDelivery({ ...this.#options, level, delayMs, offset, onDelivered })
  }

  /** Delivers what became due while the broker was away, and from now on whatever becomes due. */
  start(): void {
    this.#options.store.onMessageArriving(({ topic, queueId }) => {
      if (topic === SystemTopic.SCHEDULE) this.#deliveries[queueId]?.onArrival()
    })
    for (const delivery of this.#deliveries) delivery.onArrival()
  }

  /** Serves GET_ALL_DELAY_OFFSET on a server. */
  register(handlers: HandlerTable): void {
    handlers.on(GetAllDelayOffset, () => answer({ body: encodeDelayOffsetTable(this.#options.offsets.table) }))
  }

  /** The service's keys of GET_BROKER_RUNTIME_INFO: next and last message of every level that has had one. */
  runtimeInfo(): ReadonlyMap<string, string> {
    const { offsets, store } = this.#options
    const rows = [...offsets.table.offsetTable].map(([level, offset]): [string, string] => {
      const maxOffset = store.getMaxOffsetInQueue(SystemTopic.SCHEDULE, level - 1)
      return [`scheduleMessageOffset_${level}`, `${offset},${maxOffset}`]
    })
    return new Map(rows)
  }

  /** Finishes what is being delivered and stops. */
  async close(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()))
  }
}

import type { Clock, DataVersion, DelayOffsetTable, Logger, Timer, Timers } from '@mq/remoting'
import { nextDataVersion } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { ConfigFile } from '../config-files/config-file.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { parseDelayOffsetTable, stringifyDelayOffsetTable } from './delay-offset-json.js'

/** What a DelayOffsetManager works with. */
export interface DelayOffsetManagerOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly timers: Timers
  readonly store: Pick<MessageStore, 'getMaxPhyOffset' | 'flushedWhere'>
  readonly file: ConfigFile
  readonly logger: Logger
}

/** Offsets that may be written once the log is durable up to `logEnd`: what they say was delivered lies before it. */
interface Snapshot {
  readonly table: DelayOffsetTable
  readonly logEnd: number
}

/**
 * How far each delay level has been delivered. delayOffset.json holds it with a delay of up to two `flushDelayOffsetInterval`, and only
 * what power loss cannot undo: after it messages are delivered twice, never lost. Java: ScheduleMessageService, which writes at once.
 */
export class DelayOffsetManager {
  readonly #options: DelayOffsetManagerOptions
  readonly #offsets = new Map<number, number>()
  readonly #flusher: Timer
  #dataVersion: DataVersion
  #updates = 0
  /** True while neither the file nor the snapshot holds the newest offsets. */
  #isDirty = false
  #snapshot: Snapshot | undefined

  constructor(options: DelayOffsetManagerOptions) {
    const { clock, timers, config } = options
    this.#options = options
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: clock.now() }
    this.#flusher = timers.every(config.flushDelayOffsetInterval, () => void this.#flush())
  }

  /** Reads delayOffset.json. @throws ConfigFileError when neither it nor its backup can be parsed. */
  async load(): Promise<void> {
    const loaded = await this.#options.file.load(parseDelayOffsetTable)
    if (loaded === undefined) return
    for (const [level, offset] of loaded.offsetTable) this.#offsets.set(level, offset)
    this.#dataVersion = loaded.dataVersion
  }

  /** Everything delayOffset.json is to hold. */
  get table(): DelayOffsetTable {
    return { dataVersion: this.#dataVersion, offsetTable: this.#offsets }
  }

  /** The next message to deliver at a level. */
  offset(level: number): number {
    return this.#offsets.get(level) ?? 0
  }

  /** Sets the next message to deliver at a level; everything before it has been handed to the log. */
  update(level: number, offset: number): void {
    if (this.#offsets.get(level) === offset) return
    const { clock, config } = this.#options
    this.#offsets.set(level, offset)
    this.#isDirty = true
    this.#updates++
    if (this.#updates % config.delayOffsetUpdateVersionStep !== 0) return
    this.#dataVersion = nextDataVersion(this.#dataVersion, clock.now())
  }

  async #flush(): Promise<void> {
    try {
      await this.#writeDurable()
    } catch (error) {
      this.#options.logger.error('the delay offsets are in memory only; written again later', { error })
    }
  }

  /** Writes the snapshot once what it stands for is durable, then takes the next. */
  async #writeDurable(): Promise<void> {
    const { store, file } = this.#options
    const snapshot = this.#snapshot
    if (snapshot !== undefined && store.flushedWhere() >= snapshot.logEnd) {
      await file.persist(() => stringifyDelayOffsetTable((this.#snapshot ?? snapshot).table))
      if (this.#snapshot === snapshot) this.#snapshot = undefined
    }
    if (this.#snapshot === undefined && this.#isDirty) this.#takeSnapshot()
  }

  #takeSnapshot(): void {
    this.#isDirty = false
    const table = { dataVersion: this.#dataVersion, offsetTable: new Map(this.#offsets) }
    this.#snapshot = { table, logEnd: this.#options.store.getMaxPhyOffset() }
  }

  /** Writes the last state; to be called when the store has closed, and so has made everything durable. @throws ConfigFileError */
  async close(): Promise<void> {
    this.#flusher.cancel()
    if (this.#options.store.flushedWhere() >= this.#options.store.getMaxPhyOffset() && this.#isDirty)
      this.#takeSnapshot()
    await this.#writeDurable()
  }
}

import type { BrokerIdentity, DataVersion, Logger, RemotingClient, Timer, Timers, TopicConfig } from '@mq/remoting'
import {
  crc32,
  decodeDataVersion,
  decodeKVTable,
  encodeDataVersion,
  isSameDataVersion,
  QueryDataVersion,
  RegisterBroker,
  MqError,
  UnregisterBroker,
} from '@mq/remoting'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000

/** What is registered: one topic that changed, or everything. */
export type RegistrationContent = TopicConfig | 'everything'

/** What a NameServerLink works with. */
export interface NameServerLinkOptions {
  /** host:port of the name server. */
  readonly address: string
  readonly identity: BrokerIdentity
  readonly haServerAddr: string
  readonly remoting: RemotingClient
  readonly timers: Timers
  readonly logger: Logger
  /** Milliseconds one request may take. */
  readonly timeoutMs: number
  /** The body of a registration, as things stand when it is sent. */
  readonly encode: (content: RegistrationContent) => Buffer
  readonly dataVersion: () => DataVersion
  /** The topics that the name server says are ordered. */
  readonly onOrderTopics: (topics: Iterable<string>) => void
}

/**
 * Keeps one name server informed: one request at a time, so that a later state never arrives before an earlier one; changes
 * made meanwhile are joined into the next. While it does not answer it is tried again after 1, 2, 4 … 30 s, and after its
 * connection broke after 1 s, since a name server forgets a broker whose connection closes. Java: BrokerOuterAPI.
 */
export class NameServerLink {
  readonly #options: NameServerLinkOptions
  #wanted: RegistrationContent | undefined
  #current: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  /** Whether the name server has everything, so that one topic can be added to it. */
  #isRegistered = false
  #failures = 0
  #retry: Timer | undefined
  #isClosed = false

  constructor(options: NameServerLinkOptions) {
    this.#options = options
  }

  /** host:port of the name server. */
  get address(): string {
    return this.#options.address
  }

  /** False while the last request to it failed. */
  get isReachable(): boolean {
    return this.#failures === 0
  }

  /** Registers; settles once a request that began after this call has been answered or has failed. Never rejects. */
  register(content: RegistrationContent): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#wanted = this.#wanted === undefined ? content : 'everything'
    this.#next ??= this.#current.then(() => this.#beginNext())
    return this.#next
  }

  /** Registers if the name server knows another version of the topics, or does not say. Never rejects. */
  async registerIfChanged(): Promise<void> {
    if (await this.#isOutdated()) await this.register('everything')
  }

  /** The connection to the name server is gone. */
  onDisconnected(): void {
    this.#isRegistered = false
    this.#retryAfter(FIRST_RETRY_MS)
  }

  /** Says that this broker leaves, waiting at most `timeoutMs` milliseconds for what is under way and as long for the answer. */
  async unregister(timeoutMs: number): Promise<void> {
    const { address, identity, logger, remoting } = this.#options
    this.#isClosed = true
    this.#retry?.cancel()
    await this.#underWay(timeoutMs)
    try {
      await remoting.invoke(address, UnregisterBroker, identity, { timeoutMs })
    } catch (error) {
      logger.warn('could not unregister at a name server, it will notice by itself', { address, error })
    }
  }

  async #underWay(timeoutMs: number): Promise<void> {
    const { timers } = this.#options
    await new Promise<void>((resolve) => {
      const timer = timers.after(timeoutMs, resolve)
      void this.#current.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  async #beginNext(): Promise<void> {
    const content = this.#wanted ?? 'everything'
    this.#current = this.#next ?? Promise.resolve()
    this.#wanted = undefined
    this.#next = undefined
    if (this.#isClosed) return
    this.#retry?.cancel()
    this.#retry = undefined
    try {
      await this.#send(content)
      this.#succeeded()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #send(content: RegistrationContent): Promise<void> {
    if (content === 'everything' || !this.#isRegistered) return this.#sendOne('everything')
    try {
      await this.#sendOne(content)
    } catch (error) {
      // It forgot this broker, and takes a single topic only from one it knows.
      if (!MqError.is(error) || error.code !== 'RESPONSE_CODE') throw error
      await this.#sendOne('everything')
    }
  }

  async #sendOne(content: RegistrationContent): Promise<void> {
    const { address, identity, haServerAddr, remoting, timeoutMs, encode, onOrderTopics } = this.#options
    const body = encode(content)
    const header = {
      ...identity,
      haServerAddr,
      enableActingMaster: false,
      compressed: false,
      bodyCrc32: crc32(body),
    }
    const answered = await remoting.invoke(address, RegisterBroker, header, { timeoutMs, body })
    if (answered.body !== undefined) onOrderTopics(decodeKVTable(answered.body).table.keys())
  }

  #succeeded(): void {
    const { address, logger } = this.#options
    if (this.#failures > 0) logger.info('registered at a name server again', { address })
    this.#failures = 0
    this.#isRegistered = true
  }

  #failed(error: unknown): void {
    const { address, logger } = this.#options
    this.#isRegistered = false
    if (this.#isClosed) return
    if (this.#failures === 0) {
      const message = 'could not register at a name server, its clients do not find this broker; it is tried again'
      logger.warn(message, { address, error })
    }
    this.#retryAfter(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures))
    this.#failures += 1
  }

  #retryAfter(delayMs: number): void {
    if (this.#isClosed || this.#next !== undefined) return
    this.#retry?.cancel()
    this.#retry = this.#options.timers.after(delayMs, () => void this.register('everything'), { background: true })
  }

  async #isOutdated(): Promise<boolean> {
    const { address, identity, remoting, timeoutMs, dataVersion } = this.#options
    try {
      const body = encodeDataVersion(dataVersion())
      const answered = await remoting.invoke(address, QueryDataVersion, identity, { timeoutMs, body })
      if (answered.changed || answered.body === undefined) return true
      return !isSameDataVersion(decodeDataVersion(answered.body), dataVersion())
    } catch {
      // Registering fails as well, then, and says so.
      return true
    }
  }
}

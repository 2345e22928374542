import type { Clock, DataVersion } from '@mq/remoting'

/** The connection a broker registers through, as far as routes care. */
export interface BrokerChannel {
  readonly remoteAddress: string
  close(cause?: Error): void
}

/** An address within its cluster: what liveness is kept for. Java: BrokerAddrInfo. */
export interface BrokerAddress {
  readonly clusterName: string
  readonly brokerAddr: string
}

/** What is known of a live address. Java: BrokerLiveInfo. */
export interface BrokerLiveInfo extends BrokerAddress {
  readonly brokerName: string
  readonly haServerAddr: string
  readonly dataVersion: DataVersion
  readonly channel: BrokerChannel
  /** Milliseconds of silence after which it counts as dead. */
  readonly timeoutMs: number
}

interface LiveEntry {
  readonly info: BrokerLiveInfo
  lastUpdateMs: number
}

/** Which addresses have been heard of lately. Java: brokerLiveTable of RouteInfoManager. */
export class BrokerLiveTable {
  readonly #clock: Clock
  readonly #entries = new Map<string, LiveEntry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#entries.size
  }

  get(address: BrokerAddress): BrokerLiveInfo | undefined {
    return this.#entries.get(keyOf(address))?.info
  }

  /** Keeps a registration as heard of now. */
  put(info: BrokerLiveInfo): void {
    this.#entries.set(keyOf(info), { info, lastUpdateMs: this.#clock.monotonic() })
  }

  /** Hears of an address; false if it is not registered. */
  touch(address: BrokerAddress): boolean {
    const entry = this.#entries.get(keyOf(address))
    if (entry === undefined) return false
    entry.lastUpdateMs = this.#clock.monotonic()
    return true
  }

  delete(address: BrokerAddress): void {
    this.#entries.delete(keyOf(address))
  }

  /** Addresses registered last through a connection. */
  ofChannel(channel: BrokerChannel): BrokerLiveInfo[] {
    return this.#filter((entry) => entry.info.channel === channel)
  }

  /** Addresses silent for longer than they announced. */
  expired(): BrokerLiveInfo[] {
    const now = this.#clock.monotonic()
    return this.#filter(({ info, lastUpdateMs }) => lastUpdateMs + info.timeoutMs < now)
  }

  #filter(isWanted: (entry: LiveEntry) => boolean): BrokerLiveInfo[] {
    const found: BrokerLiveInfo[] = []
    for (const entry of this.#entries.values()) if (isWanted(entry)) found.push(entry.info)
    return found
  }
}

function keyOf({ clusterName, brokerAddr }: BrokerAddress): string {
  return JSON.stringify([clusterName, brokerAddr])
}

import type { TopicRouteData } from '@mq/remoting'

const masterId = 0

/** A broker address with the place it has in its broker's group. */
export interface BrokerAddress {
  readonly brokerName: string
  /** 0 for the master. */
  readonly brokerId: number
  readonly address: string
}

/**
 * The addresses of every broker some route names, and the protocol version each reported. Java: brokerAddrTable and
 * brokerVersionTable of MQClientInstance.
 */
export class BrokerAddresses {
  readonly #addresses = new Map<string, ReadonlyMap<number, string>>()
  readonly #versions = new Map<string, number>()

  /** Takes the addresses a route names; those of a broker it names are replaced as a whole. */
  update(route: TopicRouteData): void {
    for (const broker of route.brokerDatas) this.#addresses.set(broker.brokerName, broker.brokerAddrs)
  }

  /** The master's address, the only one that takes messages. Java: findBrokerAddressInPublish. */
  masterOf(brokerName: string): string | undefined {
    return this.#addresses.get(brokerName)?.get(masterId)
  }

  /**
   * Where to read from a broker: the member with this id, else the next replica, else the member with the lowest id. Undefined
   * when the broker is not known. Java: findBrokerAddressInSubscribe.
   */
  findInSubscribe(brokerName: string, brokerId: number): BrokerAddress | undefined {
    const addresses = this.#addresses.get(brokerName) ?? new Map<number, string>()
    const candidates = brokerId === masterId ? [brokerId] : [brokerId, brokerId + 1]
    const id = candidates.find((candidate) => addresses.has(candidate)) ?? Math.min(...addresses.keys())
    const address = addresses.get(id)
    return address === undefined ? undefined : { brokerName, brokerId: id, address }
  }

  /** Every known address, brokers in the order they became known. */
  all(): readonly BrokerAddress[] {
    return [...this.#addresses].flatMap(([brokerName, addresses]) =>
      [...addresses].map(([brokerId, address]) => ({ brokerName, brokerId, address })),
    )
  }

  /** The entries that carry this address; usually one. */
  withAddress(address: string): readonly BrokerAddress[] {
    return this.all().filter((candidate) => candidate.address === address)
  }

  /** Remembers the protocol version a broker answered a heartbeat with. */
  setVersion(broker: BrokerAddress, version: number): void {
    this.#versions.set(versionKey(broker), version)
  }

  /** The protocol version the broker at this address last reported, or 0. Java: findBrokerVersion. */
  versionOf(brokerName: string, address: string): number {
    return this.#versions.get(versionKey({ brokerName, address })) ?? 0
  }

  /** Forgets the addresses that no route names any more. Java: cleanOfflineBroker. */
  cleanOfflineBrokers(routes: Iterable<TopicRouteData>): readonly BrokerAddress[] {
    const named = new Set<string>()
    for (const route of routes) {
      for (const broker of route.brokerDatas) for (const address of broker.brokerAddrs.values()) named.add(address)
    }
    const offline = this.all().filter(({ address }) => !named.has(address))
    for (const broker of offline) this.#remove(broker)
    return offline
  }

  #remove(broker: BrokerAddress): void {
    const left = new Map(this.#addresses.get(broker.brokerName))
    left.delete(broker.brokerId)
    if (left.size === 0) this.#addresses.delete(broker.brokerName)
    else this.#addresses.set(broker.brokerName, left)
    this.#versions.delete(versionKey(broker))
  }
}

function versionKey(broker: Pick<BrokerAddress, 'brokerName' | 'address'>): string {
  return `${broker.brokerName} ${broker.address}`
}

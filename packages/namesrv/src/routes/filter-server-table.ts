import type { BrokerAddress } from './broker-live-table.js'
import type { BrokerEntry } from './broker-table.js'

/** Filter servers that brokers announced, by broker address. Java: filterServerTable of RouteInfoManager. */
export class FilterServerTable {
  readonly #servers = new Map<string, readonly string[]>()

  /** Keeps what an address announced; an empty list forgets it. */
  put(address: BrokerAddress, servers: readonly string[]): void {
    if (servers.length === 0) this.#servers.delete(keyOf(address))
    else this.#servers.set(keyOf(address), servers)
  }

  delete(address: BrokerAddress): void {
    this.#servers.delete(keyOf(address))
  }

  /** Filter servers of brokers, by broker address. */
  of(entries: readonly BrokerEntry[]): Map<string, readonly string[]> {
    const found = new Map<string, readonly string[]>()
    if (this.#servers.size === 0) return found
    for (const { cluster: clusterName, addrs } of entries) {
      for (const brokerAddr of addrs.values()) {
        const servers = this.#servers.get(keyOf({ clusterName, brokerAddr }))
        if (servers !== undefined) found.set(brokerAddr, servers)
      }
    }
    return found
  }
}

function keyOf({ clusterName, brokerAddr }: BrokerAddress): string {
  return JSON.stringify([clusterName, brokerAddr])
}

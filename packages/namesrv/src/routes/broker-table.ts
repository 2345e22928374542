import type { BrokerData, ClusterInfo } from '@mq/remoting'

/** Id of a master; slaves have higher ones. */
export const MASTER_ID = 0

/** A broker name with the addresses registered under it. */
export interface BrokerEntry {
  readonly brokerName: string
  cluster: string
  zoneName: string | undefined
  enableActingMaster: boolean
  /** Broker id to ip:port. */
  readonly addrs: Map<number, string>
}

/** Which brokers there are, and in which cluster. Java: brokerAddrTable and clusterAddrTable of RouteInfoManager. */
export class BrokerTable {
  readonly #brokers = new Map<string, BrokerEntry>()
  readonly #clusters = new Map<string, Set<string>>()

  get(brokerName: string): BrokerEntry | undefined {
    return this.#brokers.get(brokerName)
  }

  has(brokerName: string): boolean {
    return this.#brokers.has(brokerName)
  }

  clusterNames(): string[] {
    return [...this.#clusters.keys()]
  }

  /** Names of the brokers of a cluster. */
  namesIn(cluster: string): ReadonlySet<string> {
    return this.#clusters.get(cluster) ?? new Set()
  }

  entries(): IterableIterator<BrokerEntry> {
    return this.#brokers.values()
  }

  /** The entry of a broker name, made if it is new; a name belongs to the cluster it registered with last. */
  enter(cluster: string, brokerName: string): BrokerEntry {
    let entry = this.#brokers.get(brokerName)
    if (entry === undefined) {
      entry = { brokerName, cluster, zoneName: undefined, enableActingMaster: false, addrs: new Map() }
      this.#brokers.set(brokerName, entry)
    } else if (entry.cluster !== cluster) {
      this.#leaveCluster(entry)
      entry.cluster = cluster
    }
    const names = this.#clusters.get(cluster)
    if (names === undefined) this.#clusters.set(cluster, new Set([brokerName]))
    else names.add(brokerName)
    return entry
  }

  /** Forgets an address; with its last one the name goes too. Returns what is left of the broker. */
  removeAddress(brokerName: string, brokerAddr: string): 'gone' | 'reduced' | 'unchanged' {
    const entry = this.#brokers.get(brokerName)
    if (entry === undefined) return 'unchanged'
    const id = idOf(entry, brokerAddr)
    if (id === undefined) return 'unchanged'
    entry.addrs.delete(id)
    if (entry.addrs.size > 0) return 'reduced'
    this.#brokers.delete(brokerName)
    this.#leaveCluster(entry)
    return 'gone'
  }

  clusterInfo(): ClusterInfo {
    return {
      brokerAddrTable: new Map([...this.#brokers].map(([name, entry]) => [name, brokerDataOf(entry)])),
      clusterAddrTable: new Map([...this.#clusters].map(([cluster, names]) => [cluster, [...names]])),
    }
  }

  #leaveCluster({ brokerName, cluster }: BrokerEntry): void {
    const names = this.#clusters.get(cluster)
    names?.delete(brokerName)
    if (names?.size === 0) this.#clusters.delete(cluster)
  }
}

/** A copy of an entry as routes and cluster info hold it, ids in order. */
export function brokerDataOf({ brokerName, cluster, zoneName, enableActingMaster, addrs }: BrokerEntry): BrokerData {
  return { brokerName, cluster, zoneName, enableActingMaster, brokerAddrs: sortedAddrs(addrs) }
}

/** Broker ids and addresses, lowest id first. */
export function sortedAddrs(addrs: ReadonlyMap<number, string>): Map<number, string> {
  return new Map([...addrs].sort(([left], [right]) => left - right))
}

/** The id an address is registered under. */
export function idOf(entry: BrokerEntry, brokerAddr: string): number | undefined {
  for (const [id, addr] of entry.addrs) if (addr === brokerAddr) return id
  return undefined
}

/** The lowest id registered; undefined if there is none. */
export function minIdOf(entry: BrokerEntry): number | undefined {
  return entry.addrs.size === 0 ? undefined : Math.min(...entry.addrs.keys())
}

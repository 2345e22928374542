import type { Connection } from '@mq/remoting'

/** A client as its heartbeats describe it. Java: ClientChannelInfo. */
export interface ClientChannel {
  readonly connection: Connection
  readonly clientId: string
  /** Language code of the protocol. */
  readonly language: number
  /** Protocol version. */
  readonly version: number
  /** Epoch milliseconds of the last heartbeat. */
  lastUpdateTimestamp: number
}

/** Groups of clients, each with its connections. */
export class ClientGroups {
  readonly #groups = new Map<string, Map<Connection, ClientChannel>>()
  #size = 0

  /** Clients in all groups; one that is in two groups counts twice. */
  get size(): number {
    return this.#size
  }

  /** Adds a client to a group or refreshes it; true when it is new there. */
  register(group: string, channel: ClientChannel): boolean {
    let members = this.#groups.get(group)
    if (members === undefined) {
      members = new Map()
      this.#groups.set(group, members)
    }
    const existing = members.get(channel.connection)
    members.set(channel.connection, channel)
    if (existing === undefined) this.#size++
    return existing === undefined
  }

  /** Removes a client from a group; true when it was there. */
  unregister(group: string, clientId: string, connection: Connection): boolean {
    const members = this.#groups.get(group)
    const found = members?.get(connection)
    if (members === undefined || found === undefined || found.clientId !== clientId) return false
    this.#remove(group, members, connection)
    return true
  }

  #remove(group: string, members: Map<Connection, ClientChannel>, connection: Connection): void {
    members.delete(connection)
    this.#size--
    if (members.size === 0) this.#groups.delete(group)
  }

  /** Removes a connection from all groups and answers those it was in. */
  removeConnection(connection: Connection): string[] {
    const left: string[] = []
    for (const [group, members] of [...this.#groups]) {
      if (!members.has(connection)) continue
      this.#remove(group, members, connection)
      left.push(group)
    }
    return left
  }

  /** The clients of a group; undefined when it has none. */
  members(group: string): readonly ClientChannel[] | undefined {
    const members = this.#groups.get(group)
    return members === undefined ? undefined : [...members.values()]
  }

  /** Names of the groups that have clients. */
  get groups(): IterableIterator<string> {
    return this.#groups.keys()
  }

  /** Clients whose last heartbeat is older than the given moment. */
  expired(before: number): readonly ClientChannel[] {
    return [...this.#groups.values()]
      .flatMap((members) => [...members.values()])
      .filter((channel) => channel.lastUpdateTimestamp < before)
  }
}

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
  readonly lastUpdateTimestamp: number
}

/** Groups of clients, each with its connections; one connection may be in many groups. */
export class ClientGroups {
  readonly #groups = new Map<string, Map<Connection, ClientChannel>>()
  readonly #groupsOf = new Map<Connection, Set<string>>()
  #size = 0

  /** Clients in all groups; one that is in two groups counts twice. */
  get size(): number {
    return this.#size
  }

  /** Whether the connection is in the group. */
  has(group: string, connection: Connection): boolean {
    return this.#groups.get(group)?.has(connection) === true
  }

  /** Adds a client to a group or refreshes it; true when it is new there. */
  register(group: string, channel: ClientChannel): boolean {
    const { connection } = channel
    const members = entryOf(this.#groups, group, () => new Map<Connection, ClientChannel>())
    const isNew = !members.has(connection)
    members.set(connection, channel)
    if (!isNew) return false
    entryOf(this.#groupsOf, connection, () => new Set<string>()).add(group)
    this.#size++
    return true
  }

  /** Removes a client from a group; true when it was there. */
  unregister(group: string, clientId: string, connection: Connection): boolean {
    if (this.#groups.get(group)?.get(connection)?.clientId !== clientId) return false
    this.#remove(group, connection)
    return true
  }

  #remove(group: string, connection: Connection): void {
    const members = this.#groups.get(group)
    members?.delete(connection)
    if (members?.size === 0) this.#groups.delete(group)
    const groups = this.#groupsOf.get(connection)
    groups?.delete(group)
    if (groups?.size === 0) this.#groupsOf.delete(connection)
    this.#size--
  }

  /** Removes a connection from all groups and answers those it was in. */
  removeConnection(connection: Connection): string[] {
    const left = [...(this.#groupsOf.get(connection) ?? [])]
    for (const group of left) this.#remove(group, connection)
    return left
  }

  /** The client of a group that a connection belongs to. */
  find(group: string, connection: Connection): ClientChannel | undefined {
    return this.#groups.get(group)?.get(connection)
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

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const existing = map.get(key)
  if (existing !== undefined) return existing
  const made = make()
  map.set(key, made)
  return made
}

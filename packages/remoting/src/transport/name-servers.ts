import { RemotingConnectError } from '../errors.js'
import type { Random } from '../runtime/runtime.js'
import type { Connection } from './connection.js'
import type { ConnectionTable } from './connection-table.js'
import { NameServerSelection } from './name-server-selection.js'

/** Connections to whichever name server is chosen. Java: NettyRemotingClient#getAndCreateNameserverChannel. */
export class NameServers {
  readonly #connections: ConnectionTable
  readonly #selection: NameServerSelection
  #connecting: Promise<Connection> | undefined

  constructor(connections: ConnectionTable, random: Random) {
    this.#connections = connections
    this.#selection = new NameServerSelection(random)
  }

  /** In the order in which they are tried. */
  get addresses(): readonly string[] {
    return this.#selection.addresses
  }

  /** Replaces the list unless it is empty; a chosen name server that is no longer in it loses its connection. */
  update(addresses: readonly string[]): void {
    const dropped = this.#selection.update(addresses)
    if (dropped !== undefined) this.#connections.close(dropped)
  }

  /** The connection to the chosen name server while it lives. */
  find(): Connection | undefined {
    const { chosen } = this.#selection
    return chosen === undefined ? undefined : this.#connections.find(chosen)
  }

  /** That connection, or one to the next name server that can be reached; each is tried once. @throws RemotingConnectError */
  connect(): Promise<Connection> {
    const existing = this.find()
    if (existing !== undefined) return Promise.resolve(existing)
    this.#connecting ??= this.#tryAll().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #tryAll(): Promise<Connection> {
    const { addresses } = this
    if (addresses.length === 0) {
      throw new RemotingConnectError('no name server address is set: pass namesrvAddr', { retryable: false })
    }
    let cause: unknown
    for (let attempt = 0; attempt < addresses.length; attempt++) {
      try {
        return await this.#connections.connect(this.#selection.next() ?? '')
      } catch (error) {
        cause = error
      }
    }
    throw new RemotingConnectError(
      `none of the name servers ${addresses.join(', ')} can be reached: check that one runs there, and namesrvAddr`,
      { cause, fields: { addresses } },
    )
  }
}

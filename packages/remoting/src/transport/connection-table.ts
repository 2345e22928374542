import { RemotingConnectError } from '../errors.js'
import type { Runtime } from '../runtime/runtime.js'
import { parseAddress } from './address.js'
import { Connection, type ConnectionHost } from './connection.js'

/** What the connections of a client are made with. */
export interface ConnectionTableOptions {
  readonly runtime: Runtime
  readonly host: ConnectionHost
  /** Milliseconds a connection attempt may take. */
  readonly connectTimeoutMs: number
  onConnect(address: string, connection: Connection): void
}

interface Entry {
  connection: Connection | undefined
  connecting: Promise<Connection> | undefined
}

/** One connection an address, made when it is first needed. Java: the channelTables of NettyRemotingClient. */
export class ConnectionTable {
  readonly #options: ConnectionTableOptions
  readonly #entries = new Map<string, Entry>()
  /** Every connection that is not closed yet, with the address it was asked for by; also those an entry no longer holds. */
  readonly #addresses = new Map<Connection, string>()
  readonly #attempts = new AbortController()
  #lastConnectionId = 0
  #onEmpty: (() => void) | undefined

  constructor(options: ConnectionTableOptions) {
    this.#options = options
  }

  /** Every connection, closing ones included. */
  get connections(): Iterable<Connection> {
    return this.#addresses.keys()
  }

  /** The address a connection was asked for by. */
  addressOf(connection: Connection): string | undefined {
    return this.#addresses.get(connection)
  }

  /** The address's connection if there is one that can be used now. */
  find(address: string): Connection | undefined {
    const connection = this.#entries.get(address)?.connection
    return connection?.isOpen === true ? connection : undefined
  }

  /** The address's connection, made if need be; callers at the same time share one attempt. @throws RemotingConnectError */
  connect(address: string): Promise<Connection> {
    const existing = this.find(address)
    if (existing !== undefined) return Promise.resolve(existing)
    const entry = this.#entries.get(address) ?? { connection: undefined, connecting: undefined }
    this.#entries.set(address, entry)
    entry.connecting ??= this.#open(address).then(
      (connection) => {
        entry.connecting = undefined
        entry.connection = connection
        if (connection.isOpen) this.#options.onConnect(address, connection)
        return connection
      },
      (error: unknown) => {
        if (this.#entries.get(address) === entry) this.#entries.delete(address)
        throw error
      },
    )
    return entry.connecting
  }

  /** Another connection to the address of one that is to be left; the old one ends after its last pending call. */
  replace(leaving: Connection): Promise<Connection> {
    const address = this.#addresses.get(leaving)
    if (address === undefined) return Promise.reject(new RemotingConnectError('the connection closed meanwhile'))
    const entry = this.#entries.get(address)
    if (entry?.connection === leaving) entry.connection = undefined
    leaving.retire()
    return this.connect(address)
  }

  /** Closes the connection of an address, if there is one. */
  close(address: string, cause?: Error): void {
    this.#entries.get(address)?.connection?.close(cause)
  }

  /** Closes every connection, gives up every attempt; resolves once all are closed. */
  closeAll(cause: Error): Promise<void> {
    this.#attempts.abort(cause)
    for (const connection of this.#addresses.keys()) connection.close(cause)
    if (this.#addresses.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onEmpty = resolve
    })
  }

  /** A connection is closed; returns the address it was asked for by. */
  onClosed(connection: Connection): string {
    const address = this.#addresses.get(connection) ?? connection.remoteAddress
    this.#addresses.delete(connection)
    const entry = this.#entries.get(address)
    if (entry?.connection === connection) {
      entry.connection = undefined
      if (entry.connecting === undefined) this.#entries.delete(address)
    }
    if (this.#addresses.size === 0) this.#onEmpty?.()
    return address
  }

  async #open(address: string): Promise<Connection> {
    const { runtime, host, connectTimeoutMs } = this.#options
    const { signal } = this.#attempts
    try {
      signal.throwIfAborted()
      const endpoint = parseAddress(address)
      const stream = await runtime.network.connect({ ...endpoint, timeoutMs: connectTimeoutMs, signal })
      const connection = new Connection(host, stream, ++this.#lastConnectionId)
      this.#addresses.set(connection, address)
      connection.open()
      if (signal.aborted) connection.close(signal.reason as Error)
      return connection
    } catch (cause) {
      if (cause instanceof RemotingConnectError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RemotingConnectError(
        `no connection to ${address} (${reason}): check that its process runs and that the address can be reached from here`,
        { cause, fields: { address } },
      )
    }
  }
}

import type { Connection } from '@mq/remoting'

/** The pulls of one connection that read the store. */
interface ReadsOfConnection {
  reading: number
  /** Pulls that have to wait until others have read, or until the peer reads what it was sent. */
  readonly waiting: (() => void)[]
  isWaitingForPeer: boolean
}

/**
 * Lets only so many pulls of a connection read the store at once, and none while the peer leaves its answers unread: what a peer
 * that pipelines pulls and never reads can make the broker hold is bounded so.
 */
export class PullReads {
  readonly #maxPerConnection: number
  readonly #connections = new WeakMap<Connection, ReadsOfConnection>()

  /** Lets `maxPerConnection` pulls of a connection read at once. */
  constructor(maxPerConnection: number) {
    this.#maxPerConnection = maxPerConnection
  }

  /** Settles when a pull of the connection may read, or the connection is gone; undefined when it may now. {@link leave} when it has read. */
  enter(connection: Connection): Promise<void> | undefined {
    const reads = this.#readsOf(connection)
    if (reads.waiting.length === 0 && this.#isFree(connection, reads)) {
      reads.reading++
      return undefined
    }
    return new Promise((resolve) => reads.waiting.push(resolve))
  }

  /** A pull that entered has read. */
  leave(connection: Connection): void {
    const reads = this.#readsOf(connection)
    reads.reading--
    this.#admit(connection, reads)
  }

  #readsOf(connection: Connection): ReadsOfConnection {
    const existing = this.#connections.get(connection)
    if (existing !== undefined) return existing
    const reads = { reading: 0, waiting: [], isWaitingForPeer: false }
    this.#connections.set(connection, reads)
    return reads
  }

  #isFree(connection: Connection, reads: ReadsOfConnection): boolean {
    if (reads.reading >= this.#maxPerConnection) return false
    if (reads.isWaitingForPeer) return false
    reads.isWaitingForPeer = connection.onceRead(() => {
      reads.isWaitingForPeer = false
      this.#admit(connection, reads)
    })
    return !reads.isWaitingForPeer
  }

  #admit(connection: Connection, reads: ReadsOfConnection): void {
    while (reads.waiting.length > 0 && this.#isFree(connection, reads)) {
      reads.reading++
      reads.waiting.shift()?.()
    }
  }
}

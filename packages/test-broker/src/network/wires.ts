import type { ByteStream } from '@mq/remoting'

/** One end of a wire, kept by the stream there. */
export interface WireEnd {
  sent(size: number): void
  received(size: number): void
  /** Whether it takes what arrives. */
  isReading(): boolean
}

class CountingEnd implements WireEnd {
  readonly isReading: () => boolean
  sentBytes = 0
  receivedBytes = 0

  constructor(isReading: () => boolean) {
    this.isReading = isReading
  }

  sent(size: number): void {
    this.sentBytes += size
  }

  received(size: number): void {
    this.receivedBytes += size
  }
}

/**
 * The connections of which both ends lie in this process: what one end has written and the other has not read is on its way, however long
 * the system takes to carry it.
 */
export class Wires {
  /** By the ports of client and server; one end, or both. */
  readonly #ends = new Map<string, readonly CountingEnd[]>()

  /** Whether bytes are on their way to an end that takes them. */
  get areBusy(): boolean {
    for (const [one, other] of this.#ends.values()) {
      if (one === undefined || other === undefined) continue
      if (isOnItsWay(one, other) || isOnItsWay(other, one)) return true
    }
    return false
  }

  /** The end that connected. */
  client(stream: ByteStream, isReading: () => boolean): WireEnd {
    return this.#join(keyOf(stream.local.port, stream.remote.port), isReading)
  }

  /** The end that was connected to. */
  server(stream: ByteStream, isReading: () => boolean): WireEnd {
    return this.#join(keyOf(stream.remote.port, stream.local.port), isReading)
  }

  /** The wire is no more. */
  remove(end: WireEnd): void {
    for (const [key, ends] of this.#ends) if (ends.some((other) => other === end)) this.#ends.delete(key)
  }

  #join(key: string, isReading: () => boolean): WireEnd {
    const end = new CountingEnd(isReading)
    const ends = this.#ends.get(key) ?? []
    // A third end belongs to a new wire between the same ports.
    this.#ends.set(key, ends.length < 2 ? [...ends, end] : [end])
    return end
  }
}

function keyOf(clientPort: number, serverPort: number): string {
  return `${clientPort} ${serverPort}`
}

function isOnItsWay(from: CountingEnd, to: CountingEnd): boolean {
  return from.sentBytes > to.receivedBytes && to.isReading()
}

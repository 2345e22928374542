import type { ByteStream, ConnectOptions, Listener, ListenOptions, Network } from '@mq/remoting'
import type { ObservedStream } from './observed-stream.js'
import type { StreamWatch } from './stream-watch.js'

/** The network of a broker or name server under test: accepted connections are watched, and can be held or cut. */
export class ServerNetwork implements Network {
  readonly #network: Network
  readonly #watch: StreamWatch
  readonly #accepted = new Set<ObservedStream>()
  #isHeld = false

  constructor(network: Network, watch: StreamWatch) {
    this.#network = network
    this.#watch = watch
  }

  listen(options: ListenOptions): Promise<Listener> {
    return this.#network.listen({
      ...options,
      onConnection: (stream) => options.onConnection(this.#accept(stream)),
    })
  }

  connect(options: ConnectOptions): Promise<ByteStream> {
    return this.#network.connect(options)
  }

  /** Reads nothing from accepted connections, present and future, until {@link release}. */
  hold(): void {
    this.#isHeld = true
    for (const stream of this.#accepted) stream.hold()
  }

  /** Reads again, beginning with what arrived meanwhile. */
  release(): void {
    this.#isHeld = false
    for (const stream of this.#accepted) stream.release()
  }

  /** Cuts every accepted connection. */
  cut(): void {
    for (const stream of [...this.#accepted]) stream.destroy(new Error('the test broker cut the connection'))
  }

  #accept(stream: ByteStream): ObservedStream {
    const accepted: ObservedStream = this.#watch.accepted(stream, () => this.#accepted.delete(accepted))
    this.#accepted.add(accepted)
    if (this.#isHeld) accepted.hold()
    return accepted
  }
}

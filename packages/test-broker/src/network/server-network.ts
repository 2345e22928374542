import type { ByteStream, ConnectOptions, Listener, ListenOptions, Network } from '@mq/remoting'
import { ObservedStream } from './observed-stream.js'

/**
 * The network of a broker under test: what goes over accepted connections is reported, and they can be held or cut. Its own calls
 * to name servers are nobody's concern.
 */
export class BrokerNetwork implements Network {
  readonly #network: Network
  readonly #onTraffic: () => void
  readonly #accepted = new Set<ObservedStream>()
  #isHeld = false

  constructor(network: Network, onTraffic: () => void) {
    this.#network = network
    this.#onTraffic = onTraffic
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
    const onTraffic = this.#onTraffic
    const accepted = new ObservedStream(stream, { onTraffic, onClose: () => this.#accepted.delete(accepted) })
    this.#accepted.add(accepted)
    if (this.#isHeld) accepted.hold()
    return accepted
  }
}

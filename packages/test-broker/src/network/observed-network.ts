import type { ByteStream, ConnectOptions, Listener, ListenOptions, Network } from '@mq/remoting'
import { ObservedStream } from './observed-stream.js'

/** A network that reports what goes through it, and whose accepted connections can be held or cut. */
export class ObservedNetwork implements Network {
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
      onConnection: (stream) => {
        const observed = this.#observe(stream)
        this.#accepted.add(observed)
        if (this.#isHeld) observed.hold()
        options.onConnection(observed)
      },
    })
  }

  async connect(options: ConnectOptions): Promise<ByteStream> {
    return this.#observe(await this.#network.connect(options))
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

  #observe(stream: ByteStream): ObservedStream {
    const observed: ObservedStream = new ObservedStream(stream, {
      onTraffic: this.#onTraffic,
      onClose: () => this.#accepted.delete(observed),
    })
    return observed
  }
}

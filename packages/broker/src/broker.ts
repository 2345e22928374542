import type { RemotingServer } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import { type BrokerParts, openBroker } from './broker-assembly.js'
import type { BrokerOptions } from './broker-options.js'
import { ClosingStack } from './closing-stack.js'

/** A broker: takes messages from producers, keeps them, and answers the tools. Java: BrokerController. */
export class Broker implements AsyncDisposable {
  /** The name producers and tools know it by. */
  readonly brokerName: string
  /** What clients are told to connect to: brokerIP1 and the port. */
  readonly address: string
  /** The store under this broker. */
  readonly messageStore: MessageStore
  readonly #server: RemotingServer
  readonly #closing: ClosingStack

  private constructor({ config, server, brokerAddress, store }: BrokerParts, closing: ClosingStack) {
    this.brokerName = config.brokerName
    this.address = brokerAddress
    this.messageStore = store
    this.#server = server
    this.#closing = closing
  }

  /**
   * Starts a broker: opens its store, listens, and registers at the name servers. Settles once it answers requests and every
   * name server has answered or failed. When it rejects, whatever was opened is closed again, `messageStore` included.
   * @throws BrokerConfigError, ConfigFileError, or what the store or the port refuses with.
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const closing = new ClosingStack()
    try {
      return new Broker(await openBroker(options, closing), closing)
    } catch (cause) {
      await closing.close().catch(() => {
        // Why it did not start is worth more than why it did not close.
      })
      throw cause
    }
  }

  /** The port listened on. */
  get port(): number {
    return this.#server.endpoint.port
  }

  /**
   * Leaves the name servers, sends new requests elsewhere (GO_AWAY), finishes those in flight for at most 10 seconds, and
   * closes the store. A second call waits for the first.
   */
  close(): Promise<void> {
    return this.#closing.close()
  }

  /** Same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

import type { Network } from '@mq/remoting'
import type { StreamWatch } from './stream-watch.js'

/** A network for clients under test, whose connections are watched. */
export function clientNetwork(network: Network, watch: StreamWatch): Network {
  return {
    listen: (options) => network.listen(options),
    connect: (options) => watch.connecting(network.connect(options)),
  }
}

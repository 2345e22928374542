import type { Network } from '@mq/remoting'
import { ObservedStream } from './observed-stream.js'

/** A network for clients under test: what goes over the connections they make is reported. */
export function clientNetwork(network: Network, onTraffic: () => void): Network {
  return {
    listen: (options) => network.listen(options),
    async connect(options) {
      const stream = await network.connect(options)
      onTraffic()
      return new ObservedStream(stream, { onTraffic, onClose: () => undefined })
    },
  }
}

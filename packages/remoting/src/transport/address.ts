import { RemotingConnectError } from '../errors.js'
import type { Endpoint } from '../runtime/runtime.js'

const IPV4_IN_IPV6 = '::ffff:'
const MAX_PORT = 65_535

/** host:port, with brackets around an IPv6 address. */
export function formatAddress({ host, port }: Endpoint): string {
  if (host.startsWith(IPV4_IN_IPV6) && host.includes('.')) return `${host.slice(IPV4_IN_IPV6.length)}:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** The reverse of {@link formatAddress}; the port follows the last colon. @throws RemotingConnectError for anything else. */
export function parseAddress(address: string): Endpoint {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  const portText = address.slice(colon + 1)
  const port = Number(portText)
  if (colon < 1 || host === '' || !/^\d+$/.test(portText) || port > MAX_PORT) {
    throw new RemotingConnectError(`"${address}" is no address: write host:port, such as 127.0.0.1:9876`, {
      retryable: false,
    })
  }
  return { host, port }
}

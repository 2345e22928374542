import { networkInterfaces } from 'node:os'

/**
 * The address to advertise when none is configured: the address listened on if it is one, else the machine's first outside
 * IPv4 address, else 127.0.0.1. Java: RemotingUtil#getLocalAddress.
 */
export function localAddress(bindAddress: string): string {
  if (bindAddress === 'localhost') return '127.0.0.1'
  if (!isWildcard(bindAddress)) return bindAddress
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === 'IPv4' && !address.internal)
  return outside?.address ?? '127.0.0.1'
}

function isWildcard(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/** Interfaces that belong to containers, virtual machines and tunnels: their addresses mean nothing to a broker. */
const virtualInterface = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|tun|tap|ppp|utun)|:/

/** Private IPv4 prefixes that Java passes over while it looks for a public address. */
const internalPrefixes = ['127.0', '192.168', '0.']

/**
 * The address that names this machine in client ids: the first public IPv4 address, else the last private one, else the first
 * IPv6 address in brackets, else `localhost`. Java: NetworkUtil#getLocalAddress; Node does not tell bridges and tunnels, so they
 * are known by their names.
 */
export function localAddress(interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]> = networkInterfaces()): string {
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !virtualInterface.test(name))
    .flatMap(([, infos]) => infos ?? [])
    .filter((info) => !info.internal)
  const ipv4 = addresses.filter((info) => info.family === 'IPv4').map((info) => info.address)
  const found = ipv4.find((address) => !internalPrefixes.some((prefix) => address.startsWith(prefix))) ?? ipv4.at(-1)
  if (found !== undefined) return found
  const ipv6 = addresses.filter((info) => info.family === 'IPv6')
  const global = ipv6.find((info) => info.scopeid === 0) ?? ipv6[0]
  return global === undefined ? 'localhost' : `[${global.address}]`
}

import { ConfigurationError } from './setting.js'

/** What decides over who can connect. */
export interface ListenerAddress {
  readonly bindAddress: string
  readonly allowInsecurePublicListener: boolean
}

/** Throws ConfigurationError when other machines could connect although nobody has allowed it. */
export function refusePublicListener(
  { bindAddress, allowInsecurePublicListener }: ListenerAddress,
  origin: string,
): void {
  if (allowInsecurePublicListener || isLoopback(bindAddress)) return
  throw new ConfigurationError([
    `${origin}: bindAddress: ${bindAddress || 'every address'} can be reached from other machines, and whoever reaches it may read, write and delete, ` +
      'for there is no authentication; set bindAddress=127.0.0.1, or, in a network where everyone is trusted, allowInsecurePublicListener=true',
  ])
}

/** Whether only this machine can connect to an address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}

/** Whether an address to listen on means every address of the machine. */
export function isWildcard(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

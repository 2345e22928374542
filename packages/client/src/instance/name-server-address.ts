import { MQClientError } from '../errors.js'

const maxPort = 65_535

/** A name server address of an instance that carries its own namespace, such as `http://MQ_INST_123_abc.host:80`. */
const instanceAddress = /^(?:\w+:\/\/)?MQ_INST_\w+_\w+\..*/

/** The namespace a namesrvAddr names itself, if it does. Java: NameServerAddressUtils#parseInstanceIdFromEndpoint. */
export function namespaceOfAddress(namesrvAddr: string): string | undefined {
  if (!instanceAddress.test(namesrvAddr)) return undefined
  return namesrvAddr.slice(namesrvAddr.lastIndexOf('/') + 1, namesrvAddr.indexOf('.'))
}

/**
 * The addresses in a namesrvAddr: parts between semicolons, of which an `http://…` form keeps only what follows the last slash.
 * Throws MQClientError CLIENT_CONFIG for a part that is not `host:port`. Java: NameServerAddressUtils, ClientConfig#getNamesrvAddr.
 */
export function parseNameServerAddresses(namesrvAddr: string): readonly string[] {
  const parts = namesrvAddr.split(';').map((part) => part.trim())
  const addresses = parts.filter((part) => part !== '').map((part) => part.slice(part.lastIndexOf('/') + 1))
  for (const address of addresses) checkAddress(address)
  return [...new Set(addresses)]
}

function checkAddress(address: string): void {
  const colon = address.lastIndexOf(':')
  const port = Number(address.slice(colon + 1))
  if (colon > 0 && Number.isInteger(port) && port > 0 && port <= maxPort) return
  throw new MQClientError(`the name server address '${address}' is not host:port`, {
    code: 'CLIENT_CONFIG',
    fields: { option: 'namesrvAddr', value: address },
  })
}

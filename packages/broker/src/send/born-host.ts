import type { Connection, HostAddress } from '@mq/remoting'
import { parseHostAddress } from '@mq/remoting'

const ATTRIBUTE = 'bornHost'

/** The address of a connection's peer as records carry it; parsed once a connection. */
export function bornHostOf(connection: Connection): HostAddress {
  const known = connection.attributes.get(ATTRIBUTE) as HostAddress | undefined
  if (known !== undefined) return known
  const parsed = parseHostAddress(connection.remoteAddress)
  connection.attributes.set(ATTRIBUTE, parsed)
  return parsed
}

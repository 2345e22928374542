import type { Connection, HostAddress } from '@mq/remoting'
import { parseHostAddress } from '@mq/remoting'

const known = new WeakMap<Connection, HostAddress>()

/** The address of a connection's peer as records carry it; parsed once a connection. */
export function bornHostOf(connection: Connection): HostAddress {
  const existing = known.get(connection)
  if (existing !== undefined) return existing
  const parsed = parseHostAddress(connection.remoteAddress)
  known.set(connection, parsed)
  return parsed
}

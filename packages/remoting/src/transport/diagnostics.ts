import { channel } from 'node:diagnostics_channel'

/** What `mq:remoting:connect` and `mq:remoting:disconnect` publish. */
export interface ConnectionEvent {
  readonly side: 'client' | 'server'
  /** ip:port of the peer. */
  readonly remoteAddress: string
  /** Unique within its client or server. */
  readonly connectionId: number
  /** Why the connection ended; absent while it begins, and when both sides ended in order. */
  readonly cause?: Error | undefined
}

const connectChannel = channel('mq:remoting:connect')
const disconnectChannel = channel('mq:remoting:disconnect')

/** Tells subscribers of a new connection. */
export function publishConnect(side: ConnectionEvent['side'], connection: { remoteAddress: string; id: number }): void {
  if (!connectChannel.hasSubscribers) return
  const event: ConnectionEvent = { side, remoteAddress: connection.remoteAddress, connectionId: connection.id }
  connectChannel.publish(event)
}

/** Tells subscribers that a connection ended. */
export function publishDisconnect(
  side: ConnectionEvent['side'],
  connection: { remoteAddress: string; id: number },
  cause: Error | undefined,
): void {
  if (!disconnectChannel.hasSubscribers) return
  const event: ConnectionEvent = { side, remoteAddress: connection.remoteAddress, connectionId: connection.id, cause }
  disconnectChannel.publish(event)
}

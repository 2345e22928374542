import type { ConnectionLimits } from './connection.js'

/** Bounds of a server. Times in milliseconds. */
export interface ServerLimits extends ConnectionLimits {
  /** Connections beyond this many are closed as soon as they are accepted. */
  readonly maxConnections: number
  /** The same for connections of one address that have not sent a complete frame yet. */
  readonly maxSilentConnectionsPerAddress: number
}

/** What holds for a server unless it is told otherwise. */
export const defaultServerLimits: ServerLimits = {
  maxConnections: 10_000,
  maxSilentConnectionsPerAddress: 1_024,
  maxFrameSize: 16_777_216,
  writeHighWaterMark: 1_048_576,
  writeStallTimeoutMs: 60_000,
  firstFrameTimeoutMs: 10_000,
  frameTimeoutMs: 15_000,
  idleTimeoutMs: 120_000,
}

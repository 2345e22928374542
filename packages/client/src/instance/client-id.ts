import type { Runtime } from '@mq/remoting'

/** The instance name that asks for a name of its own. */
export const defaultInstanceName = 'DEFAULT'

/** What a client id is made of. */
export interface ClientIdParts {
  readonly clientIP: string
  readonly instanceName: string
  readonly unitName?: string | undefined
  readonly enableStreamRequestType: boolean
}

/** The id brokers know a client by: address `@` instance name, unit, and a mark for stream requests. Java: buildMQClientId. */
export function buildClientId(parts: ClientIdParts): string {
  const unit = parts.unitName === undefined || parts.unitName.trim() === '' ? '' : `@${parts.unitName}`
  return `${parts.clientIP}@${parts.instanceName}${unit}${parts.enableStreamRequestType ? '@STREAM' : ''}`
}

/**
 * The instance name to use in place of DEFAULT: `<pid>#<nanoseconds>#<random>`. Java stops after the nanoseconds, which count
 * from the machine's start there. Ours count from the start of the process, where two containers (both pid 1, often with equal
 * addresses) would easily agree, and a broker would take them for one client; 32 random bits keep them apart.
 * Java: ClientConfig#changeInstanceNameToPID.
 */
export function ownInstanceName(runtime: Runtime, pid: number): string {
  const nanoseconds = Math.round(runtime.clock.monotonic() * 1e6)
  return `${pid}#${nanoseconds}#${runtime.random.bytes(4).toString('hex')}`
}

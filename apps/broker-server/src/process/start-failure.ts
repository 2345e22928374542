import { MqError } from '@mq/remoting'
import { brokerServerTable, laptopOrigin, laptopSizeKeys } from '../configuration/server-keys.js'
import { ConfigurationError } from '../configuration/setting.js'
import { ExitCode } from './exit-code.js'

/** How a start ended that did not succeed. */
export interface StartFailure {
  readonly exitCode: number
  /** What to tell the user, a line each. */
  readonly lines: readonly string[]
}

/** What the failed start was about to use. */
export interface StartContext {
  /** Where the value of a key was given. */
  readonly originOf: (key: string) => string
}

const configurationCodes = new Set(['BROKER_CONFIG_INVALID', 'STORE_LOAD_FAILED', 'STORE_OPTIONS_INVALID'])

/** Says what a start failed of and what to do, and with which code to end. */
export function explainStartFailure(error: unknown, context?: StartContext): StartFailure {
  if (error instanceof ConfigurationError) return { exitCode: ExitCode.configuration, lines: error.problems }
  if (MqError.is(error)) {
    const exitCode = configurationCodes.has(error.code) ? ExitCode.configuration : ExitCode.failure
    return { exitCode, lines: [`${error.message}${sizeAdvice(error, context)} [${error.code}]`] }
  }
  if (error instanceof PortError) return { exitCode: ExitCode.failure, lines: [error.message] }
  if (error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string') {
    return { exitCode: ExitCode.failure, lines: [error.message] }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exitCode: ExitCode.internal, lines: [stack] }
}

/** A store of Java's sizes met the small defaults: tells all four keys at once, for each mismatch hides the next. */
function sizeAdvice(error: MqError, context: StartContext | undefined): string {
  const { option } = error.fields
  if (error.code !== 'STORE_LOAD_FAILED' || typeof option !== 'string') return ''
  const [firstOption = option] = option.split(',')
  if (context?.originOf(firstOption) !== laptopOrigin) return ''
  const lines = laptopSizeKeys.map((key) => `${key}=${brokerServerTable[key].defaultValue}`)
  return (
    ' (small files are the default without namesrvAddr; for a store that Apache RocketMQ made with its defaults, add these lines to ' +
    `the file named with -c: ${lines.join(', ')})`
  )
}

/** A port or address that cannot be listened on. */
class PortError extends Error {}

/** Where a server was to listen, and the keys that decide it. */
export interface ListenAttempt {
  readonly host: string
  readonly port: number
  readonly portKey: string
  /** What else can be done about a port that is taken. */
  readonly otherwise?: string
}

/** Turns the system's refusal of an address into a PortError that names the keys; returns any other error as it is. */
export function explainListenFailure(error: unknown, attempt: ListenAttempt): unknown {
  const { host, port, portKey, otherwise } = attempt
  const address = `${host}:${port}`
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE': {
      const advice = `stop what listens there, or set ${portKey} to another port (0 takes a free one)`
      return new PortError(
        `port ${port} is in use (${address}): ${advice}${otherwise === undefined ? '' : `, or ${otherwise}`}`,
      )
    }
    case 'EACCES':
      return new PortError(
        `port ${port} may not be used by this account (${address}): set ${portKey} to a port above 1023`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new PortError(`${host} is no address of this machine: set bindAddress to one, such as 127.0.0.1`)
    default:
      return error
  }
}

function systemCodeOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo') return code
  }
  return undefined
}

import type { Logger } from '@mq/remoting'
import { type DestinationStream, type LoggerOptions, pino, stdSerializers, stdTimeFunctions } from 'pino'
import { ConfigurationError } from '../configuration/setting.js'

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
const stderrDescriptor = 2

/**
 * A logger on stderr: JSON lines, or coloured text on a terminal (plain text when NO_COLOR is set). LOG_LEVEL sets the level,
 * `info` when unset. Throws ConfigurationError for a level that does not exist.
 */
export async function openLog(environment: NodeJS.ProcessEnv): Promise<Logger> {
  const level = environment['LOG_LEVEL'] || 'info'
  if (!levels.includes(level)) {
    throw new ConfigurationError([`environment variable LOG_LEVEL: '${level}' is not one of ${levels.join(', ')}`])
  }
  const options: LoggerOptions = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: stdSerializers.err, cause: stdSerializers.err },
  }
  return messageFirst(pino(options, await destination(environment)))
}

async function destination(environment: NodeJS.ProcessEnv): Promise<DestinationStream> {
  if (!process.stderr.isTTY) return pino.destination({ dest: stderrDescriptor, sync: true })
  const { default: pretty } = await import('pino-pretty')
  const colorize = (environment['NO_COLOR'] ?? '') === ''
  return pretty({ destination: stderrDescriptor, sync: true, colorize, ignore: 'pid,hostname' })
}

type Write = (fields: object, message: string) => void

/** pino takes the fields first, the packages' Logger the message. */
function messageFirst(log: Readonly<Record<keyof Logger, Write>>): Logger {
  return {
    debug: (message, fields = {}) => log.debug(fields, message),
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
  }
}

import type { ErrorEntry } from '@mq/remoting'
import { MqError } from '@mq/remoting'

/** Every error @mq/broker throws. */
export const brokerErrors: readonly ErrorEntry[] = [
  {
    code: 'BROKER_CONFIG_INVALID',
    retryable: false,
    meaning: 'a configuration key has a value the broker cannot run with',
    remedy: 'correct the key named in the message; `brokerConfigTable` tells the meaning and bounds of each key',
  },
  {
    code: 'BROKER_CONFIG_FILE_UNREADABLE',
    retryable: false,
    meaning: 'a table of the store (a JSON file in its config folder) cannot be parsed, and neither can its .bak',
    remedy: 'restore the named file from a copy, or move both away to start with an empty table',
  },
  {
    code: 'BROKER_CONFIG_FILE_UNWRITABLE',
    retryable: true,
    meaning:
      'a table cannot be written: a change of topics or groups has not happened; offsets stay in memory and are written again',
    remedy: 'free space on the disk of the store, or give the broker the right to write there, and ask again',
  },
]

/** A configuration key has a value the broker cannot run with; `fields.key` names it. */
export class BrokerConfigError extends MqError {
  override readonly name: string = 'BrokerConfigError'

  constructor(key: string, problem: string) {
    super(`${key}: ${problem}`, { code: 'BROKER_CONFIG_INVALID', retryable: false, fields: { key } })
  }
}

/** What went wrong with the file of a table. */
export type ConfigFileErrorCode = 'BROKER_CONFIG_FILE_UNREADABLE' | 'BROKER_CONFIG_FILE_UNWRITABLE'

/** A table of the broker cannot be read from disk or written to it; `code` tells which, `fields.path` names the file. */
export class ConfigFileError extends MqError {
  override readonly name: string = 'ConfigFileError'

  constructor(
    code: ConfigFileErrorCode,
    message: string,
    { path, cause }: { readonly path: string; readonly cause: unknown },
  ) {
    super(message, { code, retryable: code === 'BROKER_CONFIG_FILE_UNWRITABLE', cause, fields: { path } })
  }
}

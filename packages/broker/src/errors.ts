import type { ErrorEntry, MqErrorOptions } from '@mq/remoting'
import { MqError } from '@mq/remoting'

/** Every error this package throws. */
export const brokerErrors: readonly ErrorEntry[] = [
  {
    code: 'BROKER_CONFIG_INVALID',
    retryable: false,
    meaning: 'A configuration key has a value the broker cannot run with.',
    remedy: 'Correct the key named in the message; docs of the key tell its bounds.',
  },
  {
    code: 'BROKER_CONFIG_FILE_UNREADABLE',
    retryable: false,
    meaning: 'topics.json or subscriptionGroup.json and its .bak cannot be parsed.',
    remedy: 'Restore the named file from a copy, or move both away to start with an empty table.',
  },
  {
    code: 'BROKER_CLOSED',
    retryable: true,
    meaning: 'The broker is closing or closed.',
    remedy: 'Send to another broker, or start this one again.',
  },
]

/** A configuration key has a value the broker cannot run with; `fields.key` names it. */
export class BrokerConfigError extends MqError {
  constructor(message: string, options: Partial<MqErrorOptions> = {}) {
    super(message, { ...options, code: 'BROKER_CONFIG_INVALID', retryable: false })
  }
}

/** A table on disk and its backup cannot be parsed; `fields.path` names the file. */
export class ConfigFileError extends MqError {
  constructor(message: string, options: Partial<MqErrorOptions> = {}) {
    super(message, { ...options, code: 'BROKER_CONFIG_FILE_UNREADABLE', retryable: false })
  }
}

/** The broker no longer takes requests. */
export class BrokerClosedError extends MqError {
  constructor(message: string, options: Partial<MqErrorOptions> = {}) {
    super(message, { ...options, code: 'BROKER_CLOSED', retryable: true })
  }
}

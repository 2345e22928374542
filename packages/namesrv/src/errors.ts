import { type ErrorEntry, MqError, type MqErrorOptions } from '@mq/remoting'

/** Every error @mq/namesrv throws. */
export const namesrvErrors: readonly ErrorEntry[] = [
  {
    code: 'NAMESRV_CONFIG_INVALID',
    retryable: false,
    meaning: 'a configuration key has a value the name server cannot run with',
    remedy: 'the message names the key and its bounds; correct the value',
  },
  {
    code: 'NAMESRV_START',
    retryable: true,
    meaning: 'the port could not be bound',
    remedy: 'see which program holds the port, or set listenPort to another one (0 takes a free one)',
  },
  {
    code: 'KV_CONFIG_FILE',
    retryable: false,
    meaning: 'kvConfig.json cannot be read, parsed or written',
    remedy: 'the message names the file; restore it from a copy, or make its directory writable',
  },
]

type Options = Partial<MqErrorOptions>

/** A configuration key has a value the name server cannot run with; `fields.key` names it. */
export class NamesrvConfigError extends MqError {
  override readonly name: string = 'NamesrvConfigError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'NAMESRV_CONFIG_INVALID', retryable: false, ...options })
  }
}

/** The name server could not begin to listen. */
export class NamesrvStartError extends MqError {
  override readonly name: string = 'NamesrvStartError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'NAMESRV_START', retryable: true, ...options })
  }
}

/** The file of the key-value configuration cannot be read, parsed or written; `fields.path` names it. */
export class KvConfigFileError extends MqError {
  override readonly name: string = 'KvConfigFileError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'KV_CONFIG_FILE', retryable: false, ...options })
  }
}

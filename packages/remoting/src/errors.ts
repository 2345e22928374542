/** A row of a package's error table: what a code means and what to do about it. */
export interface ErrorEntry {
  /** Stable, upper-case identifier found in {@link MqError.code}. */
  readonly code: string
  /** Whether the same call may succeed when it is made again, possibly against another address. */
  readonly retryable: boolean
  readonly meaning: string
  readonly remedy: string
}

/** Every error @mq/remoting throws. */
export const remotingErrors: readonly ErrorEntry[] = [
  {
    code: 'REMOTING_CONNECT',
    retryable: true,
    meaning: 'no connection to the address could be made, or its connection is gone',
    remedy: 'check that the process at the address runs and that the address it advertises can be reached from here',
  },
  {
    code: 'REMOTING_SEND_REQUEST',
    retryable: true,
    meaning: 'the request could not be written, or its connection closed before an answer came',
    remedy: 'retry if the request may be executed twice: it is unknown whether the peer executed it',
  },
  {
    code: 'REMOTING_TIMEOUT',
    retryable: true,
    meaning: 'no answer came within the timeout',
    remedy: 'raise the timeout or look at the load of the peer: it is unknown whether it executed the request',
  },
  {
    code: 'REMOTING_TOO_MUCH_REQUEST',
    retryable: true,
    meaning: 'more requests are in flight than the client permits',
    remedy: 'send less at once, or raise the number of permits',
  },
  {
    code: 'REMOTING_COMMAND',
    retryable: false,
    meaning: 'a header could not be encoded or decoded: a field is missing, malformed or too long',
    remedy: 'the message names the command and the field; correct the caller or the peer that built the header',
  },
  {
    code: 'FRAME',
    retryable: false,
    meaning: 'the bytes received are no frame, or a frame is larger than the limit',
    remedy: 'check that the peer speaks RocketMQ remoting and that both sides agree on the largest frame; reconnect',
  },
  {
    code: 'MESSAGE_FORMAT',
    retryable: false,
    meaning: 'a message, a property, a message id or an address cannot be encoded or decoded',
    remedy: 'the message names what is wrong; correct the value, or the peer or file it came from',
  },
  {
    code: 'COMPRESSION',
    retryable: false,
    meaning:
      'a body cannot be compressed or decompressed: unsupported compression, damaged bytes, or too large a result',
    remedy:
      'install the package the message names, or let producers use ZLIB; raise the limit if bodies that large are meant',
  },
  {
    code: 'RESPONSE_CODE',
    retryable: false,
    meaning: 'the peer answered with a code other than SUCCESS',
    remedy: "read responseCode and the peer's remark in the message",
  },
]

/** What an {@link MqError} is made with. */
export interface MqErrorOptions {
  /** A code of the throwing package's table. */
  readonly code: string
  readonly retryable: boolean
  readonly cause?: unknown
  /** The response code of the peer, when one caused the error. */
  readonly responseCode?: number | undefined
  /** Values worth logging by name: address, topic, broker. Never message bodies. */
  readonly fields?: Readonly<Record<string, unknown>>
}

const brand = Symbol.for('mq.error')

/** Base of every error this project throws; recognise one by {@link MqError.is}, which holds across copies of the package. */
export class MqError extends Error {
  override readonly name: string = 'MqError'
  readonly code: string
  readonly retryable: boolean
  readonly responseCode?: number
  readonly fields: Readonly<Record<string, unknown>>

  constructor(message: string, options: MqErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.retryable = options.retryable
    if (options.responseCode !== undefined) this.responseCode = options.responseCode
    this.fields = options.fields ?? {}
    Object.defineProperty(this, brand, { value: true })
  }

  /** True for errors of this project, whichever package or copy of it made them. */
  static is(error: unknown): error is MqError {
    return typeof error === 'object' && error !== null && Reflect.get(error, brand) === true
  }

  /** A plain object for structured logs, causes included. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.responseCode === undefined ? {} : { responseCode: this.responseCode }),
      ...(Object.keys(this.fields).length === 0 ? {} : { fields: this.fields }),
      ...(this.cause === undefined ? {} : { cause: causeToJson(this.cause) }),
    }
  }
}

function causeToJson(cause: unknown): unknown {
  if (MqError.is(cause)) return cause.toJSON()
  return cause instanceof Error ? { name: cause.name, message: cause.message } : String(cause)
}

/** Options of the errors below, whose code and retryability their class already says. */
export type RemotingErrorOptions = Partial<MqErrorOptions>

/** No connection to an address. Java: RemotingConnectException. */
export class RemotingConnectError extends MqError {
  override readonly name: string = 'RemotingConnectError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'REMOTING_CONNECT', retryable: true, ...options })
  }
}

/** A request not written, or its connection closed while it waited. Java: RemotingSendRequestException. */
export class RemotingSendRequestError extends MqError {
  override readonly name: string = 'RemotingSendRequestError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'REMOTING_SEND_REQUEST', retryable: true, ...options })
  }
}

/** No answer in time. Java: RemotingTimeoutException. */
export class RemotingTimeoutError extends MqError {
  override readonly name: string = 'RemotingTimeoutError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'REMOTING_TIMEOUT', retryable: true, ...options })
  }
}

/** No permit left for another request in flight. Java: RemotingTooMuchRequestException. */
export class RemotingTooMuchRequestError extends MqError {
  override readonly name: string = 'RemotingTooMuchRequestError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'REMOTING_TOO_MUCH_REQUEST', retryable: true, ...options })
  }
}

/** A header or body that breaks its command's definition. Java: RemotingCommandException. */
export class RemotingCommandError extends MqError {
  override readonly name: string = 'RemotingCommandError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'REMOTING_COMMAND', retryable: false, ...options })
  }
}

/** Bytes that are no frame; the connection they came from has to be closed. */
export class FrameError extends MqError {
  override readonly name: string = 'FrameError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'FRAME', retryable: false, ...options })
  }
}

/** A message, property, message id or address in a form that cannot be read or written. */
export class MessageFormatError extends MqError {
  override readonly name: string = 'MessageFormatError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'MESSAGE_FORMAT', retryable: false, ...options })
  }
}

/** A body that cannot be compressed or decompressed. */
export class CompressionError extends MqError {
  override readonly name: string = 'CompressionError'
  constructor(message: string, options: RemotingErrorOptions = {}) {
    super(message, { code: 'COMPRESSION', retryable: false, ...options })
  }
}

/** What a {@link ResponseCodeError} tells about the answer. */
export interface ResponseCodeErrorOptions extends RemotingErrorOptions {
  readonly responseCode: number
  readonly remark?: string | undefined
  readonly address?: string | undefined
  /** Name of the command that was answered, such as SEND_MESSAGE_V2. */
  readonly command?: string | undefined
}

/** An answer with a code other than SUCCESS. Java: MQBrokerException, MQClientException with a response code. */
export class ResponseCodeError extends MqError {
  override readonly name: string = 'ResponseCodeError'
  override readonly responseCode: number
  readonly remark?: string
  readonly address?: string
  readonly command?: string

  constructor(message: string, options: ResponseCodeErrorOptions) {
    const { remark, address, command, ...rest } = options
    const fields = { ...rest.fields, ...defined({ remark, address, command }) }
    super(message, { code: 'RESPONSE_CODE', retryable: false, ...rest, fields })
    this.responseCode = options.responseCode
    if (remark !== undefined) this.remark = remark
    if (address !== undefined) this.address = address
    if (command !== undefined) this.command = command
  }
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

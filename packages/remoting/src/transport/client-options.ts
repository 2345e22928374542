import type { RemotingCommand, SerializeType } from '../codec/remoting-command.js'
import type { MqError } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Command, ResponseOf } from '../schema/command.js'
import type { ExtFields } from '../schema/ext-fields.js'
import type { InvokeOptions } from './connection-call.js'
import type { RpcHook } from './rpc-hook.js'

/** What a client is made of; Java: NettyClientConfig, whose defaults these are. Times in milliseconds. */
export interface RemotingClientOptions {
  readonly runtime?: Runtime
  readonly logger?: Logger
  /** Default 3,000. */
  readonly connectTimeoutMs?: number
  /** One-way requests that may wait to be written. Default 65,535. */
  readonly permitsOneway?: number
  /** Calls that may wait for their answer. Default 65,535. */
  readonly permitsAsync?: number
  /** A connection without traffic is closed after this long. Default 120,000. */
  readonly idleTimeoutMs?: number
  /** How requests and answers of this client are encoded. Default JSON. */
  readonly serializeType?: SerializeType
  /** Whether a call answered GO_AWAY is made once more on a new connection. Default true. */
  readonly enableReconnectForGoAway?: boolean
  /** Whether an awaited call that times out closes its connection. Default true. */
  readonly closeSocketIfTimeout?: boolean
  /** Largest frame accepted, bytes. Default 16 MiB. */
  readonly maxFrameSize?: number
  /** Bytes one peer may leave unread before calls to it fail. Default 64 MiB. */
  readonly writeHighWaterMark?: number
  readonly hooks?: readonly RpcHook[]
}

/** What a typed call carries besides its header. */
export interface TypedInvokeOptions extends InvokeOptions {
  /** Must not change until the call is over. */
  readonly body?: Buffer | undefined
  /** Entries beside the header's fields. */
  readonly extFields?: Readonly<Record<string, string>> | undefined
}

/** How a call with a callback ended: one of the two is set. */
export interface InvokeOutcome {
  /** Any response code; the body is the receiver's own. */
  readonly response?: RemotingCommand
  readonly error?: MqError
}

/** What a typed call comes to: the fields of its response header, and what came with them. */
export type TypedResponse<C extends Command> = ResponseOf<C> & {
  /** The caller's own. */
  readonly body: Buffer | undefined
  readonly extFields: ExtFields | undefined
}

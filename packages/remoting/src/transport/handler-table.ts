import assert from 'node:assert'
import type { RemotingCommand } from '../codec/remoting-command.js'
import type { Command, RequestOf, ResponseInput } from '../schema/command.js'
import type { Answer, deferred } from './answer.js'
import type { Connection } from './connection.js'

const DEFAULT_MAX_PENDING = 10_000

/** One request being handled. */
export interface RequestContext {
  /** As received, with entries of extFields that are no header fields, for hooks. */
  readonly command: RemotingCommand
  /** Borrowed: the bytes are valid until the handler returns, and a promise's handler returns at its first `await`. */
  readonly body: Buffer | undefined
  readonly connection: Connection
  /** Answers now or later, without a promise; the first answer counts. A handler that will call it returns {@link deferred}. */
  reply(answer: Answer): void
}

/** What a handler comes to: the response header, an {@link Answer} with more than that, or undefined for no answer at all. */
export type HandlerResult<C extends Command> = ResponseInput<C> | Answer | typeof deferred | undefined

/** Answers one command. What it throws is answered too: a ResponseError as it says, anything else as SYSTEM_ERROR. */
export type Handler<C extends Command> = (
  request: RequestOf<C>,
  context: RequestContext,
) => HandlerResult<C> | Promise<HandlerResult<C>>

/** Bounds of one handler. */
export interface HandlerOptions {
  /** Requests it may hold unanswered before others are answered SYSTEM_BUSY `[OVERLOAD]`. Default 10,000. */
  readonly maxPending?: number
  /** Refuses a request with the remark it returns, as SYSTEM_BUSY `[REJECTREQUEST]`. Java: NettyRequestProcessor#rejectRequest. */
  readonly reject?: (() => string | undefined) | undefined
}

/** A command's row in the table. */
export class HandlerEntry {
  readonly command: Command
  readonly handler: Handler<Command>
  readonly maxPending: number
  readonly reject: (() => string | undefined) | undefined
  /** Requests handled and not answered yet. */
  pending = 0

  constructor(command: Command, handler: Handler<Command>, options: HandlerOptions) {
    this.command = command
    this.handler = handler
    this.maxPending = options.maxPending ?? DEFAULT_MAX_PENDING
    this.reject = options.reject
  }
}

/** Which handler answers which request. Java: the processorTable of NettyRemotingAbstract. */
export class HandlerTable {
  readonly #entries = new Map<number, HandlerEntry>()

  /** Registers the one handler of a command. */
  on<C extends Command>(command: C, handler: Handler<C>, options: HandlerOptions = {}): void {
    assert(!this.#entries.has(command.code), `${command.name} has a handler already`)
    this.#entries.set(command.code, new HandlerEntry(command, handler, options))
  }

  /** The row of a request code. */
  find(code: number): HandlerEntry | undefined {
    return this.#entries.get(code)
  }
}

import { createResponse, type RemotingCommand } from '../codec/remoting-command.js'
import { ResponseCode } from '../commands/response-code.js'
import { MqError } from '../errors.js'
import type { Logger } from '../logger.js'
import { type Answer, type AnswerContent, deferred, isAnswer, ResponseError } from './answer.js'
import type { Connection } from './connection.js'
import type { HandlerEntry, HandlerTable, RequestContext } from './handler-table.js'
import { requestName } from './request-name.js'
import type { RpcHook } from './rpc-hook.js'

/** Peers up to this protocol version (V5_3_1) do not know GO_AWAY. */
const LAST_VERSION_WITHOUT_GO_AWAY = 475
const BUSY_REMARK = 'system busy, start flow control for a while'

/** What a dispatcher works with. */
export interface RequestDispatcherOptions {
  readonly handlers: HandlerTable
  readonly hooks: readonly RpcHook[]
  readonly logger: Logger
}

/** A request from its arrival to its answer. */
class PendingRequest implements RequestContext {
  readonly command: RemotingCommand
  readonly connection: Connection
  readonly entry: HandlerEntry
  readonly #dispatcher: RequestDispatcher
  isOver = false

  constructor(
    dispatcher: RequestDispatcher,
    entry: HandlerEntry,
    from: { connection: Connection; command: RemotingCommand },
  ) {
    this.#dispatcher = dispatcher
    this.entry = entry
    this.connection = from.connection
    this.command = from.command
  }

  get body(): Buffer | undefined {
    return this.command.body
  }

  reply(answer: Answer): void {
    this.#dispatcher.answer(this, answer)
  }
}

/**
 * From a request to its answer: refusals, hooks, header, handler, answer, in the order of Java's
 * NettyRemotingAbstract#processRequestCommand. Nothing it is given makes it throw.
 */
export class RequestDispatcher {
  readonly #handlers: HandlerTable
  readonly #hooks: readonly RpcHook[]
  readonly #logger: Logger
  #pending = 0
  #isGoingAway = false
  #onIdle: (() => void) | undefined

  constructor(options: RequestDispatcherOptions) {
    this.#handlers = options.handlers
    this.#hooks = options.hooks
    this.#logger = options.logger
  }

  /** Requests handled and not answered yet. */
  get pending(): number {
    return this.#pending
  }

  /** From now on peers that know GO_AWAY are told to send elsewhere; older ones are served until the end. */
  goAway(): void {
    this.#isGoingAway = true
  }

  /** Resolves once no request is unanswered. */
  idle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  /** A request arrived. Its body is borrowed until this returns. */
  dispatch(connection: Connection, command: RemotingCommand): void {
    const entry = this.#handlers.find(command.code)
    if (entry === undefined) {
      this.#refuse(connection, command, notSupported(command.code))
      return
    }
    const refusal = this.#refusal(entry, command)
    if (refusal !== undefined) {
      this.#refuse(connection, command, refusal)
      return
    }
    entry.pending += 1
    this.#pending += 1
    const request = new PendingRequest(this, entry, { connection, command })
    try {
      for (const hook of this.#hooks) hook.doBeforeRequest(connection.remoteAddress, command)
      const result = entry.handler(requestValues(command, entry), request)
      if (isPromise(result)) void this.#settleLater(request, result)
      else this.#settle(request, result)
    } catch (error) {
      this.#fail(request, error)
    }
  }

  /** Answers a request; only the first answer counts. */
  answer(request: PendingRequest, content: AnswerContent): void {
    if (request.isOver) return
    const { command, entry, connection } = request
    const response = responseOf(content, command)
    if (content.header !== undefined) {
      response.setHeader(entry.command.responseHeader, content.header, content.extFields)
    }
    const finished = this.#finish(request, response)
    if (!command.isOneway) this.#send(connection, command, finished)
  }

  #refusal(entry: HandlerEntry, command: RemotingCommand): AnswerContent | undefined {
    if (this.#isGoingAway && command.version > LAST_VERSION_WITHOUT_GO_AWAY) {
      return { code: ResponseCode.GO_AWAY, remark: 'this server is shutting down: please go away' }
    }
    try {
      const rejection = entry.reject?.()
      if (rejection !== undefined) return busy('[REJECTREQUEST]', rejection)
    } catch (error) {
      return contentOf(error)
    }
    if (entry.pending >= entry.maxPending) return busy('[OVERLOAD]', BUSY_REMARK)
    return undefined
  }

  async #settleLater(request: PendingRequest, result: PromiseLike<unknown>): Promise<void> {
    try {
      this.#settle(request, await result)
    } catch (error) {
      this.#fail(request, error)
    }
  }

  #settle(request: PendingRequest, result: unknown): void {
    if (result === deferred || request.isOver) return
    if (typeof result !== 'object' || result === null) this.#leaveUnanswered(request)
    else this.answer(request, isAnswer(result) ? result : { header: result })
  }

  #leaveUnanswered(request: PendingRequest): void {
    const { command, connection } = request
    if (!command.isOneway) {
      const fields = { request: requestName(command.code), remoteAddress: connection.remoteAddress }
      this.#logger.warn('a request was left without an answer: return answer({}) for an empty one', fields)
    }
    this.#end(request)
    for (const hook of this.#hooks) this.#tryAfterResponse(hook, request, undefined)
  }

  #fail(request: PendingRequest, error: unknown): void {
    if (request.isOver) return
    const { command, connection } = request
    const content = contentOf(error)
    if (content.code === ResponseCode.SYSTEM_ERROR) {
      const fields = { request: requestName(command.code), remoteAddress: connection.remoteAddress, error }
      if (MqError.is(error)) this.#logger.warn('a request failed', fields)
      else this.#logger.error('a request failed', fields)
    }
    const response = this.#finish(request, responseOf(content, command))
    if (!command.isOneway) this.#send(connection, command, response)
  }

  /** The request is over: its place is free, and the hooks learn of it. A hook that throws changes the answer. */
  #finish(request: PendingRequest, response: RemotingCommand): RemotingCommand {
    this.#end(request)
    let finished = response
    for (const hook of this.#hooks) {
      const failure = this.#tryAfterResponse(hook, request, finished)
      if (failure !== undefined) finished = responseOf(contentOf(failure.error), request.command)
    }
    return finished
  }

  #tryAfterResponse(
    hook: RpcHook,
    { connection, command }: PendingRequest,
    response: RemotingCommand | undefined,
  ): { readonly error: unknown } | undefined {
    try {
      hook.doAfterResponse(connection.remoteAddress, command, response)
      return undefined
    } catch (error) {
      return { error }
    }
  }

  #end(request: PendingRequest): void {
    request.isOver = true
    request.entry.pending -= 1
    this.#pending -= 1
    if (this.#pending === 0) this.#onIdle?.()
  }

  #refuse(connection: Connection, command: RemotingCommand, content: AnswerContent): void {
    if (!command.isOneway) this.#send(connection, command, responseOf(content, command))
  }

  #send(connection: Connection, command: RemotingCommand, response: RemotingCommand): void {
    try {
      connection.send(response)
    } catch (error) {
      // The answer has no frame, for its remark or a field is too long: say so instead.
      this.#logger.error('an answer could not be encoded', { request: requestName(command.code), error })
      connection.send(
        responseOf({ code: ResponseCode.SYSTEM_ERROR, remark: 'the answer could not be encoded' }, command),
      )
    }
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function requestValues(command: RemotingCommand, { command: { requestHeader } }: HandlerEntry): object {
  const typed = command.typedHeader
  return typed?.codec === requestHeader ? typed.values : requestHeader.decode(command.extFields)
}

function responseOf(content: AnswerContent, command: RemotingCommand): RemotingCommand {
  const { remark, extFields, body } = content
  return createResponse(content.code ?? ResponseCode.SUCCESS, { remark, extFields, body, opaque: command.opaque })
}

function notSupported(code: number): AnswerContent {
  return { code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED, remark: ` request type ${code} not supported` }
}

function busy(prefix: string, remark: string): AnswerContent {
  return { code: ResponseCode.SYSTEM_BUSY, remark: remark.startsWith(prefix) ? remark : prefix + remark }
}

/** The answer to what a handler or hook threw. */
function contentOf(error: unknown): AnswerContent {
  if (error instanceof ResponseError || (MqError.is(error) && error.name === 'ResponseError')) {
    return { code: error.responseCode ?? ResponseCode.SYSTEM_ERROR, remark: error.message }
  }
  return { code: ResponseCode.SYSTEM_ERROR, remark: error instanceof Error ? error.message : String(error) }
}

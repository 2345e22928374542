import type { Command, RequestInput } from '../schema/command.js'
import { createExtFields, type ExtFields } from '../schema/ext-fields.js'
import type { HeaderCodec } from '../schema/header.js'
import { LanguageCode } from './language-code.js'
import { CURRENT_VERSION } from './protocol-version.js'

/** How a frame's header is written: JSON text or RocketMQ's binary form. Java: SerializeType. */
export type SerializeType = 'JSON' | 'ROCKETMQ'

/** Bit of `flag`: this is an answer. */
export const RESPONSE_FLAG = 1
/** Bit of `flag`: no answer is expected. */
export const ONEWAY_FLAG = 2

/** Fields of a header by their values, whose text nobody has asked for yet. */
export interface TypedHeader {
  readonly codec: HeaderCodec
  readonly values: object
}

/** A request or an answer: the content of one frame. Java: RemotingCommand. */
export class RemotingCommand {
  /** Request code, or response code in an answer. */
  code: number
  language: number = LanguageCode.NODE_JS
  version: number = CURRENT_VERSION
  /** Pairs an answer with its request; 32 bits, signed. */
  opaque = 0
  flag = 0
  remark: string | undefined = undefined
  /** Undefined when the frame has none. In a received command a view of the bytes received: see FrameDecoder. */
  body: Buffer | undefined = undefined
  /** How the command was received; {@link encodeFrame} is told separately how to send. */
  serializeType: SerializeType = 'JSON'
  #extFields: ExtFields | undefined = undefined
  #typedHeader: TypedHeader | undefined = undefined

  constructor(code: number) {
    this.code = code
  }

  /** The header's fields as text. @throws RemotingCommandError when values given by {@link setHeader} have none. */
  get extFields(): ExtFields | undefined {
    const typed = this.#typedHeader
    if (typed !== undefined) {
      this.#extFields = typed.codec.encode(typed.values, createExtFields(this.#extFields))
      this.#typedHeader = undefined
    }
    return this.#extFields
  }

  set extFields(extFields: ExtFields | undefined) {
    this.#extFields = extFields
    this.#typedHeader = undefined
  }

  /** Gives header fields by their values, beside `extFields`, which are not changed; these win. */
  setHeader(codec: HeaderCodec, values: object, extFields?: ExtFields): void {
    this.#typedHeader = { codec, values }
    this.#extFields = extFields
  }

  /** What {@link setHeader} was given, until somebody asked for the text. */
  get typedHeader(): TypedHeader | undefined {
    return this.#typedHeader
  }

  /** The fields beside those of the typed header. */
  get otherFields(): ExtFields | undefined {
    return this.#extFields
  }

  get isResponse(): boolean {
    return (this.flag & RESPONSE_FLAG) !== 0
  }

  get isOneway(): boolean {
    return (this.flag & ONEWAY_FLAG) !== 0
  }

  markResponse(): void {
    this.flag |= RESPONSE_FLAG
  }

  markOneway(): void {
    this.flag |= ONEWAY_FLAG
  }
}

/** What a request carries besides its header. */
export interface RequestContent {
  readonly body?: Buffer | undefined
  /** Entries beside the header's fields, such as those of hooks; header fields win. */
  readonly extFields?: Readonly<Record<string, string>> | undefined
}

/**
 * Makes a request; the transport gives it its opaque. The values must not change before it has been sent.
 * @throws RemotingCommandError when a header field is missing or impossible.
 */
export function createRequest<C extends Command>(
  command: C,
  values: RequestInput<C>,
  content: RequestContent = {},
): RemotingCommand {
  const request = new RemotingCommand(command.code)
  const { requestHeader } = command
  requestHeader.check(values)
  const extFields = content.extFields && createExtFields(content.extFields)
  if (requestHeader.isEmpty) request.extFields = extFields
  else request.setHeader(requestHeader, values, extFields)
  request.body = content.body
  return request
}

/** What an answer carries besides its code. */
export interface ResponseContent {
  /** Text for people: why a request failed. */
  readonly remark?: string | undefined
  readonly extFields?: ExtFields | undefined
  readonly body?: Buffer | undefined
  /** Opaque of the request that is answered. */
  readonly opaque?: number
}

/** Makes an answer. */
export function createResponse(code: number, content: ResponseContent = {}): RemotingCommand {
  const response = new RemotingCommand(code)
  response.flag = RESPONSE_FLAG
  response.remark = content.remark
  response.extFields = content.extFields
  response.body = content.body
  response.opaque = content.opaque ?? 0
  return response
}

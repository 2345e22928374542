import { ResponseCode } from '../commands/response-code.js'
import { MqError } from '../errors.js'
import type { ExtFields } from '../schema/ext-fields.js'

const brand = Symbol.for('mq.answer')

/** What an answer is made of; everything may be left out. */
export interface AnswerContent {
  /** Response code. Default SUCCESS. */
  readonly code?: number
  /** Text for people. */
  readonly remark?: string | undefined
  /** Fields of the command's response header, for answers that carry one. */
  readonly header?: object | undefined
  /** Entries beside the header's fields. */
  readonly extFields?: ExtFields | undefined
  /** Handed over: it must not change any more. */
  readonly body?: Buffer | undefined
}

/** What a handler answers when the header alone does not say it; made by {@link answer}. */
export interface Answer extends AnswerContent {
  readonly code: number
}

/** Makes an answer with a code, a remark or a body. */
export function answer(content: AnswerContent): Answer {
  return new BrandedAnswer(content)
}

/** True for what {@link answer} made, whichever copy of the package it was. */
export function isAnswer(value: object): value is Answer {
  return brand in value
}

class BrandedAnswer implements Answer {
  readonly code: number
  readonly remark: string | undefined
  readonly header: object | undefined
  readonly extFields: ExtFields | undefined
  readonly body: Buffer | undefined

  constructor(content: AnswerContent) {
    this.code = content.code ?? ResponseCode.SUCCESS
    this.remark = content.remark
    this.header = content.header
    this.extFields = content.extFields
    this.body = content.body
  }

  get [brand](): true {
    return true
  }
}

/** What a handler returns when it will call `context.reply` later. */
export const deferred: unique symbol = Symbol.for('mq.deferred')

/** Thrown by a handler or hook, it becomes the answer: this code, the message as its remark. Java: AbortProcessException. */
export class ResponseError extends MqError {
  override readonly name: string = 'ResponseError'
  override readonly responseCode: number

  constructor(responseCode: number, remark: string, cause?: unknown) {
    super(remark, { code: 'RESPONSE_CODE', retryable: false, responseCode, cause })
    this.responseCode = responseCode
  }
}

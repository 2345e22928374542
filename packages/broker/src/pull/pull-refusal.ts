import type { Answer } from '@mq/remoting'
import { answer, createExtFields, ResponseCode } from '@mq/remoting'
import type { Refusal } from '../send/message-check.js'

/** What is forbidden when a pull is refused with NO_PERMISSION. Java: ForbiddenType. */
export const Forbidden = { BROKER: 1, GROUP: 2, TOPIC: 3, BROADCASTING: 4, SUBSCRIPTION: 5 } as const

/** Why a pull is not answered with messages. */
export interface PullRefusal extends Refusal {
  /** One of {@link Forbidden}. */
  readonly forbiddenType?: number
}

/** The refusal of a pull for lack of permission; `forbiddenType` is one of {@link Forbidden}. */
export function forbidden(forbiddenType: number, remark: string): PullRefusal {
  return { code: ResponseCode.NO_PERMISSION, remark, forbiddenType }
}

/** The answer that a refused pull gets. */
export function refusalAnswer({ code, remark, forbiddenType }: PullRefusal): Answer {
  if (forbiddenType === undefined) return answer({ code, remark })
  return answer({ code, remark, extFields: createExtFields({ forbiddenType: String(forbiddenType) }) })
}

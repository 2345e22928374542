import type { HandlerTable } from '@mq/remoting'
import { answer, CheckClientConfig, decodeCheckClientRequest, ResponseCode } from '@mq/remoting'
import { bodyOf } from '../request-body.js'

/** Serves CHECK_CLIENT_CONFIG: whether messages can be filtered as a client wants. Java: ClientManageProcessor#checkClientConfig. */
export function registerCheckClientConfig(handlers: HandlerTable): void {
  handlers.on(CheckClientConfig, (_header, context) => {
    const { subscriptionData } = decodeCheckClientRequest(bodyOf(context))
    const expressionType = subscriptionData?.expressionType || 'TAG'
    if (expressionType === 'TAG') return answer({})
    const remark = `The broker does not support consumer to filter message by ${expressionType}: subscribe by tags`
    return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
  })
}

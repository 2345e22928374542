import {
  type MessageQueue,
  type RemotingCommand,
  ResponseCode,
  ResponseCodeError,
  SendMessageV2,
  withoutNamespace,
} from '@mq/remoting'
import type { SendResult, SendStatus } from './message.js'
import type { OutgoingMessage } from './outgoing-message.js'

/** The answers that mean the message was stored. */
const statusByCode: ReadonlyMap<number, SendStatus> = new Map([
  [ResponseCode.SUCCESS, 'SEND_OK'],
  [ResponseCode.FLUSH_DISK_TIMEOUT, 'FLUSH_DISK_TIMEOUT'],
  [ResponseCode.FLUSH_SLAVE_TIMEOUT, 'FLUSH_SLAVE_TIMEOUT'],
  [ResponseCode.SLAVE_NOT_AVAILABLE, 'SLAVE_NOT_AVAILABLE'],
])

const defaultRegion = 'DefaultRegion'

/** Where a message was sent. */
export interface BrokerTarget {
  /** The real broker, also for a queue of a static topic. */
  readonly brokerName: string
  readonly address: string
}

/** What an answer is to be read with. */
export interface AnsweredSend {
  readonly message: OutgoingMessage
  readonly target: BrokerTarget
  /** Empty for none. */
  readonly namespace: string
}

/**
 * What a broker's answer means; throws ResponseCodeError for every code that is no send status.
 * Java: MQClientAPIImpl#processSendResponse.
 */
export function processSendResponse(response: RemotingCommand, send: AnsweredSend): SendResult {
  const { message, target } = send
  const sendStatus = statusByCode.get(response.code)
  if (sendStatus === undefined) throw refusal(response, target)
  const header = SendMessageV2.responseHeader.decode(response.extFields)
  const isPlainBatch = message.isBatch && header.batchUniqId === undefined
  const messageQueue: MessageQueue = {
    topic: send.namespace === '' ? message.topic : withoutNamespace(message.topic, send.namespace),
    brokerName: target.brokerName,
    queueId: header.queueId,
  }
  return {
    sendStatus,
    msgId: isPlainBatch ? message.memberIds.join(',') : message.uniqueId,
    offsetMsgId: header.msgId,
    messageQueue,
    queueOffset: header.queueOffset,
    transactionId: header.transactionId,
    recallHandle: header.recallHandle,
    regionId: response.extFields?.['MSG_REGION'] || defaultRegion,
    traceOn: response.extFields?.['TRACE_ON'] !== 'false',
  }
}

function refusal(response: RemotingCommand, { brokerName, address }: BrokerTarget): ResponseCodeError {
  const { code: responseCode, remark } = response
  return new ResponseCodeError(
    `broker ${brokerName} (${address}) answered ${responseCode}: ${remark ?? 'without a remark'}`,
    { responseCode, remark, address, fields: { brokerName } },
  )
}

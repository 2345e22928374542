import type { SendResult } from '@mq/client'

/** What the broker answered for each message of a request, in order: a batch's answer taken apart. */
export function resultsOfMessages(result: SendResult, messages: number): SendResult[] {
  if (messages === 1) return [result]
  const msgIds = result.msgId.split(',')
  const offsetMsgIds = result.offsetMsgId.split(',')
  return Array.from({ length: messages }, (_, index) => ({
    ...result,
    msgId: msgIds[index] ?? '',
    offsetMsgId: offsetMsgIds[index] ?? '',
    queueOffset: result.queueOffset + index,
  }))
}

/** An acknowledged message as one line for a person, without a line feed. */
export function resultText({ sendStatus, messageQueue, queueOffset, msgId, offsetMsgId }: SendResult): string {
  const { topic, brokerName, queueId } = messageQueue
  const position = `topic=${topic} broker=${brokerName} queue=${queueId} offset=${queueOffset}`
  return `${sendStatus} ${position} msgId=${msgId} offsetMsgId=${offsetMsgId}`
}

/** An acknowledged message as one JSON document, without a line feed. */
export function resultJson(number: number, result: SendResult): string {
  const { sendStatus, messageQueue, queueOffset, msgId, offsetMsgId } = result
  return JSON.stringify({ number, sendStatus, ...messageQueue, queueOffset, msgId, offsetMsgId })
}

/** A failed message as one JSON document, without a line feed. */
export function failureJson(number: number, { code, message }: { code: string; message: string }): string {
  return JSON.stringify({ number, error: { code, message } })
}

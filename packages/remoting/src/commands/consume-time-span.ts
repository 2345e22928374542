import { decodeJsonBody, encodeJsonBody, integerMember, listMember, whenObject } from '../codec/json-body.js'
import { type MessageQueue, messageQueueKey, readMessageQueue } from './message-queue.js'

/** When messages of a queue were stored, ms. Java: QueueTimeSpan. */
export interface QueueTimeSpan {
  readonly messageQueue: MessageQueue
  /** The oldest message. */
  readonly minTimeStamp: number
  /** The newest message. */
  readonly maxTimeStamp: number
  /** The last message that the group has consumed. */
  readonly consumeTimeStamp: number
  /** Age of the next message, 0 when there is none. */
  readonly delayTime: number
}

/** Body of the answer to QUERY_CONSUME_TIME_SPAN. Java: QueryConsumeTimeSpanBody. */
export function encodeConsumeTimeSpan(consumeTimeSpanSet: readonly QueueTimeSpan[]): Buffer {
  return encodeJsonBody({ consumeTimeSpanSet: consumeTimeSpanSet.map(timeSpanRecord) })
}

/** Body of the answer to QUERY_CONSUME_TIME_SPAN. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumeTimeSpan(bytes: Buffer): readonly QueueTimeSpan[] {
  return listMember(
    decodeJsonBody(bytes, 'QueryConsumeTimeSpanBody'),
    'consumeTimeSpanSet',
    whenObject((object) => {
      const messageQueue = readMessageQueue(object['messageQueue'])
      if (messageQueue === undefined) return undefined
      return {
        messageQueue,
        minTimeStamp: integerMember(object, 'minTimeStamp'),
        maxTimeStamp: integerMember(object, 'maxTimeStamp'),
        consumeTimeStamp: integerMember(object, 'consumeTimeStamp'),
        delayTime: integerMember(object, 'delayTime'),
      }
    }),
  )
}

function timeSpanRecord(span: QueueTimeSpan): object {
  const { consumeTimeStamp, delayTime, maxTimeStamp, messageQueue, minTimeStamp } = span
  return {
    consumeTimeStamp,
    consumeTimeStampStr: localTimeText(consumeTimeStamp),
    delayTime,
    maxTimeStamp,
    maxTimeStampStr: localTimeText(maxTimeStamp),
    messageQueue: messageQueueKey(messageQueue),
    minTimeStamp,
    minTimeStampStr: localTimeText(minTimeStamp),
  }
}

/** yyyy-MM-dd#HH:mm:ss:SSS in this machine's time zone. Java: UtilAll.YYYY_MM_DD_HH_MM_SS_SSS. */
function localTimeText(timestamp: number): string {
  const date = new Date(timestamp)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day}#${time}:${String(date.getMilliseconds()).padStart(3, '0')}`
}

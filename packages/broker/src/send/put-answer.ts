import { ResponseCode } from '@mq/remoting'
import type { PutMessageResult, PutMessageStatus } from '@mq/store'
import type { Refusal } from './message-check.js'

interface StatusAnswer {
  readonly code: number
  /** True when the message is stored and the answer carries its position. */
  readonly stored: boolean
  readonly remark?: string
}

const unknown = 'the store failed for a reason it did not name: see the log of the broker'

/** The answer to each outcome of a put. Java: SendMessageProcessor#handlePutMessageResult. */
const answers: Readonly<Record<PutMessageStatus, StatusAnswer>> = {
  PUT_OK: { code: ResponseCode.SUCCESS, stored: true },
  FLUSH_DISK_TIMEOUT: { code: ResponseCode.FLUSH_DISK_TIMEOUT, stored: true },
  FLUSH_SLAVE_TIMEOUT: { code: ResponseCode.FLUSH_SLAVE_TIMEOUT, stored: true },
  SLAVE_NOT_AVAILABLE: { code: ResponseCode.SLAVE_NOT_AVAILABLE, stored: true },
  IN_SYNC_REPLICAS_NOT_ENOUGH: {
    code: ResponseCode.SYSTEM_ERROR,
    stored: false,
    remark: 'in-sync replicas not enough: start slaves, or lower minInSyncReplicas',
  },
  CREATE_MAPPED_FILE_FAILED: {
    code: ResponseCode.SYSTEM_ERROR,
    stored: false,
    remark: 'the next file of the commit log could not be made: check space and permissions of the store',
  },
  MESSAGE_ILLEGAL: {
    code: ResponseCode.MESSAGE_ILLEGAL,
    stored: false,
    remark: 'the message is illegal: body or topic too long, or a batch rule broken',
  },
  PROPERTIES_SIZE_EXCEEDED: {
    code: ResponseCode.MESSAGE_ILLEGAL,
    stored: false,
    remark: 'the properties are larger than 32767 bytes: move data into the body',
  },
  SERVICE_NOT_AVAILABLE: {
    code: ResponseCode.SERVICE_NOT_AVAILABLE,
    stored: false,
    remark: 'the store takes no messages now: it is closing, a slave, out of space, or its disk failed',
  },
  OS_PAGE_CACHE_BUSY: {
    code: ResponseCode.SYSTEM_BUSY,
    stored: false,
    remark: '[PC_SYNCHRONIZED]broker busy: the disk is slow, send again later',
  },
  PUT_TO_REMOTE_BROKER_FAIL: { code: ResponseCode.SYSTEM_ERROR, stored: false, remark: unknown },
  LMQ_CONSUME_QUEUE_NUM_EXCEEDED: {
    code: ResponseCode.SYSTEM_ERROR,
    stored: false,
    remark: 'there are too many light message queues',
  },
  WHEEL_TIMER_FLOW_CONTROL: {
    code: ResponseCode.SYSTEM_ERROR,
    stored: false,
    remark: 'too many timed messages for that moment: send again later, or choose another time',
  },
  WHEEL_TIMER_MSG_ILLEGAL: {
    code: ResponseCode.MESSAGE_ILLEGAL,
    stored: false,
    remark: 'the delivery time is not a number, or lies too far ahead',
  },
  WHEEL_TIMER_NOT_ENABLE: {
    code: ResponseCode.SYSTEM_ERROR,
    stored: false,
    remark: 'timed messages are not supported here: use a delay level',
  },
  UNKNOWN_ERROR: { code: ResponseCode.SYSTEM_ERROR, stored: false, remark: unknown },
}

/** The response code of a put, and the remark when the message was not stored. */
export function putRefusal({ status, remark }: PutMessageResult): Refusal | undefined {
  const row = answers[status]
  return row.stored ? undefined : { code: row.code, remark: remark ?? row.remark ?? unknown }
}

/** The response code of a put whose message is stored. */
export function storedCode(status: PutMessageStatus): number {
  return answers[status].code
}

import type { MessageQueue } from '@mq/remoting'

/** A message to send. It is read during the send and never changed. Java: Message. */
export interface Message {
  /** 1 to 127 characters of `%|a-zA-Z0-9_-`. */
  readonly topic: string
  /** Not empty, at most maxMessageSize bytes. A buffer must not be changed until the send has settled. */
  readonly body: string | Uint8Array
  readonly tags?: string
  /** Keys the message can be queried by. */
  readonly keys?: string | readonly string[]
  /** A 32-bit number that only the application reads. Default 0. */
  readonly flag?: number
  /** Whether the broker acknowledges only after flush and replication, where it is set up so. Default true. */
  readonly waitStoreMsgOK?: boolean
  /** Level of the delay before delivery, 1 to 18 with the broker's default table. */
  readonly delayTimeLevel?: number
  /** Seconds from now until delivery. */
  readonly delayTimeSec?: number
  /** Milliseconds from now until delivery. */
  readonly delayTimeMs?: number
  /** Wall clock of the delivery, in milliseconds since the epoch. */
  readonly deliverTimeMs?: number
  readonly buyerId?: string
  /** Properties of the application's own; RocketMQ's names are refused. */
  readonly properties?: Readonly<Record<string, string>> | ReadonlyMap<string, string>
}

/** What the broker did with an accepted message; all but SEND_OK say what could not be waited for. Java: SendStatus. */
export type SendStatus = 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'FLUSH_SLAVE_TIMEOUT' | 'SLAVE_NOT_AVAILABLE'

/** What a broker acknowledged. Java: SendResult. */
export interface SendResult {
  readonly sendStatus: SendStatus
  /** The id the producer gave the message (UNIQ_KEY); for a batch the members' ids, joined by commas. */
  readonly msgId: string
  /** The id the broker gave it, which says where it is stored; for a batch joined by commas. */
  readonly offsetMsgId: string
  readonly messageQueue: MessageQueue
  /** Position in the queue; of the first member for a batch. */
  readonly queueOffset: number
  readonly transactionId: string | undefined
  readonly recallHandle: string | undefined
  readonly regionId: string
  readonly traceOn: boolean
}

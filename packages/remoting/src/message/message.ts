import type { HostAddress } from './host-address.js'
import type { MessageProperties } from './message-properties.js'

/** What every message has, wherever it is. Java: Message. */
export interface Message {
  topic: string
  /** 32 bits that belong to the application. */
  flag: number
  body: Buffer
  properties: MessageProperties
}

/** A message as a broker stored it and a consumer reads it. Java: MessageExt, MessageClientExt. */
export interface MessageExt extends Message {
  queueId: number
  /** Index of the message in its queue. */
  queueOffset: number
  /** Position of its record in the commit log. */
  physicalOffset: number
  /** Size of its record in bytes. */
  storeSize: number
  sysFlag: number
  bodyCrc: number
  /** Milliseconds since the epoch by the producer's clock. */
  bornTimestamp: number
  bornHost: HostAddress
  /** Milliseconds since the epoch by the broker's clock. */
  storeTimestamp: number
  storeHost: HostAddress
  reconsumeTimes: number
  /** Position of the half message this one commits; 0 otherwise. */
  preparedTransactionOffset: number
  /** The UNIQ_KEY the producer gave, or the offset id without one. */
  msgId: string
  /** Store host and physical offset in hexadecimal. */
  offsetMsgId: string
  brokerName?: string
  /** The id of the transaction whose half message was committed; set on pulled messages only. */
  transactionId?: string | undefined
}

/** A message on its way into a store. Java: MessageExtBrokerInner. */
export interface MessageExtBrokerInner extends Message {
  queueId: number
  sysFlag: number
  /** Borrowed: the store has copied it when its put call returns. */
  body: Buffer
  /** The encoded properties, if they are at hand; must say the same as `properties`. */
  propertiesString?: string | undefined
  /** Encoded properties that stand behind these in the record, none of them by a name that is in `properties`. */
  appendedProperties?: string | undefined
  bornTimestamp: number
  bornHost: HostAddress
  storeHost: HostAddress
  reconsumeTimes: number
  preparedTransactionOffset: number
  /** What the consume queue holds for filtering; derived from TAGS if left out. */
  tagsCode?: number
}

/** Several messages of one topic put as one: `body` is a client batch body (see encodeMessageBatch). Java: MessageExtBatch. */
export type MessageExtBatch = MessageExtBrokerInner

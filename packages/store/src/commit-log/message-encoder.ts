import {
  crc32,
  decodeMessageBatch,
  decodeProperties,
  encodedRecordSize,
  encodeProperties,
  MAX_PROPERTIES_BYTES,
  MAX_V1_TOPIC_LENGTH,
  type MessageBatchEntry,
  type MessageExtBatch,
  type MessageExtBrokerInner,
  type MessageProperties,
  MqError,
  PropertyName,
  type RecordFields,
  SystemFlag,
  tagsCodeOf,
  transactionValueOf,
  writeRecord,
} from '@mq/remoting'
import { type DelayLevels, deliveryTimeOf } from '../dispatch/delivery-time.js'
import type { DispatchRequest } from '../dispatch/dispatch-request.js'
import type { PutMessageRefusal } from '../message-store.js'
import type { AppendSlot } from './append-loop.js'

/** What is known of a record only when its place is. */
interface RecordPlace {
  /** Queue offset of the first message; 0 for messages that take none. */
  readonly queueOffset: number
  /** ms since the epoch */
  readonly storeTimestamp: number
}

/** A message or batch that has been checked and measured. */
export interface MeasuredPut {
  /** Bytes of all records. */
  readonly size: number
  /** Whether it takes queue offsets: not if it is prepared or rolled back. */
  readonly isQueued: boolean
  /** Encodes the records at their final place; answers what dispatch needs of each. */
  writeTo(slot: AppendSlot, place: RecordPlace): readonly DispatchRequest[]
}

/** Room that a record may take besides the longest body. Java: MessageExtEncoder. */
const maxRecordOverhead = 64 * 1024

/** Checks, measures and encodes what is put. Java: MessageExtEncoder and CommitLog.DefaultAppendMessageCallback. */
export class MessageExtEncoder {
  readonly #maxMessageSize: number
  readonly #delayLevels: DelayLevels

  /** `maxMessageSize` is the longest body in bytes. */
  constructor(maxMessageSize: number, delayLevels: DelayLevels) {
    this.#maxMessageSize = maxMessageSize
    this.#delayLevels = delayLevels
  }

  /** Bytes of the longest record, or of all records of the longest batch. */
  get maxRecordSize(): number {
    return this.#maxMessageSize + maxRecordOverhead
  }

  /** Measures a message; nothing of it is kept but by the answer, which is used before this turn ends. */
  measure(message: MessageExtBrokerInner): MeasuredPut | PutMessageRefusal {
    if (message.body.length > this.#maxMessageSize) return this.#bodyTooLong(message.body.length)
    try {
      const measured = new MeasuredMessage(message, encodedProperties(message), this.#delayLevels)
      return this.#refuse(message, measured) ?? measured
    } catch (error) {
      return illegal(error)
    }
  }

  /** Measures a batch. Its entries share everything but flag, body and properties. */
  measureBatch(batch: MessageExtBatch): MeasuredPut | PutMessageRefusal {
    if (transactionValueOf(batch.sysFlag) !== SystemFlag.TRANSACTION_NOT) {
      return { status: 'MESSAGE_ILLEGAL', remark: 'a batch cannot be part of a transaction' }
    }
    if (Number(batch.properties.get(PropertyName.DELAY) ?? 0) > 0) {
      return { status: 'MESSAGE_ILLEGAL', remark: 'a batch cannot be delayed' }
    }
    if (batch.body.length > this.#maxMessageSize) return this.#bodyTooLong(batch.body.length)
    try {
      const entries = decodeMessageBatch(batch.body)
      if (entries.length === 0) return { status: 'MESSAGE_ILLEGAL', remark: 'the batch is empty' }
      const measured = new MeasuredBatch(batch, entries, this.#delayLevels)
      return this.#refuse(batch, measured) ?? measured
    } catch (error) {
      return illegal(error)
    }
  }

  #bodyTooLong(size: number): PutMessageRefusal {
    const remark = `the body of ${size} bytes exceeds maxMessageSize ${this.#maxMessageSize}`
    return { status: 'MESSAGE_ILLEGAL', remark }
  }

  #refuse(message: MessageExtBrokerInner, measured: MeasuredMessage | MeasuredBatch): PutMessageRefusal | undefined {
    if (measured.propertiesSize > MAX_PROPERTIES_BYTES) {
      const remark = `the properties of ${measured.propertiesSize} bytes exceed ${MAX_PROPERTIES_BYTES}`
      return { status: 'PROPERTIES_SIZE_EXCEEDED', remark }
    }
    const { topic } = message
    if (topic.length <= MAX_V1_TOPIC_LENGTH && topicSizeOf(topic) > MAX_V1_TOPIC_LENGTH) {
      return { status: 'MESSAGE_ILLEGAL', remark: 'the topic takes more than 127 bytes' }
    }
    if (measured.size > this.maxRecordSize) {
      const remark = `the record of ${measured.size} bytes exceeds ${this.maxRecordSize} (maxMessageSize and 64 KiB)`
      return { status: 'MESSAGE_ILLEGAL', remark }
    }
    return undefined
  }
}

function encodedProperties({ properties, propertiesString, appendedProperties }: MessageExtBrokerInner): string {
  const encoded = propertiesString ?? encodeProperties(properties)
  return appendedProperties === undefined ? encoded : encoded + appendedProperties
}

let lastTopic = ''
let lastTopicSize = 0

/** Bytes of a topic; many messages in a row have the same. */
function topicSizeOf(topic: string): number {
  if (topic !== lastTopic) {
    lastTopic = topic
    lastTopicSize = Buffer.byteLength(topic)
  }
  return lastTopicSize
}

/** Turns what the codec cannot express into a refusal. */
function illegal(error: unknown): PutMessageRefusal {
  if (!MqError.is(error)) throw error
  return { status: 'MESSAGE_ILLEGAL', remark: error.message }
}

class MeasuredMessage implements MeasuredPut {
  readonly size: number
  readonly propertiesSize: number
  readonly isQueued: boolean
  readonly #message: MessageExtBrokerInner
  readonly #fields: Writable<RecordFields>
  readonly #delayLevels: DelayLevels

  constructor(message: MessageExtBrokerInner, properties: string, delayLevels: DelayLevels) {
    const transaction = transactionValueOf(message.sysFlag)
    this.isQueued = transaction === SystemFlag.TRANSACTION_NOT || transaction === SystemFlag.TRANSACTION_COMMIT
    this.propertiesSize = Buffer.byteLength(properties)
    this.#message = message
    this.#delayLevels = delayLevels
    this.#fields = {
      topic: message.topic,
      topicSize: topicSizeOf(message.topic),
      queueId: message.queueId,
      flag: message.flag,
      sysFlag: message.sysFlag,
      body: message.body,
      bodyCrc: crc32(message.body),
      properties,
      propertiesSize: this.propertiesSize,
      queueOffset: 0,
      physicalOffset: 0,
      bornTimestamp: message.bornTimestamp,
      bornHost: message.bornHost,
      storeTimestamp: 0,
      storeHost: message.storeHost,
      reconsumeTimes: message.reconsumeTimes,
      preparedTransactionOffset: message.preparedTransactionOffset,
    }
    this.size = encodedRecordSize(this.#fields)
  }

  writeTo(slot: AppendSlot, place: RecordPlace): readonly DispatchRequest[] {
    const fields = this.#fields
    fields.queueOffset = place.queueOffset
    fields.storeTimestamp = place.storeTimestamp
    fields.physicalOffset = slot.physicalOffset
    writeRecord(slot.target, slot.position, fields)
    const { properties, tagsCode } = this.#message
    const code = tagsCode ?? tagsCodeFor(fields, properties, this.#delayLevels)
    return [new WrittenRecord(fields, { msgSize: this.size, tagsCode: code, properties })]
  }
}

class MeasuredBatch implements MeasuredPut {
  readonly size: number
  readonly propertiesSize: number
  readonly isQueued = true
  readonly #records: readonly { readonly fields: Writable<RecordFields>; readonly msgSize: number }[]
  readonly #delayLevels: DelayLevels

  constructor(batch: MessageExtBatch, entries: readonly MessageBatchEntry[], delayLevels: DelayLevels) {
    this.#delayLevels = delayLevels
    this.propertiesSize = Math.max(...entries.map((entry) => entry.properties.length))
    this.#records = entries.map((entry) => {
      const fields: Writable<RecordFields> = {
        topic: batch.topic,
        queueId: batch.queueId,
        flag: entry.flag,
        sysFlag: batch.sysFlag,
        body: entry.body,
        bodyCrc: crc32(entry.body),
        properties: entry.properties,
        queueOffset: 0,
        physicalOffset: 0,
        bornTimestamp: batch.bornTimestamp,
        bornHost: batch.bornHost,
        storeTimestamp: 0,
        storeHost: batch.storeHost,
        reconsumeTimes: batch.reconsumeTimes,
        preparedTransactionOffset: 0,
      }
      return { fields, msgSize: encodedRecordSize(fields) }
    })
    this.size = this.#records.reduce((sum, record) => sum + record.msgSize, 0)
  }

  writeTo(slot: AppendSlot, place: RecordPlace): readonly DispatchRequest[] {
    let offset = 0
    return this.#records.map(({ fields, msgSize }, index) => {
      fields.queueOffset = place.queueOffset + index
      fields.storeTimestamp = place.storeTimestamp
      fields.physicalOffset = slot.physicalOffset + offset
      writeRecord(slot.target, slot.position + offset, fields)
      offset += msgSize
      const properties = decodeProperties(fields.properties)
      const tagsCode = tagsCodeFor(fields, properties, this.#delayLevels)
      return new WrittenRecord(fields, { msgSize, tagsCode, properties })
    })
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What the consume queue holds for filtering. */
function tagsCodeFor(fields: RecordFields, properties: MessageProperties, delayLevels: DelayLevels): number {
  const { topic, storeTimestamp } = fields
  const deliveryTime = deliveryTimeOf({ topic: topic as string, properties, storeTimestamp }, delayLevels)
  return deliveryTime ?? tagsCodeOf(properties.get(PropertyName.TAGS))
}

/** A record just written, as dispatch takes it; its properties are decoded only if somebody asks for all of them. */
class WrittenRecord implements DispatchRequest {
  readonly topic: string
  readonly queueId: number
  readonly commitLogOffset: number
  readonly msgSize: number
  readonly tagsCode: number
  readonly storeTimestamp: number
  readonly consumeQueueOffset: number
  readonly keys: string
  readonly uniqKey: string | undefined
  readonly sysFlag: number
  readonly preparedTransactionOffset: number
  #properties: MessageProperties | string

  /** `known` are its properties, or those of them that its sender gave. */
  constructor(
    fields: RecordFields,
    known: { readonly msgSize: number; readonly tagsCode: number; readonly properties: MessageProperties },
  ) {
    this.topic = fields.topic as string
    this.queueId = fields.queueId
    this.commitLogOffset = fields.physicalOffset
    this.msgSize = known.msgSize
    this.tagsCode = known.tagsCode
    this.storeTimestamp = fields.storeTimestamp
    this.consumeQueueOffset = fields.queueOffset
    this.keys = known.properties.get(PropertyName.KEYS) ?? ''
    this.uniqKey = known.properties.get(PropertyName.UNIQ_KEY)
    this.sysFlag = fields.sysFlag
    this.preparedTransactionOffset = fields.preparedTransactionOffset
    // Bytes belong to who puts the message.
    this.#properties = typeof fields.properties === 'string' ? fields.properties : known.properties
  }

  get properties(): MessageProperties {
    if (typeof this.#properties === 'string') this.#properties = decodeProperties(this.#properties)
    return this.#properties
  }
}

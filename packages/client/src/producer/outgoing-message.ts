import {
  type Clock,
  type CompressionType,
  compress,
  encodeMessageBatch,
  encodeProperties,
  type MessageProperties,
  PropertyName,
  RETRY_TOPIC_PREFIX,
  SystemFlag,
  type UniqueIdGenerator,
  withCompression,
  withNamespace,
} from '@mq/remoting'
import type { OptionalCompressions } from '../compression/optional-compressions.js'
import type { Message } from './message.js'
import { checkMessage, illegalMessage, propertiesOf } from './message-validation.js'
import type { HookedMessage } from './send-hooks.js'

/**
 * A message ready to leave: the producer's own copy, made once a send and used by all its attempts, so that a retry carries the
 * same bytes and ids. The body may still be the caller's buffer; it is only read.
 */
export interface OutgoingMessage extends HookedMessage {
  readonly sysFlag: number
  /** Wall clock of the send, in milliseconds. */
  readonly bornTimestamp: number
  readonly isBatch: boolean
  /** UNIQ_KEY of the message, or of the batch object. */
  readonly uniqueId: string
  /** UNIQ_KEYs of the members of a batch. */
  readonly memberIds: readonly string[]
  /** The properties as they travel, for as long as no hook can have changed them. */
  readonly encodedProperties: string
}

const noMembers: readonly string[] = []

/** What {@link MessagePreparer} is made with. */
export interface MessagePreparerOptions {
  readonly clock: Clock
  readonly ids: UniqueIdGenerator
  /** Empty for none. */
  readonly namespace: string
  readonly maxMessageSize: number
  readonly compressMsgBodyOverHowmuch: number
  readonly compressType: CompressionType
  readonly compressLevel: number
  readonly compressions: OptionalCompressions
}

/** Turns messages of the application into messages that can leave, after checking them. */
export class MessagePreparer {
  readonly #options: MessagePreparerOptions

  constructor(options: MessagePreparerOptions) {
    this.#options = options
  }

  /** One message, its body still uncompressed; throws MQClientError MESSAGE_ILLEGAL. */
  prepare(message: Message): OutgoingMessage {
    checkMessage(message, this.#options.maxMessageSize)
    const properties = messageProperties(message)
    const uniqueId = this.#stamp(properties)
    this.#addInstanceId(properties)
    const { topic, flag = 0 } = message
    return this.#outgoing({ topic, flag, body: bodyBytes(message.body), properties, uniqueId, memberIds: noMembers })
  }

  /**
   * Several messages as one; throws MQClientError MESSAGE_ILLEGAL when they cannot travel together. A batch is never compressed.
   * Java: MessageBatch#generateFromList, DefaultMQProducer#batch.
   */
  prepareBatch(messages: readonly Message[]): OutgoingMessage {
    const { maxMessageSize } = this.#options
    const [first] = messages
    if (first === undefined) throw illegalMessage('the batch is empty')
    const memberIds: string[] = []
    const members = messages.map((message) => {
      checkMessage(message, maxMessageSize)
      checkMember(message, first)
      const properties = messageProperties(message)
      memberIds.push(this.#stamp(properties))
      return { flag: message.flag ?? 0, body: bodyBytes(message.body), properties }
    })
    const body = encodeMessageBatch(members)
    if (body.length > maxMessageSize) {
      throw illegalMessage(`the batch of ${body.length} bytes is larger than maxMessageSize, ${maxMessageSize} bytes`)
    }
    const properties: MessageProperties = new Map([[PropertyName.WAIT, waits(first)]])
    const uniqueId = this.#stamp(properties)
    this.#addInstanceId(properties)
    return this.#outgoing({ topic: first.topic, flag: 0, body, properties, uniqueId, memberIds })
  }

  /** Whether a single message is large enough for {@link compressed}. Java: tryToCompressMessage. */
  needsCompression(message: OutgoingMessage): boolean {
    return message.body.length >= this.#options.compressMsgBodyOverHowmuch
  }

  /** The message with its body compressed; rejects with CompressionError when the package for it is missing. */
  async compressed(message: OutgoingMessage): Promise<OutgoingMessage> {
    const { compressType: type, compressLevel: level, compressions } = this.#options
    await compressions.load(type)
    const body = await compress(message.body, { type, level, compressions: compressions.loaded })
    return { ...message, body, sysFlag: withCompression(message.sysFlag, type) }
  }

  #outgoing(
    content: Pick<OutgoingMessage, 'topic' | 'flag' | 'body' | 'properties' | 'uniqueId' | 'memberIds'>,
  ): OutgoingMessage {
    const isPrepared = content.properties.get(PropertyName.TRAN_MSG) === 'true'
    const { flag, body, properties, uniqueId, memberIds } = content
    return {
      flag,
      body,
      properties,
      uniqueId,
      memberIds,
      topic: withNamespace(this.#options.namespace, content.topic),
      sysFlag: isPrepared ? SystemFlag.TRANSACTION_PREPARED : 0,
      bornTimestamp: this.#options.clock.now(),
      isBatch: memberIds.length > 0,
      encodedProperties: encodeProperties(content.properties),
    }
  }

  #stamp(properties: MessageProperties): string {
    const uniqueId = this.#options.ids.next()
    properties.set(PropertyName.UNIQ_KEY, uniqueId)
    return uniqueId
  }

  #addInstanceId(properties: MessageProperties): void {
    const { namespace } = this.#options
    if (namespace !== '') properties.set(PropertyName.INSTANCE_ID, namespace)
  }
}

function messageProperties(message: Message): MessageProperties {
  const properties: MessageProperties = new Map(propertiesOf(message))
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '') properties.set(name, String(value))
  }
  add(PropertyName.KEYS, typeof message.keys === 'string' ? message.keys : message.keys?.join(' '))
  add(PropertyName.TAGS, message.tags)
  add(PropertyName.WAIT, waits(message))
  add(PropertyName.DELAY, message.delayTimeLevel)
  add(PropertyName.TIMER_DELAY_SEC, message.delayTimeSec)
  add(PropertyName.TIMER_DELAY_MS, message.delayTimeMs)
  add(PropertyName.TIMER_DELIVER_MS, message.deliverTimeMs)
  add(PropertyName.BUYER_ID, message.buyerId)
  return properties
}

function waits(message: Message): string {
  return String(message.waitStoreMsgOK ?? true)
}

function bodyBytes(body: Message['body']): Buffer {
  if (typeof body === 'string') return Buffer.from(body, 'utf8')
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

/** The rules all members of a batch have to meet; a delay would be ignored by the broker, so it is refused as well. */
function checkMember(message: Message, first: Message): void {
  if (message.topic !== first.topic) {
    throw illegalMessage(`a batch has one topic, but '${first.topic}' and '${message.topic}' are in it`)
  }
  if (message.topic.startsWith(RETRY_TOPIC_PREFIX)) {
    throw illegalMessage(`the retry topic '${message.topic}' takes no batches`)
  }
  if (waits(message) !== waits(first)) {
    throw illegalMessage('all messages of a batch have the same waitStoreMsgOK')
  }
  const { delayTimeLevel, delayTimeSec, delayTimeMs, deliverTimeMs } = message
  if ((delayTimeLevel ?? 0) > 0 || (delayTimeSec ?? delayTimeMs ?? deliverTimeMs) !== undefined) {
    throw illegalMessage('messages of a batch cannot be delayed')
  }
}

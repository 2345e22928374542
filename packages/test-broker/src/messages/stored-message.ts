import { type MessageExt, PropertyName } from '@mq/remoting'

/** Separates the keys of a message. Java: MessageConst.KEY_SEPARATOR. */
const KEY_SEPARATOR = ' '
const ownProperties: ReadonlySet<string> = new Set(Object.values(PropertyName))

/** A message as the broker has it, decoded for assertions: `toMatchObject({ text: 'hello', tags: 'created' })`. */
export class StoredMessage {
  readonly topic: string
  readonly queueId: number
  /** Index of the message in its queue. */
  readonly queueOffset: number
  /** Decompressed. */
  readonly body: Buffer
  readonly tags: string | undefined
  readonly keys: readonly string[]
  /** What the sender set itself, RocketMQ's own properties left out; `messageExt` has them. */
  readonly properties: Readonly<Record<string, string>>
  /** What `SendResult.msgId` told the producer. */
  readonly msgId: string
  /** Deliveries that failed before this one was stored. */
  readonly reconsumeTimes: number
  /** Milliseconds since the epoch by the producer's clock. */
  readonly bornTimestamp: number
  /** Milliseconds since the epoch by the test broker's clock, see `TestBroker.now`. */
  readonly storeTimestamp: number
  /** The whole record. */
  readonly messageExt: MessageExt

  constructor(messageExt: MessageExt) {
    const { properties } = messageExt
    this.topic = messageExt.topic
    this.queueId = messageExt.queueId
    this.queueOffset = messageExt.queueOffset
    this.body = messageExt.body
    this.tags = properties.get(PropertyName.TAGS)
    this.keys = (properties.get(PropertyName.KEYS) ?? '').split(KEY_SEPARATOR).filter((key) => key !== '')
    this.properties = Object.fromEntries([...properties].filter(([name]) => !ownProperties.has(name)))
    this.msgId = messageExt.msgId
    this.reconsumeTimes = messageExt.reconsumeTimes
    this.bornTimestamp = messageExt.bornTimestamp
    this.storeTimestamp = messageExt.storeTimestamp
    this.messageExt = messageExt
  }

  /** The body as UTF-8 text. */
  get text(): string {
    return this.body.toString('utf8')
  }

  /** The body parsed as JSON. @throws SyntaxError with the body's beginning when it is none. */
  json(): unknown {
    try {
      return JSON.parse(this.text)
    } catch (cause) {
      throw new SyntaxError(`the body of ${this.describe()} is no JSON`, { cause })
    }
  }

  /** One line for people: place, tags, keys, and the beginning of the body. */
  describe(): string {
    const { topic, queueId, queueOffset, tags, keys, text } = this
    const labels = [
      ...(tags === undefined ? [] : [`tags ${tags}`]),
      ...(keys.length === 0 ? [] : [`keys ${keys.join(' ')}`]),
      ...(this.reconsumeTimes === 0 ? [] : [`reconsumeTimes ${this.reconsumeTimes}`]),
    ]
    const beginning = text.length > 60 ? `${text.slice(0, 60)}…` : text
    return [`${topic} queue ${queueId} offset ${queueOffset}`, ...labels, JSON.stringify(beginning)].join(', ')
  }
}

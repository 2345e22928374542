import { JavaConversation } from './java-conversation.js'

/** A message as Apache RocketMQ's consumer hands it out; the body is decompressed. */
export interface JavaMessage {
  readonly topic: string
  readonly brokerName?: string
  readonly queueId: number
  readonly queueOffset: number
  readonly commitLogOffset: number
  readonly msgId: string
  readonly offsetMsgId: string
  readonly body: Buffer
  readonly bodyCrc: number
  readonly tags?: string
  readonly keys?: string
  readonly properties: Readonly<Record<string, string>>
  readonly sysFlag: number
  readonly flag: number
  readonly bornHost: string
  readonly bornTimestamp: number
  readonly storeHost: string
  readonly storeTimestamp: number
  readonly reconsumeTimes: number
}

/** Apache RocketMQ's pull consumer. */
export class JavaReader implements AsyncDisposable {
  readonly #conversation: JavaConversation

  private constructor(conversation: JavaConversation) {
    this.#conversation = conversation
  }

  static async start(namesrvAddr: string): Promise<JavaReader> {
    return new JavaReader(await JavaConversation.start({ mainClass: 'Reader', args: [namesrvAddr] }))
  }

  /** Every message of the topic: by broker and queue, then in the order of queue offsets. */
  messages(topic: string): Promise<JavaMessage[]> {
    return this.#read({ topic })
  }

  /** The messages with these offset message ids, in their order. */
  messagesById(topic: string, ids: readonly string[]): Promise<JavaMessage[]> {
    return this.#read({ topic, ids })
  }

  async #read(request: object): Promise<JavaMessage[]> {
    type Encoded = Omit<JavaMessage, 'body'> & { body: string }
    const { messages } = await this.#conversation.ask<{ messages: Encoded[] }>(request)
    return messages.map((message) => ({ ...message, body: Buffer.from(message.body, 'base64') }))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#conversation[Symbol.asyncDispose]()
  }
}

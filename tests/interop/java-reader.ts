import { setTimeout } from 'node:timers/promises'
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

/** A message as the Java programs tell it: the body in base64. */
export type ToldMessage = Omit<JavaMessage, 'body'> & { readonly body: string }

export function messageOf(told: ToldMessage): JavaMessage {
  return { ...told, body: Buffer.from(told.body, 'base64') }
}

/** What to read of a topic. */
export interface ReadOptions {
  /** How many messages there have to be. */
  readonly count: number
  /** Only messages with one of these tags, written `a || b`; the broker filters first, by its consume queues. */
  readonly tags?: string
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

  /**
   * Every message of the topic: by broker and queue, then in the order of queue offsets. They are read again until there are `count`,
   * because a Java broker lets a message be read a moment after it acknowledged it; after 20 s with what there is.
   */
  async messages(topic: string, { count, tags }: ReadOptions): Promise<JavaMessage[]> {
    const startedAt = performance.now()
    for (;;) {
      const messages = await this.#read({ topic, tags })
      if (messages.length >= count || performance.now() - startedAt > 20_000) return messages
      await setTimeout(50)
    }
  }

  /** The messages with these offset message ids, in their order. */
  messagesById(topic: string, ids: readonly string[]): Promise<JavaMessage[]> {
    return this.#read({ topic, ids })
  }

  async #read(request: object): Promise<JavaMessage[]> {
    const { messages } = await this.#conversation.ask<{ messages: ToldMessage[] }>(request)
    return messages.map(messageOf)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#conversation[Symbol.asyncDispose]()
  }
}

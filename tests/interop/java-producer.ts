import { JavaConversation } from './java-conversation.js'

/** What the Java producer is asked to send: `count` messages whose bodies are `messageBody(i, size)`. */
export interface JavaSendRequest {
  readonly topic: string
  readonly mode: 'sync' | 'async' | 'oneway' | 'batch' | 'hash' | 'queue'
  readonly count: number
  readonly size?: number
  readonly tags?: string
  /** A prefix: message i gets the key `keys + i`. */
  readonly keys?: string
  readonly properties?: Readonly<Record<string, string>>
  readonly delayLevel?: number
  /** One for each message. */
  readonly shardingKeys?: readonly string[]
  readonly brokerName?: string
  readonly queueId?: number
}

/** What became of one send; a one-way send has no fields, a batch is one send. */
export interface JavaSendResult {
  readonly error?: string
  readonly status: string
  readonly msgId: string
  readonly offsetMsgId: string
  readonly brokerName: string
  readonly queueId: number
  readonly queueOffset: number
  readonly regionId: string
}

export interface JavaProducerOptions {
  readonly namesrvAddr: string
  readonly group: string
  /** System properties, by which a Java client is told how to encode and where to connect. */
  readonly properties?: Readonly<Record<string, string>>
}

/** Apache RocketMQ's producer, connected until it is let go of. */
export class JavaProducer implements AsyncDisposable {
  readonly #conversation: JavaConversation

  private constructor(conversation: JavaConversation) {
    this.#conversation = conversation
  }

  static async start({ namesrvAddr, group, properties = {} }: JavaProducerOptions): Promise<JavaProducer> {
    return new JavaProducer(
      await JavaConversation.start({ mainClass: 'Producer', args: [namesrvAddr, group], properties }),
    )
  }

  async send(request: JavaSendRequest): Promise<JavaSendResult[]> {
    const { results } = await this.#conversation.ask<{ results: JavaSendResult[] }>(request)
    return results
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#conversation[Symbol.asyncDispose]()
  }
}

/** The body of message `index` of a request: its number, a space, and dots up to `size` bytes. */
export function messageBody(index: number, size = 0): string {
  return `${index} `.padEnd(size, '.')
}

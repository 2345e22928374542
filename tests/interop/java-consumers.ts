import {
  type Consumers,
  type LiteConsumer,
  type LiteOptions,
  type PullAnswer,
  type PullConsumer,
  type PushConsumer,
  type PushOptions,
  type Queue,
  until,
} from './consumers.js'
import { JavaConversation } from './java-conversation.js'
import { type JavaMessage, messageOf, type ToldMessage } from './java-reader.js'

/** A JVM with any number of Apache RocketMQ's consumers. What their clients do now and then, they do several times a second. */
export class JavaConsumers implements Consumers {
  readonly #conversation: JavaConversation
  #count = 0

  private constructor(conversation: JavaConversation) {
    this.#conversation = conversation
  }

  static async start(namesrvAddr: string): Promise<JavaConsumers> {
    const properties = {
      'rocketmq.client.rebalance.waitInterval': '300',
      'rocketmq.client.rebalance.minInterval': '100',
    }
    return new JavaConsumers(await JavaConversation.start({ mainClass: 'Consumer', args: [namesrvAddr], properties }))
  }

  async push({ name = this.#nextName(), ...options }: PushOptions): Promise<JavaPushConsumer> {
    return new JavaPushConsumer(await this.#start(name, options))
  }

  async lite(options: LiteOptions): Promise<JavaLiteConsumer> {
    return new JavaLiteConsumer(await this.#start(this.#nextName(), { kind: 'lite', ...options }))
  }

  async pull(options: { group: string; topic: string }): Promise<JavaPullConsumer> {
    return new JavaPullConsumer(await this.#start(this.#nextName(), { kind: 'pull', ...options }))
  }

  /** Ends the JVM as a power cut of its process would. */
  kill(): Promise<void> {
    return this.#conversation[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  async #start(name: string, options: object): Promise<Ask> {
    const ask: Ask = (op, parameters) => this.#conversation.ask({ consumer: name, op, ...parameters })
    await ask('start', options)
    return ask
  }

  #nextName(): string {
    return `consumer-${++this.#count}`
  }
}

type Ask = <Answer extends object>(op: string, parameters?: object) => Promise<Answer>

/** What the consumers have in common. */
class JavaConsumer {
  protected readonly ask: Ask

  constructor(ask: Ask) {
    this.ask = ask
  }

  /** The queues that are its own now; of a pull consumer, all of its topic. */
  async queues(): Promise<readonly Queue[]> {
    return (await this.ask<{ queues: Queue[] }>('queues')).queues
  }

  /** Shuts down in order: offsets are stored, and the group is left. */
  async stop(): Promise<void> {
    await this.ask('stop')
  }

  protected async messages(op: string, parameters: object): Promise<JavaMessage[]> {
    return (await this.ask<{ messages: ToldMessage[] }>(op, parameters)).messages.map(messageOf)
  }
}

/** DefaultMQPushConsumer, which keeps what it is delivered. */
class JavaPushConsumer extends JavaConsumer implements PushConsumer {
  readonly #deliveries: JavaMessage[] = []

  /** All deliveries so far, in their order, once there are `count`; after 20 s what there is. */
  async deliveries(count: number): Promise<readonly JavaMessage[]> {
    await until(async () => {
      this.#deliveries.push(...(await this.messages('deliveries', { from: this.#deliveries.length })))
      return this.#deliveries.length >= count
    })
    return [...this.#deliveries]
  }
}

/** A consumer that keeps offsets when it is told to. */
class JavaSeeker extends JavaConsumer {
  /** The offset that the broker knows; -1 when it knows none. */
  async committed(queue: Queue): Promise<number> {
    return (await this.ask<{ offset: number }>('committed', { queue })).offset
  }

  async offsetForTimestamp(queue: Queue, timestamp: number): Promise<number> {
    return (await this.ask<{ offset: number }>('offsetForTimestamp', { queue, timestamp })).offset
  }
}

/** DefaultLitePullConsumer. */
class JavaLiteConsumer extends JavaSeeker implements LiteConsumer {
  /** Polls until there are `count` messages; after 20 s what there is. */
  async poll(count: number): Promise<JavaMessage[]> {
    const polled: JavaMessage[] = []
    await until(async () => {
      polled.push(...(await this.messages('poll', { timeoutMs: 100 })))
      return polled.length >= count
    })
    return polled
  }

  async seek(queue: Queue, offset: number): Promise<void> {
    await this.ask('seek', { queue, offset })
  }

  async pause(...queueIds: number[]): Promise<void> {
    await this.ask('pause', { queueIds })
  }

  async resume(...queueIds: number[]): Promise<void> {
    await this.ask('resume', { queueIds })
  }

  async commit(): Promise<void> {
    await this.ask('commit')
  }
}

/** DefaultMQPullConsumer. */
class JavaPullConsumer extends JavaSeeker implements PullConsumer {
  pull(request: { queue: Queue; offset: number; maxNums?: number; expression?: string }): Promise<PullAnswer> {
    return this.#result('pull', request)
  }

  /** A pull that the broker holds until there is a message. Nothing else is asked of its JVM meanwhile. */
  pullBlockIfNotFound(request: { queue: Queue; offset: number }): Promise<PullAnswer> {
    return this.#result('pullBlockIfNotFound', request)
  }

  async commit(queue: Queue, offset: number): Promise<void> {
    await this.ask('commit', { queue, offset })
  }

  async #result(op: string, request: object): Promise<PullAnswer> {
    type Told = Omit<PullAnswer, 'messages'> & { messages: ToldMessage[] }
    const { messages, ...result } = await this.ask<Told>(op, { maxNums: 32, ...request })
    return { ...result, messages: messages.map(messageOf) }
  }
}

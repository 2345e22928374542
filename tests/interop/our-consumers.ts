import {
  type ClientOptions,
  ConsumeLater,
  DefaultLitePullConsumer,
  DefaultMQPullConsumer,
  DefaultMQPushConsumer,
  type MessageExt,
  type MessageQueue,
  type PullResult,
} from '@mq/client'
import { nodeRuntime, type Runtime } from '@mq/remoting'
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
import type { JavaMessage } from './java-reader.js'
import { TemporaryFolder } from './temporary-folder.js'

/** What is first done 10 s after the start, and then several times a second, is done several times a second at once. */
const impatientRuntime: Runtime = {
  ...nodeRuntime,
  timers: {
    after: (delayMs, task, options) => nodeRuntime.timers.after(delayMs, task, options),
    turnEnd: (task) => nodeRuntime.timers.turnEnd(task),
    every: (periodMs, task) => nodeRuntime.timers.every(periodMs, task),
  },
}

/** Our consumers, in this process, with the settings that Java's have in their JVM. */
export class OurConsumers implements Consumers {
  readonly #client: ClientOptions
  readonly #folder = new TemporaryFolder()
  readonly #started: Array<{ stop(): Promise<void> }> = []
  #count = 0

  constructor(namesrvAddr: string) {
    this.#client = {
      namesrvAddr,
      runtime: impatientRuntime,
      pollNameServerInterval: 300,
      persistConsumerOffsetInterval: 200,
      mqClientApiTimeout: 10_000,
    }
  }

  async push({ name = this.#nextName(), ...options }: PushOptions): Promise<PushConsumer> {
    const consumer = new OurPushConsumer(options, {
      ...this.#client,
      instanceName: name,
      localOffsetStoreDir: this.#folder.path,
    })
    this.#started.push(consumer)
    await consumer.start()
    return consumer
  }

  async lite(options: LiteOptions): Promise<LiteConsumer> {
    const consumer = new OurLiteConsumer(options, { ...this.#client, instanceName: this.#nextName() })
    this.#started.push(consumer)
    await consumer.start()
    return consumer
  }

  async pull({ group, topic }: { group: string; topic: string }): Promise<PullConsumer> {
    const consumer = new DefaultMQPullConsumer({
      ...this.#client,
      instanceName: this.#nextName(),
      consumerGroup: group,
      registerTopics: [topic],
    })
    const pulling = new OurPullConsumer(consumer, topic)
    this.#started.push(pulling)
    await consumer.start()
    return pulling
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#started.map((consumer) => consumer.stop()))
    this.#folder[Symbol.dispose]()
  }

  #nextName(): string {
    return `consumer-${++this.#count}`
  }
}

class OurPushConsumer implements PushConsumer {
  readonly #consumer: DefaultMQPushConsumer
  readonly #deliveries: JavaMessage[] = []
  readonly #queues = new Map<string, readonly MessageQueue[]>()

  constructor(options: Omit<PushOptions, 'name'>, client: ClientOptions & { localOffsetStoreDir: string }) {
    const { kind, group, topic, expression, from = 'FIRST_OFFSET', timestamp, model, maxReconsumeTimes } = options
    this.#consumer = new DefaultMQPushConsumer({
      ...client,
      consumerGroup: group,
      consumeFromWhere: `CONSUME_FROM_${from}`,
      consumeThreadMax: 4,
      suspendCurrentQueueTimeMillis: 100,
      ...(timestamp !== undefined && { consumeTimestamp: timestamp }),
      ...(model !== undefined && { messageModel: model }),
      ...(maxReconsumeTimes !== undefined && { maxReconsumeTimes }),
      messageQueueListener: (of, { mqDivided }) => this.#queues.set(of, mqDivided),
    })
    this.#consumer.subscribe(topic, expression)
    const { failures = 0, failing = '', delayLevel } = options
    this.#consumer.listen(
      (message, context) => {
        this.#deliveries.push(told(message))
        if (delayLevel !== undefined) context.delayLevel = delayLevel
        if (message.reconsumeTimes < failures && message.body.toString().startsWith(failing)) {
          throw new ConsumeLater({ cause: 'this test wants it so' })
        }
      },
      { orderly: kind === 'orderly' },
    )
  }

  start(): Promise<void> {
    return this.#consumer.start()
  }

  async deliveries(count: number): Promise<readonly JavaMessage[]> {
    await until(() => this.#deliveries.length >= count)
    return [...this.#deliveries]
  }

  queues(): Promise<readonly Queue[]> {
    return Promise.resolve([...this.#queues.values()].flat())
  }

  stop(): Promise<void> {
    return this.#consumer.close()
  }
}

class OurLiteConsumer implements LiteConsumer {
  readonly #consumer: DefaultLitePullConsumer
  readonly #options: LiteOptions

  constructor(options: LiteOptions, client: ClientOptions) {
    const { group, from = 'FIRST_OFFSET', autoCommit = false } = options
    const consumeFromWhere = `CONSUME_FROM_${from}` as const
    this.#consumer = new DefaultLitePullConsumer({ ...client, consumerGroup: group, consumeFromWhere, autoCommit })
    this.#options = options
  }

  async start(): Promise<void> {
    const { topic, expression = '*', queueIds } = this.#options
    if (queueIds === undefined) await this.#consumer.subscribe(topic, expression)
    else this.#consumer.setSubExpressionForAssign(topic, expression)
    await this.#consumer.start()
    if (queueIds !== undefined) this.#consumer.assign(only(queueIds, await this.#consumer.fetchMessageQueues(topic)))
  }

  async poll(count: number): Promise<readonly JavaMessage[]> {
    const polled: JavaMessage[] = []
    await until(async () => {
      polled.push(...(await this.#consumer.poll({ timeoutMs: 100 })).map(told))
      return polled.length >= count
    })
    return polled
  }

  seek(queue: Queue, offset: number): Promise<void> {
    return this.#consumer.seek(queue, offset)
  }

  async pause(...queueIds: number[]): Promise<void> {
    this.#consumer.pause(only(queueIds, await this.queues()))
  }

  async resume(...queueIds: number[]): Promise<void> {
    this.#consumer.resume(only(queueIds, await this.queues()))
  }

  commit(): Promise<void> {
    return this.#consumer.commit()
  }

  async committed(queue: Queue): Promise<number> {
    return (await this.#consumer.committed(queue)) ?? -1
  }

  offsetForTimestamp(queue: Queue, timestamp: number): Promise<number> {
    return this.#consumer.offsetForTimestamp(queue, timestamp)
  }

  queues(): Promise<readonly Queue[]> {
    return Promise.resolve(this.#consumer.assignment().toSorted((one, other) => one.queueId - other.queueId))
  }

  stop(): Promise<void> {
    return this.#consumer.close()
  }
}

class OurPullConsumer implements PullConsumer {
  readonly #consumer: DefaultMQPullConsumer
  readonly #topic: string

  constructor(consumer: DefaultMQPullConsumer, topic: string) {
    this.#consumer = consumer
    this.#topic = topic
  }

  async pull({ queue, offset, ...options }: Parameters<PullConsumer['pull']>[0]): Promise<PullAnswer> {
    return answer(await this.#consumer.pull(queue, offset, options))
  }

  async pullBlockIfNotFound({ queue, offset }: { queue: Queue; offset: number }): Promise<PullAnswer> {
    return answer(await this.#consumer.pullBlockIfNotFound(queue, offset))
  }

  async commit(queue: Queue, offset: number): Promise<void> {
    this.#consumer.updateConsumeOffset(queue, offset)
    await this.#consumer.persistConsumerOffset()
  }

  async committed(queue: Queue): Promise<number> {
    return (await this.#consumer.fetchConsumeOffset(queue, { fromStore: true })) ?? -1
  }

  offsetForTimestamp(queue: Queue, timestamp: number): Promise<number> {
    return this.#consumer.searchOffset(queue, timestamp)
  }

  queues(): Promise<readonly Queue[]> {
    return this.#consumer.fetchSubscribeMessageQueues(this.#topic)
  }

  stop(): Promise<void> {
    return this.#consumer.close()
  }
}

function only(queueIds: readonly number[], queues: readonly Queue[]): readonly Queue[] {
  return queues.filter(({ queueId }) => queueIds.includes(queueId))
}

function answer({ pullStatus, msgFoundList, ...offsets }: PullResult): PullAnswer {
  return { ...offsets, status: pullStatus, messages: msgFoundList.map(told) }
}

/** As the Java programs tell a message. */
function told(message: MessageExt): JavaMessage {
  const { properties, physicalOffset, storeHost, bornHost, body, ...rest } = message
  const [tags, keys] = [properties.get('TAGS'), properties.get('KEYS')]
  return {
    ...rest,
    body: Buffer.from(body),
    commitLogOffset: physicalOffset,
    bornHost: text(bornHost.ip),
    storeHost: `/${text(storeHost.ip)}:${storeHost.port}`,
    properties: Object.fromEntries(properties),
    ...(tags !== undefined && { tags }),
    ...(keys !== undefined && { keys }),
  }
}

function text(ip: Buffer): string {
  return [...ip].join('.')
}

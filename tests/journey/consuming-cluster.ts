import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker, type BrokerOptions } from '@mq/broker'
import { DefaultMQProducer, DefaultMQPushConsumer, type PushConsumerOptions } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import {
  type Logger,
  PullMessage,
  QueryConsumerOffset,
  RemotingClient,
  type RemotingCommand,
  type RequestInput,
  createRequest,
  ResponseCode,
} from '@mq/remoting'

const timeoutMs = 10_000

/** What has been seen so far, which a test can wait on. */
export class Watched<T> {
  readonly seen = new Set<T>()
  #wake = withResolvers()

  add(what: T): void {
    this.seen.add(what)
    this.#wake.resolve(undefined)
    this.#wake = withResolvers()
  }

  /** Resolves once what has been seen is as the condition says. */
  async until(isEnough: (seen: ReadonlySet<T>) => boolean): Promise<void> {
    while (!isEnough(this.seen)) await this.#wake.promise
  }
}

/** One line of a log. */
export interface LogLine {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that a test can read, and wait on. */
export class ReadableLog implements Logger {
  readonly #lines = new Watched<LogLine>()

  readonly debug = (): void => {}
  readonly info = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    this.#lines.add({ message, fields })
  }
  readonly warn = this.info
  readonly error = this.info

  /** The lines with a message like this. */
  matching(pattern: RegExp): LogLine[] {
    return [...this.#lines.seen].filter(({ message }) => pattern.test(message))
  }

  /** Resolves once there is a line like this. */
  async until(pattern: RegExp): Promise<void> {
    await this.#lines.until(() => this.matching(pattern).length > 0)
  }
}

/** A name server and a broker on loopback with a store in a folder, and clients of theirs; all of it gone when disposed. */
export class ConsumingCluster implements AsyncDisposable {
  readonly folder: string
  readonly nameServer: NameServer
  readonly producer: DefaultMQProducer
  /** What the broker logs, over all its starts. */
  readonly brokerLog = new ReadableLog()
  /** What the consumers log. */
  readonly consumerLog = new ReadableLog()
  readonly remoting = new RemotingClient()
  readonly #consumers: DefaultMQPushConsumer[] = []
  #broker: Broker | undefined

  private constructor(folder: string, nameServer: NameServer) {
    this.folder = folder
    this.nameServer = nameServer
    this.producer = new DefaultMQProducer({ producerGroup: 'orders', namesrvAddr: nameServer.address })
  }

  static async start(options: Partial<BrokerOptions> = {}): Promise<ConsumingCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'mq-consuming-'))
    const cluster = new ConsumingCluster(folder, await NameServer.start({ listenPort: 0 }))
    await cluster.startBroker(options)
    await cluster.producer.start()
    return cluster
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('the broker is not started')
    return this.#broker
  }

  /** Starts the broker on the folder, which holds what an earlier one left. */
  async startBroker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
    this.#broker = await Broker.start({
      brokerName: 'a',
      listenPort: 0,
      namesrvAddr: this.nameServer.address,
      storePathRootDir: join(this.folder, 'store'),
      mappedFileSizeCommitLog: 16_777_216,
      maxHashSlotNum: 1000,
      maxIndexNum: 4000,
      logger: this.brokerLog,
      ...options,
    })
    return this.#broker
  }

  /** A push consumer of the topic `Orders`, not started. */
  consumer(options: Partial<PushConsumerOptions> = {}): DefaultMQPushConsumer {
    const made = new DefaultMQPushConsumer({
      consumerGroup: 'billing',
      namesrvAddr: this.nameServer.address,
      logger: this.consumerLog,
      ...options,
    })
    this.#consumers.push(made)
    made.subscribe('Orders')
    return made
  }

  /** Makes a topic with this many queues. */
  async makeTopic(topic: string, queueNum: number): Promise<void> {
    await this.producer.createTopic({ key: 'TBW102', newTopic: topic, queueNum })
  }

  /** Sends to one queue, one after the other. */
  async sendInOrder(bodies: readonly (string | Buffer)[], queueId = 0): Promise<void> {
    const queue = { topic: 'Orders', brokerName: 'a', queueId }
    for (const body of bodies) await this.producer.send({ topic: 'Orders', body }, { queue })
  }

  /** One pull, whatever it is answered. */
  pull(header: Partial<RequestInput<typeof PullMessage>> = {}): Promise<RemotingCommand> {
    const request = createRequest(PullMessage, { ...pullOfOrders, ...header })
    return this.remoting.invokeSync(this.broker.address, request, { timeoutMs })
  }

  /** The offset that a group has at the broker; undefined when it has none. */
  async committedOffset(queueId = 0, consumerGroup = 'billing'): Promise<number | undefined> {
    const header = { consumerGroup, topic: 'Orders', queueId, setZeroIfNotFound: false }
    const request = createRequest(QueryConsumerOffset, header)
    const { code, extFields } = await this.remoting.invokeSync(this.broker.address, request, { timeoutMs })
    return code === ResponseCode.SUCCESS ? QueryConsumerOffset.responseHeader.decode(extFields).offset : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close()
    await this.producer.close()
    await this.remoting.close()
    await this.#broker?.close()
    await this.nameServer.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** A pull of everything in queue 0 of `Orders`, that carries its own subscription and does not wait. */
export const pullOfOrders = {
  consumerGroup: 'billing',
  topic: 'Orders',
  queueId: 0,
  queueOffset: 0,
  maxMsgNums: 32,
  sysFlag: 4,
  commitOffset: 0,
  suspendTimeoutMillis: 0,
  subVersion: 0,
  subscription: '*',
} as const

/** A promise and what settles it. */
export function withResolvers<T = undefined>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

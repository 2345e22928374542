import {
  type Command,
  createRequest,
  type Logger,
  PullMessage,
  readRecords,
  RemotingClient,
  type RemotingCommand,
  type RequestInput,
  type Runtime,
  SendMessage,
  type SendMessageRequest,
} from '@mq/remoting'
import type { MessageExt, RequestContent } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { InMemoryFileSystem } from '@mq/store/testing'
import { Broker, type BrokerOptions } from '../src/index.js'

/** Where the broker of a test keeps its store. */
export const storePath = '/store'
const brokerHost = '10.0.1.1'
const clientHost = '10.0.8.1'

/** Files of a size for tests. */
export const smallFiles = {
  mappedFileSizeCommitLog: 1_048_576,
  mappedFileSizeConsumeQueue: 2000,
  maxHashSlotNum: 100,
  maxIndexNum: 400,
} as const

/** A real broker on a real store, with virtual time, a simulated network and a disk in memory, and a client that says what a test says. */
export class SimulatedBroker {
  readonly runtime: SimulatedRuntime
  readonly fileSystem: InMemoryFileSystem
  /** Messages of warnings and errors. */
  readonly complaints: string[] = []
  /** The other messages of the log. */
  readonly notes: string[] = []
  readonly client: RemotingClient
  #broker: Broker | undefined

  constructor(options: { runtime?: SimulatedRuntime; fileSystem?: InMemoryFileSystem } = {}) {
    this.runtime = options.runtime ?? new SimulatedRuntime({ seed: 1 })
    this.fileSystem = options.fileSystem ?? new InMemoryFileSystem()
    this.client = this.newClient()
  }

  /** A started broker that registers nowhere unless the options name a name server. */
  static async started(options: Partial<BrokerOptions> = {}): Promise<SimulatedBroker> {
    const rig = new SimulatedBroker()
    await rig.start(options)
    return rig
  }

  async start(options: Partial<BrokerOptions> = {}): Promise<Broker> {
    const starting = Broker.start({
      brokerName: 'broker-a',
      listenPort: 10_911,
      vipChannelEnable: false,
      bindAddress: brokerHost,
      storePathRootDir: storePath,
      ...smallFiles,
      runtime: this.host(brokerHost),
      fileSystem: this.fileSystem,
      logger: this.#logger,
      ...options,
    })
    this.#broker = await this.run(starting)
    return this.#broker
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('the broker is not started')
    return this.#broker
  }

  get #logger(): Logger {
    const complain = (message: string): void => void this.complaints.push(message)
    const note = (message: string): void => void this.notes.push(message)
    return { debug() {}, info: note, warn: complain, error: complain }
  }

  host(address: string): Runtime {
    return this.runtime.host(address)
  }

  /** A client of its own, and so a connection of its own. */
  newClient(): RemotingClient {
    return new RemotingClient({ runtime: this.host(clientHost) })
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.runtime.run(work)
  }

  /** Makes a call; resolves with any response code. */
  call<C extends Command>(
    command: C,
    header: RequestInput<C>,
    content: RequestContent & {
      readonly client?: RemotingClient
      readonly change?: (request: RemotingCommand) => void
    } = {},
  ): Promise<RemotingCommand> {
    const request = createRequest(command, header, content)
    content.change?.(request)
    const { client = this.client } = content
    return this.run(client.invokeSync(this.broker.address, request, { timeoutMs: 60_000 }))
  }

  /** Sends one message with a V1 header and answers the response, whatever its code. */
  send(header: Partial<SendMessageRequest> = {}, body: string | Buffer = 'hello'): Promise<RemotingCommand> {
    return this.call(SendMessage, sendHeader(header), { body: Buffer.from(body) })
  }

  /** Everything in a queue. */
  async messages(topic: string, queueId = 0): Promise<MessageExt[]> {
    const header = { ...pullHeader, topic, queueId }
    const response = await this.call(PullMessage, header)
    return response.body === undefined ? [] : readRecords(response.body)
  }

  async close(): Promise<void> {
    await this.run(Promise.all([this.client.close(), this.#broker?.close()]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.fileSystem.isDead) return
    await this.close()
  }
}

/** A pull that carries its own subscription to everything, from the start of queue 0. */
export const pullHeader = {
  consumerGroup: 'readers',
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

/** A send of a producer that knows nothing of the topic yet. */
export function sendHeader(header: Partial<SendMessageRequest> = {}): SendMessageRequest {
  return {
    producerGroup: 'orders',
    topic: 'Orders',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: 1_767_225_600_000,
    flag: 0,
    reconsumeTimes: 0,
    ...header,
  }
}

/** Properties as a header carries them. */
export function properties(entries: Readonly<Record<string, string>>): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name}\u0001${value}\u0002`)
    .join('')
}
